"""The way of an opinion: triage, assignment, reply, rating, closing, and the other exits.

Every function locks the row, asks the table of ``constituents.lifecycle``, saves and writes one step.
``IllegalTransition`` (409) says in words what is possible instead.
"""

from datetime import date, datetime

from constituents.access import (
    get_opinion,
)
from constituents.enums import (
    FeedbackWay,
    NotAcceptedReason,
    OpinionEvent,
    OpinionState,
    ReplyClass,
    Route,
    Satisfaction,
    Urgency,
)
from constituents.lifecycle import (
    OPINION,
    OPINION_AWAITING_RATING,
    OPINION_DONE,
    OPINION_RATING_EVENTS,
    is_due_day_over,
)
from constituents.models import HandlingUnit, Opinion
from constituents.services.steps import move, put, required
from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.calendar.working import policy_for, put_deadline
from liaison.identity.access import is_linked
from liaison.identity.roles import DEPUTIES, OFFICE, STATION_RUNNERS
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, Refused
from liaison.words.limits import fitted, fitted_line

POLICY_OF_URGENCY = {
    Urgency.ORDINARY: "opinion_ordinary",
    Urgency.COMPLEX: "opinion_complex",
    Urgency.URGENT: "opinion_urgent",
}
_RATERS = STATION_RUNNERS | DEPUTIES | {Role.PUBLIC}


def triage_opinion(*, actor: Actor, opinion_id: int, now: datetime, note: str = "") -> Opinion:
    """受理: the matter is taken up and waits for its route."""
    actor.require(*STATION_RUNNERS)
    with trail.operation("triage_opinion"):
        opinion = get_opinion(actor, opinion_id, lock=True)
        # The two working days run from the registration; taking the matter up does not start them anew.
        columns = () if opinion.due_on else put(opinion, "opinion_triage", china_date(now))
        return move(
            actor=actor,
            opinion=opinion,
            event=OpinionEvent.TRIAGE,
            now=now,
            note=note,
            changed=columns,
        )


def answer_on_spot(*, actor: Actor, opinion_id: int, answer: str, now: datetime) -> Opinion:
    """当场答复: what was explained or settled at the reception itself."""
    actor.require(*STATION_RUNNERS, *DEPUTIES)
    answer = fitted(Opinion, "on_spot_answer", answer, needed="请填写当场答复的内容。")
    with trail.operation("answer_on_spot"):
        opinion = get_opinion(actor, opinion_id, lock=True)
        opinion.on_spot_answer, opinion.route = answer, Route.ON_SPOT
        opinion.replied_on = china_date(now)
        columns = put(opinion, "opinion_rating", opinion.replied_on)
        return move(
            actor=actor,
            opinion=opinion,
            event=OpinionEvent.ANSWER_ON_SPOT,
            now=now,
            note=answer,
            changed=("on_spot_answer", "route", "replied_on", *columns),
        )


def assign_opinion(*, actor: Actor, opinion_id: int, unit_id: int, now: datetime, note: str = "") -> Opinion:
    """交办: to one unit, with the deadline of its urgency (domain.md section 4, deadlines)."""
    actor.require(*OFFICE)
    with trail.operation("assign_opinion"):
        opinion = get_opinion(actor, opinion_id, lock=True)
        opinion.unit = _unit_for(actor, opinion, unit_id)
        opinion.assigned_on = china_date(now)
        opinion.route = opinion.unit.route
        columns = put(opinion, POLICY_OF_URGENCY[Urgency(opinion.urgency)], opinion.assigned_on)
        return move(
            actor=actor,
            opinion=opinion,
            event=OpinionEvent.ASSIGN,
            now=now,
            note=note,
            changed=("unit", "assigned_on", "route", *columns),
        )


def _unit_for(actor: Actor, opinion: Opinion, unit_id: int) -> HandlingUnit:
    units = HandlingUnit.scoped(actor).filter(scope_code=opinion.scope_code, is_active=True)
    unit = units.filter(pk=unit_id).first()
    if unit is None:
        raise InvalidInput({"unit": "请从本地的承办单位中选择一个在用的单位。"})
    return unit


def _require_unit(actor: Actor, opinion: Opinion) -> None:
    """The unit itself, or the presidium for a unit that works on paper."""
    if actor.has_role(*OFFICE, Role.SYSTEM):
        return
    if actor.role != Role.HANDLING_UNIT or not is_linked(opinion.unit_id, actor.unit_id):
        raise Forbidden("只有承办单位或者主席团可以办理此事。")


def accept_opinion(*, actor: Actor, opinion_id: int, now: datetime) -> Opinion:
    """签收: the unit takes the case over and begins to handle it."""
    with trail.operation("accept_opinion"):
        opinion = get_opinion(actor, opinion_id, lock=True)
        _require_unit(actor, opinion)
        move(actor=actor, opinion=opinion, event=OpinionEvent.ACCEPT, now=now)
        return move(actor=actor, opinion=opinion, event=OpinionEvent.START_HANDLING, now=now)


def return_opinion(*, actor: Actor, opinion_id: int, reason: str, now: datetime) -> Opinion:
    """退办: not this unit's business; a reason is owed and the time for it is short (5 工作日)."""
    reason = required("reason", reason, "请写明退办理由，并建议应由哪个单位办理。")
    with trail.operation("return_opinion"):
        opinion = get_opinion(actor, opinion_id, lock=True)
        _require_unit(actor, opinion)
        OPINION.next_state(opinion.state, OpinionEvent.RETURN)
        _refuse_late_return(actor, opinion, china_date(now))
        columns = put(opinion, "opinion_triage", china_date(now))
        return move(
            actor=actor, opinion=opinion, event=OpinionEvent.RETURN, now=now, note=reason, changed=columns
        )


def _refuse_late_return(actor: Actor, opinion: Opinion, today: date) -> None:
    """The unit's days to return are short; the presidium may take a case back at any time."""
    if opinion.assigned_on is None or actor.role != Role.HANDLING_UNIT:
        return
    allowed = Opinion()
    policy = policy_for("opinion_return", opinion.scope_code)
    put_deadline(allowed, policy=policy, starts_on=opinion.assigned_on)
    if allowed.due_on is not None and today > allowed.due_on:
        raise Refused(f"退办期限{allowed.due_text}，现已超过，请继续办理或者与主席团联系。")


def extend_opinion(*, actor: Actor, opinion_id: int, reason: str, now: datetime) -> Opinion:
    """延期: once, by the presidium, counted from the day of assignment (60 日)."""
    actor.require(*OFFICE)
    reason = required("reason", reason, "请写明延期理由，将告知反映人。")
    with trail.operation("extend_opinion"):
        opinion = get_opinion(actor, opinion_id, lock=True)
        columns = put(opinion, "opinion_complex_extension", opinion.assigned_on or china_date(now))
        return move(
            actor=actor, opinion=opinion, event=OpinionEvent.EXTEND, now=now, note=reason, changed=columns
        )


def reply_opinion(
    *,
    actor: Actor,
    opinion_id: int,
    reply: str,
    reply_class: ReplyClass,
    now: datetime,
    feedback_way: FeedbackWay = FeedbackWay.PHONE,
) -> Opinion:
    """答复: what was done, with its class; the resident then has 15 days to rate."""
    reply = fitted(Opinion, "reply", reply, needed="请填写办理结果，说明做了什么、何时完成。")
    with trail.operation("reply_opinion"):
        opinion = get_opinion(actor, opinion_id, lock=True)
        _require_unit(actor, opinion)
        opinion.reply, opinion.reply_class = reply, reply_class
        opinion.replied_on, opinion.feedback_way = china_date(now), feedback_way
        columns = put(opinion, "opinion_rating", opinion.replied_on)
        return move(
            actor=actor,
            opinion=opinion,
            event=OpinionEvent.REPLY,
            now=now,
            note=reply,
            changed=("reply", "reply_class", "replied_on", "feedback_way", *columns),
        )


def rate_opinion(
    *, actor: Actor, opinion: Opinion, satisfaction: Satisfaction, now: datetime, note: str = ""
) -> Opinion:
    """评价: by the resident with the code, or by whoever asked the resident; the step keeps who did.

    ``opinion`` has come through ``access`` or by its code. 不满意 reopens the case at once with a new
    deadline; a second time it goes to the presidium. 满意 and 基本满意 close it.
    """
    actor.require(*_RATERS)
    with trail.operation("rate_opinion"):
        locked = Opinion.scoped(actor).select_for_update(of=("self",)).get(pk=opinion.pk)
        event = OPINION_RATING_EVENTS[satisfaction]
        changed = ["satisfaction", "rated_at"]
        locked.satisfaction, locked.rated_at = satisfaction, now
        match OPINION.next_state(locked.state, event):
            case OpinionState.REDO:
                locked.redo_count += 1
                changed += ["redo_count", *put(locked, "opinion_redo", china_date(now))]
            case OpinionState.TRIAGED:
                changed += put(locked, "opinion_triage", china_date(now))
        move(actor=actor, opinion=locked, event=event, now=now, note=note, changed=changed)
        if locked.state == OpinionState.EVALUATED:
            move(actor=actor, opinion=locked, event=OpinionEvent.CLOSE_OUT, now=now, note="评价后自动销号")
        return locked


def close_unrated(*, actor: Actor, opinion_id: int, now: datetime) -> Opinion:
    """No rating in time: closed, and left out of the satisfaction rate (as 重庆 does)."""
    actor.require_system()
    with trail.operation("close_unrated"):
        opinion = Opinion.scoped(actor).select_for_update(of=("self",)).get(pk=opinion_id)
        is_due = is_due_day_over(opinion.due_on, china_date(now))
        if opinion.state not in OPINION_AWAITING_RATING or not is_due:
            return opinion
        return move(
            actor=actor,
            opinion=opinion,
            event=OpinionEvent.LEAVE_UNRATED,
            now=now,
            note="期限内未评价，办结，不计入满意率",
        )


def not_accept_opinion(
    *, actor: Actor, opinion_id: int, reason: NotAcceptedReason, told_where: str, now: datetime
) -> Opinion:
    """不予受理: explained, and told where to go (信访工作条例; domain.md section 4)."""
    actor.require(*OFFICE)
    needed = "不予受理必须告知应到哪里反映，请填写已告知的去处。"
    told_where = fitted(Opinion, "told_where", told_where, needed=needed)
    with trail.operation("not_accept_opinion"):
        opinion = get_opinion(actor, opinion_id, lock=True)
        opinion.not_accepted_reason, opinion.told_where = reason, told_where
        opinion.route = Route.NOT_ACCEPTED
        return move(
            actor=actor,
            opinion=opinion,
            event=OpinionEvent.NOT_ACCEPT,
            now=now,
            note=f"{reason.label}；已告知：{told_where}",
            changed=("not_accepted_reason", "told_where", "route"),
        )


# The exits that hand a matter to another channel.
EXITS: dict[OpinionEvent, Route] = {
    OpinionEvent.MAKE_SUGGESTION: Route.SUGGESTION,
    OpinionEvent.PASS_TO_UPPER_DEPUTY: Route.UPPER_DEPUTY,
    OpinionEvent.PASS_TO_12345: Route.HOTLINE,
    OpinionEvent.PASS_TO_PETITION: Route.PETITION,
}


def pass_on_opinion(
    *,
    actor: Actor,
    opinion_id: int,
    event: OpinionEvent,
    note: str,
    now: datetime,
    hotline_number: str = "",
) -> Opinion:
    """Hand the matter to another channel; it keeps no second deadline here (domain.md, 12345 overlap)."""
    actor.require(*OFFICE)
    if event not in EXITS:
        raise InvalidInput({"event": "请选择转办的去向。"})
    note = required("note", note, "请写明转办情况，如转给谁、何时转办。")
    with trail.operation(f"{event}_opinion"):
        opinion = get_opinion(actor, opinion_id, lock=True)
        opinion.route, opinion.due_on, opinion.due_text = EXITS[event], None, ""
        opinion.due_is_provisional = False
        opinion.hotline_number = (
            fitted_line(Opinion, "hotline_number", hotline_number) or opinion.hotline_number
        )
        return move(
            actor=actor,
            opinion=opinion,
            event=event,
            now=now,
            note=note,
            changed=("route", "due_on", "due_text", "due_is_provisional", "hotline_number"),
        )


def merge_opinion(*, actor: Actor, opinion_id: int, into_id: int, now: datetime) -> Opinion:
    """并案: the same matter; the resident keeps the own receipt and follows the main case."""
    actor.require(*OFFICE)
    if opinion_id == into_id:
        raise InvalidInput({"into": "不能并入自己，请选择另一件。"})
    with trail.operation("merge_opinion"):
        opinion, into = get_opinion(actor, opinion_id, lock=True), get_opinion(actor, into_id)
        if into.scope_code != opinion.scope_code or into.state in OPINION_DONE:
            raise Refused("只能并入本地一件尚未办结的社情民意。")
        opinion.merged_into, opinion.route = into, Route.MERGED
        return move(
            actor=actor,
            opinion=opinion,
            event=OpinionEvent.MERGE,
            now=now,
            note=f"并入{into.number}",
            changed=("merged_into", "route"),
        )


# What the presidium decides in so many words.
DECISIONS = frozenset(
    {
        OpinionEvent.CLOSE_OUT,
        OpinionEvent.ORDER_REDO,
        OpinionEvent.UNMERGE,
        OpinionEvent.REOPEN,
        OpinionEvent.ARCHIVE,
    }
)


def decide_opinion(
    *, actor: Actor, opinion_id: int, event: OpinionEvent, note: str, now: datetime
) -> Opinion:
    """销号, 责成再次办理, 撤销并案, 重新受理, 归档: by the presidium, with a reason."""
    actor.require(*OFFICE)
    if event not in DECISIONS:
        raise InvalidInput({"event": "此处不能办理这一环节。"})
    note = required("note", note, "请写明理由。")
    with trail.operation(f"{event}_opinion"):
        opinion = get_opinion(actor, opinion_id, lock=True)
        changed: tuple[str, ...] = ()
        if event == OpinionEvent.ORDER_REDO:
            changed = put(opinion, "opinion_redo", china_date(now))
        if event in (OpinionEvent.UNMERGE, OpinionEvent.REOPEN):
            opinion.merged_into = None
            changed = ("merged_into", *put(opinion, "opinion_triage", china_date(now)))
        return move(actor=actor, opinion=opinion, event=event, now=now, note=note, changed=changed)
