"""What the services of this floor share: who may act, deadlines of confirmation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import models

from deputies.enums import MandateState
from deputies.models import Mandate
from liaison.calendar.deadlines import Due, due
from liaison.calendar.workdays import WorkCalendar, china_date
from liaison.calendar.working import policy_of, working_calendar
from liaison.identity.access import is_linked
from liaison.identity.roles import OFFICE
from liaison.messages.outbox import notify, notify_roles
from liaison.tenancy.locking import locked
from liaison.tenancy.models import ScopedModel
from liaison.tenancy.scope import Actor, require_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, LiaisonError, OutOfScope, Refused
from liaison.words.limits import fitted, fitted_line
from liaison.words.text import clean_text
from stations.access import (
    may_run_station,
)
from stations.models import Station
from stations.rules.wording import day_text
from stations.selectors.due import station_keepers
from stations.selectors.facts import services_of

M = TypeVar("M", bound=ScopedModel)


@dataclass(slots=True)
class BulkResult:
    """What became of many rows: how many were done, and why the others were not (``{id: sentence}``)."""

    done: int = 0
    refused: dict[int, str] = field(default_factory=dict)

    def refuse(self, row_id: int, error: LiaisonError) -> None:
        self.refused[row_id] = error.message


def require_office(actor: Actor) -> None:
    actor.require(*OFFICE)


def require_station(actor: Actor, station: Station | int) -> None:
    """``Forbidden`` unless the actor runs this station."""
    station_id = station if isinstance(station, int) else station.pk
    if not may_run_station(actor, station_id):
        raise Forbidden()


def open_station_of(actor: Actor, station_id: int) -> Station:
    """A station the actor runs and that still receives; locked, so that planning has one writer."""
    station = locked(Station, actor, station_id)
    require_station(actor, station)
    if station.closed_on is not None:
        raise Refused(f"{station}已停用，不能再安排接待。")
    return station


def is_own(actor: Actor, mandate: Mandate) -> bool:
    """Whether the actor speaks as this deputy; who may judge is `deputies.access.require_unconcerned`."""
    return is_linked(mandate.person_id, actor.person_id)


def mandates_for(actor: Actor, ids: Iterable[int], scope_code: int) -> dict[int, Mandate]:
    """The deputies of one jurisdiction by id, in the order asked; ``OutOfScope`` when one is missing."""
    wanted = list(dict.fromkeys(ids))
    rows = Mandate.scoped(actor).filter(pk__in=wanted, scope_code=scope_code).select_related("person", "term")
    found = {mandate.pk: mandate for mandate in rows}
    if len(found) < len(wanted):
        raise OutOfScope("所选代表中有人不在本区域的名册上。")
    return {mandate_id: found[mandate_id] for mandate_id in wanted}


def require_in_office(actor: Actor, mandates: Iterable[Mandate], day: date, today: date) -> None:
    """``Refused`` when somebody held no office, or was suspended, on ``day`` (代表法 Art. 61)."""
    mandates = list(mandates)
    services = services_of(actor, mandates, day, day)
    for mandate in mandates:
        excuse = services[mandate.pk].excuse_on(day)
        if excuse is not None:
            raise Refused(f"{mandate}在{day_text(day)}不在任（{excuse.label}），不能登记。")
        if day >= today and mandate.state != MandateState.ACTIVE:
            raise Refused(f"{mandate}目前{MandateState(mandate.state).label}，不能安排。")


def tell_station(
    station: Station, *, title: str, body: str, link: str, dedupe_key: str, now: datetime, office: bool = True
) -> int:
    """Leave a message to the keepers of this station and, unless told otherwise, the office; counts new ones.

    The clerk of another station of the same township is not among them.
    """
    keepers = station_keepers(require_actor(), station, now)
    told = sum(
        notify(
            account_id=account_id,
            scope_code=station.scope_code,
            title=title,
            body=body,
            link=link,
            dedupe_key=dedupe_key,
            now=now,
        )
        for account_id in keepers
    )
    if office or not keepers:
        told += notify_roles(
            scope_code=station.scope_code,
            roles=(Role.PRESIDIUM_CLERK,),
            title=title,
            body=body,
            link=link,
            dedupe_key=dedupe_key,
            now=now,
        )
    return told


def confirmation_due(scope_code: int, now: datetime, calendar: WorkCalendar | None = None) -> Due:
    """Until when the other side may confirm or object (policy ``record_confirmation``)."""
    known = calendar or working_calendar()
    return due(china_date(now), policy_of("record_confirmation", scope_code), known.provisional())


def optional_text(value: str) -> str:
    return clean_text(value).strip()


def clean_column(model: type[models.Model], name: str, value: Any) -> Any:
    """A value fit for a column: words by its limit, its name and whether it may be empty; others as given."""
    column: Any = model._meta.get_field(name)
    if not isinstance(column, models.CharField | models.TextField):
        return value
    read = fitted_line if isinstance(column, models.CharField) else fitted
    return read(model, name, value, needed=not column.blank)
