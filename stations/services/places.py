"""Stations, who takes turns at them, and the norms of a jurisdiction."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import models

from deputies.models import DeputyGroup
from liaison.auditing import trail
from liaison.calendar.days import refuse, span_fault
from liaison.calendar.workdays import china_date
from liaison.models import Jurisdiction
from liaison.tenancy.locking import locked
from liaison.tenancy.scope import Actor
from liaison.words.errors import InvalidInput, OutOfScope, Refused
from liaison.words.limits import fitted_line
from liaison.words.phones import office_phone
from stations.enums import PlaceKind, ReceptionDayState
from stations.models import ReceptionDay, Station, StationDeputy
from stations.rules.lifecycle import RECEPTION_DAY
from stations.services.common import clean_column, mandates_for, open_station_of, require_office
from stations.services.photos import equipment_lines


def open_station(
    *,
    actor: Actor,
    kind: PlaceKind | str,
    name: str,
    address: str,
    opened_on: date,
    now: datetime,
    **values: Any,
) -> Station:
    """Open a station of the acting jurisdiction; the same name twice is one row.

    ``values``: the other columns of ``Station.entry``, each optional; a related row as ``<name>_id``.
    """
    require_office(actor)
    refuse({"opened_on": span_fault(opened_on, china_date(now), label="启用日期", years_ahead=1)})
    clean = fitted_line(Station, "name", name, label="名称", needed=True)
    same = Station.scoped(actor).filter(scope_code=actor.lo, name=clean).first()
    if same is not None:
        return same
    home = Jurisdiction.objects.filter(scope_code=actor.lo, scope_end=actor.hi).first()
    if home is None:
        raise OutOfScope()
    station = Station(
        scope_code=actor.lo,
        kind=PlaceKind(kind),
        name=clean,
        jurisdiction=home,
        public_code=secrets.token_hex(8),
    )
    _fill(actor, station, {"address": address, "opened_on": opened_on, **values})
    with trail.operation("open_station"):
        station.save(force_insert=True)
    return station


def update_station(*, actor: Actor, station_id: int, now: datetime, **values: Any) -> Station:
    """Change the entry of a station; only the given ``values`` (columns of ``Station.entry``) change."""
    require_office(actor)
    station = locked(Station, actor, station_id)
    if "opened_on" in values:
        refuse(
            {"opened_on": span_fault(values["opened_on"], china_date(now), label="启用日期", years_ahead=1)}
        )
    _fill(actor, station, values)
    with trail.operation("update_station"):
        station.save()
    return station


def _fill(actor: Actor, station: Station, values: Mapping[str, Any]) -> None:
    """Set what is given; villages and groups must lie in the station's own jurisdiction."""
    for name, value in values.items():
        if name.removesuffix("_id") not in Station.entry:
            raise TypeError(f"unknown value {name!r}")
        setattr(station, name, _clean(actor, name, value))


def _clean(actor: Actor, name: str, value: Any) -> Any:
    if name == "village_id":
        return _village(actor, value)
    if name == "group_id":
        return _group(actor, value)
    if name == "kind":
        return PlaceKind(value)
    if name == "equipment":
        return equipment_lines(value)
    if name == "phone":
        return office_phone(value)
    return clean_column(Station, name, value)


def _village(actor: Actor, village_id: int | None) -> int | None:
    inside = Jurisdiction.objects.filter(scope_code__gte=actor.lo, scope_end__lte=actor.hi)
    if village_id is not None and not inside.filter(pk=village_id).exists():
        raise OutOfScope()
    return village_id


def _group(actor: Actor, group_id: int | None) -> int | None:
    if group_id is not None and not DeputyGroup.scoped(actor).filter(pk=group_id).exists():
        raise OutOfScope()
    return group_id


def close_station(*, actor: Actor, station_id: int, closed_on: date, now: datetime) -> Station:
    """Stop receiving; ``Refused`` while announced receptions after that day are still to come."""
    require_office(actor)
    station = locked(Station, actor, station_id)
    if station.closed_on is not None:
        return station
    if closed_on < station.opened_on:
        raise InvalidInput({"closed_on": "停用日期不能早于启用日期。"})
    refuse({"closed_on": span_fault(closed_on, china_date(now), label="停用日期", years_ahead=1)})
    days = ReceptionDay.scoped(actor).filter(station=station, day__gt=closed_on)
    if days.filter(state__in=RECEPTION_DAY.open_states - {ReceptionDayState.PLANNED}).exists():
        raise Refused("停用日期之后还有已公布的接待日，请先取消或者改期。")
    station.closed_on = closed_on
    with trail.operation("close_station"):
        station.save(update_fields=["closed_on"])
        _end_places(StationDeputy.scoped(actor).filter(station=station), closed_on)
    return station


def set_station_roster(
    *, actor: Actor, station_id: int, mandate_ids: Iterable[int], now: datetime
) -> list[StationDeputy]:
    """Lay down who takes turns at a station from today; those left out end, those named twice count once."""
    require_office(actor)
    station = open_station_of(actor, station_id)
    today = china_date(now)
    wanted = mandates_for(actor, mandate_ids, station.scope_code)
    places = StationDeputy.scoped(actor).filter(station=station, ends_on__isnull=True)
    there = set(places.values_list("mandate_id", flat=True))
    with trail.operation("set_station_roster"):
        _end_places(places.exclude(mandate__in=wanted), today)
        StationDeputy.objects.bulk_create(
            StationDeputy(scope_code=station.scope_code, station=station, mandate=mandate, starts_on=today)
            for mandate_id, mandate in wanted.items()
            if mandate_id not in there
        )
    return list(places.select_related("mandate__person").order_by("mandate__person__name_strokes"))


def _end_places(places: models.QuerySet[StationDeputy], last_day: date) -> None:
    # A place entered only today and ended today leaves no trace worth keeping but its audit entry.
    places.filter(ends_on__isnull=True, starts_on__gte=last_day).delete()
    places.filter(ends_on__isnull=True).update(ends_on=last_day)
