"""Whoever a matter concerns is told so when the page opens, not after the form was filled in (回避)."""

import re
from collections.abc import Iterator

import pytest
from django.db import transaction

from assessments.enums import AssessmentState, NoticeState, ObjectionState, SheetState, TalkState
from assessments.models import Assessment
from constituents.enums import SuggestionState
from deputies.models import Person
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from stations.enums import DutyState, LeaveState, ParticipationState, SwapState
from stations.models import Participation
from tests.security.conftest import Clients
from tests.security.nation import Nation
from tests.security.test_own_matters import JUDGES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]

CLERK, CHAIR, UNIT = Role.PRESIDIUM_CLERK, Role.PRESIDIUM_CHAIR, Role.HANDLING_UNIT
WORDS = "涉及您本人"
# The state in which the page would offer its form to anybody else.
READY = {
    "LeaveRequest": {"state": LeaveState.REQUESTED, "requested_by": None},
    "DutySwap": {"state": SwapState.CONSENTED},
    "FeedbackNotice": {"state": NoticeState.DELIVERED},
    "ScoreObjection": {"state": ObjectionState.RAISED, "raised_by": None},
    "ReminderTalk": {"state": TalkState.DUE},
    "ScoreSheet": {"state": SheetState.PUBLISHED},
    "RectificationReport": {"is_submitted": True, "submitted_by": None},
}
# Pages that are one form and refuse whole: the services behind them, the role, the address.
REFUSING = {
    "cancel_talk": (CLERK, "/assessments/talks/{ReminderTalk}/cancel/"),
    "excuse_report": (CLERK, "/assessments/notices/{FeedbackNotice}/excuse/"),
    "record_unreported": (CLERK, "/assessments/notices/{FeedbackNotice}/unreported/"),
    "correct_sheet": (CHAIR, "/admin/assessments/scoresheet/{ScoreSheet}/correct/"),
    "review_report": (CLERK, "/assessments/reports/{RectificationReport}/review/"),
    "settle_objection": (CLERK, "/admin/stations/participation/{Participation}/settle/"),
    "change_mandate": (CLERK, "/deputies/change/suspend/?id={Mandate}"),
    "check_suggestion": (CLERK, "/opinions/suggestions/do/check/?id={Suggestion}"),
    "assign_suggestion": (CLERK, "/opinions/suggestions/do/assign/?id={Suggestion}"),
    "accept_suggestion": (UNIT, "/opinions/suggestions/do/accept/?id={Suggestion}"),
    "return_suggestion": (UNIT, "/opinions/suggestions/do/return/?id={Suggestion}"),
    "reply_suggestion": (UNIT, "/opinions/suggestions/do/reply/?id={Suggestion}"),
    "extend_suggestion": (CLERK, "/opinions/suggestions/do/extend/?id={Suggestion}"),
    "decide_suggestion": (CLERK, "/opinions/suggestions/do/archive/?id={Suggestion}"),
    "set_quality": (CLERK, "/opinions/suggestions/do/quality/?id={Suggestion}"),
}
# Pages that are read as well and lose the button: what the button or the form says in their source.
HIDING = {
    "decide_leave": (CLERK, "/stations/leave/{LeaveRequest}/", 'name="decision"'),
    "decide_swap": (CLERK, "/stations/swaps/", 'value="approve"'),
    "hold_talk": (CLERK, "/assessments/talks/{ReminderTalk}/", 'name="talked_by"'),
    "start_recheck": (CLERK, "/assessments/objections/{ScoreObjection}/", "开始复核"),
}
# The same question on the way to them.
LINKS = {
    "/assessments/sheets/{ScoreSheet}/": (CLERK, "/correct/"),
    "/assessments/notices/{FeedbackNotice}/": (CLERK, "/excuse/"),
    "/opinions/suggestions/{Suggestion}/": (CLERK, "/do/quality/"),
}
# Asked by a question page and service share, or chosen in a list where each row is asked for itself.
ELSEWHERE = {
    "rule_objection", "give_leader_opinion", "confirm_record", "object_to_record", "withdraw_extra_fact",
}  # fmt: skip


def address(nation: Nation, pattern: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: str(nation["own"][found[1]].pk), pattern)


@pytest.fixture
def ready(nation: Nation) -> Iterator[Nation]:
    mine = nation["own"]
    with transaction.atomic():
        with acting(system_actor()):
            for model, values in READY.items():
                type(mine[model])._plain.filter(pk=mine[model].pk).update(**values)
            type(mine["Suggestion"])._plain.filter(pk=mine["Suggestion"].pk).update(
                state=SuggestionState.ACCEPTED
            )
            Participation._plain.filter(pk=mine["Participation"].pk).update(
                state=ParticipationState.OBJECTED, outcome=DutyState.ATTENDED, recorded_by=None
            )
            Assessment._plain.filter(pk=mine["Assessment"].pk).update(state=AssessmentState.BALLOT)
        yield nation
        transaction.set_rollback(True)


def concern(nation: Nation, role: Role) -> None:
    """From now on the deputy of all rows is the very person who works as ``role``."""
    with acting(system_actor()):
        Person._plain.filter(account=nation.actors[role].account_id).update(account=None)
        Person._plain.filter(pk=nation["own"]["Person"].pk).update(account=nation.actors[role].account_id)


def test_every_judging_service_has_its_page_here() -> None:
    assert set(REFUSING) | set(HIDING) | ELSEWHERE == set(JUDGES)


@pytest.mark.parametrize("name", REFUSING)
def test_a_page_refuses_in_words_when_it_is_opened(ready: Nation, clients: Clients, name: str) -> None:
    role, pattern = REFUSING[name]
    before = clients[role].get(address(ready, pattern))
    concern(ready, role)
    after = clients[role].get(address(ready, pattern))
    assert (before.status_code, after.status_code) == (200, 403)
    assert WORDS in after.content.decode()


@pytest.mark.parametrize("name", HIDING)
def test_a_page_that_is_read_as_well_offers_no_button(ready: Nation, clients: Clients, name: str) -> None:
    role, pattern, button = HIDING[name]
    before = clients[role].get(address(ready, pattern)).content.decode()
    concern(ready, role)
    after = clients[role].get(address(ready, pattern))
    assert after.status_code == 200
    assert (button in before, button in after.content.decode()) == (True, False)


@pytest.mark.parametrize("pattern", LINKS)
def test_no_link_leads_where_the_page_would_refuse(ready: Nation, clients: Clients, pattern: str) -> None:
    role, link = LINKS[pattern]
    before = clients[role].get(address(ready, pattern)).content.decode()
    concern(ready, role)
    after = clients[role].get(address(ready, pattern)).content.decode()
    assert (link in before, link in after) == (True, False)


def test_the_sheet_of_votes_takes_none_about_whoever_types_it(ready: Nation, clients: Clients) -> None:
    mine = ready["own"]
    page = f"/admin/assessments/ballottally/grid/{mine['Assessment'].pk}/"
    cell = f'name="issued-{mine["Mandate"].pk}"'
    assert cell in clients[CLERK].get(page).content.decode()
    concern(ready, CLERK)
    after = clients[CLERK].get(page).content.decode()
    assert cell not in after
    assert "涉及您本人，由其他工作人员登记" in after


def test_marks_are_not_offered_for_whoever_types_them(ready: Nation, clients: Clients) -> None:
    mine = ready["own"]
    page = f"/admin/assessments/extrafact/add/?assessment={mine['Assessment'].pk}"
    choice = f'<option value="{mine["Mandate"].pk}"'
    assert choice in clients[CLERK].get(page).content.decode()
    concern(ready, CLERK)
    assert choice not in clients[CLERK].get(page).content.decode()
