"""Rows of this floor made as the system, and shorthands for acting."""

from datetime import UTC, date, datetime, time
from typing import Any

from deputies.enums import CongressLevel
from deputies.models import Mandate
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.names import stroke_key
from stations.enums import DutyState, ParticipationState, ReceptionDayState
from stations.models import (
    Activity,
    ActivityKind,
    Participation,
    ReceptionDay,
    Station,
    UpperDeputy,
    UpperTurn,
)

TODAY = date(2026, 3, 6)


def make_day(
    station: Station, day: date = TODAY, *, state: ReceptionDayState = ReceptionDayState.PUBLISHED
) -> ReceptionDay:
    with acting(system_actor()):
        return ReceptionDay._plain.create(
            scope_code=station.scope_code, station=station, day=day, nominal_day=day, state=state.value,
            starts_at=time(9), ends_at=time(11, 30),
        )  # fmt: skip


def make_turn(
    day: ReceptionDay,
    mandate: Mandate,
    outcome: DutyState = DutyState.SCHEDULED,
    state: ParticipationState = ParticipationState.REGISTERED,
    **extra: Any,
) -> Participation:
    with acting(system_actor()):
        return Participation._plain.create(
            scope_code=day.scope_code, mandate=mandate, reception_day=day, day=day.day, outcome=outcome.value,
            state=state.value, **extra,
        )  # fmt: skip


def make_upper_turn(
    day: ReceptionDay,
    name: str,
    level: CongressLevel = CongressLevel.COUNTY,
    outcome: DutyState = DutyState.SCHEDULED,
) -> UpperTurn:
    """A deputy of a higher level at this station, and a turn of his."""
    with acting(system_actor()):
        upper = UpperDeputy._plain.create(
            scope_code=day.scope_code, station_id=day.station_id, name=name, name_strokes=stroke_key(name),
            level=level.value, starts_on=date(2026, 1, 1),
        )  # fmt: skip
        return UpperTurn._plain.create(
            scope_code=day.scope_code, upper_deputy=upper, reception_day=day, outcome=outcome.value
        )


def make_part(
    mandate: Mandate,
    code: str,
    day: date,
    outcome: DutyState = DutyState.ATTENDED,
    state: ParticipationState = ParticipationState.CONFIRMED,
    *,
    title: str = "",
    **extra: Any,
) -> Participation:
    """One deputy's part in an activity of his own making."""
    with acting(system_actor()):
        kind = ActivityKind._plain.get(code=code, scope_code=0)
        activity = Activity._plain.create(
            scope_code=mandate.scope_code, kind=kind, title=title or kind.name, starts_on=day, ends_on=day,
            state=ReceptionDayState.HELD.value, recorded_at="2026-01-01T00:00:00Z",
        )  # fmt: skip
        return Participation._plain.create(
            scope_code=mandate.scope_code, mandate=mandate, activity=activity, day=day, outcome=outcome.value,
            state=state.value, **extra,
        )  # fmt: skip


def as_(actor: Actor, service: Any, **facts: Any) -> Any:
    """Call a service as ``actor``."""
    with acting(actor):
        return service(actor=actor, **facts)


def again(row: Any) -> Any:
    """The row as it stands in the database."""
    with acting(system_actor()):
        return type(row)._plain.get(pk=row.pk)


def held_activity(township: Jurisdiction) -> Activity:
    """An activity that was held, its minutes still to be written."""
    with acting(system_actor()):
        kind = ActivityKind._plain.filter(scope_code=0).first()
        return Activity._plain.create(
            scope_code=township.scope_code,
            kind=kind,
            title="视察道路",
            starts_on=date(2026, 3, 3),
            ends_on=date(2026, 3, 3),
            state="held",
            summary="看了三处",
            recorded_at=datetime(2026, 3, 3, 2, tzinfo=UTC),
        )
