"""Choosing a set of norms: for a year to come, seen before it is done, never for a year that is closed."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from liaison.tenancy.scope import acting
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, Refused
from stations.models import ActivityKind
from stations.selectors import kinds_in_force, participation_facts, ten_ones_matrix
from stations.services import choose_norm_set, save_activity_kind
from stations.services import norms as norm_services
from tests.factories import make_account
from tests.reports.rows import make_assessment
from tests.stations.conftest import NOW
from tests.stations.makers import as_, make_part


def choose(actor, *, set_code="eight_ones", year=2026, reason="主席团会议决定", now=NOW):
    return as_(actor, choose_norm_set, set_code=set_code, year=year, reason=reason, now=now)


def due_in(actor, year):
    with acting(actor):
        return {
            k.code: k.due_per_year for k in kinds_in_force(actor, actor.lo, year).values() if k.due_per_year
        }


def test_the_set_holds_from_its_year_on_and_changes_no_year_before(clerk, mandate, term):
    before = due_in(clerk, 2026)
    choose(clerk, year=2027)
    assert due_in(clerk, 2026) == before
    assert len(due_in(clerk, 2027)) == 8
    assert due_in(clerk, 2030) == due_in(clerk, 2027)


def test_the_matrix_of_each_year_has_the_columns_of_that_year(clerk, mandate, term):
    choose(clerk, year=2027)
    make_part(mandate, "training", date(2027, 3, 1))
    with acting(clerk):
        old = ten_ones_matrix(clerk, term, date(2026, 1, 1), date(2026, 12, 31))
        new = ten_ones_matrix(clerk, term, date(2027, 1, 1), date(2027, 12, 31))
        both = participation_facts(term, date(2026, 1, 1), date(2027, 12, 31), actor=clerk)[mandate.pk]
    assert [column.code for column in old.columns] == [
        "reception", "constituency_visit", "public_opinion", "survey", "training", "suggestion", "policy_talk",
        "deputies_meeting", "exchange", "review",
    ]  # fmt: skip
    assert [column.code for column in new.columns] == [
        "reception", "public_opinion", "station_visit", "training", "work_diary", "livelihood_project", "work_story",
        "performance_report",
    ]  # fmt: skip
    # A period over both years asks for each year what that year asked.
    assert both["constituency_visit"].scheduled == 12
    assert both["station_visit"].scheduled == 12
    assert both["public_opinion"].scheduled == 24


def test_twice_is_once_and_back_again_is_possible(clerk):
    first = due_in(clerk, 2026)
    rows = choose(clerk)
    assert [row.pk for row in choose(clerk)] == [row.pk for row in rows if row.due_per_year]
    with acting(clerk):
        assert ActivityKind.scoped(clerk).filter(scope_code=clerk.lo).count() == len(rows)
    assert due_in(clerk, 2026) != first
    choose(clerk, set_code="ten_ones")
    assert due_in(clerk, 2026) == first


def test_the_neighbour_and_the_county_keep_theirs(clerk, other_clerk):
    choose(clerk)
    assert len(due_in(other_clerk, 2026)) == 10


def test_a_county_choice_reaches_its_townships_but_not_one_with_norms_of_its_own(world, clerk, other_clerk):
    county = make_account(world["榆次区"], Role.COUNTY_COMMITTEE)
    as_(
        other_clerk, save_activity_kind, code="station_visit", name="进站履职", due_per_year=6, is_personal=True,
        fact_code="station_visit", now=NOW,
    )  # fmt: skip
    choose(county)
    assert due_in(clerk, 2026)["station_visit"] == 12
    assert due_in(other_clerk, 2026)["station_visit"] == 6
    with acting(county):
        assert norm_services.own_norms_below(county, 2026) == [other_clerk.lo]


def test_only_this_year_or_the_next_and_with_its_grounds(clerk, deputy_actor):
    for year in (2025, 2028):
        with pytest.raises(InvalidInput, match="只能选择"):
            choose(clerk, year=year)
    with pytest.raises(InvalidInput, match="依据"):
        choose(clerk, reason=" ")
    with pytest.raises(InvalidInput, match="履职要求"):
        choose(clerk, set_code="nine_ones")
    with pytest.raises(Forbidden):
        choose(deputy_actor)


def test_a_frozen_year_is_refused_and_the_next_one_is_not(clerk, term):
    make_assessment(term, year=2026)
    before = due_in(clerk, 2026)
    with pytest.raises(Refused, match="庄子乡2026年度测评已截止数据"):
        choose(clerk)
    with pytest.raises(Refused, match="已截止数据"):
        as_(
            clerk, save_activity_kind, code="training", name="学习培训", due_per_year=1, is_personal=False,
            fact_code="training", now=NOW,
        )  # fmt: skip
    assert due_in(clerk, 2026) == before
    choose(clerk, year=2027)
    assert due_in(clerk, 2026) == before


def test_editing_one_norm_keeps_last_years(clerk):
    def edit(due, now):
        return as_(
            clerk, save_activity_kind, code="training", name="学习培训", due_per_year=due, is_personal=False,
            fact_code="training", now=now,
        )  # fmt: skip

    edit(6, NOW.replace(year=2025))
    row = edit(2, NOW)
    assert (
        due_in(clerk, 2024)["training"],
        due_in(clerk, 2025)["training"],
        due_in(clerk, 2026)["training"],
    ) == (4, 6, 2)
    assert edit(3, NOW).pk == row.pk
    with acting(clerk):
        assert ActivityKind.scoped(clerk).filter(scope_code=clerk.lo).count() == 2
    # Its place in the order stays that of the norm it replaces.
    assert list(due_in(clerk, 2026))[:5] == [
        "reception",
        "constituency_visit",
        "public_opinion",
        "survey",
        "training",
    ]


def test_the_preview_shows_first_and_the_form_does_it(sign_in, clerk):
    browser, year = sign_in(clerk), timezone.localdate().year + 1
    assert "联系群众的八种方式" in browser.get(reverse("stations_norms")).content.decode()
    address = reverse("stations_choose_norms", args=["eight_ones"])
    text = browser.get(f"{address}?year={year}").content.decode()
    assert "有13项改变；每名代表每年由52次变为52次" in text
    unsure = browser.post(address, {"year": year, "reason": "区人大决定"})
    assert "请核对上表后勾选确认" in unsure.content.decode()
    assert len(due_in(clerk, year)) == 10
    sent = browser.post(address, {"year": year, "reason": "区人大决定", "is_sure": "on"})
    assert sent.status_code == 302
    assert len(due_in(clerk, year)) == 8
    assert f"{year}年：八个一" in browser.get(reverse("stations_norms")).content.decode()
    assert browser.get(reverse("stations_choose_norms", args=["nothing"])).status_code == 404
