"""The rarer moves of a suggestion: sent back, extended, withdrawn, decided by the presidium."""

from datetime import date, datetime

from constituents.access import (
    get_suggestion,
)
from constituents.enums import SuggestionEvent
from constituents.lifecycle import SUGGESTION_AWAITING_RATING, is_due_day_over
from constituents.models import Suggestion, SuggestionSignatory
from constituents.services.steps import move_suggestion, put, required
from deputies.access import require_unconcerned
from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.identity.access import linked
from liaison.identity.roles import OFFICE
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, Refused
from liaison.words.limits import fitted
from liaison.words.text import clean_line
from stations.rules.wording import full_day_text

DECISIONS = frozenset(
    {
        SuggestionEvent.SEND_BACK,
        SuggestionEvent.ORDER_REDO,
        SuggestionEvent.LEAVE_UNRATED,
        SuggestionEvent.CLOSE_OUT,
        SuggestionEvent.ARCHIVE,
    }
)


def decide_suggestion(
    *, actor: Actor, suggestion_id: int, event: SuggestionEvent, note: str, now: datetime
) -> Suggestion:
    """退回修改, 责成再次办理, 未评价办结, 办结, 归档: by the presidium, with a reason."""
    actor.require(*OFFICE)
    if event not in DECISIONS:
        raise InvalidInput({"event": "此处不能办理这一环节。"})
    note = required("note", note, "请写明理由。")
    with trail.operation(f"{event}_suggestion"):
        row = get_suggestion(actor, suggestion_id, lock=True)
        require_no_signatory(actor, row)
        if event == SuggestionEvent.LEAVE_UNRATED:
            _require_days_of_rating_over(row, china_date(now))
        columns = put(row, "suggestion_redo", china_date(now)) if event == SuggestionEvent.ORDER_REDO else ()
        return move_suggestion(actor=actor, suggestion=row, event=event, now=now, note=note, changed=columns)


def _require_days_of_rating_over(row: Suggestion, today: date) -> None:
    """An answer cannot be left unrated before its deputy had the days to rate it."""
    if row.state in SUGGESTION_AWAITING_RATING and not is_due_day_over(row.due_on, today):
        until = f"到{full_day_text(row.due_on)}" if row.due_on else "没有定出期限"
        raise Refused(f"代表评价答复的期限{until}，期限届满后仍未评价的，才能按逾期未评价办结。")


def extend_suggestion(*, actor: Actor, suggestion_id: int, reason: str, now: datetime) -> Suggestion:
    """延期: by the presidium, counted from the day of assignment (代表法 Art. 51, complex matters)."""
    actor.require(*OFFICE)
    reason = required("reason", reason, "请写明延期理由，将告知代表。")
    with trail.operation("extend_suggestion"):
        row = get_suggestion(actor, suggestion_id, lock=True)
        require_no_signatory(actor, row)
        columns = put(row, "suggestion_extended", row.assigned_on or china_date(now))
        return move_suggestion(
            actor=actor, suggestion=row, event=SuggestionEvent.EXTEND, now=now, note=reason, changed=columns
        )


def withdraw_suggestion(*, actor: Actor, suggestion_id: int, reason: str, now: datetime) -> Suggestion:
    """撤回, in writing and by the lead deputy; it ends handling (重庆、浙江 rules)."""
    reason = required("reason", reason, "请写明撤回理由。")
    with trail.operation("withdraw_suggestion"):
        row = get_suggestion(actor, suggestion_id, lock=True)
        require_lead(actor, row, "由领衔代表书面撤回。")
        return move_suggestion(
            actor=actor, suggestion=row, event=SuggestionEvent.WITHDRAW, now=now, note=reason
        )


def resubmit_suggestion(
    *, actor: Actor, suggestion_id: int, title: str, content: str, now: datetime
) -> Suggestion:
    """Hand in again what was sent back; title and content as corrected by the lead deputy."""
    title = clean_line(title)
    if not 4 <= len(title) <= 80:
        raise InvalidInput({"title": "标题应为4至80字，如“关于改造东庄村饮水管网的建议”。"})
    content = fitted(Suggestion, "content", content, needed="请填写建议内容：情况、分析和具体意见。")
    with trail.operation("resubmit_suggestion"):
        row = get_suggestion(actor, suggestion_id, lock=True)
        require_lead(actor, row, "由领衔代表修改后再提交。")
        row.title, row.content = title, content
        return move_suggestion(
            actor=actor, suggestion=row, event=SuggestionEvent.SUBMIT, now=now, changed=("title", "content")
        )


def require_no_signatory(actor: Actor, suggestion: Suggestion) -> None:
    """``Forbidden`` for whoever signed the suggestion himself and would now decide on it (回避)."""
    signed = SuggestionSignatory.scoped(actor).filter(suggestion=suggestion).select_related("mandate__person")
    require_unconcerned(actor, *(signatory.mandate for signatory in signed))


def require_lead(actor: Actor, suggestion: Suggestion, words: str) -> None:
    """The lead deputy, or the presidium on the deputy's paper."""
    if actor.has_role(*OFFICE, Role.SYSTEM):
        return
    leads = SuggestionSignatory.scoped(actor).filter(suggestion=suggestion, is_lead=True)
    if actor.person_id is None or not leads.filter(linked("mandate__person_id", actor.person_id)).exists():
        raise Forbidden(words)
