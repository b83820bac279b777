"""Set up the fonts of printed documents, once: python -m liaison.launcher.fonts [FOLDER]

Two kinds go into the folder (LIAISON_FONT_DIR, default .local/fonts):

* Fandol 仿宋, 黑体, 楷体 and 宋体, taken out of Debian's texlive-lang-chinese package without
  installing it (licence: GPL with font exception, so they are never committed);
* Noto Serif and Sans cut down to the characters an office needs. The number of glyphs of the
  source font decides time and size of every page: 224 ms with the full font, 82 ms with the cut one.

fonts.conf in the folder makes fontconfig offer the cut fonts first wherever "Noto Serif CJK SC" or
"Noto Sans CJK SC" is asked for; a character they lack still comes from the full font.
Runs inside .venv: the cut fonts get their names by fontTools.
"""

from __future__ import annotations

import ctypes
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterable
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_REPOSITORY = Path(__file__).resolve().parents[2]
_STROKE_TABLE = _REPOSITORY / "liaison" / "words" / "stroke_table.txt"
_VERSION = "1"
_PACKAGE = "texlive-lang-chinese"
_FANDOL = re.compile(r"/fandol/(Fandol(?:Fang|Hei|Kai|Song)-\w+\.otf)$")
_NOTO_FOLDERS = ("/usr/share/fonts/opentype/noto", "/usr/share/fonts/opentype/noto-cjk")
# HB_SUBSET_SETS_LAYOUT_FEATURE_TAG of hb-subset.h, and the features a printed page uses.
_LAYOUT_FEATURES = 6
_FEATURES = ("kern", "liga", "vert", "vrt2", "palt", "halt", "chws", "ccmp", "mark", "mkmk")
# Punctuation, numbers in circles, arrows, boxes, units, full-width forms: forms of the office use them.
_SYMBOLS: tuple[str, ...] = (
    "2010-2027",
    "2030-203e",
    "2100-218f",
    "2190-21ff",
    "2460-24ff",
    "2500-25ff",
    "2600-266f",
)
_SYMBOLS += ("2713-2718", "3000-303f", "3200-33ff", "fe30-fe4f", "ff00-ffef")

_CONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<dir>{folder}</dir>
{rules}
</fontconfig>
"""
_RULE = """<match target="pattern">
<test name="family" qual="any"><string>{asked}</string></test>
<edit name="family" mode="prepend" binding="same"><string>{given}</string></edit>
</match>"""


@dataclass(frozen=True)
class Face:
    """One Noto collection, the family asked for, and the family the cut font is named."""

    file: str
    asked: str
    given: str
    style: str


FACES = tuple(
    Face(f"Noto{kind}CJK-{style}.ttc", f"Noto {kind} CJK SC", f"Liaison {kind} SC", style)
    for kind in ("Serif", "Sans")
    for style in ("Regular", "Bold")
)


def default_font_dir() -> Path:
    """LIAISON_FONT_DIR, else .local/fonts beside the program."""
    return Path(os.environ.get("LIAISON_FONT_DIR") or _REPOSITORY / ".local" / "fonts")


def set_up(folder: Path) -> list[str]:
    """Fill the folder unless it is filled; what was done or could not be done, in Chinese."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp, wanted = folder / ".stamp", _stamp()
    if _is_done(folder, stamp, wanted):
        return []
    notes = [*_add_fandol(folder), *_add_noto(folder)]
    rules = [_RULE.format(asked=face.asked, given=face.given) for face in FACES if face.style == "Regular"]
    text = _CONFIG.format(folder=folder.absolute(), rules="\n".join(rules))
    (folder / "fonts.conf").write_text(text, encoding="utf-8")
    stamp.write_text(wanted, encoding="utf-8")
    return notes


def _is_done(folder: Path, stamp: Path, wanted: str) -> bool:
    """True if nothing changed. A machine without Fandol is tried again once a day, not at each start."""
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        return False
    return _has_fandol(folder) or time.time() - stamp.stat().st_mtime < 24 * 3600


def _has_fandol(folder: Path) -> bool:
    return (folder / "FandolFang-Regular.otf").exists()


def _stamp() -> str:
    """Changes with this file's version, the Noto package and the characters wanted."""
    parts = [_VERSION, *(str(_noto_file(face)) + _size(_noto_file(face)) for face in FACES)]
    marks = "".join(sorted(map(chr, characters())))
    return hashlib.sha256("\n".join([*parts, marks]).encode("utf-8")).hexdigest()


def _size(path: Path | None) -> str:
    return "" if path is None else str(path.stat().st_size)


def _add_fandol(folder: Path) -> list[str]:
    if _has_fandol(folder):
        return []
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return ["未能取得仿宋、楷体：本机没有 apt-get。请将 Fandol 字体文件（*.otf）放入 " + str(folder)]
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        done = subprocess.run(
            ["apt-get", "-qq", "download", _PACKAGE],
            cwd=temporary,
            check=False,
            capture_output=True,
            text=True,
        )
        packages = list(Path(temporary).glob("*.deb"))
        if done.returncode != 0 or not packages:
            return [
                f"未能取得仿宋、楷体，公文暂以宋体排印。可执行：apt-get update && apt-get download {_PACKAGE}"
            ]
        count = unpack_fandol(packages[0], folder)
    return [f"已取出 {count} 个 Fandol 字体文件（{time.monotonic() - started:.1f} 秒）。"]


def unpack_fandol(package: Path, folder: Path) -> int:
    """Copy the Fandol fonts out of a .deb into the folder; how many."""
    count = 0
    unpack = ["dpkg-deb", "--fsys-tarfile", str(package)]
    with (
        subprocess.Popen(unpack, stdout=subprocess.PIPE) as unpacker,
        tarfile.open(fileobj=unpacker.stdout, mode="r|") as archive,
    ):
        for member in archive:
            found = _FANDOL.search(member.name)
            if found and member.isfile() and (source := archive.extractfile(member)):
                _write(folder / found[1], source.read())
                count += 1
    return count


def _add_noto(folder: Path) -> list[str]:
    started, wanted, made = time.monotonic(), characters(), 0
    for face in FACES:
        source = _noto_file(face)
        if source is None:
            return ["未找到 Noto 中日韩字体（fonts-noto-cjk），请安装后重新运行 script/setup。"]
        data = subset(source, face.asked, wanted)
        if data is None:
            return ["未能裁剪 Noto 字体（缺少 libharfbuzz-subset0），排印仍可进行，但会很慢。"]
        _write(folder / f"{face.given.replace(' ', '')}-{face.style}.otf", _renamed(data, face))
        made += 1
    return [f"已裁剪 {made} 个 Noto 字体，各含 {len(wanted)} 个字符（{time.monotonic() - started:.1f} 秒）。"]


def _noto_file(face: Face) -> Path | None:
    found = (Path(folder) / face.file for folder in _NOTO_FOLDERS)
    return next((path for path in found if path.exists()), None)


def characters() -> set[int]:
    """GB2312, the 8,105 characters of 《通用规范汉字表》 (2013), office symbols, and the rosters' own."""
    wanted = set(range(0x20, 0x7F)) | set(range(0xA0, 0x100)) | set(_gb2312())
    for span in _SYMBOLS:
        first, last = (int(end, 16) for end in span.split("-"))
        wanted.update(range(first, last + 1))
    wanted.update(_ideographs(_STROKE_TABLE.read_text(encoding="utf-8")))
    for roster in sorted((_REPOSITORY / "reports" / "demo_data").glob("*.xlsx")):
        wanted.update(_ideographs(_words_of(roster)))
    return wanted


def _gb2312() -> Iterable[int]:
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            text = bytes((row, cell)).decode("gb2312", "ignore")
            if text:
                yield ord(text)


def _ideographs(text: str) -> set[int]:
    return {ord(letter) for letter in text if "\u3400" <= letter <= "\u9fff" or letter >= "\U00020000"}


def _words_of(workbook: Path) -> str:
    """All text of an .xlsx, as the XML it is made of."""
    with zipfile.ZipFile(workbook) as archive:
        names = [name for name in archive.namelist() if name.endswith(".xml")]
        return "".join(archive.read(name).decode("utf-8", "ignore") for name in names)


def subset(source: Path, family: str, wanted: set[int]) -> bytes | None:
    """The face of that family cut to the characters by HarfBuzz (0.2 s); None without its library."""
    try:
        base, cutter = _libraries()
    except OSError:
        return None
    blob = base.hb_blob_create_from_file(str(source).encode())
    face = base.hb_face_create(blob, _index(source, family))
    plan = cutter.hb_subset_input_create_or_fail()
    letters = cutter.hb_subset_input_unicode_set(plan)
    for letter in wanted:
        base.hb_set_add(letters, letter)
    features = cutter.hb_subset_input_set(plan, _LAYOUT_FEATURES)
    base.hb_set_clear(features)
    for tag in _FEATURES:
        base.hb_set_add(features, int.from_bytes(tag.encode(), "big"))
    cut = cutter.hb_subset_or_fail(face, plan)
    return _bytes_of(base, base.hb_face_reference_blob(cut)) if cut else None


def _libraries() -> tuple[Any, Any]:
    base = ctypes.CDLL(find_library("harfbuzz") or "libharfbuzz.so.0")
    cutter = ctypes.CDLL(find_library("harfbuzz-subset") or "libharfbuzz-subset.so.0")
    pointer, number = ctypes.c_void_p, ctypes.c_uint
    signatures: tuple[tuple[Any, str, Any, list[Any]], ...] = (
        (base, "hb_blob_create_from_file", pointer, [ctypes.c_char_p]),
        (base, "hb_face_create", pointer, [pointer, number]),
        (base, "hb_face_reference_blob", pointer, [pointer]),
        (base, "hb_blob_get_data", pointer, [pointer, ctypes.POINTER(number)]),
        (base, "hb_set_add", None, [pointer, number]),
        (base, "hb_set_clear", None, [pointer]),
        (cutter, "hb_subset_input_create_or_fail", pointer, []),
        (cutter, "hb_subset_input_unicode_set", pointer, [pointer]),
        (cutter, "hb_subset_input_set", pointer, [pointer, number]),
        (cutter, "hb_subset_or_fail", pointer, [pointer, pointer]),
    )
    for library, name, result, arguments in signatures:
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return base, cutter


def _bytes_of(base: Any, blob: int) -> bytes:
    length = ctypes.c_uint()
    start = base.hb_blob_get_data(blob, ctypes.byref(length))
    return ctypes.string_at(start, length.value)


def _index(source: Path, family: str) -> int:
    from fontTools.ttLib import TTCollection

    with TTCollection(str(source), lazy=True) as collection:
        for number, font in enumerate(collection.fonts):
            if font["name"].getDebugName(1) == family:
                return number
    raise LookupError(f"{source} has no face of {family}")


def _renamed(data: bytes, face: Face) -> bytes:
    """A name of its own, so that fontconfig can tell the cut font from the full one."""
    from fontTools.ttLib import TTFont

    font, compact = TTFont(io.BytesIO(data)), face.given.replace(" ", "")
    names = {1: face.given, 2: face.style, 3: f"{compact}-{face.style}", 4: f"{face.given} {face.style}"}
    names[6] = f"{compact}-{face.style}"
    given = {*names, 16, 17}
    font["name"].names = [record for record in font["name"].names if record.nameID not in given]
    for number, text in names.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    target = io.BytesIO()
    font.save(target)
    return target.getvalue()


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_suffix(".part")
    temporary.write_bytes(data)
    os.replace(temporary, path)


def main() -> int:
    """Never fails the set-up: documents are printed with what there is."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default_font_dir()
    for note in set_up(folder):
        sys.stdout.write(note + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
