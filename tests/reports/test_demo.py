"""The demo year's own choices; that the year itself holds is shown by the browser tests."""

from datetime import date

import pytest

from deputies.models import Constituency, DeputyGroup, GroupMembership, Mandate, Term
from liaison.models import AuditEntry
from liaison.scope import Actor, acting
from reports.demo.clock import at, months
from reports.demo.roster import bring_roster
from reports.demo.year import DATA, Year

SPRING = months(date(2025, 1, 1), date(2025, 6, 30))


def year(neighbours: float) -> Year:
    return Year(2025, date(2026, 11, 20), lambda line: None, {}, {}, {}, neighbours)


@pytest.mark.parametrize(
    ("neighbours", "name", "worked"),
    [
        (1.0, "洪善镇", 6),
        (0.5, "洪善镇", 3),
        (0.2, "新华街道", 1),
        (0.0, "新华街道", 1),
        (0.2, "庄子乡", 6),
    ],
)
def test_neighbours_work_their_last_months(neighbours: float, name: str, worked: int) -> None:
    assert year(neighbours)._worked(name, SPRING) == SPRING[6 - worked :]


def test_the_roster_comes_through_the_import_of_the_office(term: Term, clerk: Actor) -> None:
    path, now = DATA / "庄子乡代表名册.xlsx", at(date(2025, 1, 6))
    with acting(clerk):
        first = bring_roster(actor=clerk, term=term, path=path, now=now)
        again = bring_roster(actor=clerk, term=term, path=path, now=now)
        seats = Mandate.scoped(clerk).filter(term=term).order_by("list_number")
        leaders = GroupMembership.scoped(clerk).filter(mandate__in=seats, post="leader")
        entries = AuditEntry.scoped(clerk).filter(table_name="deputies_mandate", change="insert")
        assert (first.new, again.new, again.unchanged) == (47, 0, 47)
        assert [seat.list_number for seat in seats] == list(range(1, 48))
        assert (Constituency.scoped(clerk).count(), DeputyGroup.scoped(clerk).count(), leaders.count()) == (
            16,
            4,
            4,
        )
        assert set(entries.values_list("operation", flat=True)) == {"import_roster"}
