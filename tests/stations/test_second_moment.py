"""A form sent again a day later, with other words under the same key: the first one stands, nothing is added."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from liaison.tenancy.scope import Actor, acting, system_actor
from stations.enums import DutyState, LeaveReason
from stations.models import Activity, LeaveRequest, Participation
from stations.services import arrange_activity, log_duty, record_visit, register_activity, request_leave
from tests.stations.conftest import NOW, TODAY
from tests.stations.makers import again, as_, make_day, make_turn

A_DAY_LATER = NOW + timedelta(days=1)
LEAVE = {"starts_on": date(2026, 3, 20), "ends_on": date(2026, 3, 22), "kind": LeaveReason.PERSONAL.value}
# Service, the facts of the first sending, the words that differ in the second, and who sends.
SENT = {
    "visit": (record_visit, {"day": TODAY, "note": "走访三户"}, {"note": "走访四户"}, "deputy_actor"),
    "leave": (request_leave, {**LEAVE, "reason": "出差"}, {"reason": "生病"}, "deputy_actor"),
    "activity": (
        register_activity,
        {"kind_code": "survey", "title": "视察道路", "starts_on": date(2026, 3, 4)},
        {"title": "视察桥梁"},
        "clerk",
    ),
    "arranged": (
        arrange_activity,
        {"kind_code": "training", "title": "代表培训", "starts_on": date(2026, 3, 20)},
        {"title": "另一次培训"},
        "clerk",
    ),
}


def _total() -> tuple[int, ...]:
    with acting(system_actor()):
        return tuple(model._plain.count() for model in (Activity, Participation, LeaveRequest))


@pytest.mark.parametrize("name", sorted(SENT))
def test_a_form_sent_again_with_other_words_is_still_the_first(
    request: pytest.FixtureRequest, mandate: Any, name: str
) -> None:
    service, facts, changed, who = SENT[name]
    actor: Actor = request.getfixturevalue(who)
    more = {"outcomes": {mandate.pk: DutyState.ATTENDED}} if service is register_activity else {}
    first = _sent(actor, service, now=NOW, **facts, **more)
    before = _total()
    second = _sent(actor, service, now=A_DAY_LATER, **{**facts, **changed}, **more)
    [field] = changed
    assert second.pk == first.pk
    assert getattr(again(first), field) == facts[field]
    assert _total() == before


def test_a_turn_registered_again_a_day_later_keeps_its_note(
    deputy_actor: Actor, mandate: Any, station: Any
) -> None:
    turn = make_turn(make_day(station), mandate)
    first = as_(deputy_actor, log_duty, day_id=turn.reception_day_id, note="接待三人", now=NOW)
    as_(deputy_actor, log_duty, day_id=turn.reception_day_id, note="接待四人", now=A_DAY_LATER)
    row = again(turn)
    assert (row.note, row.recorded_at, row.pk) == ("接待三人", NOW, first.pk)


def _sent(actor: Actor, service: Callable[..., Any], **facts: Any) -> Any:
    return as_(actor, service, idempotency_key="k" * 32, **facts)
