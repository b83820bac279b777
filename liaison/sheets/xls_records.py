"""The records of an old workbook that the reader of its cells does not hand on: formulas and links.

Layout of the records: [MS-XLS] 2.1.4, 2.4.28 (BoundSheet8), 2.4.127 (Formula), 2.4.271 (SupBook).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from xlrd.compdoc import CompDoc

_BEGIN, _END = 0x0809, 0x000A
_SHEET, _FORMULAS, _SUPPLIER = 0x0085, frozenset({0x0006, 0x0206, 0x0406}), 0x01AE
_WORKSHEET = 0
#: What a link's supplier says when it is the workbook itself, or a function of the program.
_OWN_SUPPLIERS = frozenset({0x0401, 0x3A01})


def formula_places(data: bytes) -> list[frozenset[tuple[int, int]]]:
    """Rows and columns, from 0, of the cells with a formula: one set per worksheet, in the file's order."""
    stream = _stream(data)
    starts = [
        struct.unpack_from("<I", body)[0]
        for code, body in _records(stream, 0)
        if code == _SHEET and body[5] == _WORKSHEET
    ]
    return [
        frozenset(
            struct.unpack_from("<HH", body) for code, body in _records(stream, start) if code in _FORMULAS
        )
        for start in starts
    ]


def has_links(data: bytes) -> bool:
    """Whether formulas of the workbook take values from another file or program."""
    suppliers = (body for code, body in _records(_stream(data), 0) if code == _SUPPLIER)
    return any(struct.unpack_from("<H", body, 2)[0] not in _OWN_SUPPLIERS for body in suppliers)


def has_embedded_files(data: bytes) -> bool:
    """Whether other documents lie inside: each in a storage of its own, called MBD and a number."""
    names = [entry.name for entry in _container(data).dirlist]
    return any(name.startswith("MBD") or name == "\x01Ole10Native" for name in names)


def _container(data: bytes) -> CompDoc:
    return CompDoc(data, logfile=io.StringIO())


def _stream(data: bytes) -> bytes:
    container = _container(data)
    return bytes(container.get_named_stream("Workbook") or container.get_named_stream("Book") or b"")


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Records from one beginning to its end; what is nested between (a chart) comes along."""
    position, depth = start, 0
    while position + 4 <= len(stream):
        code, length = struct.unpack_from("<HH", stream, position)
        yield code, stream[position + 4 : position + 4 + length]
        position += 4 + length
        depth += (code == _BEGIN) - (code == _END)
        if depth <= 0:
            return
