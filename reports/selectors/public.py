"""What residents read without an account: places, stations, deputies as published (代表法 Art. 58).

Everything goes through the published selectors of the floors below, which know neither telephones nor
addresses of deputies nor anything of a resident.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from deputies.selectors import PublicDeputy, published_roster
from liaison.models import Jurisdiction
from liaison.tenancy.scope import NATION, Actor, public_actor
from liaison.words.enums import JurisdictionLevel
from liaison.words.errors import OutOfScope
from stations.enums import ReceptionDayState
from stations.models import ReceptionDay, Station
from stations.selectors import PublicDay, announced_days, public_photo, public_stations

TOWNSHIPS = (JurisdictionLevel.TOWNSHIP, JurisdictionLevel.STREET)
COMING_DAYS = 62
NOT_OPEN = "没有找到这个乡镇（街道）的公开页面，请返回首页重新选择。"
SEARCH_CHARACTERS = 20


@dataclass(frozen=True, slots=True)
class County:
    """The townships of one county that receive the public, each with its number of stations."""

    name: str
    places: list[tuple[Jurisdiction, int]]


@dataclass(frozen=True, slots=True)
class Coming:
    """An announced reception with the station it is held at."""

    day: PublicDay
    station: Station


@dataclass(frozen=True, slots=True)
class PlacePage:
    """One township's public page."""

    stations: list[Station]
    deputies: list[PublicDeputy]
    coming: list[Coming]

    @property
    def stations_with_next(self) -> list[tuple[Station, PublicDay | None]]:
        """Every station with the reception it holds next; ``None`` while none is announced."""
        first: dict[int, PublicDay] = {}
        for one in self.coming:
            if one.day.state == ReceptionDayState.PUBLISHED:
                first.setdefault(one.station.pk, one.day)
        return [(station, first.get(station.pk)) for station in self.stations]


def anybody() -> Actor:
    """A resident looking for a place: reads only which stations are open."""
    return public_actor(*NATION)


def resident_of(place: Jurisdiction) -> Actor:
    return public_actor(place.scope_code, place.scope_end, place.name, place.pk)


def open_counties(actor: Actor) -> list[County]:
    """Counties in code order with every township that has an open station; two queries."""
    stations = Station.scoped(actor).filter(closed_on__isnull=True).order_by()
    counts = dict(stations.values_list("jurisdiction_id").annotate(total=Count("pk")))
    places = Jurisdiction.objects.filter(pk__in=counts, level__in=TOWNSHIPS).select_related("parent")
    found: dict[int | None, County] = {}
    for place in places.order_by("scope_code"):
        name = place.parent.name if place.parent else ""
        county = found.setdefault(place.parent_id, County(name, []))
        county.places.append((place, counts[place.pk]))
    return list(found.values())


def public_place(scope_code: int) -> Jurisdiction:
    """A township or street by its code; ``OutOfScope`` for everything else."""
    places = Jurisdiction.objects.filter(level__in=TOWNSHIPS)
    place: Jurisdiction | None = places.filter(scope_code=scope_code).first()
    if place is None:
        raise OutOfScope(NOT_OPEN)
    return place


def place_of_station(actor: Actor, public_code: str) -> Jurisdiction:
    """Where the open station with this code lies; ``OutOfScope`` when there is none."""
    stations = Station.scoped(actor).filter(public_code=public_code, closed_on__isnull=True)
    station = stations.select_related("jurisdiction").first()
    if station is None:
        raise OutOfScope("没有找到这个联络站点，它可能已经停用。")
    place: Jurisdiction = station.jurisdiction
    return place


def place_of_photo(actor: Actor, photo_id: int) -> Jurisdiction:
    """Where the station of a published photo lies; ``OutOfScope`` for every other photo."""
    photo = public_photo(actor, photo_id)
    return public_place(photo.scope_code)


def place_page(actor: Actor, today: date, *, search: str = "") -> PlacePage:
    """Stations, published deputies and the receptions of two months; five queries."""
    stations = public_stations(actor)
    deputies = published_roster(actor, search=search)
    return PlacePage(stations, deputies, coming_at(actor, stations, today))


def coming_at(actor: Actor, stations: Iterable[Station], today: date) -> list[Coming]:
    """Announced receptions of several stations, earliest first; a station's days are asked for at once."""
    known = {station.pk: station for station in stations}
    days = {day.id: day for day in announced_days(actor, known, today, COMING_DAYS)}
    return [Coming(days[pk], known[station]) for pk, station in _stations_of_days(actor, days)]


def _stations_of_days(actor: Actor, days: dict[int, PublicDay]) -> list[tuple[int, int]]:
    rows = ReceptionDay.scoped(actor).filter(pk__in=days)
    return list(rows.order_by("day", "starts_at", "station__name", "pk").values_list("pk", "station_id"))
