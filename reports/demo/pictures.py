"""Pictures for the demo, drawn by code: a station's door, its room, people on an inspection, a signed sheet."""

import io
import random
from itertools import pairwise
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
SIZE = (1200, 800)
_RED, _GOLD, _WOOD, _WALL = "#b3261e", "#f2d16b", "#8a5a34", "#f3efe6"


def _font(size: int, name: str = "FandolHei-Bold.otf") -> Font | None:
    """The fonts of the documents; without them the pictures have no words."""
    path = Path(settings.FONT_DIR) / name
    return ImageFont.truetype(str(path), size) if path.exists() else None


def _write(draw: ImageDraw.ImageDraw, at: tuple[int, int], words: str, size: int, fill: str) -> None:
    font = _font(size)
    if font is not None:
        draw.text(at, words, font=font, fill=fill, anchor="mm")


def _upload(picture: Image.Image, name: str) -> SimpleUploadedFile:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82)
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def door(words: str, name: str) -> SimpleUploadedFile:
    """The front of a village building with the station's board beside the door."""
    picture = Image.new("RGB", SIZE, "#bcd7ee")
    draw = ImageDraw.Draw(picture)
    draw.polygon(
        [(0, 330), (300, 150), (620, 330), (900, 200), (1200, 340), (1200, 480), (0, 480)], fill="#9db58c"
    )
    draw.rectangle((110, 200, 1090, 690), fill="#e9dcc3")
    draw.polygon([(70, 210), (1130, 210), (1060, 110), (140, 110)], fill="#7c4034")
    for left in (200, 780):
        draw.rectangle((left, 330, left + 200, 500), fill="#6d8ea6", outline=_WOOD, width=12)
        draw.line((left + 100, 330, left + 100, 500), fill=_WOOD, width=8)
    draw.rectangle((480, 320, 680, 690), fill="#a4432f", outline="#5f2a1c", width=10)
    draw.line((580, 320, 580, 690), fill="#5f2a1c", width=6)
    draw.rectangle((700, 330, 756, 680), fill="#fdfaf2", outline=_WOOD, width=6)
    for place, letter in enumerate(words[:12]):
        _write(draw, (728, 355 + place * 28), letter, 25, "#8c1d18")
    draw.rectangle((110, 226, 1090, 292), fill=_RED)
    _write(draw, (600, 260), "人大代表密切联系人民群众", 42, _GOLD)
    draw.rectangle((0, 690, 1200, 800), fill="#b7ab96")
    draw.polygon([(440, 800), (500, 690), (660, 690), (720, 800)], fill="#cfc6b4")
    return _upload(picture, f"{name}.jpg")


def room(words: str, name: str) -> SimpleUploadedFile:
    """A reception room: banner, board, a table with chairs on both sides."""
    picture = Image.new("RGB", SIZE, _WALL)
    draw = ImageDraw.Draw(picture)
    draw.polygon([(0, 800), (0, 560), (1200, 560), (1200, 800)], fill="#c9b79c")
    draw.rectangle((150, 60, 1050, 140), fill=_RED)
    _write(draw, (600, 100), words, 44, _GOLD)
    draw.rectangle((90, 190, 430, 430), fill="#dfeaf2", outline="#7f8c95", width=10)
    draw.line((260, 190, 260, 430), fill="#7f8c95", width=8)
    draw.rectangle((540, 190, 1110, 430), fill="#ffffff", outline=_RED, width=8)
    for column in range(5):
        left = 570 + column * 106
        draw.ellipse((left + 20, 215, left + 66, 265), fill="#d9a58b")
        draw.rectangle((left + 10, 265, left + 76, 310), fill="#46617a")
        for row in range(4):
            draw.line((left, 335 + row * 22, left + 88 - row * 8, 335 + row * 22), fill="#9aa3a8", width=5)
    for left in (250, 420, 590, 760):
        draw.rectangle((left, 470, left + 90, 570), fill="#6a4630")
    draw.polygon([(180, 590), (1000, 590), (1080, 680), (100, 680)], fill=_WOOD)
    draw.rectangle((110, 680, 1070, 720), fill="#6f4627")
    for left in (300, 540, 780):
        draw.rectangle((left, 610, left + 120, 650), fill="#fbf8f0")
    draw.rectangle((980, 470, 1090, 600), fill=_RED)
    _write(draw, (1035, 520), "意见箱", 30, _GOLD)
    return _upload(picture, f"{name}.jpg")


def inspection(name: str) -> SimpleUploadedFile:
    """Deputies in a row beside a new water tank, fields behind them."""
    picture = Image.new("RGB", SIZE, "#cfe3f1")
    draw = ImageDraw.Draw(picture)
    draw.polygon(
        [(0, 380), (250, 240), (560, 390), (880, 220), (1200, 370), (1200, 520), (0, 520)], fill="#88a878"
    )
    for row in range(7):
        draw.polygon(
            [(0, 500 + row * 44), (1200, 470 + row * 50), (1200, 520 + row * 50), (0, 544 + row * 44)],
            fill=("#b9a45c", "#93a657")[row % 2],
        )
    draw.rectangle((760, 220, 1060, 540), fill="#e6e9ea", outline="#9aa4a8", width=8)
    draw.ellipse((760, 180, 1060, 260), fill="#f4f6f6", outline="#9aa4a8", width=8)
    _write(draw, (910, 370), "安全饮水工程", 40, "#2d5f86")
    for place, coat in enumerate(("#34495e", "#7b241c", "#1f618d", "#4d5656", "#6c3483", "#196f3d")):
        left = 110 + place * 104
        top = 420 + (place % 2) * 22
        draw.ellipse((left + 18, top, left + 70, top + 60), fill="#d9a58b")
        draw.rectangle((left, top + 60, left + 88, top + 230), fill=coat)
        draw.rectangle((left + 10, top + 230, left + 78, top + 330), fill="#2c3035")
        draw.rectangle((left + 50, top + 84, left + 72, top + 104), fill=_RED)
    return _upload(picture, f"{name}.jpg")


def signed_sheet(rng: random.Random, title: str, name: str) -> SimpleUploadedFile:
    """A register filled in by hand, as a scanner sees it: lines of writing nobody can read."""
    picture = Image.new("RGB", (1240, 1754), "#f7f5ef")
    draw = ImageDraw.Draw(picture)
    _write(draw, (620, 150), title, 48, "#262626")
    columns = (110, 210, 420, 660, 980, 1130)
    rows = range(260, 1501, 155)
    for x in columns:
        draw.line((x, rows[0], x, rows[-1]), fill="#555555", width=3)
    for y in rows:
        draw.line((columns[0], y, columns[-1], y), fill="#555555", width=3)
    heads = ("编号", "姓名", "电话", "反映内容", "签字")
    for place, words in enumerate(heads):
        _write(draw, ((columns[place] + columns[place + 1]) // 2, 338), words, 34, "#333333")
    for top in list(rows)[1:-1]:
        for left, right in pairwise(columns):
            _scribble(draw, rng, left + 16, right - 16, top + 78)
    _scribble(draw, rng, 700, 1080, 1600)
    return _upload(picture, f"{name}.jpg")


def _scribble(draw: ImageDraw.ImageDraw, rng: random.Random, left: int, right: int, middle: int) -> None:
    lines = 1 if right - left < 240 else 3
    for line in range(lines):
        base = middle + (line - (lines - 1) / 2) * 40
        x = float(left)
        while x < right - 34:
            points = [(x + rng.uniform(0, 26), base + rng.uniform(-14, 14)) for _ in range(6)]
            draw.line(points, fill="#1d2f6f", width=3)
            x += 34
