"""Receptions, activities and visits of the demo: registered by one side, confirmed by the other."""

from collections import Counter
from datetime import date, timedelta

from deputies.models import Mandate, Session
from liaison.calendar.working import working_calendar
from liaison.words.errors import Refused
from reports.demo.casework import bring_matter
from reports.demo.clock import quarter_of
from reports.demo.content import (
    LEAVE_REASONS,
    MEETINGS,
    POLICY_TALKS,
    SPEECHES,
    SURVEYS,
    TRAININGS,
    VISIT_NOTES,
)
from reports.demo.township import Township, on_day
from stations.enums import ContactMethod, DutyState, LeaveReason, ShippedKind
from stations.models import Participation, ReceptionDay
from stations.services import (
    assign_duty,
    confirm_records,
    decide_leave,
    hold_reception,
    publish_reception,
    record_own_activity,
    register_activity,
    register_attendance,
    register_session_sitting,
    request_leave,
)


def workday_from(day: date) -> date:
    """That day, or the next one people work on."""
    calendar = working_calendar().provisional()
    return day if calendar.is_workday(day) else calendar.next_workday(day)


def plan_turns(town: Township, day: ReceptionDay, counts: Counter[int], last: set[int]) -> list[Mandate]:
    """Three deputies with the fewest turns so far, nobody twice running."""
    people = [m for m in town.seated(day.day) if m.pk not in last]
    people.sort(
        key=lambda m: (counts[m.pk], (m.list_number or 0) % 3 != day.station_id % 3, m.list_number or 0)
    )
    chosen = people[:3]
    counts.update(m.pk for m in chosen)
    return chosen


def hold_receptions(town: Township, first: date, last: date, today: date, counts: Counter[int]) -> None:
    """All planned days of the span: announced before, held on the day, confirmed in the days after."""
    days = ReceptionDay._plain.filter(station__in=town.stations, day__range=(first, last)).order_by(
        "day", "pk"
    )
    before: set[int] = set()
    for day in days.select_related("station"):
        chosen = plan_turns(town, day, counts, before)
        before = {m.pk for m in chosen}
        with on_day(town.clerk, min(day.day - timedelta(days=10), today), 9) as now:
            assign_duty(actor=town.clerk, day_id=day.pk, mandate_ids=[m.pk for m in chosen], now=now)
        if day.day - timedelta(days=20) <= today:
            with on_day(town.clerk, min(day.day - timedelta(days=5), today), 10) as now:
                publish_reception(actor=town.clerk, day_id=day.pk, now=now)
        if day.day <= today:
            _hold(town, day, chosen, today)


def _hold(town: Township, day: ReceptionDay, chosen: list[Mandate], today: date) -> None:
    outcomes: dict[int, DutyState] = {}
    for mandate in chosen:
        if town.rng.random() < 0.04:
            take_leave(town, mandate, day.day)
            outcomes[mandate.pk] = DutyState.ON_LEAVE
        else:
            came = town.rng.random() < town.character_of(mandate).attends
            outcomes[mandate.pk] = DutyState.ATTENDED if came else DutyState.ABSENT
    receive_visitors(town, day, chosen, outcomes, today)


def receive_visitors(
    town: Township, day: ReceptionDay, chosen: list[Mandate], outcomes: dict[int, DutyState], today: date
) -> None:
    """The station registers who came; each deputy present hears a matter."""
    present = [m for m in chosen if outcomes[m.pk] == DutyState.ATTENDED]
    with on_day(town.clerk, day.day, 12) as now:
        if outcomes:
            register_attendance(actor=town.clerk, day_id=day.pk, outcomes=outcomes, now=now)
        visitors = town.rng.randint(len(present), len(present) * 3) if present else 0
        hold_reception(actor=town.clerk, day_id=day.pk, visitor_count=visitors, now=now)
    for mandate in present:
        bring_matter(town, mandate, day.day, today, reception=day)


def take_leave(town: Township, mandate: Mandate, day: date, ahead: int = 3) -> None:
    """Asked for in the evening some days ahead, granted the morning after."""
    turn = Participation._plain.filter(mandate=mandate, day=day, reception_day__isnull=False).first()
    actor = town.actor_of(mandate)
    try:
        with on_day(actor, day - timedelta(days=ahead), 20) as now:
            leave = request_leave(
                actor=actor, starts_on=day, ends_on=day, kind=LeaveReason.ILLNESS, reason=town.rng.choice(LEAVE_REASONS),
                participation_id=turn.pk if turn else None, now=now,
            )  # fmt: skip
        with on_day(town.chair, day - timedelta(days=ahead - 1), 9) as now:
            decide_leave(actor=town.chair, leave_id=leave.pk, is_approved=True, note="同意", now=now)
    except Refused:
        # Another leave already covers the day.
        return


def confirm_month(town: Township, last: date) -> None:
    """Deputies answer what the office registered, the office answers what deputies logged."""
    rows = Participation._plain.filter(
        scope_code=town.place.scope_code, state="registered", recorded_at__isnull=False, day__lte=last
    ).exclude(outcome=DutyState.SCHEDULED)
    by_person: dict[int, list[int]] = {}
    for_office: list[int] = []
    for pk, mandate_id, by_deputy in rows.values_list("pk", "mandate_id", "is_recorded_by_deputy"):
        if by_deputy:
            for_office.append(pk)
        else:
            by_person.setdefault(mandate_id, []).append(pk)
    day = last + timedelta(days=1)
    for mandate_id, ids in by_person.items():
        actor = town.deputies[mandate_id]
        with on_day(actor, day, 19) as now:
            confirm_records(actor=actor, participation_ids=ids, now=now)
    if for_office:
        with on_day(town.clerk, day, 9) as now:
            confirm_records(actor=town.clerk, participation_ids=for_office, now=now)


def hold_quarter(town: Township, day: date, today: date) -> None:
    """Inspection, training and deputies' meeting of one quarter, everybody registered at once."""
    quarter = quarter_of(day)
    for kind, offset, title, method in (
        (ShippedKind.TRAINING, 12, TRAININGS[quarter - 1], ""),
        (ShippedKind.SURVEY, 40, SURVEYS[(quarter - 1) * 2 + day.year % 2], ContactMethod.SURVEYS),
        (ShippedKind.DEPUTIES_MEETING, 68, MEETINGS[quarter - 1], ContactMethod.GROUP_ACTIVITIES),
    ):
        on = workday_from(day + timedelta(days=offset))
        if on <= today:
            _everybody(town, kind, title, on, method)


def _everybody(town: Township, kind: ShippedKind, title: str, on: date, method: str) -> None:
    outcomes = _outcomes(town, on)
    with on_day(town.clerk, on, 17) as now:
        register_activity(
            actor=town.clerk,
            kind_code=kind,
            title=title,
            starts_on=on,
            outcomes=outcomes,
            place=f"{town.place.short_name}人大代表活动室",
            summary=f"{title}，应到{len(outcomes)}人，实到{sum(o == DutyState.ATTENDED for o in outcomes.values())}人。",
            contact_method=method,
            now=now,
        )


def _outcomes(town: Township, on: date) -> dict[int, DutyState]:
    found: dict[int, DutyState] = {}
    for mandate in town.seated(on):
        luck = town.rng.random()
        attends = town.character_of(mandate).attends
        found[mandate.pk] = DutyState.ATTENDED if luck < attends else DutyState.ABSENT
        if luck >= attends and town.rng.random() < 0.5:
            found[mandate.pk] = DutyState.ON_LEAVE
    return found


def hold_yearly(town: Township, day: date, today: date) -> None:
    """履职交流, once a year."""
    if day <= today:
        _everybody(
            town, ShippedKind.EXCHANGE, f"{day.year}年度代表履职交流会", day, ContactMethod.GROUP_ACTIVITIES
        )


def hold_sitting(town: Township, session: Session, title: str, on: date) -> None:
    """One half-day of a session: who came, who spoke."""
    outcomes = _outcomes(town, on)
    speeches = {
        pk: town.rng.choice(SPEECHES)
        for pk, outcome in outcomes.items()
        if outcome == DutyState.ATTENDED and town.rng.random() < town.characters[pk].speaks
    }
    with on_day(town.clerk, on, 17) as now:
        register_session_sitting(
            actor=town.clerk, session_id=session.pk, title=title, day=on, outcomes=outcomes, speeches=speeches, now=now
        )  # fmt: skip


def visit_constituencies(town: Township, month: date, today: date) -> None:
    """走访选区: each deputy logs his own, on the evening of the day."""
    for mandate in town.seated(month):
        if town.rng.random() > town.character_of(mandate).visits * town.visit_pace:
            continue
        day = month + timedelta(days=town.rng.randint(7, 26))
        if day > today:
            continue
        actor = town.actor_of(mandate)
        with on_day(actor, day, 20) as now:
            record_own_activity(
                actor=actor,
                kind_code=ShippedKind.CONSTITUENCY_VISIT,
                day=day,
                title=f"{month.month}月走访选区",
                place=town.village_of(mandate),
                note=town.rng.choice(VISIT_NOTES),
                contact_method=ContactMethod.VISITS,
                now=now,
            )


def give_policy_talk(town: Township, mandate: Mandate, day: date) -> None:
    """政策宣讲, once a year per person."""
    actor = town.actor_of(mandate)
    with on_day(actor, day, 20) as now:
        record_own_activity(
            actor=actor,
            kind_code=ShippedKind.POLICY_TALK,
            day=day,
            title=town.rng.choice(POLICY_TALKS),
            place=town.village_of(mandate),
            note="到会群众反映通俗易懂，现场解答了三个问题。",
            now=now,
        )
