"""Loading a year derives every provisional date again, on every floor, closed matters included."""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps

from assessments import tasks as assessment_tasks
from assessments.models import FeedbackNotice
from constituents import tasks as opinion_tasks
from constituents.models import Opinion, Suggestion
from deputies.models import Mandate, Term
from liaison.calendar.effects import effects_of
from liaison.calendar.notice_reader import read_year
from liaison.calendar.recurrence import OnDayOff, Rule, RuleKind
from liaison.calendar.working import deadline_models, load_year, put_deadline
from liaison.models import AuditEntry, DeadlinePolicy, Jurisdiction, Notification
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import DeadlineUnit, Role
from stations import tasks as station_tasks
from stations.enums import DutyState
from stations.models import Participation, ReceptionDay
from stations.services import plan_reception_days, publish_reception, save_reception_rule
from tests.assessments.makers import as_, issued
from tests.factories import make_account, make_station
from tests.liaison.rows import make_opinion
from tests.stations.conftest import FIRST_FRIDAY
from tests.stations.makers import make_turn

if TYPE_CHECKING:
    from assessments.models import Assessment

NOW = datetime(2026, 12, 28, 2, 0, tzinfo=UTC)
TEN_DAYS = DeadlinePolicy(code="x", name="", length=10, unit=DeadlineUnit.WORKDAYS)
LOADED = datetime(2026, 12, 29, 2, 0, tzinfo=UTC)
NOTICE_2027 = """一、元旦：1月1日（周五）至3日（周日）放假调休，共3天。
二、春节：2月5日（周五）至11日（周四）放假调休，共7天。2月14日（周日）上班。"""


@pytest.fixture
def rows(
    clerk: Actor, chair: Actor, assessment: "Assessment", township: Jurisdiction, term: Term, mandate: Mandate
) -> None:
    """A provisional row of every kind, the open, the closed and the announced."""
    issued(clerk, chair, assessment)
    make_opinion(township)
    make_opinion(township, closed_on=date(2026, 12, 30))
    station = make_station(township)
    make_account(township, Role.STATION_CLERK, station_ref=station.pk)
    rules = {
        "postponed": FIRST_FRIDAY,
        "skipped": Rule(
            RuleKind.DATES, dates=(date(2027, 2, 8),), opening=FIRST_FRIDAY.opening, on_day_off=OnDayOff.SKIP
        ),
        "skipped with turns": Rule(
            RuleKind.DATES, dates=(date(2027, 2, 9),), opening=FIRST_FRIDAY.opening, on_day_off=OnDayOff.SKIP
        ),
    }
    for rule in rules.values():
        as_(clerk, save_reception_rule, station_id=station.pk, rule=rule, now=NOW)
    as_(
        clerk,
        plan_reception_days,
        station_id=station.pk,
        start=date(2027, 1, 1),
        end=date(2027, 12, 31),
        now=NOW,
    )
    with acting(system_actor()):
        days = {row.day: row for row in ReceptionDay._plain.all()}
        # Estimated rows of the tables whose services would take a year to lead there.
        for model in deadline_models():
            for row in model._plain.all():  # type: ignore[attr-defined]
                put_deadline(row, policy=TEN_DAYS, starts_on=date(2027, 1, 28))
                row.save()
        FeedbackNotice._plain.update(
            delivered_on=date(2027, 2, 2), objection_due_on=date(2027, 2, 9), objection_is_provisional=True
        )
        Participation._plain.create(
            scope_code=township.scope_code, mandate=mandate, day=date(2026, 12, 28), outcome=DutyState.ATTENDED,
            recorded_at=datetime(2027, 1, 27, 16, 0, tzinfo=UTC), confirm_by=date(2027, 2, 10), confirm_is_provisional=True,
            reception_day=days[date(2027, 1, 1) + timedelta(days=3)],
        )  # fmt: skip
    make_turn(days[date(2027, 2, 9)], mandate)
    as_(clerk, publish_reception, day_id=days[date(2027, 2, 5)].pk, now=NOW)


def provisional() -> Iterator[tuple[str, Any]]:
    """Every row of every table with a mark of its own, found by the names of the columns."""
    with acting(system_actor()) as actor:
        models: list[Any] = apps.get_models()
        for model in models:
            marks = [f.name for f in model._meta.get_fields() if f.name.endswith("_is_provisional")]
            for mark in marks:
                yield from ((model.__name__, row) for row in model.scoped(actor).filter(**{mark: True}))


def load(year: int = 2027) -> None:
    draft = read_year(year, NOTICE_2027.splitlines())
    with acting(system_actor()):
        load_year(
            year=year, holidays=draft.holidays, makeups=draft.makeups, source="国务院办公厅通知", now=LOADED
        )


def settle() -> None:
    station_tasks.settle_provisional()
    opinion_tasks.settle_provisional()
    assessment_tasks.settle_provisional()


@pytest.fixture(autouse=True)
def _at_the_end_of_the_year(time_machine: Any) -> None:
    time_machine.move_to(LOADED, tick=False)


def test_no_provisional_row_is_left_whose_year_is_loaded(
    rows: None, caplog: pytest.LogCaptureFixture
) -> None:
    before = list(provisional())
    kinds = {name for name, _ in before}
    assert {"Opinion", "FeedbackNotice", "Assessment", "ReceptionDay", "Participation"} <= kinds
    with acting(system_actor()):
        assert Opinion._plain.filter(due_is_provisional=True, closed_on__isnull=False).count() == 1
        assert Suggestion._plain.count() == 0
    settle()
    assert len(list(provisional())) == len(before)
    load()
    with caplog.at_level(logging.INFO):
        settle()
    assert list(provisional()) == []
    # A line for each of them in the log.
    logged = [
        r
        for r in caplog.records
        if r.name
        in (
            "liaison.calendar.working",
            "stations.services.reception_days",
            "stations.services.confirmations",
            "assessments.services.notices",
        )
    ]
    assert len(logged) == len(before)
    with acting(system_actor()) as actor:
        assert set(FeedbackNotice._plain.values_list("due_on", flat=True)) == {date(2027, 2, 17)}
        # 3, 4 and 12 February, the Sunday worked for 春节, Monday the 15th.
        assert set(FeedbackNotice._plain.values_list("objection_due_on", flat=True)) == {date(2027, 2, 15)}
        days = dict(ReceptionDay._plain.values_list("nominal_day", "day"))
        entries = AuditEntry.scoped(actor).filter(
            operation__in=("recompute_deadline", "settle_provisional_days")
        )
        assert entries.count() >= len(before)
    assert days[date(2027, 1, 1)] == date(2027, 1, 4)
    # Skipped: gone. With a turn: kept, a person decides. Announced: stays where it was announced.
    assert date(2027, 2, 8) not in days
    assert days[date(2027, 2, 9)] == date(2027, 2, 9)
    assert days[date(2027, 2, 5)] == date(2027, 2, 5)
    settle()
    assert list(provisional()) == []


def test_no_table_with_a_deadline_is_forgotten() -> None:
    settled = {rows.__self__ for rows in assessment_tasks.PROVISIONAL}  # type: ignore[attr-defined]
    assert set(deadline_models()) == settled | {Opinion, Suggestion}


def test_the_station_is_asked_once_about_what_could_not_be_moved(rows: None) -> None:
    load()
    settle()
    settle()
    with acting(system_actor()):
        asked = Notification.objects.filter(title__startswith="请核对").order_by("title", "id")
        titles = list(asked.values_list("title", flat=True))
    # The clerk of the office and the keeper of the station, for each of the two days.
    assert sorted(set(titles)) == [
        "请核对2027年2月5日（周五）东庄村人大代表联络站接待日",
        "请核对2027年2月9日（周二）东庄村人大代表联络站接待日",
    ]
    assert len(titles) == 4


def test_what_it_will_move_is_shown_before_it_is_loaded(rows: None) -> None:
    shown = {each.name: each for each in effects_of(read_year(2027, NOTICE_2027.splitlines()), LOADED.date())}
    load()
    settle()
    opinions = shown["社情民意的期限"]
    assert (opinions.looked_at, opinions.examples) == (2, [(date(2027, 2, 11), date(2027, 2, 17), 2)])
    with acting(system_actor()):
        assert set(Opinion._plain.values_list("due_on", flat=True)) == {date(2027, 2, 17)}
    days = shown["接待日"]
    assert (date(2027, 2, 8), None, 1) in days.examples
    assert shown["履职记录的核对期限"].looked_at == 1
    objections = shown["测评结果的异议期限"]
    assert objections.examples == [(date(2027, 2, 9), date(2027, 2, 15), objections.looked_at)]


def test_correcting_a_loaded_year_moves_what_was_counted_over_the_day(rows: None, clerk: Actor) -> None:
    load()
    settle()
    draft = read_year(2027, [*NOTICE_2027.splitlines(), "2027-02-16 放假 临时放假"])
    shown = {each.name: each for each in effects_of(draft, LOADED.date())}
    assert shown["社情民意的期限"].examples == [(date(2027, 2, 17), date(2027, 2, 18), 2)]
    with acting(system_actor()):
        load_year(year=2027, holidays=draft.holidays, makeups=draft.makeups, source="更正", now=LOADED)
    settle()
    assert list(provisional()) == []
    with acting(system_actor()):
        assert set(Opinion._plain.values_list("due_on", flat=True)) == {date(2027, 2, 18)}


def test_a_planned_day_that_a_correction_makes_a_day_off_moves_and_comes_back(rows: None) -> None:
    def fourth_of_june() -> date:
        with acting(system_actor()):
            return ReceptionDay._plain.get(nominal_day=date(2027, 6, 4)).day

    load()
    settle()
    assert fourth_of_june() == date(2027, 6, 4)
    draft = read_year(2027, [*NOTICE_2027.splitlines(), "2027-06-04 放假 临时放假"])
    with acting(system_actor()):
        load_year(year=2027, holidays=draft.holidays, makeups=draft.makeups, source="更正", now=LOADED)
    assert station_tasks.settle_provisional() >= 1
    assert fourth_of_june() == date(2027, 6, 7)
    load()
    assert station_tasks.settle_provisional() >= 1
    assert fourth_of_june() == date(2027, 6, 4)
