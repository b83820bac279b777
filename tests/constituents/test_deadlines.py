"""Deadlines across the long holidays of 2026, counted by hand from the State Council's notice."""

from datetime import UTC, date, datetime

import pytest

from constituents.enums import Urgency
from constituents.models import HandlingUnit
from liaison.tenancy.scope import Actor
from tests.constituents.makers import O, register, step_to

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
