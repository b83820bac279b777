"""Everything that starts the program and keeps it running: its servers, its parts, its backups.

Nothing of the house imports this package (import-linter); it runs before Django is configured. The
servers' programs come from two wheels (or the machine's own packages), and keeping processes alive is
left to supervisord, to systemd or to a container engine.
"""

from liaison.launcher.cluster import Cluster, Urls
from liaison.launcher.errors import LauncherError

__all__ = ["Cluster", "LauncherError", "Urls"]
