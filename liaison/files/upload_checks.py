"""What a file really is, whatever it is called; what is unfit is refused in words.

Pictures are decoded and painted anew (``liaison.files.pictures``): nothing of the original is kept (no
EXIF position, no script behind the last marker). Documents and sheets cannot be repainted: they are let in
only when they are nothing else besides and carry nothing that runs. Threats: reliability.md section 2.
"""

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import magic

from liaison.files.pictures import Unfit, repainted
from liaison.sheets import SheetError, check_safe, is_old_workbook, is_workbook
from liaison.words.enums import FileKind

MEGABYTE = 1024 * 1024
MAX_BYTES = 10 * MEGABYTE

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


# What cameras of newer telephones write unless told otherwise.
_HEIF = re.compile(rb".{4}ftyp(hei[cfmsx]|hev[cmsx]|mif1|msf1|avif)", re.DOTALL)

_NO_HEIC = "不能接收 HEIC 照片，请在相机设置里改用 JPG（兼容性最佳）后重新拍，或者另存为 JPG 再上传。"


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes fit to be stored, with the type they really have."""

    data: bytes
    content_type: str


def checked(data: bytes, name: str, kind: FileKind) -> Content:
    """The content to be stored for an upload of ``kind`` called ``name``; ``Unfit`` with what to do."""
    if not data:
        raise Unfit("文件是空的，请重新选择文件。")
    if len(data) > MAX_BYTES:
        raise Unfit(f"文件超过{MAX_BYTES // MEGABYTE}MB，请压缩后再上传。")
    content_type = _sheet_type(data) if kind == FileKind.SHEET else sniff(data)
    if content_type not in ALLOWED[kind]:
        if _HEIF.match(data) and JPEG in ALLOWED[kind]:
            raise Unfit(_NO_HEIC)
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


# What makes a PDF do something by itself, or carry another file.
_ACTIVE_NAMES = re.compile(
    rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|Rendition|SubmitForm|ImportData|GoToE|XFA|Encrypt)"
    rb"(?![A-Za-z])"
)
_NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_PACKED = b"/ObjStm"
# A paper of a hundred scanned pages has some hundred streams; each is looked at.
_MOST_STREAMS, _MOST_PACKED = 5000, 400
# One stage of packing and no more: what a second one or a predictor hides we do not unpack.
_ONE_STAGE = re.compile(rb"/Filter\s*/FlateDecode(?![A-Za-z])")
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
    number = 0
    for count, found in enumerate(_STREAM.finditer(data)):
        if count >= _MOST_STREAMS:
            raise Unfit("PDF 文件内部过于零碎，请用“打印为PDF”重新生成后再上传。")
        head = data[max(0, found.start() - 1000) : found.start()]
        named = _plain_names(head[head.rfind(b" obj") + 1 :])
        if _PACKED not in named:
            continue
        number += 1
        if number > _MOST_PACKED or not _is_one_stage(named):
            raise Unfit(_NOT_PLAIN)
        unpacking = zlib.decompressobj()
        end = data.find(b"endstream", found.end())
        try:
            part = unpacking.decompress(memoryview(data)[found.end() : end], left)
        except zlib.error as error:
            raise Unfit("PDF 文件已损坏，请重新导出后再上传。") from error
        if not unpacking.eof and len(part) < left:
            # It says it ends before it does: the rest would stay unseen.
            raise Unfit(_NOT_PLAIN)
        left -= len(part)
        if left <= 0:
            raise Unfit("PDF 文件解开后过大，请压缩后再上传。")
        yield part


def _is_one_stage(named: bytes) -> bool:
    """Packed once, by a filter named on the spot and nothing beside it."""
    filters = named.count(b"/Filter")
    return filters == 1 and b"/DecodeParms" not in named and _ONE_STAGE.search(named) is not None


def check_sheet(data: bytes) -> None:
    """A sheet our own reader reads within its limits, without macros, links outward or markup."""
    try:
        check_safe(data)
    except SheetError as error:
        raise Unfit(error.message) from error
