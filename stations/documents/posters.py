"""The papers of a station: the poster of its reception days and the table of a year, as forms to print."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import segno
from django.conf import settings
from django.urls import reverse

from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.words.errors import Refused
from stations.access import get_reception_day, get_station
from stations.documents.forms import DutyRota, PosterDay, ReceptionPoster, RotaRow, RotaStation
from stations.enums import ReceptionDayState
from stations.models import ReceptionDay, Station
from stations.rules.wording import full_day_text, hours_text
from stations.selectors.posters import days_of_stations, open_stations, rules_of_stations

_TO_COME = (ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED)
_OFF = (ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED)


def public_address(station: Station) -> str:
    """The full address of the station's public page; it opens from any telephone."""
    return f"{settings.SITE_URL}{reverse('reports_public_station', args=[station.public_code])}"


def qr_picture(address: str) -> str:
    """The address as a picture to print: vector, error level M, with the quiet border scanners need."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(border=4, scale=4))


def day_poster(actor: Actor, day_id: int, today: date) -> ReceptionPoster:
    """The poster of one reception; ``Refused`` when it will not take place. Four queries."""
    row = get_reception_day(actor, day_id)
    state = ReceptionDayState(row.state)
    if state not in _TO_COME:
        raise Refused(f"这次接待{state.label}，不用再张贴公告。")
    (day,) = days_of_stations(actor, [row.station_id], row.day, row.day, only=row.pk)
    return _poster(row.station, [day], today)


def month_poster(actor: Actor, station_id: int, today: date, month: date | None = None) -> ReceptionPoster:
    """The poster of one month of one station, from today on; four queries.

    Without ``month`` (any day of it): this month while it still has a reception to come, else the next.
    """
    station = get_station(actor, station_id)
    if station.closed_on is not None:
        raise Refused(f"{station}已停用，不再张贴公告。")
    this = today.replace(day=1)
    first = month.replace(day=1) if month else this
    last = _next_month(first if month else _next_month(this)) - timedelta(days=1)
    found = days_of_stations(actor, [station.pk], max(first, today), last)
    rows = [row for row in found if row.state in _TO_COME]
    if month is None:
        first = this if any(row.day < _next_month(this) for row in rows) else _next_month(this)
    shown = [row for row in rows if row.day.replace(day=1) == first]
    return _poster(station, shown, today, f"{first.year}年{first.month}月")


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _poster(station: Station, rows: Iterable[ReceptionDay], today: date, span: str = "") -> ReceptionPoster:
    return ReceptionPoster(
        organ=_organ(station.jurisdiction),
        station=station.name,
        address=station.address,
        days=tuple(_poster_day(row) for row in rows),
        span=span,
        phone=station.phone,
        opening_hours=station.opening_hours,
        qr=qr_picture(public_address(station)),
        made_on=today,
    )


def _organ(place: Jurisdiction) -> str:
    return place.organ_name or place.name


def _poster_day(row: ReceptionDay) -> PosterDay:
    return PosterDay(
        day=row.day,
        hours=hours_text(row.starts_at, row.ends_at),
        deputies=_names(row),
        theme=row.theme,
        is_provisional=row.day_is_provisional,
        note=row.day_text if row.day != row.nominal_day else "",
    )


def _names(row: ReceptionDay) -> tuple[str, ...]:
    """Who will be there, by name alone."""
    return tuple(row.who.names)  # type: ignore[attr-defined]


def year_rota(actor: Actor, year: int, today: date, station_id: int | None = None) -> DutyRota:
    """The table of one station, or of all open stations the actor sees; a fixed number of queries."""
    stations = open_stations(actor, year) if station_id is None else [get_station(actor, station_id)]
    place = stations[0].jurisdiction if stations else None
    ids = [station.pk for station in stations]
    days = days_of_stations(actor, ids, date(year, 1, 1), date(year, 12, 31))
    rules = rules_of_stations(actor, ids, year)
    return DutyRota(
        place=stations[0].name if station_id is not None else actor.jurisdiction_name,
        organ=_organ(place) if place is not None else actor.jurisdiction_name,
        year=year,
        stations=tuple(
            RotaStation(
                name=station.name,
                address=station.address,
                phone=station.phone,
                rules="；".join(rules.get(station.pk, ())),
                rows=tuple(_rota_row(row) for row in days if row.station_id == station.pk),
            )
            for station in stations
        ),
        made_on=today,
    )


def _rota_row(row: ReceptionDay) -> RotaRow:
    state = ReceptionDayState(row.state)
    is_moved = row.day != row.nominal_day
    words = [row.day_text or f"原定{full_day_text(row.nominal_day)}"] if is_moved else []
    if state in _OFF:
        words.insert(0, "已取消" if state == ReceptionDayState.CANCELLED else "改期待定")
    return RotaRow(
        day=row.day,
        hours=hours_text(row.starts_at, row.ends_at),
        deputies=_names(row),
        theme=row.theme,
        is_provisional=row.day_is_provisional and state not in _OFF,
        is_postponed=is_moved and not row.is_fixed and state not in _OFF,
        is_off=state in _OFF,
        remark="；".join(words),
    )
