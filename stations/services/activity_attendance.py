"""An arranged activity was held: one form for everybody, minutes, and the other side confirms as ever."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from deputies.models import Mandate
from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.tenancy.locking import locked
from liaison.tenancy.scope import Actor
from liaison.words.errors import Forbidden, InvalidInput, Refused
from liaison.words.limits import fitted_line
from stations.access import may_organise
from stations.enums import (
    AnswerState,
    DutyEvent,
    DutyState,
    ParticipationState,
    ReceptionDayEvent,
    ReceptionDayState,
)
from stations.models import Activity, Invitation, Participation
from stations.rules.lifecycle import DUTY, PARTICIPATION, RECEPTION_DAY, TURNS_OVER
from stations.services.attendance import EVENT_FOR, Entry, Outcomes, read_outcomes
from stations.services.common import (
    clean_column,
    confirmation_due,
    mandates_for,
    optional_text,
    require_in_office,
)

_OPEN = (ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED, ReceptionDayState.HELD)


def register_activity_attendance(
    *,
    actor: Actor,
    activity_id: int,
    outcomes: Outcomes,
    now: datetime,
    summary: str | None = None,
    minutes: str | None = None,
    speeches: Mapping[int, str] | None = None,
) -> Activity:
    """Register once who of those expected came, is on leave or stayed away; others who came are added.

    Everybody expected needs a word, so that nothing is left as a debt by oversight. Registering again
    corrects what the other side has not answered; what it has is refused with the name.
    """
    row = _organised(actor, activity_id)
    today = china_date(now)
    if row.starts_on > today:
        raise Refused("活动还没有开始，不能登记参加情况。")
    wanted = read_outcomes(outcomes)
    parts = _parts(actor, row)
    forgotten = [part for key, part in parts.items() if key not in wanted and part.recorded_at is None]
    if forgotten:
        names = "、".join(str(part.mandate) for part in forgotten[:5])
        raise InvalidInput({"outcomes": f"请登记{names}{'等' if len(forgotten) > 5 else ''}的参加情况。"})
    mandates = mandates_for(actor, wanted, row.scope_code)
    require_in_office(actor, [mandates[key] for key in wanted if key not in parts], row.starts_on, today)
    entry = Entry(actor, now, confirmation_due(row.scope_code, now))
    with trail.operation("register_activity_attendance"):
        _hold(row, summary, minutes)
        for key, outcome in wanted.items():
            part = parts.get(key) or _newcomer(row, mandates[key])
            _put(part, outcome, (speeches or {}).get(key), entry)
    return row


def _organised(actor: Actor, activity_id: int) -> Activity:
    row = locked(Activity, actor, activity_id, "kind")
    if not may_organise(actor, row.scope_code, row.group_id):
        raise Forbidden("您当前的职务不能登记这项活动。")
    if row.state not in _OPEN:
        raise Refused(f"这项活动{ReceptionDayState(row.state).label}，不能登记参加情况。")
    return row


def _parts(actor: Actor, row: Activity) -> dict[int, Participation]:
    rows = Participation.scoped(actor).filter(activity=row).exclude(outcome__in=TURNS_OVER)
    rows = rows.exclude(state=ParticipationState.WITHDRAWN)
    joined = rows.select_related("mandate__person").select_for_update(of=("self",)).order_by("id")
    return {part.mandate_id: part for part in joined}


def _newcomer(row: Activity, mandate: Mandate) -> Participation:
    return Participation(scope_code=row.scope_code, mandate=mandate, activity=row, day=row.starts_on)


def _hold(row: Activity, summary: str | None, minutes: str | None) -> None:
    """Pass the table's states; an activity nobody was told of beforehand was held all the same."""
    if row.state == ReceptionDayState.PLANNED:
        row.state = RECEPTION_DAY.next_state(row.state, ReceptionDayEvent.PUBLISH).value
    if row.state == ReceptionDayState.PUBLISHED:
        row.state = RECEPTION_DAY.next_state(row.state, ReceptionDayEvent.HOLD).value
    if summary is not None:
        row.summary = optional_text(summary)
    if minutes is not None:
        row.minutes = optional_text(minutes)
    row.save(update_fields=["state", "summary", "minutes"])


def _put(part: Participation, outcome: DutyState, speech: str | None, entry: Entry) -> None:
    words = (
        part.speech
        if speech is None
        else fitted_line(Participation, "speech", speech, at="speeches", label="发言要点")
    )
    if part.outcome == outcome and part.pk and (part.recorded_at or outcome == DutyState.ON_LEAVE):
        # Granted leave stays granted; what was registered before stays with its deadline.
        if not part.speech.says(words):
            part.speech = words
            part.save(update_fields=["speech"])
        return
    granted = part.outcome == DutyState.ON_LEAVE and part.recorded_at is None
    if granted:
        # He was excused and came, or did not take the leave: back to a part nobody has registered yet.
        part.state = ParticipationState(PARTICIPATION.start).value
        part.settled_by_id = part.settled_at = None
        if outcome == DutyState.ABSENT:
            part.outcome = DUTY.next_state(part.outcome, DutyEvent.RESTORE).value
    if part.state != ParticipationState.REGISTERED:
        label = ParticipationState(part.state).label
        raise Refused(f"{part.mandate}的记录{label}，不能直接改登记；有不同意见的，请按异议办理。")
    if part.outcome != outcome:
        part.outcome = DUTY.next_state(part.outcome, EVENT_FOR[outcome]).value
    part.speech = words
    entry.stamp(part)
    part.save()


def save_minutes(
    *, actor: Actor, activity_id: int, minutes: str | None = None, summary: str | None = None
) -> Activity:
    """纪要 of an activity that was held; it may be completed later. What is not given stays."""
    row = _organised(actor, activity_id)
    if row.state != ReceptionDayState.HELD:
        raise Refused("活动开展以后才能登记纪要。")
    if minutes is not None:
        row.minutes = clean_column(Activity, "minutes", minutes)
    if summary is not None:
        row.summary = clean_column(Activity, "summary", summary)
    with trail.operation("save_minutes"):
        row.save(update_fields=["minutes", "summary"])
    return row


def expected_outcome(part: Participation | None, invitation: Invitation | None) -> str:
    """What the register ticks beforehand: as answered; empty where nothing was."""
    if part is not None and part.outcome in EVENT_FOR:
        return part.outcome
    if invitation is not None and invitation.answer == AnswerState.COMING:
        return DutyState.ATTENDED.value
    return ""


def is_over(row: Activity, today: date) -> bool:
    """Past its days and neither registered nor called off: somebody has to register it."""
    return row.ends_on < today and row.state in (ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED)
