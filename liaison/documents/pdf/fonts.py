"""Which fonts a page may use, and how WeasyPrint gets to see them.

A folder named by the office (`settings.FONT_DIR`) is shown to WeasyPrint through a fontconfig
file written for one moment, while the font list is loaded. Measured against @font-face with the
same six Fandol fonts: 97 ms a page either way, but @font-face copies 35 MB into a temporary
folder per process, and leaves it there when the process is killed.

The family names themselves stand in static/documents/gb9704.css.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

from weasyprint.text.fonts import FontConfiguration

#: Bold files whose own weight says "regular", so that a bold title could come out either way.
_MISLABELLED_BOLD = ("FandolSong-Bold", "FandolHei-Bold")

#: Faces named before the Chinese ones so that digits and letters match them. They also hold
#: “ ” — … ·, which must stay full-width Chinese: only ASCII is left to them.
_LATIN_FACES = ("Times New Roman", "Liberation Serif", "Nimbus Roman", "TeX Gyre Termes")

_SYSTEM_CONFIG = "/etc/fonts/fonts.conf"

#: Changes when the rules below change: fontconfig caches the outcome of the scan rules.
_RULES_VERSION = "liaison-paper-1"

_SCAN_RULE = """<match target="scan">
<test name="postscriptname"><string>{name}</string></test>
<edit name="weight" mode="assign"><const>bold</const></edit>
</match>"""

_LATIN_RULE = """<match target="font">
<test name="family" qual="any"><string>{name}</string></test>
<edit name="charset" mode="assign"><plus><charset>
<range><int>0x20</int><int>0x7e</int></range>
</charset></plus></edit>
</match>"""

_CONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
<include ignore_missing="yes">{system}</include>
<dir salt="{salt}">{folder}</dir>
{rules}
</fontconfig>
"""


def load_fonts(folder: Path) -> FontConfiguration:
    """Return a font list of the system's fonts and those in ``folder`` (which may be missing)."""
    with _font_config_file(folder):
        return FontConfiguration()


def _config_text(folder: Path, system: str) -> str:
    rules = [_SCAN_RULE.format(name=name) for name in _MISLABELLED_BOLD]
    rules += [_LATIN_RULE.format(name=name) for name in _LATIN_FACES]
    return _CONFIG.format(
        system=escape(system), salt=_RULES_VERSION, folder=escape(str(folder)), rules="\n".join(rules)
    )


@contextmanager
def _font_config_file(folder: Path) -> Iterator[None]:
    """Let fontconfig, which knows files by an environment variable only, read ours."""
    before = os.environ.get("FONTCONFIG_FILE")
    text = _config_text(folder, before or _SYSTEM_CONFIG)
    with tempfile.NamedTemporaryFile("w", suffix=".conf", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.environ["FONTCONFIG_FILE"] = file.name
        try:
            yield
        finally:
            if before is None:
                del os.environ["FONTCONFIG_FILE"]
            else:
                os.environ["FONTCONFIG_FILE"] = before
