"""The shell in a real Chromium, under the strict policy, on a phone and on a desk. No server, no database:
pages are rendered here and handed to the browser by interception."""

import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from playwright.sync_api import BrowserContext, Page, Route, expect

from liaison.tenancy.scope import Actor
from liaison.web.admin_site import Todo
from liaison.words.enums import Role
from tests.liaison.ui_files import STATIC

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
pytestmark = [
    pytest.mark.urls("tests.liaison.ui_urls"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]

HOST = "http://shell.test"
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
PHONE, DESK = 390, 1440
LONG_STATION = "榆次区庄子乡中心社区党群服务中心人大代表联络站（东片居民区）"
LONG_NAME = "阿不都热合曼·买买提"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | {
        "executable_path": CHROMIUM,
        "args": ["--disable-background-networking"],
    }


class _Register(forms.Form):
    name = forms.CharField(label="选民姓名", required=False)
    text = forms.CharField(label="反映内容", widget=forms.Textarea, help_text="照原话记录。")
    kind = forms.ChoiceField(label="类别", choices=[("a", "道路"), ("b", "水利")])
    photo = forms.ImageField(label="照片", required=False)
    secret = forms.BooleanField(label="要求保密", required=False)
    password = forms.CharField(label="口令", widget=forms.PasswordInput, required=False)


LIST = """{% extends "base.html" %}{% load liaison_ui %}
{% block primary %}
{% include "includes/primary.html" with label="登记意见" url="#" consequence="登记后分办。" %}
{% endblock %}
{% block content %}
{% include "includes/chips.html" %}
{% include "includes/queue.html" with items=queue %}
<div class="table-wrap"><table class="table table--cards">
<thead><tr>{% for head in heads %}<th scope="col">{{ head }}</th>{% endfor %}</tr></thead>
<tbody>{% for row in rows %}<tr>
<th scope="row"><a href="#">{{ row.title }}</a></th>
<td data-label="联络站">{{ row.station }}</td>
<td data-label="代表">{{ row.name }}</td>
<td data-label="状态">{% status_mark "待交办" "warn" %}</td>
<td data-label="期限">{% deadline row %}</td>
</tr>{% endfor %}</tbody></table></div>
{% include "includes/empty.html" with text="尚无记录。" %}
{% endblock %}"""
FORM = """{% extends "base.html" %}{% block content %}
{% include "includes/form.html" with submit="登记" draft="opinion" %}{% endblock %}"""


def _context(**more: Any) -> Context:
    bar = [("今天", "today"), ("意见", "opinion"), ("履职", "duty"), ("我的", "me")]
    rows = [
        SimpleNamespace(
            title="村东口路灯不亮" * 3, station=LONG_STATION, name=LONG_NAME, due_on=date(2026, 5, day)
        )
        for day in (8, 12, 14, 28)
    ]
    base = {
        "actor": Actor(1, 7, Role.DEPUTY, 0, 1, 1, "榆次区庄子乡", LONG_NAME),
        "appointments": [(7, f"{LONG_STATION} 人大代表"), (8, "榆次区庄子乡 人大主席团秘书")],
        "unread_count": 128,
        "nav": [{"label": label, "url": "#", "active": False} for label in ("今天", "意见建议", "年度测评")],
        "bottom_nav": [{"label": a, "url": "#", "active": a == "今天", "icon": b} for a, b in bar],
        "csrf_token": "t",
        "today": date(2026, 5, 12),
        "page_title": "意见建议",
        "heads": ("事项", "联络站", "代表", "状态", "期限"),
        "rows": rows,
        "queue": [
            Todo(f"审核{LONG_NAME}代表整改报告", "#", "审核", "#", date(2026, 5, 12), due_text="自4月12日起")
        ],
        "chips": [{"label": "待交办", "count": 12, "url": "#", "active": True}],
        "is_demo": True,
    }
    return Context(base | more)


def _answer(pages: dict[str, Callable[[], str]]) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(HOST).partition("?")[0]
        if path.startswith("/static/liaison/"):
            file = STATIC / Path(path).name
            route.fulfill(body=file.read_bytes(), content_type=TYPES[file.suffix])
        else:
            headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"}
            route.fulfill(body=pages.get(path, lambda: "")(), headers=headers)

    return answer


@pytest.fixture
def visit(new_context: Callable[..., BrowserContext]) -> Callable[..., tuple[Page, list[str]]]:
    """Open a page of the given width; returns it with the list its complaints arrive in."""

    def _visit(
        width: int, pages: dict[str, str | Callable[[], str]], path: str = "/"
    ) -> tuple[Page, list[str]]:
        page = new_context(viewport={"width": width, "height": 844}).new_page()
        complaints: list[str] = []
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        ready = {
            at: (lambda text=body: text) if isinstance(body, str) else body for at, body in pages.items()
        }
        page.route("**/*", _answer(ready))
        page.goto(HOST + path)
        return page, complaints

    return _visit


Visit = Callable[..., tuple[Page, list[str]]]


def _html(text: str, **more: Any) -> str:
    return Template(text).render(_context(**more))


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("size", ["normal", "large"])
def test_no_violation_no_overflow_with_the_longest_names(visit: Visit, width: int, size: str) -> None:
    page, complaints = visit(width, {"/": _html(LIST, type_size=size)})
    page.click("details.menu > summary")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert (complaints, wide) == ([], 0)


def test_a_foreign_style_would_be_reported(visit: Visit) -> None:
    """The judge works: an inline style on the same page is a complaint."""
    _, complaints = visit(DESK, {"/": _html(LIST).replace("<main", "<main style='color:red'")})
    assert any("style" in line for line in complaints)


CONTROLS = (".btn", ".option", ".menu__link", ".masthead__link", "summary", "select", "input[type=text]")
LINKS = (".nav a", ".bottom-bar a", ".chips a")
TARGETS = ", ".join(CONTROLS + LINKS)
SMALL = """names => [...document.querySelectorAll(names)]
    .map(e => [e.getBoundingClientRect().height,
               e.closest('.table, .queue') && e.matches('.why > summary') ? 32 : 48,
               e.outerHTML.slice(0, 80)])
    .filter(([height, least]) => height > 0 && height < least)"""


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_targets_can_be_hit(visit: Visit, width: int) -> None:
    """48 px; a derivation's summary inside a list row on a desk is text to read (32 px), not a control."""
    page, _ = visit(width, {"/": _html(LIST), "/form/": _html(FORM, form=_Register())})
    page.click("details.menu > summary")
    assert page.evaluate(SMALL, TARGETS) == []
    page.goto(f"{HOST}/form/")
    assert page.evaluate(SMALL, TARGETS) == []


def test_rows_become_cards_and_the_bar_stays_on_a_phone(visit: Visit) -> None:
    page, _ = visit(PHONE, {"/": _html(LIST)})
    assert (
        page.locator(".table--cards td").first.evaluate("e => getComputedStyle(e, '::before').content")
        == '"联络站"'
    )
    bar = page.locator(".bottom-bar").bounding_box()
    assert bar is not None
    assert bar["y"] + bar["height"] == pytest.approx(844, abs=1)
    primary = page.locator(".primary-action .btn").bounding_box()
    assert primary is not None
    assert primary["y"] > 844 / 2


def test_the_bar_is_for_phones_only(visit: Visit) -> None:
    page, _ = visit(DESK, {"/": _html(LIST)})
    expect(page.locator(".bottom-bar")).to_be_hidden()


def test_type_and_contrast_switch_at_once_and_are_remembered(visit: Visit) -> None:
    page, _ = visit(DESK, {"/": _html(LIST)})
    page.click("details.menu > summary")
    page.click("button[value=large]")
    page.click("button[value=high]")
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "22px"
    assert page.evaluate("document.cookie.split('; ').sort().join('; ')") == "contrast=high; type_size=large"
    page.reload()
    assert page.evaluate("document.documentElement.className.trim().split(/\\s+/).sort().join(' ')") == (
        "contrast-high type-large"
    )


def test_keyboard_reaches_the_text_first_and_leaves_the_menu(visit: Visit) -> None:
    page, _ = visit(DESK, {"/": _html(LIST)})
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.click("details.menu > summary")
    page.keyboard.press("Escape")
    expect(page.locator("details.menu[open]")).to_have_count(0)


def test_file_chooser_speaks_chinese(visit: Visit) -> None:
    page, _ = visit(PHONE, {"/": _html(FORM, form=_Register())})
    page.set_input_files("input[type=file]", {"name": "路灯.jpg", "mimeType": "image/jpeg", "buffer": b"x"})
    expect(page.locator(".file .btn")).to_have_text("拍照或选择照片")
    expect(page.locator(".file .quiet")).to_have_text("已选择1个：路灯.jpg")


def _draft(page: Page) -> None:
    page.fill("[name=text]", "村东口路灯不亮")
    page.select_option("[name=kind]", "b")
    page.check("[name=secret]")
    page.fill("[name=password]", "不应留下")


def _kept(page: Page) -> None:
    """A draft is written within a second of the last key."""
    page.wait_for_timeout(600)


def test_a_draft_survives_a_closed_page(visit: Visit) -> None:
    """Typed, left for the sign-in page, and back: the text is there, the secret is not."""
    form = _html(FORM, form=_Register())
    page, _ = visit(DESK, {"/form/": form, "/sign_in/": _html('{% extends "public_base.html" %}')}, "/form/")
    _draft(page)
    _kept(page)
    page.goto(f"{HOST}/sign_in/")
    page.goto(f"{HOST}/form/")
    expect(page.locator("[name=text]")).to_have_value("村东口路灯不亮")
    expect(page.locator("[name=kind]")).to_have_value("b")
    expect(page.locator("[name=secret]")).to_be_checked()
    expect(page.locator("[name=password]")).to_have_value("")
    expect(page.locator("[data-draft-note]")).to_be_visible()
    page.click("[data-draft-note] button")
    expect(page.locator("[name=text]")).to_have_value("")


ERRORS = [
    "400.html", "403.html", "403_csrf.html", "404.html", "409.html", "413.html", "429.html", "500.html", "503.html",
    "507.html",
]  # fmt: skip


@pytest.mark.parametrize("template", ERRORS)
def test_an_error_page_ends_no_draft_and_promises_what_is_kept(visit: Visit, template: str) -> None:
    form = _html(FORM, form=_Register()).replace('method="post"', 'method="post" action="/error/"')
    error = _html(f'{{% extends "{template}" %}}')
    page, _ = visit(DESK, {"/form/": form, "/error/": error, "/": error}, "/")
    expect(page.locator("[data-draft-promise]")).to_be_hidden()
    page.goto(f"{HOST}/form/")
    _draft(page)
    with page.expect_navigation(url="**/error/"):
        page.click("button:has-text('登记')")
    expect(page.locator("[data-draft-promise]")).to_have_text(
        "您填写的内容还保存在这个浏览器里，回到填写的页面会自动恢复。"
    )
    page.goto(f"{HOST}/form/")
    expect(page.locator("[name=text]")).to_have_value("村东口路灯不亮")
    expect(page.locator("[data-draft-note]")).to_be_visible()


def test_a_draft_ends_when_the_server_says_that_it_was_saved(visit: Visit) -> None:
    """The mark is a cookie named after the very sending; the next page takes it away."""
    form = _html(FORM, form=_Register()).replace('method="post"', 'method="post" action="/done/"')
    page, _ = visit(DESK, {"/form/": form, "/done/": _html(LIST)}, "/form/")
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None
    )
    _draft(page)
    with page.expect_navigation(url="**/done/"):
        page.click("button:has-text('登记')")
    [token] = re.findall(r"draft_token\W+([0-9a-f]{16})", sent[0])
    page.goto(f"{HOST}/form/")
    expect(page.locator("[name=text]")).to_have_value("村东口路灯不亮")
    page.context.add_cookies([{"name": f"saved_{token}", "value": "1", "url": HOST}])
    page.goto(f"{HOST}/done/")
    assert page.context.cookies() == []
    page.goto(f"{HOST}/form/")
    expect(page.locator("[name=text]")).to_have_value("")


def test_a_draft_belongs_to_the_appointment_that_typed_it(visit: Visit) -> None:
    mine = _html(FORM, form=_Register())
    page, _ = visit(
        DESK, {"/form/": mine, "/other/": mine.replace('data-owner="1-7"', 'data-owner="2-9"')}, "/form/"
    )
    _draft(page)
    _kept(page)
    page.goto(f"{HOST}/other/")
    expect(page.locator("[name=text]")).to_have_value("")


def test_signing_out_drops_every_draft(visit: Visit) -> None:
    page, _ = visit(DESK, {"/form/": _html(FORM, form=_Register()), "/sign_out/": _html(LIST)}, "/form/")
    _draft(page)
    page.click("details.menu > summary")
    with page.expect_navigation(url="**/sign_out/"):
        page.click("form[data-sign-out] button")
    page.goto(f"{HOST}/form/")
    expect(page.locator("[name=text]")).to_have_value("")


TWICE = """() => {
    const form = document.querySelector('form.form');
    const submit = () => form.dispatchEvent(new Event('submit', {cancelable: true, bubbles: true}));
    return [submit(), submit()];
}"""


def test_a_second_click_sends_nothing(visit: Visit) -> None:
    """``dispatchEvent`` is false when the page refused the submission."""
    page, _ = visit(DESK, {"/": _html(FORM, form=_Register())})
    assert page.evaluate(TWICE) == [True, False]
