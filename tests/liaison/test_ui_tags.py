"""Tables of the tags and filters of the shell."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template
from django.utils.safestring import SafeString

from liaison.templatetags import liaison_admin, liaison_ui
from liaison.words.enums import Role

TODAY = date(2026, 5, 12)


def render(text: str, **context: object) -> str:
    return Template("{% load liaison_ui %}" + text).render(Context(context))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2026, 5, 12), "2026年5月12日（周二）"),
        (date(2026, 1, 4), "2026年1月4日（周日）"),
        (date(2024, 2, 29), "2024年2月29日（周四）"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "2026年1月1日（周四）"),
        (None, "—"),
    ],
)
def test_cn_date(value: date | None, expected: str) -> None:
    assert liaison_ui.cn_date(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 5, 12, 1, 5, tzinfo=UTC), "2026年5月12日（周二）09:05"),
        (datetime(2026, 5, 12, 16, 0, tzinfo=UTC), "2026年5月13日（周三）00:00"),
        (None, "—"),
    ],
)
def test_cn_datetime_is_shanghai(value: datetime | None, expected: str) -> None:
    assert liaison_ui.cn_datetime(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("89.995"), "90.00"),
        (Decimal("89.994"), "89.99"),
        (Decimal("90"), "90.00"),
        (0, "0.00"),
        ("79.5", "79.50"),
        (None, "—"),
        ("", "—"),
    ],
)
def test_score(value: Decimal | int | str | None, expected: str) -> None:
    assert liaison_ui.score(value) == expected


def test_score_refuses_floats() -> None:
    with pytest.raises(TypeError):
        liaison_ui.score(89.995)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("13812345678", "138****5678"), ("", "—"), (None, "—"), ("0354-1234567", "0354-*****67")],
)
def test_masked_phone(value: str | None, expected: str) -> None:
    assert liaison_ui.masked_phone(value) == expected


@pytest.mark.parametrize(
    ("due", "words", "tone"),
    [
        (date(2026, 5, 21), "剩9天", "ok"),
        (date(2026, 5, 16), "剩4天", "ok"),
        (date(2026, 5, 15), "剩3天", "warn"),
        (date(2026, 5, 13), "剩1天", "warn"),
        (date(2026, 5, 12), "今天到期", "warn"),
        (date(2026, 5, 11), "逾期1天", "bad"),
        (date(2025, 5, 12), "逾期365天", "bad"),
    ],
)
def test_deadline_words(due: date, words: str, tone: str) -> None:
    assert liaison_ui.deadline_words(due, TODAY) == (words, tone)


def test_deadline_of_a_date_counts_from_the_page_s_today() -> None:
    page = render("{% deadline due %}", due=date(2026, 5, 10), today=TODAY)
    assert "2026年5月10日（周日）" in page
    assert "逾期2天" in page
    assert "mark--bad" in page
    assert "期限怎样算出" not in page


def test_deadline_of_a_row_shows_its_derivation_and_that_it_is_provisional() -> None:
    row = SimpleNamespace(due_on=date(2027, 2, 24), due_text="自2027年1月20日起30日", due_is_provisional=True)
    page = render("{% deadline row %}", row=row, today=TODAY)
    assert "自2027年1月20日起30日" in page
    assert "暂定" in page


def test_deadline_of_what_is_done_runs_no_more() -> None:
    page = render("{% deadline due done=True %}", due=date(2026, 5, 10), today=TODAY)
    assert "2026年5月10日" in page
    assert "逾期" not in page


def test_deadline_absent() -> None:
    assert "未定期限" in render("{% deadline row %}", row=SimpleNamespace(due_on=None), today=TODAY)


@pytest.mark.parametrize(
    ("tone", "css", "shape"),
    [
        ("ok", "ok", "●"),
        ("green", "ok", "●"),
        ("amber", "warn", "▲"),
        ("bad", "bad", "■"),
        ("none", "none", "○"),
    ],
)
def test_status_mark_has_word_shape_and_colour(tone: str, css: str, shape: str) -> None:
    mark = liaison_ui.status_mark("待交办", tone)
    assert f"mark--{css}" in mark
    assert shape in mark
    assert "待交办" in mark


def test_status_mark_shows_an_enum_s_label_and_escapes() -> None:
    assert "人大代表" in liaison_ui.status_mark(Role.DEPUTY)
    assert "<b>" not in liaison_ui.status_mark("<b>")


def test_status_mark_refuses_an_unknown_tone() -> None:
    with pytest.raises(ValueError, match="unknown tone"):
        liaison_ui.status_mark("待交办", "purple")


class _Sample(forms.Form):
    name = forms.CharField(label="姓名", help_text="与名册一致。")
    note = forms.CharField(label="备注", required=False)
    agree = forms.BooleanField(label="要求保密", required=False)
    how = forms.ChoiceField(label="方式", choices=[("a", "面谈")], widget=forms.RadioSelect)


def test_render_field_says_required_in_words() -> None:
    assert "必填" in render("{% render_field form.name %}", form=_Sample())
    assert "必填" not in render("{% render_field form.note %}", form=_Sample())


def test_render_field_ties_help_and_error_to_the_input() -> None:
    page = render("{% render_field form.name %}", form=_Sample({}))
    assert 'aria-describedby="id_name_helptext id_name_error"' in page
    assert 'id="id_name_helptext"' in page
    assert 'id="id_name_error"' in page
    assert 'aria-invalid="true"' in page


def test_render_field_groups_choices_under_a_legend() -> None:
    assert "<legend" in render("{% render_field form.how %}", form=_Sample())
    assert '<label class="option"' in render("{% render_field form.agree %}", form=_Sample())


def test_render_field_escapes_help() -> None:
    page = render("{% render_field form.note hint=typed %}", form=_Sample(), typed="<i>")
    assert "<i>" not in page


def test_error_count_and_summary() -> None:
    form = _Sample({})
    assert liaison_ui.error_count(form) == 2
    page = render('{% include "includes/errors_summary.html" %}', form=form)
    assert "有2处需要更正" in page
    assert 'href="#id_name"' in page


def test_labelled_cell_escapes_and_spares_the_tick_box() -> None:
    headers = [{"text": "<选>"}, {"text": '电话"'}]
    cell = SafeString('<td class="field-phone">138</td>')
    assert liaison_admin.labelled_cell(cell, headers, 1).startswith('<td data-label="电话&quot;" class')
    box = SafeString('<td class="action-checkbox"><input type="checkbox"></td>')
    yes = SafeString('<td><img src="/static/admin/img/icon-yes.svg" alt="True"></td>')
    assert liaison_admin.labelled_cell(yes, headers, 1) == '<td data-label="电话&quot;">● 是</td>'
    assert liaison_admin.labelled_cell(box, headers, 0) == (
        '<td class="action-checkbox"><label class="tick"><input type="checkbox"></label></td>'
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("presidium_clerk:李秘书", "李秘书（人大主席团秘书）"),
        ("system:", "系统"),
        ("system:系统", "系统"),
        ("system:登录", "系统（登录）"),
        ("public:群众", "群众"),
        ("public:李秘书", "李秘书"),
        ("陌生人", "陌生人"),
    ],
)
def test_audit_actor(value: str, expected: str) -> None:
    assert liaison_admin.audit_actor(value) == expected


def test_joined_takes_line_breaks_out_of_the_template_and_leaves_the_words_alone() -> None:
    source = "{% load liaison_ui %}{% joined %}\n  {{ a }}共3次\n  {% if b %}，其中\n    1次{% endif %}。 \n{% endjoined %}"
    assert Template(source).render(Context({"a": "甲\n乙 ", "b": True})) == "甲\n乙 共3次，其中1次。"
