"""What anybody may read of a station: where, when, who receives, how often it received (代表法 Art. 58)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from deputies.access import published_mandates
from deputies.selectors import DeputyNames
from liaison.hooks import Holder
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, system_actor
from liaison.words.enums import Role
from liaison.words.errors import OutOfScope
from stations.enums import PlaceKind, ReceptionDayState
from stations.models import ReceptionDay, ReceptionRule, Station, StationDeputy, StationPhoto
from stations.rules.wording import hours_text
from stations.selectors.on_duty import on_duty

PLAN_DAYS = 366


@dataclass(slots=True)
class PublicDay:
    """One announced reception; ``deputies`` are names only."""

    id: int
    day: date
    hours: str
    theme: str
    state: ReceptionDayState
    day_text: str
    is_provisional: bool
    notice: str = ""
    deputies: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PublicPhoto:
    """A photo of a station; ``caption`` is what is read to whoever cannot see it."""

    id: int
    caption: str


@dataclass(slots=True)
class PublicStation:
    """The public page of a station: no telephone of a deputy, no resident, no figure per deputy."""

    id: int
    public_code: str
    name: str
    kind: PlaceKind
    jurisdiction: str
    address: str
    phone: str
    opening_hours: str
    directions: str
    equipment: list[str]
    rules: list[str]
    deputies: list[tuple[int, str]]
    coming: list[PublicDay]
    held_this_year: int
    visitors_this_year: int
    photos: list[PublicPhoto]


def public_stations(actor: Actor) -> list[Station]:
    """Stations still open in the interval, with their township; one query."""
    stations = Station.scoped(actor).filter(closed_on__isnull=True)
    return list(stations.select_related("jurisdiction", "village").order_by("scope_code", "kind", "name"))


def stations_to_appoint(actor: Actor, place: Jurisdiction) -> list[tuple[int, str]]:
    """The stations of ``place`` that are open, for the appointment of their clerks."""
    rows = Station.scoped(actor).filter(scope_code=place.scope_code, closed_on__isnull=True)
    return [(row.pk, row.name) for row in rows.order_by("name", "pk")]


def account_holders(actor: Actor, place: Jurisdiction, ids: Iterable[int]) -> list[Holder]:
    """The stations among ``ids`` whose clerk may get an account; the record names no person."""
    rows = Station.scoped(actor).filter(scope_code=place.scope_code, closed_on__isnull=True, pk__in=list(ids))
    return [Holder(row.pk, "", row.name, Role.STATION_CLERK) for row in rows.order_by("name", "pk")]


def keeps_open_station(day: date) -> Q:
    """Of an appointment: the station it speaks for is not closed by ``day``; on the day it closes it is."""
    stations = Station.scoped(system_actor()).filter(pk=OuterRef("station_ref"))
    return Q(Exists(stations.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=day))))


def public_station(actor: Actor, public_code: str, today: date) -> PublicStation:
    """One station by its public code; ``OutOfScope`` when it is unknown or closed. Seven queries."""
    station = (
        Station.scoped(actor)
        .filter(public_code=public_code, closed_on__isnull=True)
        .select_related("jurisdiction")
        .first()
    )
    if station is None:
        raise OutOfScope("没有找到这个联络站点。")
    days = ReceptionDay.scoped(actor).filter(station=station)
    held = days.filter(state=ReceptionDayState.HELD, day__year=today.year)
    visitors = list(held.values_list("visitor_count", flat=True))
    return PublicStation(
        id=station.pk,
        public_code=station.public_code,
        name=station.name,
        kind=PlaceKind(station.kind),
        jurisdiction=station.jurisdiction.name,
        address=station.address,
        directions=station.directions,
        phone=station.phone,
        opening_hours=station.opening_hours,
        equipment=[line for line in station.equipment.splitlines() if line.strip()],
        rules=_rules(actor, station, today),
        deputies=_deputies(actor, station),
        coming=announced_days(actor, [station.pk], today),
        held_this_year=len(visitors),
        visitors_this_year=sum(visitors),
        photos=[
            PublicPhoto(pk, caption or f"{station.name}照片")
            for pk, caption in shown_photos(actor, station.pk).values_list("pk", "caption")
        ],
    )


def shown_photos(actor: Actor, station_id: int) -> QuerySet[StationPhoto]:
    """The photos of a station that nobody took down, in the order its clerk gave them."""
    photos = StationPhoto.scoped(actor).filter(station_id=station_id, removed_at__isnull=True)
    return photos.order_by("position", "id")


def public_photo(actor: Actor, photo_id: int) -> StationPhoto:
    """A photo of an open station, with its picture; ``OutOfScope`` for every other."""
    photos = StationPhoto.scoped(actor).filter(removed_at__isnull=True, station__closed_on__isnull=True)
    found = photos.filter(pk=photo_id, station__isnull=False).select_related("preview", "file").first()
    if found is None:
        raise OutOfScope("没有找到这张照片。")
    return found


def _rules(actor: Actor, station: Station, today: date) -> list[str]:
    rules = ReceptionRule.scoped(actor).filter(station=station).exclude(valid_until__lt=today)
    return list(rules.order_by("valid_from").values_list("text", flat=True))


def _deputies(actor: Actor, station: Station) -> list[tuple[int, str]]:
    places = StationDeputy.scoped(actor).filter(station=station, ends_on__isnull=True)
    mandates = published_mandates(actor).filter(pk__in=places.values("mandate_id"))
    names = DeputyNames(actor)
    found = mandates.select_related("person").order_by("person__name_strokes", "pk")
    return [(mandate.pk, names.of(mandate)) for mandate in found]


def called_off_days(actor: Actor, station_ids: Iterable[int], today: date) -> list[tuple[date, str, str]]:
    """Announced receptions still to come that were cancelled or await a new date; one query.

    (day, station, what the public reads); so that nobody comes in vain.
    """
    days = ReceptionDay.scoped(actor).filter(
        station__in=list(station_ids),
        day__gte=today,
        announced_at__isnull=False,
        state__in=(ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED),
    )
    return list(days.order_by("day", "id").values_list("day", "station__name", "notice_text"))


def announced_days(
    actor: Actor, station_ids: Iterable[int], today: date, days: int = PLAN_DAYS
) -> list[PublicDay]:
    """Receptions announced from ``today`` on, with the names of the deputies on duty; four queries."""
    rows = list(
        ReceptionDay.scoped(actor)
        .filter(station__in=list(station_ids), day__range=(today, today + timedelta(days=days)))
        .filter(state__in=(ReceptionDayState.PUBLISHED, ReceptionDayState.HELD))
        .order_by("day", "starts_at", "id")
    )
    found = {
        row.pk: PublicDay(
            row.pk,
            row.day,
            hours_text(row.starts_at, row.ends_at),
            row.theme,
            ReceptionDayState(row.state),
            row.day_text,
            row.day_is_provisional,
            row.notice_text,
        )
        for row in rows
    }
    for day_id, who in on_duty(actor, found).items():
        found[day_id].deputies = who.names
    return list(found.values())
