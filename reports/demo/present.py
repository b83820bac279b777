"""What waits on the day the demo is looked at: a reception today, a swap, leave, cases, and what a station shows.

Whatever people did, they did by yesterday evening, so nothing lies in the future at whatever hour a visitor comes.
"""

from datetime import date, time, timedelta

from constituents.enums import ContactWay, OpinionCategory, Urgency
from constituents.models import Opinion
from constituents.services.handling import accept_opinion, assign_opinion, triage_opinion
from constituents.services.intake import Intake, register_opinion
from constituents.services.scans import add_scans
from deputies.enums import MandateState
from liaison.calendar.recurrence import OnDayOff, Rule, RuleKind
from liaison.tenancy.scope import Actor
from reports.demo.activities import workday_from
from reports.demo.content import AT_THE_UNIT, EQUIPMENT, OVERDUE, WAITING
from reports.demo.pictures import door, room, signed_sheet
from reports.demo.rotas import announce, offer_turn
from reports.demo.township import Township, on_day
from stations.enums import DutyState, FeedKind, LeaveReason, ReceptionDayState
from stations.models import Participation, ReceptionDay, Station, StationDeputy
from stations.services import (
    add_station_photo,
    assign_duty,
    cancel_reception,
    create_feed,
    hold_reception,
    plan_reception_days,
    publish_reception,
    request_leave,
    save_reception_rule,
    set_equipment,
)

_MORNING = ((time(9), time(11, 30)),)
# The example deputy of the guides is on duty today.
_EXAMPLE = 2


def receive_today(town: Township, today: date) -> None:
    """临时接待: a rule of two dates, one of them today, laid down a week ago; the regular days stay as they are."""
    station = town.stations[0]
    coming = workday_from(today + timedelta(days=4))
    there = ReceptionDay._plain.filter(station=station).exclude(state=ReceptionDayState.CANCELLED)
    taken = set(there.filter(day__in=(today, coming)).values_list("day", flat=True))
    dates = tuple(day for day in (today, coming) if day not in taken)
    if dates:
        rule = Rule(kind=RuleKind.DATES, dates=dates, opening=_MORNING, on_day_off=OnDayOff.KEEP)
        with on_day(town.clerk, today - timedelta(days=7), 10) as now:
            save_reception_rule(actor=town.clerk, station_id=station.pk, rule=rule, now=now)
            plan_reception_days(actor=town.clerk, station_id=station.pk, start=today, end=coming, now=now)
    for day in there.filter(day__in=(today, coming)).order_by("day"):
        _put_on_duty(town, day, today - timedelta(days=6), with_example=day.day == today)
    for before in (3, 2, 1):
        announce(town, today - timedelta(days=before))


def _put_on_duty(town: Township, day: ReceptionDay, on: date, *, with_example: bool) -> None:
    """Two deputies of the station; who is planned already stays."""
    there = set(
        Participation._plain.filter(reception_day=day, outcome=DutyState.SCHEDULED).values_list(
            "mandate_id", flat=True
        )
    )
    roster = StationDeputy._plain.filter(
        station=day.station_id, ends_on__isnull=True, mandate__state=MandateState.ACTIVE
    )
    people = list(roster.order_by("mandate__list_number").values_list("mandate_id", "mandate__list_number"))
    example = [pk for pk, number in people if number == _EXAMPLE and with_example]
    others = [pk for pk, number in people if number != _EXAMPLE]
    wanted = [*example, *town.rng.sample(others, len(others))]
    fresh = [pk for pk in wanted if pk not in there]
    missing = max(2 - len(there), len(set(example) - there))
    if missing:
        with on_day(town.clerk, on, 11) as now:
            assign_duty(actor=town.clerk, day_id=day.pk, mandate_ids=fresh[:missing], now=now)


def leave_work_open(town: Township, today: date) -> None:
    """A believable morning's queue: a swap to approve, a leave to decide, new cases, one case overdue."""
    turns = list(
        Participation._plain.filter(
            outcome=DutyState.SCHEDULED,
            reception_day__station__in=town.stations[1:],
            day__gt=today + timedelta(days=6),
        ).order_by("day", "pk")[:8]
    )
    if len(turns) > 2:
        _ask_to_swap(town, turns[0], today)
        _ask_for_leave(town, turns[-1], today)
    for place, matter in enumerate(WAITING):
        _bring(town, place * 9 + 2, matter, today - timedelta(days=1 + place))
    late = Opinion._plain.filter(scope_code=town.place.scope_code, closed_on__isnull=True, due_on__lt=today)
    if not late.exists():
        opinion = _bring(town, 27, OVERDUE, today - timedelta(days=30))
        _send_to_unit(town, opinion, "乡生态环境办公室", today, 29, 27)
    new, handled = AT_THE_UNIT
    _send_to_unit(town, _bring(town, 13, new, today - timedelta(days=3)), "乡水利服务站", today, 1)
    _send_to_unit(town, _bring(town, 21, handled, today - timedelta(days=9)), "乡水利服务站", today, 8, 7)


def _send_to_unit(
    town: Township, opinion: int, name: str, today: date, sent: int, accepted: int | None = None
) -> None:
    """Taken up and assigned so many days ago; accepted later, or not yet."""
    with on_day(town.clerk, today - timedelta(days=sent), 9) as now:
        triage_opinion(actor=town.clerk, opinion_id=opinion, now=now)
        assign_opinion(actor=town.clerk, opinion_id=opinion, unit_id=town.units[name].pk, now=now)
    handler = town.unit_actors.get(name, town.clerk)
    if accepted is not None:
        with on_day(handler, today - timedelta(days=accepted), 9) as now:
            accept_opinion(actor=handler, opinion_id=opinion, now=now)


def _ask_to_swap(town: Township, turn: Participation, today: date) -> None:
    day = turn.reception_day
    if day is None:
        return
    on_day_already = Participation._plain.filter(reception_day=day).values("mandate_id")
    roster = StationDeputy._plain.filter(
        station=day.station_id, ends_on__isnull=True, mandate__state=MandateState.ACTIVE
    )
    other = (
        roster.exclude(mandate__in=on_day_already)
        .order_by("mandate_id")
        .values_list("mandate_id", flat=True)
        .first()
    )
    if other is not None:
        offer_turn(town, turn, None, today - timedelta(days=3), other)


def _ask_for_leave(town: Township, turn: Participation, today: date) -> None:
    actor = town.deputies[turn.mandate_id]
    with on_day(actor, today - timedelta(days=1), 20) as now:
        request_leave(
            actor=actor, starts_on=turn.day, ends_on=turn.day, kind=LeaveReason.OFFICIAL_DUTY,
            reason="当天参加区里组织的农机培训", participation_id=turn.pk, now=now,
        )  # fmt: skip


def _bring(town: Township, number: int, matter: tuple[OpinionCategory, str, str, str], day: date) -> int:
    category, words, wish, name = matter
    mandate = town.seated(day)[number]
    actor, village = town.actor_of(mandate), town.village_of(mandate)
    intake = Intake(
        content=words.format(village=village), wish=wish, category=category, urgency=Urgency.ORDINARY,
        contact_way=ContactWay.VISIT, received_on=day, resident_name=name, resident_phone=f"1393540{number:04d}",
        resident_address=f"{town.place.short_name}{village}", deputy_id=mandate.pk,
    )  # fmt: skip
    with on_day(actor, day, 18) as now:
        return register_opinion(actor=actor, intake=intake, now=now).pk


def furnish(town: Township, today: date) -> None:
    """Equipment and photos of each station, one signed register as a scan, calendars on three telephones."""
    day = date(2026, 1, 6)
    for station, items in zip(town.stations, EQUIPMENT, strict=True):
        with on_day(town.clerk, day, 11) as now:
            set_equipment(actor=town.clerk, station_id=station.pk, items=items)
    first = town.stations[0]
    with on_day(town.clerk, day, 14) as now:
        for picture, caption in (
            (door(first.name, "站点正门"), "联络站正门，门旁挂站牌，门前是缓坡"),
            (room(first.name, "接待室"), "接待室，墙上公示本站代表，门边设意见箱"),
        ):
            add_station_photo(actor=town.clerk, file=picture, caption=caption, station_id=first.pk, now=now)
    _scan_register(town, first, today)


def _scan_register(town: Township, station: Station, today: date) -> None:
    held = ReceptionDay._plain.filter(station=station, state=ReceptionDayState.HELD, day__lt=today).order_by(
        "-day"
    )
    last = held.first()
    if last is not None:
        sheet = signed_sheet(town.rng, "接待选民登记表", f"{last.day:%Y%m%d}登记表")
        with on_day(town.clerk, last.day, 16) as now:
            add_scans(actor=town.clerk, files=[sheet], reception_day_id=last.pk, now=now)


def subscribe(clerk: Actor, station_clerk: Actor, deputy: Actor, station: Station, today: date) -> None:
    """Calendars on telephones: the township's, the station's, one deputy's own."""
    day = today - timedelta(days=40)
    with on_day(clerk, day, 9) as now:
        create_feed(actor=clerk, kind=FeedKind.TOWNSHIP, now=now)
    with on_day(station_clerk, day, 10) as now:
        create_feed(actor=station_clerk, kind=FeedKind.STATION, station_id=station.pk, now=now)
    with on_day(deputy, day, 20) as now:
        create_feed(actor=deputy, kind=FeedKind.OWN, now=now)


def fall_silent(town: Township, station: Station, since: date, today: date) -> None:
    """A room that received people until four months ago: some days called off, the last left unregistered."""
    rule = Rule(kind=RuleKind.MONTH_DAYS, month_days=(20,), opening=_MORNING, valid_from=since)
    with on_day(town.clerk, since, 9) as now:
        save_reception_rule(actor=town.clerk, station_id=station.pk, rule=rule, now=now)
        plan_reception_days(
            actor=town.clerk, station_id=station.pk, start=since, end=today + timedelta(days=60), now=now
        )
    days = ReceptionDay._plain.filter(station=station, day__lt=today).order_by("day")
    last_held = today - timedelta(days=125)
    for day in days.filter(day__lte=last_held):
        with on_day(town.clerk, day.day - timedelta(days=3), 9) as now:
            publish_reception(actor=town.clerk, day_id=day.pk, now=now)
        with on_day(town.clerk, day.day, 12) as now:
            hold_reception(actor=town.clerk, day_id=day.pk, visitor_count=town.rng.randint(1, 5), now=now)
    for day in days.filter(day__gt=last_held, day__lte=last_held + timedelta(days=70)):
        with on_day(town.clerk, day.day - timedelta(days=5), 9) as now:
            cancel_reception(actor=town.clerk, day_id=day.pk, reason="接待室屋顶漏水，正在维修", now=now)
