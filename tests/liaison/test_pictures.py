"""What becomes of a picture: its tones, its size, and that a copy is never kept which shows nothing."""

import io
import warnings
from array import array

import pytest
from PIL import Image

from liaison.files import pictures
from liaison.files.pictures import MAX_PIXELS, Unfit, kept_size, repainted
from liaison.files.upload_checks import checked
from liaison.words.enums import FileKind

TONES = (20_000, 40_000, 65_535)


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def reopened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def stripes(*tones: int) -> Image.Image:
    """Broad stripes of grey, as a scanner of sixteen bits writes them."""
    row = array("H", [tone for tone in tones for _ in range(100)])
    return Image.frombytes("I;16", (len(row), 120), row.tobytes() * 120)


@pytest.mark.parametrize("kind", [FileKind.PHOTO, FileKind.SCAN, FileKind.REPORT])
def test_sixteen_bits_of_grey_keep_their_tones(kind: FileKind) -> None:
    copy = reopened(checked(encoded(stripes(*TONES)), "扫描.png", kind).data)
    seen = [copy.getpixel((x, 60)) for x in (50, 150, 250)]
    assert seen == [(78, 78, 78), (156, 156, 156), (255, 255, 255)]


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I", "F"])
def test_every_mode_of_more_than_eight_bits_is_divided(mode: str) -> None:
    plain = pictures._plain(stripes(*TONES).convert("I").convert(mode))
    assert (plain.mode, [plain.getpixel((x, 60)) for x in (50, 150, 250)]) == ("L", [78, 156, 255])


def test_a_copy_that_shows_nothing_is_refused_and_nothing_replaces_the_original(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The way the copies of sixteen bits were once made: everything above 255 cut to white."""
    monkeypatch.setattr(pictures, "_plain", lambda image: image.convert("RGB"))
    with pytest.raises(Unfit, match="一片空白，没有保存。请保留原件"):
        repainted(encoded(stripes(*TONES)), FileKind.SCAN)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_a_blank_page_is_a_page(mode: str) -> None:
    white = Image.new("RGB", (40, 30), "white").convert(mode)
    assert reopened(repainted(encoded(white), FileKind.SCAN)).getextrema() == ((255, 255),) * 3


def test_lines_of_a_palette_or_of_one_bit_shrink_smoothly() -> None:
    """Taking every second pixel would lose every second line of a form."""
    lines = Image.new("1", (6000, 4000), 1)
    for y in range(0, 4000, 8):
        lines.paste(0, (0, y, 6000, y + 1))
    for image in (lines, lines.convert("P")):
        low, high = reopened(repainted(encoded(image), FileKind.PHOTO)).convert("L").getextrema()
        assert 100 < low < high


@pytest.mark.parametrize(
    ("size", "photo", "scan"),
    [
        ((800, 600), (800, 600), (800, 600)),
        ((4000, 3000), (2000, 1500), (3502, 2627)),
        ((8160, 6144), (1996, 1503), (3496, 2632)),
        ((2480, 3508), (1456, 2060), (2480, 3508)),
        # A long screenshot stays as tall as its words need, and a narrow one is not touched.
        ((1080, 12_000), (1000, 11_111), (1000, 11_111)),
        ((12_000, 1080), (11_111, 1000), (11_111, 1000)),
        ((720, 9000), (720, 9000), (720, 9000)),
        ((500, 70_000), (464, 65_000), (464, 65_000)),
    ],
)
def test_the_area_is_bounded_and_the_shorter_side_keeps_a_thousand(
    size: tuple[int, int], photo: tuple[int, int], scan: tuple[int, int]
) -> None:
    assert kept_size(size, FileKind.PHOTO) == photo
    assert kept_size(size, FileKind.SCAN) == scan == kept_size(size, FileKind.REPORT)


def test_a_photo_of_a_hundred_megapixels_is_decoded_small() -> None:
    data = encoded(Image.linear_gradient("L").resize((12_032, 9_024)), "JPEG", quality=40)
    assert reopened(repainted(data, FileKind.PHOTO)).size == (2000, 1500)


def claiming(side: int, frame: bytes, **options: object) -> bytes:
    """A JPEG whose header says it is a square of ``side`` pixels."""
    data = encoded(Image.new("L", (64, 64)), "JPEG", **options)
    place = data.index(frame) + 5
    return data[:place] + side.to_bytes(2, "big") * 2 + data[place + 4 :]


@pytest.mark.parametrize(
    ("data", "side"),
    [
        (encoded(Image.new("1", (6325, 6325))), 6325),
        (claiming(6325, b"\xff\xc2", progressive=True), 6325),
        (claiming(14_143, b"\xff\xc0"), 14_143),
    ],
    ids=["PNG", "progressive JPEG", "JPEG"],
)
def test_what_would_fill_the_memory_is_refused(data: bytes, side: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        assert Image.open(io.BytesIO(data)).size == (side, side)
    with pytest.raises(Unfit, match="像素过多"):
        repainted(data, FileKind.PHOTO)


def test_forty_megapixels_that_are_held_whole_are_taken() -> None:
    side = int(MAX_PIXELS**0.5)
    image = Image.new("1", (side, side))
    assert reopened(repainted(encoded(image), FileKind.PHOTO)).size == (1732, 1732)


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"hevc"])
@pytest.mark.parametrize("kind", [FileKind.PHOTO, FileKind.SCAN, FileKind.REPORT])
def test_an_apple_photo_is_refused_with_the_setting_that_helps(brand: bytes, kind: FileKind) -> None:
    data = b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00mif1heic" + bytes(500)
    with pytest.raises(Unfit) as caught:
        checked(data, "IMG_0001.HEIC", kind)
    assert caught.value.fields == {
        "file": "不能接收 HEIC 照片，请在相机设置里改用 JPG（兼容性最佳）后重新拍，或者另存为 JPG 再上传。"
    }
