"""Beat's work: late cases once, unrated ones closed, old residents forgotten, provisional days settled."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from constituents import tasks
from constituents.enums import OpinionState as O
from constituents.enums import SuggestionState as S
from constituents.models import HandlingUnit, Opinion, OpinionStep
from constituents.services.purging import purge_residents, retention_limit
from liaison.calendar.working import load_year
from liaison.models import AuditEntry, CalendarYear, Notification
from liaison.tenancy.scope import Actor, acting, require_actor, system_actor
from liaison.words.errors import Forbidden
from tests.constituents.makers import NOW, PHONE, again, as_, case_in, make_unit, register, suggest
from tests.constituents.test_suggestions import to_state
from tests.factories import World

if TYPE_CHECKING:
    from deputies.models import Mandate


def told(actor: Actor) -> list[str]:
    with acting(system_actor()):
        rows = Notification._plain.filter(account_id=actor.account_id).order_by("pk")
        return list(rows.values_list("title", flat=True))


def test_each_stage_tells_who_waits(
    clerk: Actor, handler: Actor, deputy_actor: Actor, mandate: "Mandate", unit: HandlingUnit
) -> None:
    row = case_in(clerk, O.REPLIED, unit, deputy_id=mandate.pk)
    head = f"社情民意{row.number}："
    assert told(handler) == [f"{head}新交办的社情民意，请签收"]
    assert told(clerk) == [f"{head}新登记的社情民意，请受理", f"{head}已答复，请回访评价"]
    assert told(deputy_actor) == [f"{head}您反映的社情民意已答复"]


def test_late_is_said_once_to_the_unit_and_the_presidium(
    clerk: Actor, handler: Actor, unit: HandlingUnit
) -> None:
    row = case_in(clerk, O.HANDLING, unit)
    late = f"社情民意{row.number}已超过期限"
    # Due on 30 March: on that day nothing, the day after once, however often the task runs.
    tasks.watch(datetime(2026, 3, 30, 12, 0, tzinfo=UTC))
    assert late not in told(handler)
    for hours in (20, 21, 90):
        tasks.watch(datetime(2026, 3, 30, tzinfo=UTC) + timedelta(hours=hours))
    assert told(handler).count(late) == 1
    assert told(clerk).count(late) == 1


def test_a_case_that_moved_on_is_not_called_late(clerk: Actor, handler: Actor, unit: HandlingUnit) -> None:
    case_in(clerk, O.CLOSED, unit)
    before = told(clerk)
    assert tasks.watch(NOW + timedelta(days=300))["reminded"] == 0
    assert told(clerk) == before


def test_a_late_suggestion_is_said_once(
    deputy_actor: Actor, mandate: "Mandate", clerk: Actor, handler: Actor, unit: HandlingUnit
) -> None:
    row = to_state(clerk, suggest(deputy_actor, mandate), S.ACCEPTED, unit)
    for day in (11, 12):
        tasks.watch(datetime(2026, 5, day, 2, 0, tzinfo=UTC))
    assert told(handler).count(f"代表建议{row.number}：已超过答复期限，请尽快办理") == 1


def test_unrated_cases_are_closed_once(clerk: Actor, unit: HandlingUnit) -> None:
    row, fresh = case_in(clerk, O.REPLIED, unit), case_in(clerk, O.HANDLING, unit)
    assert tasks.watch(datetime(2026, 3, 24, 2, 0, tzinfo=UTC))["closed"] == 0
    after = datetime(2026, 3, 25, 2, 0, tzinfo=UTC)
    assert [tasks.watch(after)["closed"], tasks.watch(after)["closed"]] == [1, 0]
    assert (again(row).state, again(fresh).state) == (O.CLOSED_UNRATED, O.HANDLING)


def test_residents_of_old_cases_are_forgotten_and_the_matter_stays(clerk: Actor, unit: HandlingUnit) -> None:
    old, young = case_in(clerk, O.CLOSED, unit), case_in(clerk, O.HANDLING, unit)
    on_the_day = datetime(2029, 3, 9, 2, 0, tzinfo=UTC)
    assert tasks.watch(on_the_day)["purged"] == 0
    assert tasks.watch(on_the_day + timedelta(days=1))["purged"] == 1
    assert tasks.watch(on_the_day + timedelta(days=1))["purged"] == 0
    blank = again(old)
    assert (blank.resident_name, blank.resident_phone, blank.resident_address) == ("", "", "")
    assert (blank.resident_phone_digest, blank.is_anonymous) == ("", True)
    assert blank.content == old.content
    assert again(young).resident_name != ""
    with acting(system_actor()):
        entry = AuditEntry._plain.filter(operation="purge_residents").latest("seq")
    assert "3年" in entry.reason


SAID = f"请打{PHONE}，身份证11010119900307451X"
LEFT = "请打139****5678，身份证（证件号已隐去）"


def stored(row: Opinion | OpinionStep, *columns: str) -> list[str]:
    """What the database holds, past the mask."""
    names = ", ".join(columns)
    with acting(system_actor()), connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {row._meta.db_table} WHERE id = %s", [row.pk])
        return list(cursor.fetchone())


def test_the_numbers_in_the_words_are_forgotten_with_the_resident(clerk: Actor, unit: HandlingUnit) -> None:
    """Also where nobody left a name: the words alone held the number."""
    named = case_in(clerk, O.HANDLING, unit, content=SAID, wish=SAID)
    unnamed = register(clerk, content=SAID, resident_name="", resident_phone="", resident_address="")
    young = register(clerk, content=SAID)
    with acting(system_actor()):
        for row in (named, unnamed):
            Opinion._plain.filter(pk=row.pk).update(closed_on=date(2026, 3, 9), reply=SAID, proposal=SAID)
        step = OpinionStep._plain.filter(opinion=named).latest("pk")
        OpinionStep._plain.filter(pk=step.pk).update(note=SAID)
    assert stored(named, "content") == stored(step, "note") == [SAID]
    assert tasks.watch(datetime(2029, 3, 10, 2, 0, tzinfo=UTC))["purged"] == 2
    assert stored(named, "content", "wish", "reply", "proposal") == [LEFT] * 4
    assert stored(unnamed, "content", "reply") == [LEFT] * 2
    assert stored(step, "note") == [LEFT]
    assert stored(young, "content") == [SAID]
    assert again(named).content.in_full() == LEFT


def test_a_mask_longer_than_its_number_still_fits_the_column(clerk: Actor, unit: HandlingUnit) -> None:
    """0354-*****78 is one character longer than 03541234578."""
    number = "03541234578"
    full = "水" * (400 - len(number)) + number
    row = case_in(clerk, O.CLOSED, unit, wish=full)
    assert tasks.watch(datetime(2029, 3, 10, 2, 0, tzinfo=UTC))["purged"] == 1
    assert stored(row, "wish") == ["水" * (400 - len(number)) + "*"]


@pytest.fixture
def stumbling(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, int, int]]:
    """The services of the task, noting for which interval they act and failing wherever 庄子乡 is asked for."""
    seen: set[tuple[str, int, int]] = set()

    def stumble(name: str) -> None:
        service = getattr(tasks, name)

        def call(*args: object, **facts: object) -> object:
            who = require_actor()
            seen.add((name, who.lo, who.hi))
            if who.lo == 140702202000:
                raise RuntimeError("a broken row")
            return service(*args, **facts)

        monkeypatch.setattr(tasks, name, call)

    for name in ("close_unrated", "tell_overdue", "purge_residents"):
        stumble(name)
    return seen


def test_trouble_in_one_township_stops_no_other(
    clerk: Actor, other_clerk: Actor, unit: HandlingUnit, world: World, stumbling: set[tuple[str, int, int]]
) -> None:
    away = make_unit(world["长凝镇"], "镇水利站")
    here = [case_in(clerk, state, unit) for state in (O.REPLIED, O.HANDLING)]
    there = [case_in(other_clerk, state, away) for state in (O.REPLIED, O.HANDLING)]
    done = tasks.watch(datetime(2026, 4, 10, 2, 0, tzinfo=UTC))
    assert (done["closed"], done["reminded"]) == (1, 1)
    assert [again(row).state for row in (here[0], there[0])] == [O.REPLIED, O.CLOSED_UNRATED]
    assert f"社情民意{there[1].number}已超过期限" in told(other_clerk)
    assert tasks.watch(datetime(2029, 4, 12, 2, 0, tzinfo=UTC))["purged"] == 1
    # Nothing was ever done by an actor that reaches beyond one jurisdiction.
    places = {(140702202000, 140702202001), (140702103000, 140702103001)}
    assert {(lo, hi) for _, lo, hi in stumbling} == places
    assert {name for name, _, _ in stumbling} == {"close_unrated", "tell_overdue", "purge_residents"}


def test_only_the_system_purges(clerk: Actor) -> None:
    with pytest.raises(Forbidden):
        as_(clerk, purge_residents, before=date(2026, 1, 1))


def test_the_limit_of_a_leap_day() -> None:
    assert retention_limit(datetime(2028, 2, 29, 2, 0, tzinfo=UTC)) == date(2025, 2, 28)


def test_a_provisional_day_is_settled_when_the_year_is_loaded(clerk: Actor, unit: HandlingUnit) -> None:
    december = datetime(2026, 12, 28, 2, 0, tzinfo=UTC)
    row = register(clerk, now=december, received_on=date(2026, 12, 28))
    with acting(system_actor()):
        Opinion._plain.filter(pk=row.pk).update(due_is_provisional=True, due_on=date(2026, 12, 29))
        assert not CalendarYear.objects.filter(year=2027).exists()
        load_year(
            year=2027,
            holidays={date(2027, 1, 1): "元旦"},
            makeups={},
            source="国务院办公厅通知",
            now=december,
        )
    assert tasks.settle(december) == 1
    settled = again(row)
    assert (str(settled.due_on), settled.due_is_provisional) == ("2026-12-30", False)
    assert tasks.settle(december) == 0
