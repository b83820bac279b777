"""庄子乡's stations in the running years: rules as data, days planned by them, turns from the rota.

Everything up to 2025 was assigned by hand; from 2026 on the office lays down a rule for each station, drafts the
rota, changes a seat by hand and adopts it, and changes it again in summer for one who works away.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from deputies.enums import CongressLevel, MandateState
from deputies.models import GroupMembership, Mandate
from liaison.calendar.recurrence import LAST, OnDayOff, Rule, RuleKind, ThemeOn
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.errors import InvalidInput, Refused
from reports.demo.activities import receive_visitors, take_leave, workday_from
from reports.demo.clock import at
from reports.demo.content import HAND_PUT_THEMES, UPPER_DEPUTIES
from reports.demo.township import Township, on_day
from stations.enums import DutyState, LeaveReason, ReceptionDayState, RotaPlanState
from stations.models import (
    Participation,
    ReceptionDay,
    ReceptionRule,
    RotaPlan,
    Station,
    StationDeputy,
    UpperTurn,
)
from stations.rules.rota.snapshot import from_data
from stations.services import (
    adopt_rota_plan,
    announce_receptions,
    change_seat,
    consent_to_swap,
    decide_leave,
    decide_swap,
    link_upper_deputy,
    make_rota_plan,
    plan_reception_days,
    postpone_reception,
    propose_swap,
    register_upper_turn,
    request_leave,
    save_reception_rule,
    set_station_roster,
    set_theme,
    substitute_duty,
    update_station,
)

NOTICE = timedelta(days=3)
# 47 deputies share 72 turns of three stations: one or two each.
SEATS, LEAST = 2, 1
FIRST_YEAR = date(2026, 1, 1)
FIRST_FRIDAY = Rule(
    kind=RuleKind.NTH_WEEKDAY,
    weekdays=(5,),
    nths=(1,),
    opening=((time(9), time(11, 30)),),
    valid_from=date(2025, 1, 1),
)


def _rules() -> tuple[Rule, ...]:
    """One a station, in their order: the seed's Friday with a theme a quarter, the 15th, the last Tuesday."""
    friday = replace(
        FIRST_FRIDAY, valid_from=FIRST_YEAR, theme="各级代表联动听民声", theme_on=ThemeOn.QUARTER
    )
    mid_month = Rule(
        kind=RuleKind.MONTH_DAYS, month_days=(15,), opening=friday.opening, valid_from=FIRST_YEAR,
        on_day_off=OnDayOff.POSTPONE,
    )  # fmt: skip
    last_tuesday = replace(friday, weekdays=(2,), nths=(LAST,), theme="")
    return friday, mid_month, last_tuesday


def begin_years(town: Township) -> None:
    """December 2025: who serves where, who comes from above, and the rules from New Year on."""
    day = date(2025, 12, 29)
    _share_out(town, day)
    with on_day(town.clerk, day, 15) as now:
        for name, level in UPPER_DEPUTIES:
            link_upper_deputy(
                actor=town.clerk, station_id=town.stations[0].pk, starts_on=FIRST_YEAR, name=name, level=CongressLevel(level)
            )  # fmt: skip
        for each, rule in zip(town.stations, _rules(), strict=True):
            known = ReceptionRule._plain.get(station=each)
            save_reception_rule(actor=town.clerk, station_id=each.pk, rule=rule, rule_id=known.pk, now=now)


def send_from_county(town: Township, county: Actor, seat: Mandate) -> None:
    """The county committee names one of its own deputies for the theme days of the first station."""
    with on_day(county, date(2025, 12, 29), 14):
        link_upper_deputy(
            actor=county,
            station_id=town.stations[0].pk,
            starts_on=FIRST_YEAR,
            county_mandate_id=seat.pk,
        )


def _share_out(town: Township, day: date) -> None:
    """Each station has its own deputies and the group that answers for it; the fourth group helps everywhere."""
    groups = dict(
        GroupMembership._plain.filter(mandate__term=town.term, ends_on__isnull=True)
        .order_by("group_id")
        .values_list("mandate_id", "group_id")
    )
    order = sorted(set(groups.values()))
    shares: list[list[int]] = [[] for _ in town.stations]
    for mandate in town.seated(day):
        place = order.index(groups[mandate.pk]) if mandate.pk in groups else len(order)
        is_example = (mandate.list_number or 0) <= 2
        number = place if place < len(shares) else (mandate.list_number or 0)
        shares[0 if is_example else number % len(shares)].append(mandate.pk)
    with on_day(town.clerk, day, 10) as now:
        for number, station in enumerate(town.stations):
            set_station_roster(actor=town.clerk, station_id=station.pk, mandate_ids=shares[number], now=now)
            update_station(actor=town.clerk, station_id=station.pk, group_id=order[number], now=now)


def draft_year(town: Township, year: int, day: date) -> None:
    """Plan the year's days and draft its rota; in the first station one seat is changed by hand."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    for station in town.stations:
        with on_day(town.clerk, day, 16) as now:
            plan_reception_days(actor=town.clerk, station_id=station.pk, start=first, end=last, now=now)
            plan = make_rota_plan(
                actor=town.clerk, station_id=station.pk, starts_on=first, ends_on=last, seats=SEATS, minimum=LEAST, now=now
            )  # fmt: skip
        if station == town.stations[0]:
            with on_day(town.clerk, day, 17) as now:
                _change_by_hand(town.clerk, plan, now)


def _change_by_hand(clerk: Actor, plan: RotaPlan, now: datetime) -> None:
    """In summer whoever has the most turns gives one to whoever has the fewest and can come."""
    stored = from_data(plan.snapshot)
    turns = {person.key: person.turns for person in stored.people}
    in_summer = [each for each in stored.days if 4 <= each.day.month <= 8 and each.keys]
    day, giver = max(
        ((each, key) for each in in_summer for key in each.keys if not key.startswith("u")),
        key=lambda seat: (turns[seat[1]], seat[0].day),
    )
    takers = (key for key in sorted(turns, key=lambda key: (turns[key], key)) if not key.startswith("u"))
    for taker in takers:
        if taker in day.keys:
            continue
        with _or_not():
            change = change_seat(
                actor=clerk, plan_id=plan.pk, day_id=day.id, key=taker, holder=giver, now=now
            )
            if change.is_saved:
                return


def adopt_drafts(town: Township, day: date) -> None:
    drafts = RotaPlan._plain.filter(station__in=town.stations, state=RotaPlanState.DRAFT).order_by("pk")
    for plan_id in drafts.values_list("pk", flat=True):
        with on_day(town.clerk, day, 9) as now:
            adopt_rota_plan(actor=town.clerk, plan_id=plan_id, now=now)


# -- what happens in the course of a year -------------------------------------------------------------


def arrange_month(town: Township, month: date, today: date) -> None:
    """What the office changes in this month, each once a year."""
    step = _STEPS.get(month.month)
    if step is not None and month + timedelta(days=27) <= today:
        step(town, month)


def _exchange_turns(town: Township, month: date) -> None:
    """April: two deputies change their turns of May and June, both agree, the station approves."""
    station = town.stations[1]
    turns = _coming_turns(station, month + timedelta(days=30), month + timedelta(days=90))
    pairs = (
        (one, two) for one in turns for two in turns if one.day < two.day and one.mandate_id != two.mandate_id
    )
    for one, two in pairs:
        with _or_not():
            swap = offer_turn(town, one, two, month + timedelta(days=19))
            with on_day(town.clerk, month + timedelta(days=21), 9) as now:
                decide_swap(actor=town.clerk, swap_id=swap, is_approved=True, now=now)
            return


def offer_turn(
    town: Township, one: Participation, two: Participation | None, day: date, other: int = 0
) -> int:
    """One deputy proposes, the other agrees the day after; returns the swap, still to be approved."""
    asking, asked = town.deputies[one.mandate_id], two.mandate_id if two else other
    with on_day(asking, day, 20) as now:
        swap = propose_swap(
            actor=asking, participation_id=one.pk, mandate_id=asked, wanted_id=two.pk if two else None,
            reason="当天要带老人到区医院复查", now=now,
        )  # fmt: skip
    with on_day(town.deputies[asked], day + timedelta(days=1), 8) as now:
        consent_to_swap(actor=town.deputies[asked], swap_id=swap.pk, now=now)
    return swap.pk


def _plan_the_second_half(town: Township, month: date) -> None:
    """June: somebody works away over summer; the rest of the year is drafted anew and adopted."""
    station, year = town.stations[0], month.year
    turns = _coming_turns(station, date(year, 7, 1), date(year, 8, 31))
    if not turns:
        return
    actor = town.deputies[turns[0].mandate_id]
    with on_day(actor, date(year, 6, 22), 20) as now:
        leave = request_leave(
            actor=actor, starts_on=date(year, 7, 1), ends_on=date(year, 8, 31), kind=LeaveReason.PERSONAL,
            reason="七、八月在外地带队收割，不能参加值班", now=now,
        )  # fmt: skip
    with on_day(town.chair, date(year, 6, 23), 9) as now:
        decide_leave(
            actor=town.chair, leave_id=leave.pk, is_approved=True, note="同意，请秘书调整轮值", now=now
        )
    with on_day(town.clerk, date(year, 6, 24), 10) as now:
        plan = make_rota_plan(
            actor=town.clerk, station_id=station.pk, starts_on=date(year, 1, 1), ends_on=date(year, 12, 31),
            seats=SEATS, minimum=LEAST, now=now,
        )  # fmt: skip
    with on_day(town.clerk, date(year, 6, 25), 9) as now:
        adopt_rota_plan(actor=town.clerk, plan_id=plan.pk, now=now)


def _postpone_for_rain(town: Township, month: date) -> None:
    """July: the road to the last station is under water; announced, then put off by a correction."""
    days = ReceptionDay._plain.filter(
        station=town.stations[2],
        day__range=(month, month + timedelta(days=30)),
        state=ReceptionDayState.PLANNED,
    )
    row = days.order_by("day").first()
    if row is None:
        return
    announce(town, row.day - NOTICE)
    with on_day(town.clerk, row.day - timedelta(days=1), 17) as now:
        postpone_reception(
            actor=town.clerk, day_id=row.pk, reason="连日强降雨，进村道路积水",
            new_day=workday_from(row.day + timedelta(days=2)), now=now,
        )  # fmt: skip


def _name_theme(town: Township, month: date) -> None:
    """Every quarter the office says more closely what the next theme day is about."""
    first = month + timedelta(days=28)
    days = ReceptionDay._plain.filter(
        station=town.stations[0],
        state=ReceptionDayState.PLANNED,
        day__gte=first,
        day__lt=first + timedelta(days=35),
    )
    row = days.exclude(theme="").order_by("day").first()
    if row is None:
        return
    with on_day(town.clerk, month + timedelta(days=20), 11):
        set_theme(actor=town.clerk, day_id=row.pk, theme=HAND_PUT_THEMES[month.month])


_STEPS: dict[int, Callable[[Township, date], None]] = {
    3: _name_theme,
    4: _exchange_turns,
    6: _plan_the_second_half,
    7: _postpone_for_rain,
    9: _name_theme,
}


def _coming_turns(station: Station, first: date, last: date) -> list[Participation]:
    rows = Participation._plain.filter(
        reception_day__station=station, outcome=DutyState.SCHEDULED, day__range=(first, last)
    )
    return list(rows.order_by("day", "pk"))


@contextmanager
def _or_not() -> Iterator[None]:
    """What the rules refuse is left as it is; the next one is tried."""
    try:
        with acting(system_actor()):
            yield
    except (InvalidInput, Refused):
        return


# -- the receptions themselves ------------------------------------------------------------------------


def announce(town: Township, day: date, hour: int = 8) -> None:
    """What beat does in the morning: announce what is due, correct what is no longer true."""
    lo, hi = town.place.scope_code, town.place.scope_end
    with acting(system_actor(lo, hi, "接待日公告")) as actor:
        announce_receptions(actor=actor, now=at(day, hour))


def hold_planned(town: Township, first: date, last: date, today: date) -> None:
    """Every reception of the span: announced in time, somebody on leave replaced, held, the rest as ever."""
    days = ReceptionDay._plain.filter(station__in=town.stations, day__range=(first, last))
    days = days.filter(state__in=(ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED)).order_by(
        "day", "pk"
    )
    for day in days.select_related("station"):
        leaving = [turn for turn in _turns_of(day) if town.rng.random() < 0.08]
        # Most ask before the notice goes out; for the others it is corrected.
        early = [turn for turn in leaving if town.rng.random() < 0.7]
        _replace(town, day, early, 9)
        announce(town, day.day - NOTICE)
        late = [turn for turn in leaving if turn not in early]
        _replace(town, day, late, 3)
        if late:
            announce(town, day.day - timedelta(days=2), 16)
        _hold(town, day, today)


def _replace(town: Township, day: ReceptionDay, turns: list[Participation], ahead: int) -> None:
    """They ask for leave ``ahead`` days before; the day after the office finds somebody else."""
    for turn in turns:
        take_leave(town, turn.mandate, day.day, ahead)
        there = {each.mandate_id for each in _turns_of(day)} | {turn.mandate_id}
        others = StationDeputy._plain.filter(
            station=day.station_id, ends_on__isnull=True, mandate__state=MandateState.ACTIVE
        )
        free = list(
            others.exclude(mandate__in=there).order_by("mandate_id").values_list("mandate_id", flat=True)
        )
        successor = town.rng.choice(free)
        with _or_not(), on_day(town.clerk, day.day - timedelta(days=ahead - 1), 15) as now:
            substitute_duty(
                actor=town.clerk, participation_id=turn.pk, mandate_id=successor, reason=f"{turn.mandate}代表请假", now=now
            )  # fmt: skip


def _turns_of(day: ReceptionDay) -> list[Participation]:
    rows = Participation._plain.filter(reception_day=day, outcome=DutyState.SCHEDULED)
    return list(rows.select_related("mandate__person", "mandate__constituency").order_by("pk"))


def _hold(town: Township, day: ReceptionDay, today: date) -> None:
    with on_day(town.clerk, day.day, 12) as now:
        for upper in UpperTurn._plain.filter(reception_day=day, outcome=DutyState.SCHEDULED).order_by("pk"):
            register_upper_turn(actor=town.clerk, turn_id=upper.pk, outcome=DutyState.ATTENDED, now=now)
    outcomes: dict[int, DutyState] = {}
    turns = _turns_of(day)
    for turn in turns:
        came = town.rng.random() < town.character_of(turn.mandate).attends
        outcomes[turn.mandate_id] = DutyState.ATTENDED if came else DutyState.ABSENT
    receive_visitors(town, day, [turn.mandate for turn in turns], outcomes, today)
