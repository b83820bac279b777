"""The calendar of the tables, the nearest policy, stored deadlines and their settling."""

from contextlib import nullcontext
from datetime import UTC, date, datetime

import pytest

from constituents.models import Opinion
from liaison.calendar.policies import lay_down, seed_policies, withdraw
from liaison.calendar.policy_data import SHIPPED_POLICIES
from liaison.calendar.workdays import YearNotLoaded
from liaison.calendar.working import (
    load_default_years,
    load_year,
    policy_for,
    put_deadline,
    settle_provisional,
    source_of,
    working_calendar,
)
from liaison.models import AuditEntry, CalendarDay, CalendarYear, DeadlinePolicy, Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import DeadlineUnit
from liaison.words.errors import Forbidden, InvalidInput, Refused
from tests.factories import World
from tests.liaison.rows import make_opinion

NOW = datetime(2025, 11, 1, 2, tzinfo=UTC)
SPRING_2027 = {date(2027, 2, day): "春节" for day in range(5, 12)}


def policy(length: int, unit: DeadlineUnit, *, rolls: bool = True) -> DeadlinePolicy:
    return DeadlinePolicy(code="x", name="x", length=length, unit=unit.value, rolls=rolls)


@pytest.mark.django_db
class TestCalendar:
    def test_default_years_are_loaded_once(self) -> None:
        assert sorted(CalendarYear.objects.values_list("year", flat=True))[:3] == [2024, 2025, 2026]
        with acting(system_actor()):
            assert load_default_years(NOW) == []

    def test_days_come_from_the_tables(self) -> None:
        calendar = working_calendar()
        assert not calendar.is_workday(date(2026, 2, 19))
        assert calendar.is_workday(date(2026, 2, 14))  # a Saturday worked in exchange
        with acting(system_actor()):
            CalendarDay.objects.filter(day=date(2026, 2, 14)).delete()
        assert not working_calendar().is_workday(date(2026, 2, 14))

    def test_an_unloaded_year_is_refused_and_estimated(self) -> None:
        calendar = working_calendar()
        with pytest.raises(YearNotLoaded):
            calendar.is_workday(date(2031, 3, 3))
        assert calendar.provisional().is_workday(date(2031, 3, 3))

    def test_two_queries(self, django_assert_num_queries: object) -> None:
        with django_assert_num_queries(2):  # type: ignore[operator]
            working_calendar()

    def test_loading_again_replaces_and_counts_revisions(self, world: World) -> None:
        with acting(system_actor()):
            load_year(year=2027, holidays=SPRING_2027, makeups={}, source=source_of(2027), now=NOW)
            load_year(
                year=2027, holidays={date(2027, 1, 1): "元旦"}, makeups={}, source=source_of(2027), now=NOW
            )
        assert CalendarYear.objects.get(year=2027).revision == 2
        assert list(CalendarDay.objects.filter(year_id=2027).values_list("day", flat=True)) == [
            date(2027, 1, 1)
        ]

    @pytest.mark.parametrize(
        ("holidays", "makeups"),
        [
            ({date(2028, 1, 1): "元旦"}, {}),
            ({date(2027, 1, 2): "元旦"}, {date(2027, 1, 2): "元旦"}),
            ({}, {date(2027, 1, 4): "元旦"}),
        ],
        ids=["another year", "off and worked", "make-up on a Monday"],
    )
    def test_contradictions_are_refused(self, holidays: dict[date, str], makeups: dict[date, str]) -> None:
        with acting(system_actor()), pytest.raises(Refused):
            load_year(year=2027, holidays=holidays, makeups=makeups, source="x", now=NOW)

    def test_a_clerk_may_not_load(self, clerk: Actor) -> None:
        with acting(clerk), pytest.raises(Forbidden):
            load_year(year=2027, holidays={}, makeups={}, source="x", now=NOW)

    def test_loading_is_noted_in_the_chain_of_the_loader(self, county: Actor) -> None:
        with acting(county):
            load_year(year=2027, holidays={}, makeups={}, source="x", now=NOW)
            entry = AuditEntry.scoped(county).get(operation="load_calendar_year", change="note")
        assert (entry.row_ref, entry.scope_code) == (2027, county.lo)


class TestPolicies:
    def test_every_shipped_norm_is_found_by_everybody(self, world: World, clerk: Actor) -> None:
        with acting(clerk):
            found = {norm.code: policy_for(norm.code, clerk.lo).length for norm in SHIPPED_POLICIES}
        assert found == {norm.code: norm.policy.length for norm in SHIPPED_POLICIES}
        assert len(found) == 19

    def test_seeding_twice_writes_nothing(self, world: World) -> None:
        with acting(system_actor()):
            assert seed_policies() == 0
            assert seed_policies(reset=True) == 19

    def test_the_nearest_jurisdiction_decides(self, world: World, clerk: Actor, county: Actor) -> None:
        with acting(county):
            lay_down(code="opinion_triage", length=4, unit="workdays", rolls=True, basis="县规定")
        with acting(clerk):
            assert policy_for("opinion_triage", clerk.lo).length == 4
            lay_down(code="opinion_triage", length=1, unit="workdays", rolls=True, basis="")
            assert policy_for("opinion_triage", clerk.lo).length == 1
        with acting(county):
            assert policy_for("opinion_triage", clerk.lo).length == 1
            assert policy_for("opinion_triage", world["长凝镇"].scope_code).length == 4
        with acting(system_actor()):
            assert policy_for("opinion_triage", world["平遥县"].scope_code).length == 2

    def test_withdrawing_returns_to_the_inherited_rule(self, world: World, clerk: Actor) -> None:
        with acting(clerk):
            own = lay_down(code="rectification", length=15, unit="days", rolls=True, basis="")
            withdraw(policy=own)
            inherited = policy_for("rectification", clerk.lo)
            assert inherited.length == 30
            with pytest.raises(Forbidden):
                withdraw(policy=inherited)

    def test_laying_down_twice_keeps_one_row(self, world: World, clerk: Actor) -> None:
        with acting(clerk):
            for length in (20, 25):
                lay_down(code="rectification", length=length, unit="days", rolls=True, basis="")
            assert DeadlinePolicy.scoped(clerk).filter(code="rectification", scope_code=clerk.lo).count() == 1

    @pytest.mark.parametrize(
        ("code", "period", "fits"),
        [
            ("suggestion_reply", (3, "months"), True),
            ("suggestion_reply", (4, "months"), False),
            ("suggestion_reply", (84, "days"), True),
            ("suggestion_reply", (90, "days"), False),
            ("suggestion_extended", (6, "months"), True),
            ("suggestion_extended", (7, "months"), False),
            ("rectification", (0, "days"), False),
            ("no_such_norm", (1, "days"), False),
        ],
    )
    def test_the_statute_bounds_local_rules(
        self, world: World, clerk: Actor, code: str, period: tuple[int, str], fits: bool
    ) -> None:
        length, unit = period
        refused = nullcontext() if fits else pytest.raises(InvalidInput)
        with acting(clerk), refused:
            lay_down(code=code, length=length, unit=unit, rolls=True, basis="")

    def test_an_unknown_norm_is_refused_in_words(self, world: World, clerk: Actor) -> None:
        with acting(clerk), pytest.raises(Refused, match="期限规定"):
            policy_for("no_such_norm", clerk.lo)


@pytest.mark.django_db
class TestDeadlines:
    def test_the_demo_notice(self) -> None:
        """Published 2026-01-20, 30 days end in 春节, so 2026-02-24 (the source article's township)."""
        row = Opinion()
        put_deadline(row, policy=policy(30, DeadlineUnit.DAYS), starts_on=date(2026, 1, 20))
        assert (row.due_on, row.due_is_provisional) == (date(2026, 2, 24), False)
        assert row.due_text == "自1月20日起30日，届满日2月19日逢春节，顺延至2月24日"
        assert (row.runs_from, row.run_length, row.run_unit) == (date(2026, 1, 20), 30, "days")

    def test_into_an_unloaded_year_is_provisional(self) -> None:
        row = Opinion()
        put_deadline(row, policy=policy(10, DeadlineUnit.WORKDAYS), starts_on=date(2026, 12, 28))
        assert row.due_is_provisional
        assert "尚未公布" in row.due_text

    def test_many_deadlines_read_the_calendar_once(self, django_assert_num_queries: object) -> None:
        with django_assert_num_queries(2):  # type: ignore[operator]
            calendar = working_calendar()
            for _ in range(5):
                put_deadline(
                    Opinion(),
                    policy=policy(5, DeadlineUnit.DAYS),
                    starts_on=date(2026, 3, 2),
                    calendar=calendar,
                )


@pytest.fixture
def opinion(township: Jurisdiction) -> Opinion:
    """An opinion whose deadline reaches into 2027, which is not loaded."""
    row = make_opinion(township)
    put_deadline(row, policy=policy(40, DeadlineUnit.WORKDAYS), starts_on=date(2026, 12, 28))
    with acting(system_actor()):
        row.save()
    return row


class TestSettling:
    def test_nothing_moves_while_the_year_is_missing(self, opinion: Opinion) -> None:
        with acting(system_actor()) as actor:
            assert settle_provisional(Opinion.scoped(actor), now=NOW) == []

    def test_loading_the_year_settles_once(self, opinion: Opinion, caplog: pytest.LogCaptureFixture) -> None:
        before = opinion.due_on
        with acting(system_actor()) as actor, caplog.at_level("INFO", logger="liaison.calendar.working"):
            load_year(year=2027, holidays=SPRING_2027, makeups={}, source=source_of(2027), now=NOW)
            settled = settle_provisional(Opinion.scoped(actor), now=NOW)
            assert [row.pk for row in settled] == [opinion.pk]
            assert settle_provisional(Opinion.scoped(actor), now=NOW) == []
            opinion.refresh_from_db()
            entry = AuditEntry.scoped(actor).get(operation="recompute_deadline")
        assert (opinion.due_on or date.min) > (before or date.max)
        assert not opinion.due_is_provisional
        assert (entry.row_ref, entry.table_name) == (opinion.pk, "constituents_opinion")
        assert str(opinion.due_on) in entry.reason
        assert str(opinion.pk) in caplog.text
