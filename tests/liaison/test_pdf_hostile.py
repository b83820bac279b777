"""What a resident writes must stay words on paper: no file read, no connection, no trick."""

import base64
import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from PIL import Image
from weasyprint import HTML

from liaison.documents.pdf import STATIC, render_document
from liaison.documents.pdf.engine import print_html
from liaison.documents.pdf.fetcher import ClosedFetcher, ResourceRefusedError
from tests.documents.samples import CREATED_AT, NOTICE, ORGAN, RECEPTION, TALK
from tests.liaison.pdf_reading import everything_in, text_of

CANARY = "金丝雀CANARY20260120"


class Canary(BaseHTTPRequestHandler):
    hits: list[str]

    def do_GET(self) -> None:
        self.hits.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(CANARY.encode())

    def log_message(self, *_: object) -> None:
        """Keep the test output quiet."""


@pytest.fixture
def canary_server() -> Iterator[tuple[str, list[str]]]:
    hits: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Counting", (Canary,), {"hits": hits}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", hits
    server.shutdown()
    server.server_close()


@pytest.fixture
def canary_file(tmp_path: Path) -> Path:
    path = tmp_path / "canary.txt"
    path.write_text(CANARY, encoding="utf-8")
    return path


def poison(address: str, file: Path) -> list[str]:
    return [
        f'<link rel=attachment href="file://{file}">',
        '<link rel=attachment href="file:///etc/passwd">',
        f'<a rel="attachment" href="file://{file}">甲</a>',
        f'<img src="{address}/img.png">',
        f'<link rel=stylesheet href="{address}/style.css">',
        f"<style>@import url({address}/a.css); @font-face{{font-family:x;src:url({address}/f.ttf)}}</style>",
        f'<object data="{address}/object"></object><embed src="{address}/embed">',
        f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}/svg.png"/></svg>',
        f'<svg><use href="file://{file}#a"/></svg>',
        f'<base href="{address}/"><img src="relative.png">',
        f'<div style="background:url({address}/background.png);content:url(file://{file})">乙</div>',
        f"{{{{ file }}}}{{% include 'file://{file}' %}}",
    ]


def test_poisoned_texts_stay_words(canary_server: tuple[str, list[str]], canary_file: Path) -> None:
    address, hits = canary_server
    texts = poison(address, canary_file)
    lines = tuple(replace(line, reason=text) for line, text in zip(NOTICE.lines, texts, strict=True))
    notice = replace(NOTICE, lines=lines, problems=tuple(texts), strengths=tuple(texts), deputy_name=texts[0])
    talk = replace(TALK, content="\n".join(texts), statement=texts[0])
    reception = replace(RECEPTION, content="\n".join(texts), resident=texts[3], attachments=texts[1])
    for form in (notice, talk, reception):
        pdf = render_document(form, author=texts[3], created_at=CREATED_AT)
        assert "linkrel=attachment" in text_of(pdf), "the words themselves must be readable"
        inside = everything_in(pdf)
        assert CANARY.encode() not in inside
        assert b"root:" not in inside
        assert b"/EmbeddedFile" not in inside
        assert b"/Filespec" not in inside
    assert hits == []


def test_even_raw_markup_reaches_nothing(
    canary_server: tuple[str, list[str]], canary_file: Path, tmp_path: Path
) -> None:
    """As if a template had forgotten to escape: the fetcher is the second wall."""
    address, hits = canary_server
    html = "<!doctype html><html><body>" + "".join(poison(address, canary_file)) + "</body></html>"
    pdf = print_html(html, variant="pdf/a-3b", static=STATIC, fonts=tmp_path)
    inside = everything_in(pdf)
    assert hits == []
    assert CANARY.encode() not in inside
    assert b"root:" not in inside
    assert b"/EmbeddedFile" not in inside


def test_the_canaries_sing_without_our_fetcher(
    canary_server: tuple[str, list[str]], canary_file: Path
) -> None:
    """Proves that the tests above can fail: WeasyPrint's own fetcher calls and embeds."""
    address, hits = canary_server
    html = f'<link rel=attachment href="file://{canary_file}"><img src="{address}/img.png">'
    inside = everything_in(HTML(string=html).write_pdf())
    assert hits == ["/img.png"]
    assert CANARY.encode() in inside


def test_formulas_controls_and_reversed_text_are_plain_words() -> None:
    tricky = '=HYPERLINK("http://example.invalid","点我")\x0b合同\u202e三张\u200b\u2066。'
    pdf = render_document(
        replace(NOTICE, problems=(tricky,), deputy_name="张\x0b三\u202e丰\x00"),
        author=ORGAN,
        created_at=CREATED_AT,
    )
    text = text_of(pdf)
    assert "张三丰代表：" in text
    assert '=HYPERLINK("http://example.invalid","点我")合同三张。' in text
    assert not set(text) & set("\x0b\x00\u202e\u200b\u2066")
    assert b"/URI" not in everything_in(pdf)


def picture(width: int, height: int, kind: str = "PNG") -> str:
    target = io.BytesIO()
    Image.new("1", (width, height)).save(target, kind)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(target.getvalue()).decode()}"


def test_fetcher_gives_pictures_and_own_files(tmp_path: Path) -> None:
    (tmp_path / "own.css").write_text("p{}", encoding="utf-8")
    fetcher = ClosedFetcher(tmp_path)
    assert fetcher.fetch(picture(10, 10)).content_type == "image/png"
    assert fetcher.fetch((tmp_path / "own.css").as_uri()).read() == b"p{}"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "https://example.invalid/",
        "ftp://example.invalid/",
        "HTTP://127.0.0.1/",
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "file://localhost/etc/passwd",
        "/etc/passwd",
        "gopher://x",
        "",
        "data:text/html,<p>",
        "data:text/css,@import%20url(http://127.0.0.1/)",
        "data:application/pdf;base64,JVBERi0=",
        "data:image/png;base64,bm90IGEgcGljdHVyZQ==",
        "data:image/png;base64,%%%",
        "data:;base64,",
        "data:",
    ],
)
def test_fetcher_refuses_everything_else(url: str, tmp_path: Path) -> None:
    with pytest.raises(ResourceRefusedError):
        ClosedFetcher(tmp_path)(url)


def test_fetcher_does_not_leave_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (tmp_path / "secret.css").write_text(CANARY, encoding="utf-8")
    (folder / "link.css").symlink_to(tmp_path / "secret.css")
    (folder / "notes.txt").write_text(CANARY, encoding="utf-8")
    base = folder.as_uri()
    fetcher = ClosedFetcher(folder)
    for url in ("../secret.css", "%2e%2e/secret.css", "link.css", "notes.txt", "", "..", "missing.css"):
        with pytest.raises(ResourceRefusedError):
            fetcher.fetch(f"{base}/{url}")


def test_fetcher_refuses_pixel_floods_by_the_header() -> None:
    flood = picture(6_000, 6_000)
    assert len(flood) < 100_000
    with pytest.raises(ResourceRefusedError, match="points"):
        ClosedFetcher(STATIC).fetch(flood)


def test_broken_seal_leaves_the_place_empty() -> None:
    """A seal that cannot be shown must not stop 47 notices."""
    plain = render_document(NOTICE, author=ORGAN, created_at=CREATED_AT)
    broken = render_document(
        replace(NOTICE, seal_image="data:image/png;base64,AAAA"), author=ORGAN, created_at=CREATED_AT
    )
    assert text_of(broken) == text_of(plain)
