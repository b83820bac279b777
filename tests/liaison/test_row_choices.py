"""Buttons for rows: what stands where, and what a field answers with."""

import pytest
from django import forms

from liaison.models import Jurisdiction
from liaison.web.row_choices import RowButtons, WordedButtons
from tests.factories import World

pytestmark = pytest.mark.django_db


def field_in_a_form(field: forms.Field, sent: str) -> forms.Form:
    form = forms.Form({"place": sent})
    form.fields["place"] = field
    return form


def shown(form: forms.Form) -> list[str]:
    return [str(words) for _, words in form.fields["place"].choices]  # type: ignore[attr-defined]


def test_the_button_that_names_no_row_comes_last_and_answers_with_none(world: World) -> None:
    rows = Jurisdiction.objects.filter(pk=world["庄子乡"].pk)
    form = field_in_a_form(RowButtons("地方", rows, blank="都不是"), "")
    assert shown(form) == [str(world["庄子乡"]), "都不是"]
    assert (form.is_valid(), form.cleaned_data["place"]) == (True, None)


def test_worded_rows_stand_in_the_order_of_the_words_and_no_other_is_taken(world: World) -> None:
    words = {world["长凝镇"].pk: "先", world["庄子乡"].pk: "后"}
    field = WordedButtons("地方", Jurisdiction.objects.order_by("pk"), words)
    form = field_in_a_form(field, str(world["长凝镇"].pk))
    assert shown(form) == ["先", "后"]
    assert (form.is_valid(), form.cleaned_data["place"]) == (True, world["长凝镇"])
    other = field_in_a_form(field, str(world["榆次区"].pk))
    assert other.errors == {"place": ["请重新选择地方。"]}
    assert field_in_a_form(field, "").errors == {"place": ["请选择地方。"]}
