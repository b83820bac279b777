"""A request whose body broke off on the way is refused before anything of it is believed.

A web server hands on what arrived. When a telephone loses its connection in the middle of a photo, the rest
simply ends, and a form without its photo looks like a form: it would be saved, and the photo lost for good.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO, cast

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_header_parameters

from liaison.words.errors import LiaisonError
from liaison.words.text import read_digits

Next = Callable[[HttpRequest], HttpResponse]


class BrokenBody(LiaisonError, SuspiciousOperation):
    """Fewer bytes than announced, or a multipart body without its closing boundary; nothing was saved."""

    status = 400

    def __init__(self) -> None:
        super().__init__("网络中断，内容没有传完整，没有保存。请再发送一次。")


class WholeBody:
    """The body as the parsers read it; ``BrokenBody`` where it ends too early. Lengths are in bytes."""

    def __init__(self, stream: Any, length: int, ending: bytes) -> None:
        self._stream = stream
        self._length = length
        self._ending = ending
        self._seen = 0
        self._tail = b""

    def read(self, size: int | None = None) -> bytes:
        return self._checked(self._stream.read() if size is None else self._stream.read(size), size)

    def readline(self, size: int | None = None) -> bytes:
        return self._checked(self._stream.readline() if size is None else self._stream.readline(size), 1)

    def close(self) -> None:
        self._stream.close()

    def _checked(self, data: bytes, size: int | None) -> bytes:
        self._seen += len(data)
        self._tail = (self._tail + data)[-len(self._ending) - 4 :]
        wants_all = size is None or size < 0
        is_over = wants_all or self._seen >= self._length or (not data and size != 0)
        if is_over and (self._seen < self._length or not self._tail.rstrip(b"\r\n").endswith(self._ending)):
            raise BrokenBody()
        return data


class WholeBodyMiddleware:
    """Stands before everything that reads a body."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if length := read_digits(request.META.get("CONTENT_LENGTH")):
            whole = WholeBody(request._stream, length, _ending(request))
            # Parsers read and close it, no more.
            request._stream = cast(BinaryIO, whole)
        return self.get_response(request)


def _ending(request: HttpRequest) -> bytes:
    """What the last bytes must be: nothing in particular, unless the body consists of parts."""
    if request.content_type != "multipart/form-data":
        return b""
    _, options = parse_header_parameters(request.META.get("CONTENT_TYPE", ""))
    return f"--{options.get('boundary', '')}--".encode("latin-1", "replace")
