"""Deadlines across the long holidays of 2026, counted by hand from the State Council's notice."""

from datetime import UTC, date, datetime

import pytest

from constituents.enums import OpinionState as O
from constituents.enums import Urgency
from constituents.models import HandlingUnit, Opinion
from liaison.calendar.working import days_of, load_year, settle_provisional
from liaison.tenancy.scope import Actor, acting, system_actor
from tests.constituents.makers import again, register, step_to

# 2026: 春节 off 15–23 Feb, worked 14 and 28 Feb; 五一 off 1–5 May, worked 9 May; 国庆 off 1–7 Oct,
# worked 20 Sep and 10 Oct; 中秋 off 25–27 Sep.
CASES = [
    # assigned, urgency, due
    (date(2026, 2, 12), Urgency.ORDINARY, "2026-03-11"),
    (date(2026, 2, 12), Urgency.URGENT, "2026-02-15"),
    (date(2026, 4, 28), Urgency.ORDINARY, "2026-05-21"),
    (date(2026, 4, 3), Urgency.COMPLEX, "2026-05-06"),
    (date(2026, 9, 30), Urgency.ORDINARY, "2026-10-27"),
    (date(2026, 9, 3), Urgency.COMPLEX, "2026-10-08"),
]


@pytest.mark.parametrize(("day", "urgency", "due"), CASES)
def test_assigned_on_the_eve_of_a_holiday(
    clerk: Actor, unit: HandlingUnit, day: date, urgency: Urgency, due: str
) -> None:
    now = datetime(day.year, day.month, day.day, 2, 0, tzinfo=UTC)
    row = register(clerk, now=now, received_on=day, urgency=urgency)
    assigned = step_to(clerk, row, O.ASSIGNED, unit, now=now)
    assert str(assigned.due_on) == due
    assert not assigned.due_is_provisional
    assert assigned.due_text != ""


def test_a_corrected_make_up_day_reopens_exactly_the_deadlines_counted_over_it(clerk: Actor) -> None:
    """Saturday 7 March turns out to be worked: two workdays from Friday end on Monday, not on Tuesday."""
    friday = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)
    monday = datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
    over = register(clerk, now=friday, received_on=friday.date())
    after = register(clerk, now=monday, received_on=monday.date())
    assert (over.due_on, after.due_on) == (date(2026, 3, 10), date(2026, 3, 11))
    off, worked = days_of(2026)
    with acting(system_actor()) as actor:
        load_year(
            year=2026, holidays=off, makeups={**worked, date(2026, 3, 7): "补班"}, source="更正", now=monday
        )
        reopened = Opinion.scoped(actor).filter(due_is_provisional=True)
        assert [row.pk for row in reopened] == [over.pk]
        settle_provisional(reopened, now=monday)
    assert (again(over).due_on, again(over).due_is_provisional) == (date(2026, 3, 9), False)
    assert again(after).due_on == date(2026, 3, 11)
