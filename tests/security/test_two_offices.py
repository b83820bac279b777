"""Two offices of one person × every two-person rule: whoever is concerned, or was first, is never the second.

The person is known by the account, by another account that spoke for the same person, or by the account the
register names; in whichever office, the answer is no.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from assessments.enums import AssessmentEvent
from assessments.models import AssessmentStep
from assessments.services.cycle import require_second_person
from assessments.services.objections import require_ruler
from assessments.services.rectification import require_reviewer
from liaison.identity.roles import ADMINISTRATORS, DEPUTIES
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, LiaisonError, OutOfScope
from stations.services.confirmations import require_other_side, require_settler
from stations.services.leaves import require_decider
from stations.services.work_plans import require_adopter
from tests.security.nation import AT, Nation
from tests.security.routes import ROLES
from tests.security.test_own_matters import JUDGES, called, judged  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]

# The second office of somebody who is a deputy: every one but a keeper's, which nobody holds beside another.
SECOND = [role for role in ROLES if role not in ADMINISTRATORS]


def ways(nation: Nation, actor: Actor) -> dict[str, Actor]:
    """The deputy of the own rows in another office, by how it is known who that is."""
    mine = nation["own"]
    person = actor.person_id if actor.role in DEPUTIES else None
    return {
        "the same account": replace(actor, account_id=mine["Account"].pk, person_id=person),
        "another account that spoke for the person": replace(actor, people=frozenset({mine["Person"].pk})),
        "another account of the one in the register": replace(actor, selves=frozenset({mine["Account"].pk})),
    }


def answer(name: str, actor: Actor, arguments: dict[str, Any]) -> LiaisonError | None:
    """What the service refuses with; whatever it wrote is undone."""
    try:
        with transaction.atomic(), acting(actor):
            called(name, actor=actor, **arguments)
            transaction.set_rollback(True)
    except LiaisonError as error:
        return error
    return None


@pytest.mark.parametrize("name", JUDGES)
def test_no_office_of_the_person_concerned_judges(judged: Nation, name: str) -> None:  # noqa: F811
    role, model, argument, more = JUDGES[name]
    arguments = {argument: judged["own"][model].pk, **more}
    stranger = answer(name, judged.actors[role], arguments) if role not in DEPUTIES else None
    assert stranger is None or "本人" not in stranger.message
    wrong = []
    for second in SECOND:
        for way, actor in ways(judged, judged.actors[second]).items():
            error = answer(name, actor, arguments)
            is_refused = isinstance(error, Forbidden | OutOfScope)
            is_told = error is not None and "本人" in error.message
            if not is_refused or (second == role and not is_told):
                wrong.append(f"{name} as {second}, {way}: {error!r}")
    assert wrong == []


Question = Callable[[Actor, Any], None]
# The question, the row, the column that names the first person, the roles that may be the second.
FIRST: list[tuple[Question, str, str, tuple[Role, ...]]] = [
    (require_adopter, "WorkPlan", "written_by", (Role.PRESIDIUM_CHAIR, Role.PRESIDIUM_CLERK)),
    (require_settler, "Participation", "recorded_by", (Role.PRESIDIUM_CHAIR, Role.PRESIDIUM_CLERK)),
    (require_other_side, "Participation", "recorded_by", (Role.PRESIDIUM_CLERK, Role.STATION_CLERK)),
    (require_reviewer, "RectificationReport", "submitted_by", (Role.PRESIDIUM_CHAIR, Role.PRESIDIUM_CLERK)),
    (require_ruler, "ScoreObjection", "raised_by", (Role.PRESIDIUM_CHAIR, Role.PRESIDIUM_CLERK)),
    (require_decider, "LeaveRequest", "requested_by", (Role.PRESIDIUM_CHAIR, Role.PRESIDIUM_CLERK)),
]
CASES = [(*line[:3], role) for line in FIRST for role in line[3]]


@pytest.mark.parametrize(("question", "model", "column", "role"), CASES)
def test_the_first_is_not_the_second_in_another_account(
    nation: Nation, question: Question, model: str, column: str, role: Role
) -> None:
    """Whoever typed it, in whichever office and account: every pair of roles comes down to this question."""
    second, row = nation.actors[role], nation["own"][model]
    for first in (nation.actors[other].account_id for other in SECOND if other != role):
        setattr(row, f"{column}_id", first)
        with acting(second):
            refusal = _refusal(question, second, row)
            same = replace(second, selves=frozenset({first}))
            assert refusal == "" or refusal != _refusal(question, same, row)
            assert _refusal(question, same, row) != ""


def _refusal(question: Question, actor: Actor, row: Any) -> str:
    try:
        question(actor, row)
    except Forbidden as error:
        return error.message
    return ""


@pytest.mark.parametrize("role", [Role.PRESIDIUM_CHAIR, Role.PRESIDIUM_CLERK])
@pytest.mark.parametrize(
    ("first", "words"),
    [
        ("AssessmentStep", "数据由您本人截止"),
        ("BallotTally", "测评票中有您本人登记的"),
        ("ExtraFact", "评分和加减分事项中有您本人登记的"),
        ("ScoreSheet", "得分由您本人计算"),
    ],
)
def test_results_are_approved_by_nobody_who_made_them_in_another_account(
    nation: Nation, role: Role, first: str, words: str
) -> None:
    actor, mine = nation.actors[role], nation["own"]
    assessment, maker = mine["Assessment"], nation.actors[Role.STATION_CLERK].account_id
    with acting(system_actor()):
        if first == "AssessmentStep":
            AssessmentStep._plain.create(
                scope_code=assessment.scope_code, assessment=assessment, event=AssessmentEvent.FREEZE,
                from_state="collecting", to_state="frozen", done_by_id=maker, done_at=AT,
            )  # fmt: skip
        elif first == "ScoreSheet":
            maker = mine["ScoreSheet"].computed_by_id  # published, so it stands as it was made
            AssessmentStep._plain.filter(assessment=assessment).update(done_by=None)
        else:
            type(mine[first])._plain.filter(pk=mine[first].pk).update(recorded_by_id=maker)
    with acting(actor):
        require_second_person(actor, assessment)
        with pytest.raises(Forbidden, match=words):
            require_second_person(replace(actor, selves=frozenset({maker})), assessment)
