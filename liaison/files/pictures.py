"""Pictures painted anew: upright, of sensible size, one JPEG with nothing of the original bytes.

Only the copy is kept, so it is proved before anything is stored: a copy that shows nothing of a picture that
shows something is refused, and whoever sent it still holds the original. Sizes are in pixels.
"""

import io
import math
import warnings

from PIL import Image, ImageFile, ImageOps

from liaison.words.enums import FileKind
from liaison.words.errors import InvalidInput

# What may be decoded in full; a JPEG of ordinary coding is decoded small, so it may be five times as large.
MAX_PIXELS = 40_000_000
MAX_JPEG_PIXELS = 200_000_000

# The area a copy keeps: a photo is looked at, a scan must stay legible in print (A4 at 300 dpi is 9 million).
_AREA = {FileKind.PHOTO: 3_000_000}
_AREA_OF_SCAN = 9_200_000
# A long screenshot keeps this width whatever its length, or nobody could read it.
SHORTER_SIDE = 1000
# JPEG counts a side in 16 bits, and decoders keep some of them to themselves.
_LONGEST_SIDE = 65_000

Image.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

_TOO_LARGE = "图片的像素过多，请缩小后再上传。"
_DAMAGED = "图片已损坏或不完整，请重新拍照或另存后再上传。"
_BLANK = "图片转存后成了一片空白，没有保存。请保留原件，用看图软件另存为 JPG 后再上传。"


class Unfit(InvalidInput):
    """The file is refused; the one field is called ``file``."""

    def __init__(self, message: str) -> None:
        super().__init__({"file": message})


def repainted(data: bytes, kind: FileKind) -> bytes:
    """The picture as a new JPEG with no metadata of any sort; ``Unfit`` when it cannot be one."""
    try:
        # WeasyPrint tells Pillow to accept images cut in half; an upload must be whole.
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "MPO"]) as image:
            size = kept_size(image.size, kind)
            _decode_small(image, size)
            return _proved(_jpeg(_canvas(image, size)), _is_flat(image))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unfit(_TOO_LARGE) from error
    except Unfit:
        raise
    except Exception as error:
        # On a damaged picture the decoders raise anything from OSError to struct.error.
        raise Unfit(_DAMAGED) from error


def kept_size(size: tuple[int, int], kind: FileKind) -> tuple[int, int]:
    """Width and height of the copy: its area is bounded, but the shorter side keeps its 1000."""
    shorter, longer = sorted(size)
    ratio = min(1.0, math.sqrt(_AREA.get(kind, _AREA_OF_SCAN) / (shorter * longer)))
    ratio = min(1.0, max(ratio, SHORTER_SIDE / shorter), _LONGEST_SIDE / longer)
    return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))


def _decode_small(image: Image.Image, size: tuple[int, int]) -> None:
    """Let a JPEG be decoded at a half, a quarter or an eighth; what would still be too much is refused.

    A progressive one is held in memory as a whole, however small it is wanted.
    """
    is_whole = image.format == "PNG" or "progressive" in image.info or "progression" in image.info
    if image.width * image.height > (MAX_PIXELS if is_whole else MAX_JPEG_PIXELS):
        raise Unfit(_TOO_LARGE)
    image.draft("RGB", size)
    if image.width * image.height > MAX_PIXELS:
        raise Unfit(_TOO_LARGE)


def _canvas(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture in plain colour; a fresh canvas carries none of the tags the decoder keeps with it."""
    orientation = image.getexif().get(0x0112, 1)
    small = _plain(image)
    if small.size != size:
        small = small.resize(size, Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", small.size, "white")
    canvas.paste(small, mask=small.getchannel("A") if small.mode == "RGBA" else None)
    if orientation != 1:
        canvas.getexif()[0x0112] = orientation
        canvas = ImageOps.exif_transpose(canvas)
    return canvas


def _plain(image: Image.Image) -> Image.Image:
    """In a mode that shrinks smoothly and keeps its tones."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode.startswith("I") or image.mode == "F":
        # Sixteen bits a pixel: Pillow would cut everything above 255 to white.
        deep = image if image.mode == "I;16" else image.convert("I")
        return deep.point(lambda tone: tone * (1 / 257) + 0.5).convert("L")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _jpeg(canvas: Image.Image) -> bytes:
    out = io.BytesIO()
    canvas.info = {}
    canvas.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


def _proved(copy: bytes, was_flat: bool) -> bytes:
    """The copy as it was written, read back whole."""
    with Image.open(io.BytesIO(copy), formats=["JPEG"]) as written:
        if _is_flat(written) and not was_flat:
            raise Unfit(_BLANK)
    return copy


def _is_flat(image: Image.Image) -> bool:
    """Whether every pixel has the same colour."""
    extrema = (image.convert("RGBA") if image.mode in ("P", "PA") else image).getextrema()
    bands = extrema if isinstance(extrema[0], tuple) else (extrema,)
    return all(low == high for low, high in bands)
