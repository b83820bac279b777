"""What a file really is, whatever it is called; what is unfit is refused in words.

Pictures are decoded and painted anew, so nothing of the original bytes is kept (no EXIF position, no
script behind the last marker). Documents and sheets cannot be repainted: they are let in only when they
are nothing else besides and carry nothing that runs. Threats: reliability.md section 2.
"""

import io
import re
import warnings
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import magic
from PIL import Image, ImageFile, ImageOps

from liaison.sheets import SheetError, check_safe, is_old_workbook, is_workbook
from liaison.words.enums import FileKind
from liaison.words.errors import InvalidInput

MEGABYTE = 1024 * 1024
MAX_BYTES = 10 * MEGABYTE
MAX_PIXELS = 40_000_000

# A photo is looked at, a scan must stay legible in print (A4 at 300 dpi is 3508 high).
_LONGEST_SIDE = {FileKind.PHOTO: 2000}
_LONGEST_SCAN = 3600

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
CSV = "text/csv"

EXTENSIONS: Mapping[str, str] = {JPEG: "jpg", PNG: "png", PDF: "pdf", XLSX: "xlsx", XLS: "xls", CSV: "csv"}

_PICTURES = frozenset({JPEG, PNG})
_SHEETS = frozenset({XLSX, XLS, CSV})
ALLOWED: Mapping[FileKind, frozenset[str]] = {
    FileKind.PHOTO: _PICTURES,
    FileKind.SCAN: _PICTURES | {PDF},
    FileKind.SHEET: _SHEETS,
    FileKind.REPORT: _PICTURES | {PDF, XLSX, XLS},
    FileKind.DOCUMENT: frozenset({PDF}),
}
_ACCEPTED_WORDS: Mapping[FileKind, str] = {
    FileKind.PHOTO: "请上传 JPG 或 PNG 照片。",
    FileKind.SCAN: "请上传 PDF，或者 JPG、PNG 图片。",
    FileKind.SHEET: "请上传 Excel 或 WPS 表格（.xlsx、.xls）或 CSV 文件。",
    FileKind.REPORT: "请上传 PDF、Excel 表格，或者 JPG、PNG 图片。",
    FileKind.DOCUMENT: "请上传 PDF 文件。",
}

# What libmagic calls the types of the list; a text is a CSV only under that name and after its own checks.
_SNIFFED: Mapping[str, str] = {
    JPEG: JPEG,
    PNG: PNG,
    PDF: PDF,
    XLSX: XLSX,
    "application/zip": XLSX,
    XLS: XLS,
    "application/x-ole-storage": XLS,
    "application/cdfv2": XLS,
    "text/plain": CSV,
    "text/csv": CSV,
    "application/csv": CSV,
}


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes fit to be stored, with the type they really have."""

    data: bytes
    content_type: str


class Unfit(InvalidInput):
    """The file is refused; the one field is called ``file``."""

    def __init__(self, message: str) -> None:
        super().__init__({"file": message})


def checked(data: bytes, name: str, kind: FileKind) -> Content:
    """The content to be stored for an upload of ``kind`` called ``name``; ``Unfit`` with what to do."""
    if not data:
        raise Unfit("文件是空的，请重新选择文件。")
    if len(data) > MAX_BYTES:
        raise Unfit(f"文件超过{MAX_BYTES // MEGABYTE}MB，请压缩后再上传。")
    content_type = _sheet_type(data) if kind == FileKind.SHEET else sniff(data)
    if content_type not in ALLOWED[kind]:
        raise Unfit(f"不能接收这种文件。{_ACCEPTED_WORDS[kind]}")
    if content_type in _PICTURES:
        return Content(repainted(data, kind), JPEG)
    if content_type in _SHEETS:
        # Offices have .et, .xls that is a new workbook inside, and no ending at all: the content decides,
        # and the file is kept under the ending of its content.
        check_sheet(data)
        return Content(data, content_type)
    if name.rpartition(".")[2].lower() != EXTENSIONS[content_type]:
        raise Unfit("文件的扩展名与内容不符，请用原来的软件打开后另存，再上传。")
    check_pdf(data)
    return Content(data, content_type)


def sniff(data: bytes) -> str:
    """The type by content, or an empty string when it is none of the list."""
    return _SNIFFED.get(magic.from_buffer(data, mime=True).lower(), "")


def _sheet_type(data: bytes) -> str:
    """The type of what is sent as a sheet: by its first bytes, as our reader tells them apart, and any plain
    text, for libmagic takes some lists of names for programs."""
    if is_workbook(data):
        return XLSX
    if is_old_workbook(data):
        return XLS
    mime = magic.from_buffer(data, mime=True).lower()
    return CSV if mime.startswith("text/") else _SNIFFED.get(mime, "")


def repainted(data: bytes, kind: FileKind) -> bytes:
    """The picture as a new JPEG: upright, of sensible size, with no metadata of any sort."""
    try:
        # WeasyPrint tells Pillow to accept images cut in half; an upload must be whole.
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "MPO"]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Unfit("图片的像素过多，请缩小后再上传。")
            side = _LONGEST_SIDE.get(kind, _LONGEST_SCAN)
            image.draft("RGB", (side, side))
            return _jpeg(ImageOps.exif_transpose(image), side)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unfit("图片的像素过多，请缩小后再上传。") from error
    except Unfit:
        raise
    except Exception as error:
        # On a damaged picture the decoders raise anything from OSError to struct.error.
        raise Unfit("图片已损坏或不完整，请重新拍照或另存后再上传。") from error


def _jpeg(image: Image.Image, side: int) -> bytes:
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    # A fresh canvas carries none of the comments, profiles and tags the decoder keeps with the image.
    canvas = Image.new("RGB", image.size, "white")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        canvas.paste(layer, mask=layer)
    else:
        canvas.paste(image.convert("RGB"))
    out = io.BytesIO()
    canvas.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


# What makes a PDF do something by itself, or carry another file.
_ACTIVE_NAMES = re.compile(
    rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|Rendition|SubmitForm|ImportData|GoToE|XFA|Encrypt)"
    rb"(?![A-Za-z])"
)
_NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_PACKED = b"/ObjStm"
_MAX_INFLATED = 32 * MEGABYTE
_NOT_PLAIN = "PDF 文件带有密码、脚本或附件，请用“打印为PDF”重新生成后再上传。"


def check_pdf(data: bytes) -> None:
    """A PDF from the first byte to the last, not locked, with nothing in it that runs or is attached."""
    tail = data.rstrip(b"\r\n\t \x00")
    if not re.match(rb"%PDF-[12]\.\d", data) or not tail.endswith(b"%%EOF"):
        raise Unfit("PDF 文件不完整或夹带了其他内容，请重新导出后再上传。")
    packed = list(_object_streams(data))
    if len(packed) != _plain_names(data).count(_PACKED):
        # Objects packed where we cannot look.
        raise Unfit(_NOT_PLAIN)
    if any(_ACTIVE_NAMES.search(_plain_names(part)) for part in (data, *packed)):
        raise Unfit(_NOT_PLAIN)


def _plain_names(data: bytes) -> bytes:
    """Names may be written with escapes: /J#61vaScript is /JavaScript."""
    return _NAME_ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data)


def _object_streams(data: bytes) -> Iterator[bytes]:
    """Objects packed in compressed streams, unpacked within bounds: names hide there."""
    left = _MAX_INFLATED
    for found in _STREAM.finditer(data):
        head = data[max(0, found.start() - 1000) : found.start()]
        if _PACKED not in _plain_names(head[head.rfind(b" obj") + 1 :]):
            continue
        try:
            part = zlib.decompressobj().decompress(data[found.end() :], left)
        except zlib.error as error:
            raise Unfit("PDF 文件已损坏，请重新导出后再上传。") from error
        left -= len(part)
        if left <= 0:
            raise Unfit("PDF 文件解开后过大，请压缩后再上传。")
        yield part


def check_sheet(data: bytes) -> None:
    """A sheet our own reader reads within its limits, without macros, links outward or markup."""
    try:
        check_safe(data)
    except SheetError as error:
        raise Unfit(error.message) from error
