"""Nobody judges a matter of his own: the person is asked, whichever appointment he acts in (回避).

A deputy is often vice-chair or clerk too. In that appointment the actor carries no person, so asking the
appointment finds nothing.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from assessments.enums import AssessmentState, ObjectionEvent
from assessments.models import Assessment
from assessments.services.entries import Tally
from assessments.services.objections import require_ruler
from assessments.services.rectification import require_reviewer
from assessments.services.talks import TalkRecord
from constituents.enums import ReplyClass, SuggestionEvent
from constituents.services.suggestion_decisions import require_no_signatory
from deputies.access import concerns
from deputies.enums import MandateEvent
from deputies.models import Mandate, Person
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden
from stations import services as stations
from stations.enums import DutyState, ParticipationEvent
from stations.models import Participation
from stations.services.confirmations import require_settler
from tests.security.nation import AT, DAY, Nation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]

APPS = ("deputies", "stations", "constituents", "assessments")
# Arguments that name a row about one deputy.
ABOUT = {
    "participation_id", "participation_ids", "leave_id", "swap_id", "notice_id", "objection_id", "report_id", "sheet_id",
    "talk_id", "suggestion_id", "extra_fact_id", "mandate_id", "mandate_ids", "person_id",
}  # fmt: skip
CLERK, CHAIR, LEADER, UNIT = Role.PRESIDIUM_CLERK, Role.PRESIDIUM_CHAIR, Role.GROUP_LEADER, Role.HANDLING_UNIT
TALK = TalkRecord(
    held_at=AT, ended_at=AT, place="主席团办公室", talked_by="甲", recorder="乙", content="提醒"
)

# Every service that judges: who may otherwise, on which row, and with what else.
JUDGES: dict[str, tuple[Role, str, str, dict[str, Any]]] = {
    "settle_objection": (CHAIR, "Participation", "participation_id", {"decision": ParticipationEvent.UPHOLD, "ruling": "维持"}),
    "confirm_record": (CLERK, "Participation", "participation_id", {}),
    "object_to_record": (CLERK, "Participation", "participation_id", {"reason": "没有到场"}),
    "decide_leave": (CHAIR, "LeaveRequest", "leave_id", {"is_approved": True, "note": ""}),
    "decide_swap": (CLERK, "DutySwap", "swap_id", {"is_approved": True}),
    "excuse_report": (CLERK, "FeedbackNotice", "notice_id", {"reason": "患病"}),
    "record_unreported": (CLERK, "FeedbackNotice", "notice_id", {"note": "期满"}),
    "withdraw_extra_fact": (CLERK, "ExtraFact", "extra_fact_id", {"reason": "登记有误"}),
    "start_recheck": (CLERK, "ScoreObjection", "objection_id", {}),
    "rule_objection": (CHAIR, "ScoreObjection", "objection_id", {"event": ObjectionEvent.UPHOLD, "ruling": "维持"}),
    "give_leader_opinion": (LEADER, "RectificationReport", "report_id", {"opinion": "同意"}),
    "review_report": (CLERK, "RectificationReport", "report_id", {"is_accepted": True, "note": ""}),
    "correct_sheet": (CHAIR, "ScoreSheet", "sheet_id", {"reason": "记录更正"}),
    "hold_talk": (CLERK, "ReminderTalk", "talk_id", {"record": TALK}),
    "cancel_talk": (CLERK, "ReminderTalk", "talk_id", {"reason": "代表资格终止"}),
    "check_suggestion": (CLERK, "Suggestion", "suggestion_id", {"is_acceptable": True, "note": ""}),
    "assign_suggestion": (CLERK, "Suggestion", "suggestion_id", {"unit_id": 0}),
    "accept_suggestion": (UNIT, "Suggestion", "suggestion_id", {}),
    "return_suggestion": (UNIT, "Suggestion", "suggestion_id", {"reason": "不属本单位"}),
    "reply_suggestion": (UNIT, "Suggestion", "suggestion_id", {"reply": "已办理", "reply_class": ReplyClass.A}),
    "decide_suggestion": (CHAIR, "Suggestion", "suggestion_id", {"event": SuggestionEvent.ARCHIVE, "note": "归档"}),
    "extend_suggestion": (CLERK, "Suggestion", "suggestion_id", {"reason": "情况复杂"}),
    "set_quality": (CLERK, "Suggestion", "suggestion_id", {"points": Decimal(2), "is_key": False}),
    "change_mandate": (CLERK, "Mandate", "mandate_id", {"event": MandateEvent.RESTORE, "basis": "决定", "effective_on": DAY}),
}  # fmt: skip
# Judged as well, tried apart: they take more than one row.
BY_YEAR = {"record_ballot", "record_extra_fact", "confirm_records"}
# Not a judgement on a deputy, each with its reason.
OTHERWISE = {
    "the deputy's own act": {
        "open_own_notice", "raise_objection", "withdraw_objection", "start_report", "save_report", "submit_report",
        "withdraw_suggestion", "resubmit_suggestion", "submit_suggestion", "rate_suggestion", "withdraw_record",
        "propose_swap", "consent_to_swap", "withdraw_swap", "request_leave", "withdraw_leave",
    },
    "a task or a delivery that decides nothing": {"render_notice", "send_reminder", "deliver_notice"},
    "the register of facts, which weighs nobody": {
        "enrol_deputy", "correct_deputy", "place_in_group", "set_post", "add_fixed_contact", "register_mandate",
        "update_mandate", "update_person", "re_elect",
    },
    "a look at a telephone, counted and with a reason": {"reveal_phone"},
    "a plan, which counts nothing until it is done and confirmed by the other side": {
        "arrange_activity", "assign_duty", "release_duty", "substitute_duty", "set_station_roster",
    },
}  # fmt: skip


def services_about_somebody() -> Iterator[str]:
    for app in APPS:
        for path in sorted(Path(app, "services").glob("*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    names = {argument.arg for argument in node.args.kwonlyargs}
                    if "actor" in names and names & ABOUT:
                        yield node.name


def called(name: str, **given: Any) -> Any:
    """Call the service of this name, wherever its app keeps it; the moment goes to those that read one."""
    for app in APPS:
        for path in Path(app, "services").glob("*.py"):
            found = getattr(import_module(f"{app}.services.{path.stem}"), name, None)
            if found is not None:
                moment = {"now": AT} if "now" in signature(found).parameters else {}
                return found(**given, **moment)
    raise LookupError(name)


@pytest.fixture
def judged(nation: Nation) -> Nation:
    """The rows of the own place, registered and handed in, so that a judgement could follow."""
    mine = nation["own"]
    with acting(system_actor()):
        Person._plain.filter(pk=mine["Person"].pk).update(account=mine["Account"])
        Participation._plain.filter(pk=mine["Participation"].pk).update(
            outcome=DutyState.ATTENDED, recorded_by=None, is_recorded_by_deputy=True
        )
        type(mine["RectificationReport"])._plain.filter(pk=mine["RectificationReport"].pk).update(
            is_submitted=True
        )
        Assessment._plain.filter(pk=mine["Assessment"].pk).update(state=AssessmentState.DRAFT)
    return nation


def other_self(nation: Nation, role: Role) -> Actor:
    """The deputy of the rows in another appointment of the same account; only a leader's names the person."""
    actor = nation.actors[role]
    person = actor.person_id if role == LEADER else None
    return replace(actor, account_id=nation["own"]["Account"].pk, person_id=person)


def test_every_service_about_a_deputy_judges_or_says_why_not() -> None:
    otherwise = set[str]().union(*OTHERWISE.values())
    assert not otherwise & (set(JUDGES) | BY_YEAR)
    assert set(services_about_somebody()) == otherwise | set(JUDGES) | BY_YEAR


@pytest.mark.parametrize("name", JUDGES)
def test_the_deputy_concerned_does_not_judge_in_another_appointment(judged: Nation, name: str) -> None:
    role, model, argument, more = JUDGES[name]
    actor = other_self(judged, role)
    with acting(actor), pytest.raises(Forbidden) as refused:
        called(name, actor=actor, **{argument: judged["own"][model].pk}, **more)
    assert "本人" in refused.value.message


def test_marks_and_votes_of_oneself_are_typed_by_another(judged: Nation) -> None:
    actor, mine = other_self(judged, CLERK), judged["own"]
    facts = {"assessment_id": mine["Assessment"].pk, "mandate_id": mine["Mandate"].pk}
    tally = Tally(issued=1, returned=1, valid=1, satisfied=1, basically_satisfied=0, dissatisfied=0)
    with acting(actor), pytest.raises(Forbidden, match="本人"):
        called("record_ballot", actor=actor, tally=tally, held_on=DAY, **facts)
    with acting(actor), pytest.raises(Forbidden, match="本人"):
        called("record_extra_fact", actor=actor, fact_code="bonus", basis="文件", happened_on=DAY, **facts)


def test_many_confirmed_at_once_leave_out_the_own(judged: Nation) -> None:
    actor, row = other_self(judged, CLERK), judged["own"]["Participation"]
    with acting(actor):
        result = stations.confirm_records(actor=actor, participation_ids=[row.pk], now=AT)
    assert (result.done, list(result.refused)) == (0, [row.pk])


def test_the_person_is_asked_by_appointment_and_by_account(judged: Nation) -> None:
    mine = judged["own"]
    with acting(system_actor()):
        mandate = Mandate._plain.select_related("person").get(pk=mine["Mandate"].pk)
        nobody = Mandate(person=Person(pk=-1, account=None))
    clerk, deputy = judged.actors[CLERK], judged.actors[Role.DEPUTY]
    assert concerns(deputy, mandate)
    assert concerns(other_self(judged, CLERK), mandate)
    assert not concerns(clerk, mandate)
    assert not concerns(replace(clerk, account_id=None), nobody)
    assert not concerns(system_actor(), mandate)


@pytest.mark.parametrize(
    ("question", "model"),
    [
        (require_reviewer, "RectificationReport"),
        (require_ruler, "ScoreObjection"),
        (require_settler, "Participation"),
        (require_no_signatory, "Suggestion"),
    ],
    ids=["reviewer", "ruler", "settler", "signatory"],
)
def test_the_question_behind_page_and_service_asks_the_person(
    judged: Nation, question: Callable[[Actor, Any], None], model: str
) -> None:
    """A page that asks less than its service shows a form that is refused when it is sent."""
    actor = other_self(judged, CLERK)
    with acting(actor):
        row = type(judged["own"][model]).scoped(actor).get(pk=judged["own"][model].pk)
        with pytest.raises(Forbidden, match="涉及您本人"):
            question(actor, row)
