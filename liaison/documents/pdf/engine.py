"""One WeasyPrint set-up per process: fonts listed once, style sheets parsed once.

Measured (stack.md §5): a fresh font list per document costs half a gigabyte after 21 documents;
a shared one stays flat. Pango's font map is not safe for two threads at once, and laying out a
page holds the interpreter anyway, so one lock serialises rendering within a process; processes
run side by side (gunicorn workers, celery prefork).
"""

from __future__ import annotations

import atexit
import gc
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from liaison.documents.pdf.fetcher import ClosedFetcher
from liaison.documents.pdf.fonts import load_fonts
from liaison.documents.pdf.justify import justify

STYLE_SHEETS = ("gb9704.css", "forms.css", "tables.css", "stations.css")
_LINE_BLOCKS = frozenset({"p", "h2", "h3"})
_BLANK_PAGE = "<!doctype html><html lang='zh-CN'><body class='blank'></body></html>"


@dataclass(frozen=True)
class Press:
    """What every document of this process shares."""

    fonts: FontConfiguration
    styles: tuple[CSS, ...]
    fetcher: ClosedFetcher
    base_url: str

    def lay_out(self, html: str) -> Any:
        """Return the finished layout of one document; attachments named in the text are dropped."""
        source = HTML(string=html, base_url=self.base_url, url_fetcher=self.fetcher)
        _drop_attachments(source.etree_element)
        _steady_lines(source.etree_element)
        document = source.render(font_config=self.fonts, stylesheets=list(self.styles))
        justify(document)
        return document


class _PrintShop:
    """The presses of this process and the key to them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.presses: dict[tuple[Path, Path], Press] = {}

    def press(self, static: Path, fonts: Path) -> Press:
        if (static, fonts) not in self.presses:
            self.presses[static, fonts] = _set_up(static, fonts)
        return self.presses[static, fonts]

    def forget(self) -> None:
        """Start afresh after a fork: another thread of the parent may have held the lock."""
        self.lock = threading.Lock()
        self.presses.clear()

    def close(self) -> None:
        """Give the font lists back while Python is whole: freed later, Pango crashes the exiting process."""
        self.presses.clear()
        gc.collect()


_shop = _PrintShop()
os.register_at_fork(after_in_child=_shop.forget)
atexit.register(_shop.close)


def print_html(html: str, *, variant: str | None, static: Path, fonts: Path) -> bytes:
    """Return the PDF of one HTML document. The same text gives the same bytes."""
    with _shop.lock:
        return _written(_shop.press(static, fonts).lay_out(html), variant)


def print_batch(
    htmls: Iterable[str], *, variant: str | None, static: Path, fonts: Path, duplex: bool
) -> bytes:
    """Return one PDF of many documents, each numbered from 1.

    With ``duplex`` a document of an odd number of pages is followed by an empty back, so that
    two people's papers never share a sheet. Raises ValueError when there is no document.
    """
    with _shop.lock:
        press = _shop.press(static, fonts)
        documents = [press.lay_out(html) for html in htmls]
        if not documents:
            raise ValueError("no document to print")
        back = press.lay_out(_BLANK_PAGE).pages
        pages = []
        for document in documents:
            pages += document.pages
            pages += back if duplex and len(document.pages) % 2 else []
        return _written(documents[0].copy(pages), variant)


def _set_up(static: Path, fonts: Path) -> Press:
    font_list, fetcher = load_fonts(fonts), ClosedFetcher(static)
    styles = tuple(
        CSS(filename=str(static / name), font_config=font_list, url_fetcher=fetcher) for name in STYLE_SHEETS
    )
    return Press(font_list, styles, fetcher, static.resolve().as_uri() + "/")


def _written(document: Any, variant: str | None) -> bytes:
    return bytes(document.write_pdf(pdf_variant=variant, pdf_identifier=True))


def _drop_attachments(root: Any) -> None:
    """Take `rel=attachment` off every element and `<base>` out: no template of ours uses them."""
    for element in root.iter():
        if "attachment" in (element.get("rel") or "").lower():
            element.attrib.pop("rel")
        if element.tag == "base":
            element.attrib.clear()


def _steady_lines(root: Any) -> None:
    """Wrap the content of every paragraph in a span of small line height.

    A line with digits of a Latin face would otherwise grow by 0.7 pt, because that face sits
    differently on its base line, and a page would hold 21 lines instead of 22. Inside the span
    (see .steady in gb9704.css) only the paragraph's own line height counts.
    """
    for block in [element for element in root.iter() if element.tag in _LINE_BLOCKS]:
        span = block.makeelement("span", {"class": "steady"})
        span.text, block.text = block.text, None
        span.extend(list(block))
        block[:] = [span]
