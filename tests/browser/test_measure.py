"""What measures the pages sees each fault it is there for, and nothing on a page without one."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.page_numbers import Measurer, Visit, misses
from tests.security.routes import all_routes

ADDRESS = "http://measured.invalid/"
HEAD = (
    '<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>一页</title><style>{}</style></head>'
)
PLAIN = "body { margin: 0; font: 16px/1.6 sans-serif } button, input { min-height: 48px; min-width: 48px } :focus-visible { outline: 3px solid } "
FIELDS = "".join(f'<label>甲<input name="f{number}" required></label>' for number in range(5))
BODY = "<body><main><h1>一页</h1>{}</main></body></html>"

# What stands on the page, and the numbers it misses.
FAULTY = {
    "a button of 20 pixels": ('<button style="min-height: 0; height: 20px">登记</button>', "3"),
    "a link alone on its line": ('<p><a href="/x">查看</a></p>', "3"),
    "a box to tick without a label": ('<input type="checkbox" aria-label="选" style="min-height: 0; min-width: 0">', "3"),
    "a block of 2,000 pixels": ('<div style="width: 2000px">宽</div>', "4"),
    "a first row below the fold": (
        '<div style="height: 900px"></div><ul class="queue"><li>第一件</li></ul>', "4"
    ),
    "a button without a ring": ('<button style="outline: none">登记</button>', "5"),
    "a link under a fixed bar": (
        '<button>登记</button><div style="position: fixed; inset: 0 0 auto 0; height: 300px; background: #fff"></div>', "5"
    ),
    "an order of its own": ('<button tabindex="3">登记</button>', "5 axe"),
    "a form that keeps no draft": (f'<form method="post" data-no-draft>{FIELDS}<button>保存</button></form>', "11"),
    "a line of 60 characters": (f"<p>{'字' * 60}</p>", "14"),
    "a table wider than its frame": (
        '<div class="table-wrap" style="overflow: auto"><table><tr><td><div style="width: 2000px">宽</div></td></tr>'
        "</table></div>", "14"
    ),
    "a picture without words": ('<img src="data:," width="50" height="50">', "axe"),
}  # fmt: skip


FORM = "<form method=post><label>甲<input id=a name=a required></label><button>保存</button></form>"
SUMMARY = (
    "<title>{title}</title><main><div id=errors role=alert tabindex=-1><a href='{link}'>甲：{said}</a></div>"
    "<input id=a><ul class=field__error><li>请填写甲。</li></ul></main>"
)
GOOD = {"title": "错误：一页", "link": "#a", "said": "请填写甲。"}
# What the answer to an empty form says wrong, and how many faults that is.
ANSWERS = {
    "all as it should be": (SUMMARY.format(**GOOD), 0),
    "no summary": ("<title>错误：一页</title><main>请填写甲。</main>", 1),
    "a title as if nothing were wrong": (SUMMARY.format(**GOOD | {"title": "一页"}), 1),
    "a link to nothing": (SUMMARY.format(**GOOD | {"link": "#b"}), 1),
    "other words at the field": (SUMMARY.format(**GOOD | {"said": "甲有误。"}), 1),
    "words of software": (SUMMARY.format(**GOOD | {"said": "请填写甲。参数"}), 1),
}


class Served:
    """A page that shows what it is told to and answers its forms as it is told to."""

    def __init__(self, page: Page) -> None:
        self.page, self.body, self.answer = page, "", ""
        page.route("**/*", self._serve)
        Measurer(()).prepare(page)

    def _serve(self, route: Route) -> None:
        text = self.answer if route.request.method == "POST" else HEAD.format(PLAIN) + BODY.format(self.body)
        route.fulfill(body=text, content_type="text/html; charset=utf-8")

    def missed(self, body: str, answer: str = SUMMARY.format(**GOOD)) -> list[str]:
        """The numbers missed on a page with this body, one for each fault."""
        self.body, self.answer = body, answer
        measurer = Measurer((390,))
        measurer.walk(self.page, Visit(all_routes()[0], None), ADDRESS)
        return [miss.number for numbers in measurer.found for miss in misses(numbers)]


@pytest.fixture
def served(browser: Browser) -> Iterator[Served]:
    context = browser.new_context(locale="zh-CN")
    yield Served(context.new_page())
    context.close()


def test_a_page_without_a_fault_misses_nothing(served: Served) -> None:
    assert served.missed("<p>一句话，带<a href='/x'>链接</a>。</p><button>登记</button>") == []


def test_each_fault_misses_its_numbers_and_no_other(served: Served) -> None:
    found = {name: sorted(set(served.missed(body))) for name, (body, _numbers) in FAULTY.items()}
    assert found == {name: numbers.split() for name, (_body, numbers) in FAULTY.items()}


def test_the_answer_to_an_empty_form_is_read(served: Served) -> None:
    found = {name: served.missed(FORM, answer) for name, (answer, _count) in ANSWERS.items()}
    assert found == {name: ["6"] * count for name, (_answer, count) in ANSWERS.items()}
