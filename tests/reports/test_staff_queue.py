"""The office's queue: every line that counts leads to exactly as many rows."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.test import Client

from liaison.tenancy.scope import Actor
from reports.selectors import staff_queue
from stations.enums import DutyState, ParticipationState
from stations.services import record_visit
from tests.factories import make_station
from tests.stations.conftest import TODAY
from tests.stations.makers import as_, make_day, make_turn

if TYPE_CHECKING:
    from deputies.models import Mandate
    from liaison.models import Jurisdiction

NOW = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)


def test_a_count_is_the_number_of_rows_behind_it(
    township: "Jurisdiction",
    clerk: Actor,
    deputy_actor: Actor,
    mandate: "Mandate",
    sign_in: Callable[[Actor], Client],
) -> None:
    visit = as_(deputy_actor, record_visit, day=TODAY, note="走访三户", now=NOW)
    first, second, third = (make_day(make_station(township, f"{name}村联络站")) for name in "东西南")
    # Registered by an office: waits for the deputy, not for the clerk.
    make_turn(first, mandate, DutyState.ATTENDED)
    make_turn(second, mandate, DutyState.ATTENDED, ParticipationState.OBJECTED)
    make_turn(third, mandate, DutyState.ABSENT, ParticipationState.LAPSED_TO_PRESIDIUM)
    lines = {line.title: line for line in as_(clerk, staff_queue, today=TODAY)}
    client = sign_in(clerk)
    for title, records in (
        ("1条代表登记的履职记录待核对", 1),
        ("1条履职记录有异议", 1),
        ("1条履职记录逾期未核对，待主席团核定", 1),
    ):
        page = client.get(lines[title].url).content.decode()
        boxes = re.findall(r'name="(?:record|_selected_action)" value="\d+"', page)
        assert len(boxes) == records, title
    assert lines["1条代表登记的履职记录待核对"].due_on == visit.confirm_by
