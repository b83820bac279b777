"""What the printed papers of stations show, each a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from liaison.tenancy.scope import Actor
from stations.access import visible_reception_days, visible_rules, visible_stations
from stations.models import ReceptionDay, Station
from stations.selectors.on_duty import OnDuty, on_duty


def days_of_stations(
    actor: Actor, station_ids: Iterable[int], first: date, last: date, *, only: int | None = None
) -> list[ReceptionDay]:
    """Every day of these stations between two dates (both included), cancelled ones too.

    Earliest first, with ``who`` receives; ``only`` picks one of them. Three queries.
    """
    days = visible_reception_days(actor).filter(station__in=list(station_ids), day__range=(first, last))
    if only is not None:
        days = days.filter(pk=only)
    rows = list(days.select_related("station").order_by("day", "starts_at", "id"))
    who = on_duty(actor, [row.pk for row in rows])
    for row in rows:
        row.who = who.get(row.pk, OnDuty())  # type: ignore[attr-defined]
    return rows


def open_stations(actor: Actor, year: int) -> list[Station]:
    """Stations that receive at some time of the year; one query."""
    stations = visible_stations(actor).filter(opened_on__lte=date(year, 12, 31))
    stations = stations.filter(Q(closed_on__isnull=True) | Q(closed_on__gte=date(year, 1, 1)))
    return list(stations.select_related("jurisdiction").order_by("scope_code", "kind", "name"))


def rules_of_stations(actor: Actor, station_ids: Iterable[int], year: int) -> dict[int, list[str]]:
    """By station, the rules in force in the year in words; one query."""
    rules = visible_rules(actor).filter(station__in=list(station_ids), valid_from__lte=date(year, 12, 31))
    rules = rules.exclude(valid_until__lt=date(year, 1, 1)).order_by("valid_from", "id")
    found: dict[int, list[str]] = defaultdict(list)
    for station_id, words in rules.values_list("station_id", "text"):
        if words not in found[station_id]:
            found[station_id].append(words)
    return dict(found)
