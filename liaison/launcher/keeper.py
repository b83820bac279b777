"""python -m liaison.launcher.keeper CONFIGURATION DATA_FOLDER: supervisord, and nothing left after it.

supervisord ends the programs it started, not what those started: a pool whose leader was killed lives on.
It stops for SIGTERM, which the kernel also sends when the launcher is killed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from supervisor import supervisord

from liaison.launcher.processes import end_left_behind

_POLITE_SECONDS = 2.0


def main(configuration: str, data_dir: Path) -> None:
    """Until SIGTERM."""
    try:
        supervisord.main(["-c", configuration])
    finally:
        end_left_behind(data_dir, _POLITE_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
