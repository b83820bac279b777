"""Days nobody can mean open no series of numbers; what was written keeps its lines and all its words."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from constituents.enums import UnitKind
from constituents.models import Opinion, Suggestion, SuggestionStep
from constituents.services.suggestions import submit_suggestion
from constituents.services.units import create_unit
from deputies.models import Mandate
from liaison.models import DocumentCounter
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.errors import InvalidInput
from tests.constituents.makers import NOW, as_, intake, register
from tests.constituents.test_pages import FORM as DEPUTY_FORM
from tests.constituents.test_pages import only_opinion, text_of

SignIn = Callable[[Actor], Client]
OLD = date(2019, 5, 6)
FORM = {**DEPUTY_FORM, "people_count": "1"}
SUGGESTION = {"title": "关于修建文化广场的建议", "content": "群众没有活动场地。"}


def count(model: type) -> int:
    with acting(system_actor()):
        return model._plain.count()  # type: ignore[attr-defined,no-any-return]


def test_the_year_26_is_refused_at_the_field_and_nothing_is_numbered(sign_in: SignIn, clerk: Actor) -> None:
    answer = sign_in(clerk).post("/opinions/add/", {**FORM, "received_on": "0026-11-20"})
    assert answer.context["form"].errors == {"received_on": ["年份请写四位数，如2026。"]}
    assert FORM["content"] in text_of(answer)
    assert (count(Opinion), count(DocumentCounter)) == (0, 0)


def test_a_day_years_back_is_asked_about_once_and_then_taken(sign_in: SignIn, clerk: Actor) -> None:
    client, sent = sign_in(clerk), {**FORM, "received_on": OLD.isoformat()}
    assert "is_old_day_meant" not in text_of(client.get("/opinions/add/"))
    asked = client.post("/opinions/add/", sent)
    said = "反映日期距今已超过5年，请核对年份；确实无误的，请勾选。"
    assert asked.context["form"].errors == {"is_old_day_meant": [said]}
    page = text_of(asked)
    assert 'name="is_old_day_meant"' in page
    assert FORM["content"] in page
    assert 'value="2019-05-06"' in page
    assert client.post("/opinions/add/", {**sent, "is_old_day_meant": "on"}).status_code == 302
    row = only_opinion()
    assert (row.received_on, row.number) == (OLD, "2019-0001")


def test_an_ordinary_day_asks_nothing(sign_in: SignIn, clerk: Actor) -> None:
    edge = timezone.localdate() - timedelta(days=300)
    assert sign_in(clerk).post("/opinions/add/", {**FORM, "received_on": edge.isoformat()}).status_code == 302


def test_suggestions_are_asked_about_alike(sign_in: SignIn, deputy_actor: Actor) -> None:
    client = sign_in(deputy_actor)
    sent = {**SUGGESTION, "submitted_on": "0026-11-20"}
    answer = client.post("/opinions/suggestions/add/", sent)
    assert answer.context["form"].errors == {"submitted_on": ["年份请写四位数，如2026。"]}
    sent["submitted_on"] = OLD.isoformat()
    asked = client.post("/opinions/suggestions/add/", sent)
    assert list(asked.context["form"].errors) == ["is_old_day_meant"]
    assert client.post("/opinions/suggestions/add/", {**sent, "is_old_day_meant": "on"}).status_code == 302
    with acting(system_actor()):
        assert Suggestion._plain.get().number == "2019-0001"


@pytest.mark.parametrize(
    "day", [date(26, 11, 20), date(1999, 12, 31), OLD, date(2026, 3, 10), date(9999, 1, 1)]
)
def test_the_services_judge_without_a_form(clerk: Actor, mandate: Mandate, day: date) -> None:
    with pytest.raises(InvalidInput) as refused:
        register(clerk, received_on=day)
    assert list(refused.value.fields) == ["received_on"]
    with pytest.raises(InvalidInput) as refused:
        as_(clerk, submit_suggestion, mandate_ids=[mandate.pk], **SUGGESTION, submitted_on=day)
    assert list(refused.value.fields) == ["submitted_on"]


def test_the_database_takes_no_day_of_another_century(clerk: Actor) -> None:
    row = register(clerk)
    with pytest.raises(IntegrityError, match="opinion_days"), acting(system_actor()), transaction.atomic():
        Opinion._plain.filter(pk=row.pk).update(received_on=date(26, 11, 20))


def test_paragraphs_stay_where_a_box_of_lines_was_offered(clerk: Actor) -> None:
    lines = "第一，先抢修。\n第二，再改管网。"
    row = register(clerk, on_spot_answer=lines.replace("\n", "\r\n"), proposal=lines, wish=lines)
    assert (row.on_spot_answer, row.proposal, row.wish) == (lines, lines, lines)


def test_a_reply_of_full_length_stands_uncut_in_the_ledger() -> None:
    assert SuggestionStep._meta.get_field("note").max_length == Suggestion._meta.get_field("reply").max_length


def test_words_that_do_not_fit_are_named_not_cut(clerk: Actor) -> None:
    with pytest.raises(InvalidInput) as refused:
        register(clerk, wish="想" * 401)
    assert refused.value.fields == {"wish": "诉求最多400个字，现有401个字，请精简。"}
    with pytest.raises(InvalidInput) as refused, acting(clerk):
        create_unit(actor=clerk, name="站" * 61, kind=UnitKind.STATION)
    assert refused.value.fields == {"name": "名称最多60个字，现有61个字，请精简。"}


def test_the_register_and_the_units_read_telephones_by_one_rule(clerk: Actor) -> None:
    assert register(clerk, resident_phone="（0354）271 0000转8").resident_phone == "03542710000-8"
    unit = {"actor": clerk, "kind": UnitKind.STATION}
    with acting(clerk):
        assert create_unit(**unit, name="乡水利站", phone="03542710000").phone == "0354-2710000"
        with pytest.raises(InvalidInput) as refused:
            create_unit(**unit, name="乡林业站", phone="12345")
    assert list(refused.value.fields) == ["phone"]


def test_names_are_kept_in_one_spelling(clerk: Actor) -> None:
    assert register(clerk, resident_name="阿布都 • 热西提").resident_name == "阿布都·热西提"
    assert intake().received_on == NOW.date()
