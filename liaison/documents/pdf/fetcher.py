"""The only way for a document to reach a file: pictures in the text itself, and our own folder.

A resident's words end up on paper. If they ever reached the page as markup, nothing may be
read from the disk of the server and no connection may be opened (reliability.md §0.4, §2).
WeasyPrint 70 wants an instance of its `URLFetcher`; a plain function that raises crashes it.
"""

from __future__ import annotations

import base64
import binascii
import io
import logging
import re
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from PIL import Image
from weasyprint.urls import URLFetcher, URLFetcherResponse

log = logging.getLogger(__name__)

_DATA = re.compile(r"data:(?P<type>[a-z]+/[a-z0-9.+-]+)?(?P<options>(?:;[^;,]*)*),(?P<body>.*)", re.DOTALL)
_PICTURES = ("image/png", "image/jpeg", "image/svg+xml")
_OWN_FILES = {".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml", ".css": "text/css"}
_MOST_BYTES = 6 * 1024 * 1024
_MOST_PIXELS = 25_000_000


class ResourceRefusedError(ValueError):
    """The document asked for something that is not its own; the picture is left out."""


class ClosedFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    """Answers `data:` pictures and files inside ``folder``; refuses the rest without opening it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(allowed_protocols=("data", "file"), allow_redirects=False)
        self._folder = folder.resolve()

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """Return the resource at ``url`` or raise ResourceRefusedError; WeasyPrint then leaves it out."""
        try:
            if url[:5].lower() == "data:":
                return _picture(url)
            if url[:5].lower() == "file:":
                return self._own_file(url)
        except ResourceRefusedError as refusal:
            log.warning("document resource refused: %s", refusal)
            raise
        log.warning("document resource refused: scheme of %.40r", url)
        raise ResourceRefusedError("scheme not allowed")

    def open(self, url: object, data: object = None, timeout: object = None) -> URLFetcherResponse:
        """Refuse the opener's own door, which would ask urllib."""
        raise ResourceRefusedError("direct opening is not allowed")

    def _own_file(self, url: str) -> URLFetcherResponse:
        parts = urlsplit(url)
        path = Path(unquote(parts.path)).resolve()
        kind = _OWN_FILES.get(path.suffix)
        if parts.netloc or kind is None or not path.is_relative_to(self._folder) or not path.is_file():
            raise ResourceRefusedError("file outside the documents folder")
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})


def _picture(url: str) -> URLFetcherResponse:
    match = _DATA.fullmatch(url) if len(url) <= 2 * _MOST_BYTES else None
    if match is None or (kind := match["type"]) not in _PICTURES:
        raise ResourceRefusedError("not a picture")
    body = _decoded(match["body"], is_base64=match["options"].endswith(";base64"))
    if len(body) > _MOST_BYTES:
        raise ResourceRefusedError("picture too large")
    if kind != "image/svg+xml":
        _check_pixels(body)
    return URLFetcherResponse(url, body, {"Content-Type": kind})


def _decoded(body: str, *, is_base64: bool) -> bytes:
    raw = unquote_to_bytes(body)
    if not is_base64:
        return raw
    try:
        return base64.b64decode(raw)
    except binascii.Error as error:
        raise ResourceRefusedError("broken picture") from error


def _check_pixels(body: bytes) -> None:
    """Read the header only: 24 kB of PNG can unpack to 196 million pixels (reliability.md §2)."""
    try:
        with Image.open(io.BytesIO(body), formats=("PNG", "JPEG")) as picture:
            width, height = picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ResourceRefusedError("broken picture") from error
    if width * height > _MOST_PIXELS:
        raise ResourceRefusedError("picture has too many points")
