"""What can be done with an opinion: by whom, in which state, through which form and service, to what effect.

Detail pages, lists and the back office all offer actions from here; the services stay the last word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from constituents.actions import forms as f
from constituents.enums import FeedbackWay, NotAcceptedReason, OpinionState, ReplyClass, Satisfaction
from constituents.enums import OpinionEvent as E
from constituents.lifecycle import OPINION, OPINION_AWAITING_RATING, OPINION_WITH_UNIT, is_due_day_over
from constituents.models import Opinion
from constituents.services import handling
from liaison.identity.access import is_linked
from liaison.identity.roles import DEPUTIES, OFFICE
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role

_UNIT = frozenset({Role.HANDLING_UNIT})
_STATION = frozenset({Role.STATION_CLERK})

Run = Callable[[Actor, Any, dict[str, Any], datetime], Any]


@dataclass(frozen=True, slots=True)
class CaseAction:
    """One thing to do. ``roles`` and ``states`` decide where it is offered, ``run`` calls the service."""

    code: str
    label: str
    form: type[f.ActionForm] | type[f.EditActionForm]
    roles: frozenset[Role]
    states: frozenset[Any]
    run: Run
    consequence: str
    is_danger: bool = False
    # Several cases at once make sense only where one answer fits all of them.
    is_bulk: bool = True
    # Possible only once the day of the case has passed without what it waits for.
    is_after_due: bool = False

    def fits(self, actor: Actor, case: Any, today: date) -> bool:
        is_open = not self.is_after_due or is_due_day_over(case.due_on, today)
        return is_open and actor.role in self.roles and case.state in {str(state) for state in self.states}


def _opinion(service: Callable[..., Any], **fixed: Any) -> Run:
    """A runner for services whose arguments carry the form's own names."""

    def run(actor: Actor, case: Opinion, given: dict[str, Any], now: datetime) -> Any:
        return service(actor=actor, opinion_id=case.pk, now=now, **fixed, **given)

    return run


def _answer(actor: Actor, case: Opinion, given: dict[str, Any], now: datetime) -> Any:
    """A matter answered at the reception is taken up and answered in one go."""
    if case.state == OpinionState.REGISTERED:
        handling.triage_opinion(actor=actor, opinion_id=case.pk, now=now, note="当场答复，受理")
    return handling.answer_on_spot(actor=actor, opinion_id=case.pk, answer=given["on_spot_answer"], now=now)


def _assign(actor: Actor, case: Opinion, given: dict[str, Any], now: datetime) -> Any:
    if case.state == OpinionState.REGISTERED:
        handling.triage_opinion(actor=actor, opinion_id=case.pk, now=now)
    return handling.assign_opinion(
        actor=actor, opinion_id=case.pk, unit_id=given["unit"].pk, note=given["note"], now=now
    )


def _reply(actor: Actor, case: Opinion, given: dict[str, Any], now: datetime) -> Any:
    return handling.reply_opinion(
        actor=actor,
        opinion_id=case.pk,
        reply=given["reply"],
        reply_class=ReplyClass(given["reply_class"]),
        feedback_way=FeedbackWay(given["feedback_way"]),
        now=now,
    )


def _rate(actor: Actor, case: Opinion, given: dict[str, Any], now: datetime) -> Any:
    verdict = Satisfaction(given["satisfaction"])
    return handling.rate_opinion(actor=actor, opinion=case, satisfaction=verdict, note=given["note"], now=now)


def _not_accept(actor: Actor, case: Opinion, given: dict[str, Any], now: datetime) -> Any:
    return handling.not_accept_opinion(
        actor=actor,
        opinion_id=case.pk,
        reason=NotAcceptedReason(given["not_accepted_reason"]),
        told_where=given["told_where"],
        now=now,
    )


def _merge(actor: Actor, case: Opinion, given: dict[str, Any], now: datetime) -> Any:
    return handling.merge_opinion(actor=actor, opinion_id=case.pk, into_id=given["into"].pk, now=now)


def _decide(code: str, event: E, consequence: str, *, is_danger: bool = False) -> CaseAction:
    return CaseAction(
        code,
        event.label,
        f.NoteForm,
        OFFICE,
        OPINION.sources_of(event),
        _opinion(handling.decide_opinion, event=event),
        consequence,
        is_danger,
    )


def _pass_on(code: str, event: E, form: type[f.ActionForm], consequence: str) -> CaseAction:
    run = _opinion(handling.pass_on_opinion, event=event)
    return CaseAction(code, event.label, form, OFFICE, OPINION.sources_of(event), run, consequence)


# The natural next step first.
_ALL = (
    CaseAction("triage", "受理", f.OptionalNoteForm, OFFICE | _STATION, OPINION.sources_of(E.TRIAGE),
               _opinion(handling.triage_opinion), "受理后两个工作日内分办：当场答复、交办或者转送。"),
    CaseAction("accept", "签收", f.PlainForm, _UNIT | OFFICE, OPINION.sources_of(E.ACCEPT),
               _opinion(handling.accept_opinion), "签收后开始办理，请在期限内答复。"),
    CaseAction("reply", "答复", f.ReplyForm, _UNIT | OFFICE, OPINION.sources_of(E.REPLY),
               _reply, "答复后告知群众，群众有15日评价。", is_bulk=False),
    CaseAction("assign", "交办", f.AssignForm, OFFICE,
               OPINION.sources_of(E.ASSIGN) | {OpinionState.REGISTERED},
               _assign, "承办单位即收到消息，办理期限按紧急程度自今天起算。"),
    CaseAction("rate", "登记评价", f.RateForm, OFFICE | _STATION | DEPUTIES, OPINION_AWAITING_RATING,
               _rate, "满意或者基本满意即销号；不满意的重新办理一次。登记人会留在办理记录中。"),
    CaseAction("answer", "当场答复", f.AnswerForm, OFFICE | _STATION,
               OPINION.sources_of(E.ANSWER_ON_SPOT) | {OpinionState.REGISTERED},
               _answer, "登记为当场答复，不再交办；群众有15日评价。", is_bulk=False),
    CaseAction("return", "退办", f.ReasonForm, _UNIT | OFFICE, OPINION.sources_of(E.RETURN),
               _opinion(handling.return_opinion), "退回主席团重新交办，理由会留在办理记录中。"),
    CaseAction("extend", "延期", f.ReasonForm, OFFICE, OPINION.sources_of(E.EXTEND),
               _opinion(handling.extend_opinion), "自交办之日起算60日，只能延期一次，理由告知反映人。"),
    _decide("close", E.CLOSE_OUT, "销号后不再办理。"),
    _decide("redo", E.ORDER_REDO, "承办单位重新办理，期限重新起算。"),
    _pass_on("suggestion", E.MAKE_SUGGESTION, f.NoteForm, "由代表整理为建议提出，此件不再计办理期限。"),
    _pass_on("upper-deputy", E.PASS_TO_UPPER_DEPUTY, f.NoteForm, "经上级人大代表反映，此件不再计办理期限。"),
    _pass_on("hotline", E.PASS_TO_12345, f.HotlineForm, "由热线统一办理，此件不再计办理期限。"),
    _pass_on("petition", E.PASS_TO_PETITION, f.NoteForm, "按信访程序办理，此件不再计办理期限。"),
    CaseAction("merge", "并案", f.MergeForm, OFFICE, OPINION.sources_of(E.MERGE), _merge,
               "与另一件合并办理；群众凭原查询码可看到合并后的进展。"),
    CaseAction("not-accept", "不予受理", f.NotAcceptForm, OFFICE, OPINION.sources_of(E.NOT_ACCEPT),
               _not_accept, "必须说明理由并告知群众应到哪里反映。", is_danger=True),
    _decide("unmerge", E.UNMERGE, "恢复单独办理。"),
    _decide("reopen", E.REOPEN, "恢复受理，重新分办。"),
    _decide("archive", E.ARCHIVE, "归档后不能再变更。"),
)  # fmt: skip
OPINION_ACTIONS: Mapping[str, CaseAction] = {action.code: action for action in _ALL}


# What each role is waited for; everything else is offered beside it, never as the page's one red button.
_AWAITED: Mapping[Role, frozenset[str]] = {
    **dict.fromkeys(OFFICE, frozenset({"triage", "assign", "rate", "check"})),
    **dict.fromkeys(DEPUTIES, frozenset({"rate", "resubmit"})),
    Role.STATION_CLERK: frozenset({"triage", "rate"}),
    Role.HANDLING_UNIT: frozenset({"accept", "reply"}),
}


def split_primary(actor: Actor, actions: list[CaseAction]) -> tuple[CaseAction | None, list[CaseAction]]:
    """The one thing this role is waited for, and the rest."""
    awaited = _AWAITED.get(actor.role, frozenset())
    first = next((action for action in actions if action.code in awaited), None)
    return first, [action for action in actions if action is not first]


def opinion_actions_for(actor: Actor, case: Opinion, today: date) -> list[CaseAction]:
    """What this actor may do with this case now, the natural next step first."""
    found = [action for action in _ALL if action.fits(actor, case, today)]
    if actor.role == Role.HANDLING_UNIT:
        mine = is_linked(case.unit_id, actor.unit_id) and case.state in {
            str(state) for state in OPINION_WITH_UNIT
        }
        return found if mine else []
    return found
