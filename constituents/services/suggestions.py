"""代表建议: handed in, checked, assigned, replied to, evaluated; deadlines in months (代表法 Art. 51)."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from constituents.access import (
    get_opinion,
    get_suggestion,
)
from constituents.enums import ReplyClass, Satisfaction, SubmissionTime, SuggestionEvent, SuggestionState
from constituents.lifecycle import SUGGESTION, SUGGESTION_RATING_EVENTS
from constituents.models import HandlingUnit, Suggestion, SuggestionSignatory
from constituents.services.notices import tell_suggestion
from constituents.services.steps import move_suggestion, put, required, write_suggestion_step
from constituents.services.suggestion_decisions import require_lead
from deputies.lifecycle import SEATED_STATES
from deputies.models import Mandate, Session
from liaison.auditing import trail
from liaison.calendar.days import past_day_fault, refuse
from liaison.calendar.workdays import china_date
from liaison.documents.numbering import next_serial
from liaison.identity.access import is_linked
from liaison.identity.roles import DEPUTIES, OFFICE
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, Refused
from liaison.words.limits import fitted, limit_of, too_long
from liaison.words.text import clean_line, clean_text

SERIAL_CODE = "建议"
MOST_QUALITY = Decimal(2)
_SIGNERS = OFFICE | {*DEPUTIES}


def submit_suggestion(
    *,
    actor: Actor,
    mandate_ids: Sequence[int],
    title: str,
    content: str,
    submitted_on: date,
    now: datetime,
    session: Session | None = None,
    opinion_id: int | None = None,
    is_old_day_meant: bool = False,
) -> Suggestion:
    """Hand in a suggestion; the first mandate leads. A deputy signs for himself, a clerk for anybody.

    ``InvalidInput`` without title, content or a seated signatory, or for a day in the future or, unless it
    is said to be meant (``is_old_day_meant``), years back.
    """
    actor.require(*_SIGNERS)
    title, content = clean_line(title), clean_text(content).strip()
    signers = _signers(actor, mandate_ids)
    _check(title, content, signers)
    meant = is_old_day_meant
    fault = past_day_fault(submitted_on, china_date(now), label="提出日期", is_old_day_meant=meant)
    refuse({"submitted_on": fault})
    if opinion_id is not None:
        get_opinion(actor, opinion_id)
    with trail.operation("submit_suggestion"):
        lead = signers[0]
        suggestion = Suggestion._plain.create(
            scope_code=lead.scope_code,
            number=next_serial(scope_code=lead.scope_code, code=SERIAL_CODE, year=submitted_on.year),
            term_id=lead.term_id,
            session=session,
            submission_time=SubmissionTime.IN_SESSION if session else SubmissionTime.INTERSESSION,
            title=title,
            content=content,
            submitted_on=submitted_on,
            opinion_id=opinion_id,
            state=SuggestionState.SUBMITTED,
            recorded_by_id=actor.account_id,
            recorded_at=now,
        )
        for mandate in signers:
            SuggestionSignatory._plain.create(
                scope_code=lead.scope_code, suggestion=suggestion, mandate=mandate, is_lead=mandate is lead
            )
        write_suggestion_step(actor, suggestion, SuggestionState.DRAFTED, SuggestionEvent.SUBMIT, now, "")
        tell_suggestion(suggestion, now)
    return suggestion


def _signers(actor: Actor, mandate_ids: Sequence[int]) -> list[Mandate]:
    rows = {m.pk: m for m in Mandate.scoped(actor).filter(pk__in=mandate_ids, state__in=SEATED_STATES)}
    signers = [rows[pk] for pk in dict.fromkeys(mandate_ids) if pk in rows]
    if actor.has_role(*DEPUTIES) and (not signers or not is_linked(signers[0].person_id, actor.person_id)):
        raise Forbidden("领衔代表应是您本人；代他人提交请联系主席团秘书。")
    return signers


def _check(title: str, content: str, signers: Sequence[Mandate]) -> None:
    wrong: dict[str, str] = {}
    if not 4 <= len(title) <= 80:
        wrong["title"] = "标题应为4至80字，如“关于改造东庄村饮水管网的建议”。"
    if not content:
        wrong["content"] = "请填写建议内容：情况、分析和具体意见。"
    elif len(content) > (limit := limit_of(Suggestion, "content")):
        wrong["content"] = too_long("内容", limit, len(content))
    if not signers:
        wrong["mandates"] = "请选择至少一位在任代表。"
    if wrong:
        raise InvalidInput(wrong)


def check_suggestion(
    *, actor: Actor, suggestion_id: int, is_acceptable: bool, note: str, now: datetime
) -> Suggestion:
    """审查: acceptable or not (domain.md section 2); a refusal needs a reason."""
    actor.require(*OFFICE)
    if not is_acceptable and not note.strip():
        raise InvalidInput({"note": "不作为建议处理的，请写明理由并告知代表。"})
    event = SuggestionEvent.CHECK if is_acceptable else SuggestionEvent.NOT_ACCEPT
    with trail.operation("check_suggestion"):
        row = get_suggestion(actor, suggestion_id, lock=True)
        return move_suggestion(actor=actor, suggestion=row, event=event, now=now, note=note)


def assign_suggestion(*, actor: Actor, suggestion_id: int, unit_id: int, now: datetime) -> Suggestion:
    """交办: the reply is due in the township's months, never later than the national floor."""
    actor.require(*OFFICE)
    with trail.operation("assign_suggestion"):
        row = get_suggestion(actor, suggestion_id, lock=True)
        units = HandlingUnit.scoped(actor).filter(scope_code=row.scope_code, is_active=True)
        row.unit = units.filter(pk=unit_id).first()
        if row.unit is None:
            raise InvalidInput({"unit": "请从本地的承办单位中选择一个在用的单位。"})
        row.assigned_on = china_date(now)
        columns = put(row, "suggestion_reply", row.assigned_on)
        return move_suggestion(
            actor=actor,
            suggestion=row,
            event=SuggestionEvent.ASSIGN,
            now=now,
            changed=("unit", "assigned_on", *columns),
        )


def _require_unit(actor: Actor, suggestion: Suggestion) -> None:
    if actor.has_role(*OFFICE, Role.SYSTEM):
        return
    if actor.role != Role.HANDLING_UNIT or not is_linked(suggestion.unit_id, actor.unit_id):
        raise Forbidden("只有承办单位或者主席团可以办理此事。")


def accept_suggestion(*, actor: Actor, suggestion_id: int, now: datetime) -> Suggestion:
    """签收."""
    with trail.operation("accept_suggestion"):
        row = get_suggestion(actor, suggestion_id, lock=True)
        _require_unit(actor, row)
        return move_suggestion(actor=actor, suggestion=row, event=SuggestionEvent.ACCEPT, now=now)


def return_suggestion(*, actor: Actor, suggestion_id: int, reason: str, now: datetime) -> Suggestion:
    """退办, with a reason."""
    reason = required("reason", reason, "请写明退办理由，并建议应由哪个单位办理。")
    with trail.operation("return_suggestion"):
        row = get_suggestion(actor, suggestion_id, lock=True)
        _require_unit(actor, row)
        return move_suggestion(
            actor=actor, suggestion=row, event=SuggestionEvent.RETURN, now=now, note=reason
        )


def reply_suggestion(
    *, actor: Actor, suggestion_id: int, reply: str, reply_class: ReplyClass, now: datetime
) -> Suggestion:
    """答复, classed A to D; it goes to each signatory, and the days for rating begin."""
    reply = fitted(Suggestion, "reply", reply, needed="请填写答复内容。")
    with trail.operation("reply_suggestion"):
        row = get_suggestion(actor, suggestion_id, lock=True)
        _require_unit(actor, row)
        row.reply, row.reply_class, row.replied_on = reply, reply_class.value, china_date(now)
        columns = put(row, "suggestion_rating", row.replied_on)
        return move_suggestion(
            actor=actor,
            suggestion=row,
            event=SuggestionEvent.REPLY,
            now=now,
            note=reply,
            changed=("reply", "reply_class", "replied_on", *columns),
        )


def rate_suggestion(
    *, actor: Actor, suggestion_id: int, satisfaction: Satisfaction, now: datetime, note: str = ""
) -> Suggestion:
    """评价 by the lead deputy, or by the clerk on the deputy's paper; 不满意 gives one redo."""
    actor.require(*_SIGNERS)
    with trail.operation("rate_suggestion"):
        row = get_suggestion(actor, suggestion_id, lock=True)
        require_lead(actor, row, "由领衔代表评价答复。")
        row.satisfaction = satisfaction.value
        event = SUGGESTION_RATING_EVENTS[satisfaction]
        changed: tuple[str, ...] = ("satisfaction",)
        if SUGGESTION.next_state(row.state, event) == SuggestionState.REDO:
            changed = (*changed, *put(row, "suggestion_redo", china_date(now)))
        move_suggestion(actor=actor, suggestion=row, event=event, now=now, note=note, changed=changed)
        if row.state == SuggestionState.EVALUATED:
            move_suggestion(actor=actor, suggestion=row, event=SuggestionEvent.CLOSE_OUT, now=now)
        return row


def set_quality(*, actor: Actor, suggestion_id: int, points: Decimal, is_key: bool) -> Suggestion:
    """质量分 0–2 of the yearly assessment, and whether the suggestion is a 重点督办 one."""
    actor.require(*OFFICE)
    if not Decimal(0) <= points <= MOST_QUALITY:
        raise InvalidInput({"quality_points": f"质量分应在0至{MOST_QUALITY}之间。"})
    with trail.operation("set_suggestion_quality"):
        row = get_suggestion(actor, suggestion_id, lock=True)
        if row.state in (SuggestionState.SUBMITTED, SuggestionState.NOT_ACCEPTED, SuggestionState.WITHDRAWN):
            raise Refused("建议审查通过后才能评质量分。")
        row.quality_points, row.is_key = points, is_key
        row.save(update_fields=["quality_points", "is_key"])
        return row
