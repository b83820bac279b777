"""What can be done with a suggestion; the twin of ``constituents.actions.opinions``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from constituents.actions import forms as f
from constituents.actions.opinions import (
    CaseAction,
    Run,
)
from constituents.enums import ReplyClass, Satisfaction, SuggestionRefusal, SuggestionState
from constituents.enums import SuggestionEvent as E
from constituents.lifecycle import SUGGESTION, SUGGESTION_AWAITING_RATING, SUGGESTION_DONE
from constituents.models import Suggestion
from constituents.services import suggestion_decisions as decisions
from constituents.services import suggestions
from liaison.identity.access import is_linked
from liaison.identity.roles import DEPUTIES, OFFICE
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role

_UNIT = frozenset({Role.HANDLING_UNIT})
_JUDGED = frozenset(SuggestionState) - SUGGESTION_DONE - {SuggestionState.DRAFTED, SuggestionState.SUBMITTED}
_DECIDED_LATER = frozenset({SuggestionState.CLOSED, SuggestionState.CLOSED_UNRATED})


def _plain(service: Callable[..., Any], **fixed: Any) -> Run:
    def run(actor: Actor, case: Suggestion, given: dict[str, Any], now: datetime) -> Any:
        return service(actor=actor, suggestion_id=case.pk, now=now, **fixed, **given)

    return run


def _check(actor: Actor, case: Suggestion, given: dict[str, Any], now: datetime) -> Any:
    is_acceptable, note = given["is_acceptable"] == "yes", given["note"]
    if not is_acceptable:
        note = f"{SuggestionRefusal(given['refusal']).label}：{note}"
    return suggestions.check_suggestion(
        actor=actor, suggestion_id=case.pk, is_acceptable=is_acceptable, note=note, now=now
    )


def _assign(actor: Actor, case: Suggestion, given: dict[str, Any], now: datetime) -> Any:
    unit_id = given["unit"].pk
    return suggestions.assign_suggestion(actor=actor, suggestion_id=case.pk, unit_id=unit_id, now=now)


def _reply(actor: Actor, case: Suggestion, given: dict[str, Any], now: datetime) -> Any:
    reply_class = ReplyClass(given["reply_class"])
    return suggestions.reply_suggestion(
        actor=actor, suggestion_id=case.pk, reply=given["reply"], reply_class=reply_class, now=now
    )


def _rate(actor: Actor, case: Suggestion, given: dict[str, Any], now: datetime) -> Any:
    verdict = Satisfaction(given["satisfaction"])
    return suggestions.rate_suggestion(
        actor=actor, suggestion_id=case.pk, satisfaction=verdict, note=given["note"], now=now
    )


def _quality(actor: Actor, case: Suggestion, given: dict[str, Any], now: datetime) -> Any:
    return suggestions.set_quality(
        actor=actor, suggestion_id=case.pk, points=given["quality_points"], is_key=given["is_key"]
    )


def _decide(code: str, event: E, consequence: str, *, is_after_due: bool = False) -> CaseAction:
    run, states = _plain(decisions.decide_suggestion, event=event), SUGGESTION.sources_of(event)
    return CaseAction(
        code, event.label, f.NoteForm, OFFICE, states, run, consequence, is_after_due=is_after_due
    )


_ALL = (
    CaseAction("check", "审查", f.CheckForm, OFFICE, SUGGESTION.sources_of(E.CHECK), _check,
               "审查通过后交办；不作为建议处理的，告知代表理由。"),
    CaseAction("assign", "交办", f.SuggestionAssignForm, OFFICE, SUGGESTION.sources_of(E.ASSIGN), _assign,
               "自今天起算答复期限，主办单位即收到消息。"),
    CaseAction("accept", "签收", f.PlainForm, _UNIT | OFFICE, SUGGESTION.sources_of(E.ACCEPT),
               _plain(suggestions.accept_suggestion), "签收后开始办理，请先与代表联系。"),
    CaseAction("reply", "答复", f.SuggestionReplyForm, _UNIT | OFFICE, SUGGESTION.sources_of(E.REPLY), _reply,
               "答复送达每一位署名代表，由领衔代表评价。", is_bulk=False),
    CaseAction("rate", "评价答复", f.SuggestionRateForm, OFFICE | DEPUTIES, SUGGESTION_AWAITING_RATING, _rate,
               "满意或者基本满意即办结；不满意的重新办理一次。"),
    CaseAction("resubmit", "修改后再次提交", f.ResubmitForm, OFFICE | DEPUTIES,
               SUGGESTION.sources_of(E.SUBMIT),
               _plain(decisions.resubmit_suggestion), "重新提交主席团审查。", is_bulk=False),
    CaseAction("return", "退办", f.ReasonForm, _UNIT | OFFICE, SUGGESTION.sources_of(E.RETURN),
               _plain(suggestions.return_suggestion), "退回主席团重新交办，理由会留在办理记录中。"),
    CaseAction("extend", "延期", f.ReasonForm, OFFICE, SUGGESTION.sources_of(E.EXTEND),
               _plain(decisions.extend_suggestion), "自交办之日起算延长后的期限，理由告知代表。"),
    _decide("send-back", E.SEND_BACK, "退回代表修改后再提交。"),
    _decide("redo", E.ORDER_REDO, "主办单位重新办理，期限重新起算。"),
    _decide("close", E.CLOSE_OUT, "办结后不再办理。"),
    _decide("unrated", E.LEAVE_UNRATED, "评价期限届满仍未评价的，办结并不计入满意率。", is_after_due=True),
    CaseAction("quality", "评质量分", f.QualityForm, OFFICE, _JUDGED | _DECIDED_LATER, _quality,
               "质量分计入代表年度测评。"),
    CaseAction("withdraw", "撤回", f.ReasonForm, OFFICE | DEPUTIES, SUGGESTION.sources_of(E.WITHDRAW),
               _plain(decisions.withdraw_suggestion), "撤回后办理终止，不能恢复。", is_danger=True),
    _decide("archive", E.ARCHIVE, "归档后不能再变更。"),
)  # fmt: skip
SUGGESTION_ACTIONS: Mapping[str, CaseAction] = {action.code: action for action in _ALL}


# What a deputy does with the own suggestion, and the office on the deputy's paper; the rest judges it.
_OWN_ACTS = frozenset({"rate", "resubmit", "withdraw"})


def require_judge(actor: Actor, what: CaseAction, cases: Iterable[Suggestion]) -> None:
    """``Forbidden`` where the actor signed one of ``cases`` and would decide on it: asked by the page."""
    if what.code not in _OWN_ACTS:
        for case in cases:
            decisions.require_no_signatory(actor, case)


def suggestion_actions_for(
    actor: Actor, case: Suggestion, *, is_lead: bool, is_signed: bool, today: date
) -> list[CaseAction]:
    """What this actor may do now; of the signatories only the lead deputy acts, and none of them judges."""
    found = [action for action in _ALL if action.fits(actor, case, today)]
    if is_signed:
        found = [action for action in found if action.code in _OWN_ACTS]
    if actor.role in DEPUTIES and not is_lead:
        return []
    if actor.role == Role.HANDLING_UNIT and not is_linked(case.unit_id, actor.unit_id):
        return []
    return found
