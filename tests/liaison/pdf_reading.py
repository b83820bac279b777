"""Measuring printed pages: text, places in millimetres, ink, and everything inside the file."""

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pdfplumber
import pypdf

POINTS_PER_MM = 72 / 25.4
RESOLUTION = 300


def mm(points: float) -> float:
    return points / POINTS_PER_MM


def pages_of(pdf: bytes) -> list[Any]:
    return list(pdfplumber.open(io.BytesIO(pdf)).pages)


def text_of(pdf: bytes) -> str:
    """All text without the blanks and line ends the layout put in."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages))


@dataclass(frozen=True)
class Line:
    """The characters on one base line, left to right; lengths in mm from the top left of the sheet."""

    text: str
    left: float
    right: float
    base: float
    sizes: frozenset[float]
    fonts: frozenset[str]


def lines_of(page: Any) -> list[Line]:
    """Lines by base line, top to bottom; characters whose base lines differ by 0.3 pt stand together."""
    rows: dict[int, list[dict[str, Any]]] = {}
    for char in page.chars:
        rows.setdefault(round((page.height - char["matrix"][5]) * 3), []).append(char)
    return [_line(page, row) for _, row in sorted(rows.items())]


def _line(page: Any, row: list[dict[str, Any]]) -> Line:
    row.sort(key=lambda char: float(char["x0"]))
    return Line(
        text="".join(char["text"] for char in row),
        left=mm(row[0]["x0"]),
        right=mm(row[-1]["x1"]),
        base=mm(page.height - row[0]["matrix"][5]),
        sizes=frozenset(round(float(char["size"]), 2) for char in row),
        fonts=frozenset(str(char["fontname"]).partition("+")[2] for char in row),
    )


def ink_rows(page: Any, left: float, right: float, top: float, bottom: float) -> tuple[float, float]:
    """First and last row with ink inside a box, all in mm. Raises ValueError when it is white."""
    image = page.to_image(resolution=RESOLUTION).original.convert("L")
    scale = RESOLUTION / 25.4
    box = image.crop((int(left * scale), int(top * scale), int(right * scale), int(bottom * scale)))
    found = box.point(lambda value: 255 if value < 140 else 0).getbbox()
    if found is None:
        raise ValueError("no ink")
    return top + found[1] / scale, top + found[3] / scale


def everything_in(pdf: bytes) -> bytes:
    """The file's bytes and all its streams unpacked, so that nothing hides in compression."""
    return pdf + b"".join(_unpacked(pdf))


def _unpacked(pdf: bytes) -> Iterator[bytes]:
    for match in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            yield zlib.decompress(match[1])
        except zlib.error:
            yield match[1]
