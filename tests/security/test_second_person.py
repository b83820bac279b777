"""What takes a second person is asked when the page is opened, not only when its form is sent.

That a form may be sent by whoever is shown it is walked over every page (``test_matrix``); there each record was
made by somebody else. Here the reader is the first person.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from assessments.services.cycle import require_second_person
from assessments.services.objections import require_ruler
from assessments.services.rectification import require_group_voice, require_reviewer
from deputies.services.groups import require_contact_keeper
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden
from stations.services.confirmations import require_recorder, require_settler
from stations.services.work_plans import require_adopter
from tests.security.asking import ask
from tests.security.conftest import Clients
from tests.security.nation import Nation
from tests.security.page_forms import forms_of
from tests.security.routes import all_routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files", "printed_as_html", "quick")]

Changes = dict[str, dict[str, Any]]
ME = "the reader"

# The page, who reads it, the state the step begins in, and the column that says who was first.
PAGES: list[tuple[str, dict[str, str], Role, Changes, tuple[str, str]]] = [
    ("stations_adopt_plan", {}, Role.PRESIDIUM_CHAIR, {"WorkPlan": {"state": "draft"}}, ("WorkPlan", "written_by")),
    (
        "admin:stations_participation_settle",
        {},
        Role.PRESIDIUM_CLERK,
        {"Participation": {"state": "objected", "outcome": "attended"}},
        ("Participation", "recorded_by"),
    ),
    (
        "assessments_review",
        {},
        Role.PRESIDIUM_CLERK,
        {"FeedbackNotice": {"state": "reported"}},
        ("RectificationReport", "submitted_by"),
    ),
]  # fmt: skip


def _opened(
    nation: Nation, clients: Clients, name: str, args: dict[str, str], role: Role
) -> tuple[int, bool]:
    """The status, and whether the page has a box for a ruling."""
    route = next(route for route in all_routes() if route.name == name)
    route = replace(route, args={**route.args, **args})
    cell = ask(clients[role], route.address(nation, "own"), role=role, route=name)
    return cell.status, any("ruling" in form.boxes for form in forms_of(cell.main, cell.url))


def _set(nation: Nation, changes: Changes) -> None:
    with acting(system_actor()):
        for model, values in changes.items():
            row = nation["own"][model]
            assert type(row)._plain.filter(pk=row.pk).update(**values) == 1


@pytest.mark.parametrize(("name", "args", "role", "begins", "first"), PAGES, ids=[page[0] for page in PAGES])
def test_a_page_for_the_second_person_is_closed_to_the_first(
    nation: Nation,
    clients: Clients,
    name: str,
    args: dict[str, str],
    role: Role,
    begins: Changes,
    first: tuple[str, str],
) -> None:
    _set(nation, begins)
    assert _opened(nation, clients, name, args, role)[0] == 200
    model, column = first
    _set(nation, {model: {f"{column}_id": nation.actors[role].account_id}})
    assert _opened(nation, clients, name, args, role)[0] == 403


def test_whoever_entered_an_objection_reads_it_without_the_form_to_rule(
    nation: Nation, clients: Clients
) -> None:
    _set(nation, {"ScoreObjection": {"state": "rechecking"}})
    name, role = "assessments_objection_detail", Role.PRESIDIUM_CLERK
    assert _opened(nation, clients, name, {}, role) == (200, True)
    _set(nation, {"ScoreObjection": {"raised_by_id": nation.actors[role].account_id}})
    assert _opened(nation, clients, name, {}, role) == (200, False)


def test_only_the_recorder_opens_the_page_that_withdraws_a_record(nation: Nation, clients: Clients) -> None:
    _set(nation, {"Participation": {"state": "registered", "outcome": "attended"}})
    name, role = "stations_withdraw_record", Role.DEPUTY
    assert _opened(nation, clients, name, {}, role)[0] == 403
    _set(nation, {"Participation": {"recorded_by_id": nation.actors[role].account_id}})
    assert _opened(nation, clients, name, {}, role)[0] == 200


# The question behind a page and its service, the row it is asked of, and the column that names the first person.
QUESTIONS: list[tuple[Callable[..., None], Role, str, str]] = [
    (require_adopter, Role.PRESIDIUM_CHAIR, "WorkPlan", "written_by"),
    (require_settler, Role.PRESIDIUM_CLERK, "Participation", "recorded_by"),
    (require_reviewer, Role.PRESIDIUM_CLERK, "RectificationReport", "submitted_by"),
    (require_ruler, Role.PRESIDIUM_CLERK, "ScoreObjection", "raised_by"),
]


@pytest.mark.parametrize(
    ("question", "role", "model", "column"), QUESTIONS, ids=[one[0].__name__ for one in QUESTIONS]
)
def test_the_first_person_is_never_the_second(
    nation: Nation, question: Callable[..., None], role: Role, model: str, column: str
) -> None:
    actor, row = nation.actors[role], nation["own"][model]
    with acting(actor):
        setattr(row, f"{column}_id", None)
        question(actor, row)
        setattr(row, f"{column}_id", actor.account_id)
        with pytest.raises(Forbidden):
            question(actor, row)


def test_a_record_is_taken_back_by_whoever_entered_it(nation: Nation) -> None:
    actor, row = nation.actors[Role.PRESIDIUM_CLERK], nation["own"]["Participation"]
    row.recorded_by_id = actor.account_id
    require_recorder(actor, row)
    row.recorded_by_id = None
    with pytest.raises(Forbidden):
        require_recorder(actor, row)


def test_a_leader_has_no_opinion_on_the_own_report(nation: Nation) -> None:
    actor, report = nation.actors[Role.GROUP_LEADER], nation["own"]["RectificationReport"]
    with acting(actor):
        with pytest.raises(Forbidden, match="本人的报告"):
            require_group_voice(actor, report)
        require_group_voice(replace(actor, person_id=-1, people=frozenset()), report)


def test_contacts_are_kept_by_the_deputy_and_the_office(nation: Nation) -> None:
    mandate = nation["own"]["Mandate"]
    with acting(nation.actors[Role.PRESIDIUM_CLERK]) as clerk:
        require_contact_keeper(clerk, mandate)
    with acting(nation.actors[Role.COUNTY_COMMITTEE]) as county, pytest.raises(Forbidden):
        require_contact_keeper(county, mandate)


def test_whoever_froze_the_data_or_typed_a_vote_does_not_approve(nation: Nation) -> None:
    actor, mine = nation.actors[Role.PRESIDIUM_CHAIR], nation["own"]
    with acting(actor):
        require_second_person(actor, mine["Assessment"])
    _set(nation, {"BallotTally": {"recorded_by_id": actor.account_id}})
    with acting(actor), pytest.raises(Forbidden, match="测评票"):
        require_second_person(actor, mine["Assessment"])
    _set(nation, {"AssessmentStep": {"done_by_id": actor.account_id, "event": "freeze"}})
    with acting(actor), pytest.raises(Forbidden, match="截止"):
        require_second_person(actor, mine["Assessment"])
