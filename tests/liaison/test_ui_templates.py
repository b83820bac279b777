"""Walks over every template: it compiles, obeys the strict policy, and speaks Chinese only."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template, render_to_string

from tests.liaison.ui_files import TEMPLATES, page_names, source, template_names

# Latin words a user may see; each with its reason.
ALLOWED = {
    "PDF": "the format's only name in offices",
    "Excel": "the program's only name in offices",
    "OpenAPI": "the interface standard's name",
}
_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.S)
_HTML = re.compile(r"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.S)
_SEEN_ATTRIBUTE = re.compile(r"\b(?:title|alt|placeholder|aria-label|label|content)=\"([^\"]*)\"")
# What a field sends is not seen; on a button of this kind it is the inscription.
_BUTTON_VALUE = re.compile(r"<input[^>]*type=\"(?:submit|button|reset)\"[^>]*value=\"([^\"]*)\"")
_WORD = re.compile(r"[A-Za-z]{2,}[A-Za-z0-9]*")
# Literals handed to tags and includes are shown as well: {% status_mark "已锁定" %}, with text="…".
_TAG_LITERAL = re.compile(r"\b(?:title|text|label|submit|consequence|note|empty_text|unit|role)=\"([^\"]*)\"")
_DEFAULT = re.compile(r"\|default(?:_if_none)?:[\"']([^\"']*)[\"']")
_NOT_TEXT = re.compile(r"\{% block (?:bodyclass|body_class|body_attributes) %\}.*?\{% endblock %\}")
_NOT_SEEN = re.compile(r"<(?:meta|link|script|input type=\"hidden\"|option|button[^>]*name=)[^>]*>")


def _visible(name: str) -> str:
    text = _NOT_TEXT.sub(" ", source(name))
    shown = [match for tag in re.findall(r"\{%.*?%\}", text, re.S) for match in _TAG_LITERAL.findall(tag)]
    shown += [word for word in _DEFAULT.findall(text) if re.search(r"[\u4e00-\u9fff ]", word)]
    plain = _NOT_SEEN.sub(" ", _TAG.sub(" ", text))
    for element in _HTML.findall(plain):
        shown += [value for value in _SEEN_ATTRIBUTE.findall(element) if not value.startswith(("/", "#"))]
        shown += _BUTTON_VALUE.findall(element)
    return " ".join([*shown, _HTML.sub(" ", plain)])


def test_the_walk_finds_english_and_only_what_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.html").write_text(
        '{# Note #}<p class="lead" title="Hint">保存{% if errors %}<b>Sorry</b>{% endif %}{{ user.name }}</p>'
        '{% include "a.html" with title="Empty" %}<a href="/path/">A4</a>'
        '<input type="radio" value="new"><input type="submit" value="Send">',
        encoding="utf-8",
    )
    monkeypatch.setattr("tests.liaison.ui_files.TEMPLATES", tmp_path)
    assert set(_WORD.findall(_visible("x.html"))) == {"Hint", "Sorry", "Empty", "Send"}


def test_there_are_templates_to_walk() -> None:
    assert {"base.html", "public_base.html", "admin/base_site.html", "liaison/sign_in.html"} <= set(
        template_names()
    )


@pytest.mark.parametrize("name", page_names())
def test_template_compiles(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize("name", page_names())
def test_no_inline_style_script_or_handler(name: str) -> None:
    """style-src and script-src are 'self' alone: anything inline would silently do nothing."""
    text = source(name)
    assert re.findall(r"<style\b|\sstyle\s*=", text) == []
    assert re.findall(r"<script\b(?![^>]*\bsrc=)", text) == []
    assert re.findall(r"\son[a-z]+\s*=|javascript:|\shx-on\b|\shx-vals=[\"']js:", text) == []


@pytest.mark.parametrize("name", page_names())
def test_nothing_from_another_host(name: str) -> None:
    assert re.findall(r"(?:src|href|action)=[\"']?(?:https?:)?//", source(name)) == []


@pytest.mark.parametrize("name", page_names())
def test_only_chinese_is_seen(name: str) -> None:
    assert set(_WORD.findall(_visible(name))) - set(ALLOWED) == set()


@pytest.mark.parametrize("name", page_names())
def test_nothing_unescaped(name: str) -> None:
    assert re.findall(r"\|\s*safe\b|autoescape off|\|safeseq", source(name)) == []


@pytest.mark.parametrize("name", [name for name in page_names() if "<form" in source(name)])
def test_posting_forms_carry_the_token(name: str) -> None:
    for form in re.findall(r"<form\b.*?</form>", source(name), re.S):
        if re.search(r"method=[\"']?(?:post|\{\{)", form):
            assert "csrf_token" in form, f"{name}: {form[:80]}"


@pytest.mark.parametrize("name", [name for name in page_names() if "<!DOCTYPE html>" in source(name)])
def test_pages_name_their_language_and_can_be_skipped_into(name: str) -> None:
    text = source(name)
    assert 'lang="zh-Hans"' in text
    assert 'class="skip" href="#main"' in text


@pytest.mark.parametrize("status", ["400", "403", "403_csrf", "404", "409", "429", "500", "503", "507"])
def test_error_pages_stand_alone(status: str) -> None:
    """They render with no context at all: no request, no actor, no database."""
    page = render_to_string(f"{status}.html", {})
    assert re.search(r"<h1>[\u4e00-\u9fff]+</h1>", page)
    assert "返回" in page


def test_error_page_says_what_happened_and_its_number() -> None:
    page = render_to_string(
        "409.html", {"message": "该意见已销号，不能再次交办。", "request_id": "9f3a61c07be2d415"}
    )
    assert "该意见已销号，不能再次交办。" in page
    assert "9f3a61c07be2d415" in page


def test_templates_lie_where_the_loader_looks() -> None:
    assert TEMPLATES.is_dir()
