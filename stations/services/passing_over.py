"""Stations pass to the place that takes over: a new row there, with the posters' code; the old one is closed.

What was received, recorded and announced at the old one stays with it.
"""

import secrets
from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet

from liaison.auditing import trail
from liaison.hooks import Moving, Passage
from liaison.models import Appointment
from liaison.tenancy.scope import Actor, require_actor
from liaison.words.enums import Role
from liaison.words.limits import fitted_line
from stations.enums import DutyState, ReceptionDayState
from stations.models import ReceptionDay, ReceptionRule, Station, StationDeputy, UpperDeputy, UpperTurn
from stations.rules.lifecycle import RECEPTION_DAY
from stations.services.places import close_station
from stations.services.upper_deputies import end_upper_deputy

_KEPT = ("kind", "address", "phone", "opening_hours", "directions", "equipment")


def moving_stations(passage: Passage) -> Iterator[Moving]:
    """The open stations that go, and the announced receptions that have to be settled before."""
    stations = _stations(passage)
    count = stations.count()
    if not count:
        return
    if passage.successor is None:
        yield Moving("联络站点", count, "请先停用", blocks=True)
        return
    days = ReceptionDay.scoped(require_actor()).filter(station__in=stations, day__gte=passage.day)
    announced = days.filter(state__in=RECEPTION_DAY.open_states - {ReceptionDayState.PLANNED}).count()
    if announced:
        yield Moving("已公布还没有举行的接待日", announced, "请先由原单位取消或者改期", blocks=True)
    name = passage.successor.short_name
    yield Moving("联络站点", count, f"转到{name}继续开放；二维码不变，请重新打印海报（落款改为{name}）")
    planned = days.filter(state=ReceptionDayState.PLANNED).count()
    if planned:
        yield Moving("还没有公布的接待日", planned, f"不再举行，由{name}重新排定")
    places = StationDeputy.scoped(require_actor()).filter(station__in=stations, ends_on__isnull=True).count()
    if places:
        becomes = f"随代表转到{name}" if passage.is_whole else f"结束，请{name}重新安排进站代表"
        yield Moving("进站代表", places, becomes)
    upper = UpperDeputy.scoped(require_actor()).filter(station__in=stations, ends_on__isnull=True)
    if count := upper.count():
        yield Moving("联系站点的上级代表", count, f"转到{name}的同一站点")
    clerks = Appointment.scoped(require_actor()).filter(
        role=Role.STATION_CLERK, station_ref__in=stations.values("pk"), ends_on__isnull=True
    )
    if count := clerks.count():
        yield Moving("联络员的任职", count, f"原任职结束，账号不变，转到{name}的同一站点")


def carry_stations(actor: Actor, passage: Passage) -> None:
    """Open each station at the successor with rules and deputies, then close the former one."""
    if passage.successor is None:
        return
    _follow_seats(actor, passage)
    names = set(
        Station.scoped(actor).filter(scope_code=passage.successor.scope_code).values_list("name", flat=True)
    )
    stations = list(_stations(passage).select_for_update(of=("self",)).order_by("pk"))
    moved = passage.moved.setdefault("station_ref", {})
    for station in stations:
        with trail.operation("pass_over_station"):
            moved[station.pk] = _carry_station(actor, passage, station, names).pk
        close_station(
            actor=actor, station_id=station.pk, closed_on=max(passage.day, station.opened_on), now=passage.now
        )


def _stations(passage: Passage) -> QuerySet[Station]:
    inside = Station.scoped(require_actor()).filter(
        scope_code__gte=passage.lo, scope_code__lt=passage.hi, closed_on__isnull=True
    )
    return inside if passage.is_whole else inside.filter(village__in=passage.villages)


def _carry_station(actor: Actor, passage: Passage, former: Station, names: set[str]) -> Station:
    code, former.public_code = former.public_code, secrets.token_hex(8)
    former.save(update_fields=["public_code"])
    home = passage.successor
    if home is None:
        raise TypeError("nobody takes the station over")
    name = former.name
    if name in names:
        name = fitted_line(Station, "name", f"{name}（原{passage.former.short_name}）")
    names.add(name)
    station = Station.scoped(actor).create(
        scope_code=home.scope_code,
        jurisdiction=home,
        name=name,
        village_id=passage.now_at("village", former.village_id),
        group_id=passage.now_at("group_ref", former.group_id),
        public_code=code,
        opened_on=max(passage.day, former.opened_on),
        **{name: getattr(former, name) for name in _KEPT},
    )
    _carry_rules(actor, passage, former, station)
    _carry_upper(actor, passage, former, station)
    places = StationDeputy.scoped(actor).filter(station=former, ends_on__isnull=True).order_by("pk")
    for place in places:
        mandate = passage.now_at("mandate", place.mandate_id)
        if mandate is not None:
            StationDeputy.scoped(actor).create(
                scope_code=home.scope_code, station=station, mandate_id=mandate, starts_on=passage.day
            )
    return station


def _carry_upper(actor: Actor, passage: Passage, former: Station, station: Station) -> None:
    """Deputies of higher levels go on at the same station, where it is now."""
    for each in UpperDeputy.scoped(actor).filter(station=former, ends_on__isnull=True).order_by("pk"):
        end_upper_deputy(actor=actor, upper_id=each.pk, ends_on=max(passage.day, each.starts_on))
        with trail.operation("pass_over_station"):
            _again(actor, each, passage, scope_code=station.scope_code, station=station)


def _follow_seats(actor: Actor, passage: Passage) -> None:
    """A county deputy whose seat another street keeps now: turns up to today stay with the former seat."""
    seats = passage.moved.get("mandate", {})
    for each in (
        UpperDeputy.scoped(actor).filter(county_mandate_id__in=seats, ends_on__isnull=True).order_by("pk")
    ):
        each.ends_on = max(passage.day, each.starts_on)
        each.save(update_fields=["ends_on"])
        ahead = UpperTurn.scoped(actor).filter(upper_deputy=each, outcome=DutyState.SCHEDULED)
        new = _again(
            actor, each, passage, scope_code=each.scope_code, station_id=each.station_id,
            county_mandate_id=seats[each.county_mandate_id or 0],
        )  # fmt: skip
        ahead.filter(reception_day__day__gte=passage.day).update(upper_deputy=new)


def _again(actor: Actor, each: UpperDeputy, passage: Passage, **where: Any) -> UpperDeputy:
    """The same deputy from today on."""
    kept = {name: getattr(each, name) for name in ("name", "name_strokes", "level", "county_mandate_id")}
    return UpperDeputy.scoped(actor).create(
        **{**kept, **where}, starts_on=max(passage.day, each.starts_on), recorded_by_id=each.recorded_by_id
    )


def _carry_rules(actor: Actor, passage: Passage, former: Station, station: Station) -> None:
    """The days it receives on go on; the rule of the former station ends the day before, where it began."""
    running = ReceptionRule.scoped(actor).filter(
        Q(valid_until__isnull=True) | Q(valid_until__gte=passage.day), station=former
    )
    for rule in running.order_by("pk"):
        ReceptionRule.scoped(actor).create(
            scope_code=station.scope_code,
            station=station,
            valid_from=max(passage.day, rule.valid_from),
            **{name: getattr(rule, name) for name in ("rule", "text", "starts_at", "ends_at", "valid_until")},
        )
        rule.valid_until = max(passage.day, rule.valid_from)
        rule.save(update_fields=["valid_until"])
