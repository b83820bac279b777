"""Lists ask as often for eight deputies as for two, and looking at a page writes nothing."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from liaison.models import AuditEntry
from liaison.tenancy.scope import acting, system_actor
from tests.assessments.makers import issued, opened, rows, seat, vote
from tests.factories import make_deputy_actor

if TYPE_CHECKING:
    from assessments.models import Assessment
    from deputies.models import Term
    from liaison.tenancy.scope import Actor

SignIn = Callable[["Actor"], Client]
NOON = datetime(2026, 1, 21, 4, 0, tzinfo=UTC)


def lists(assessment: "Assessment") -> list[str]:
    names = (
        "scoresheet",
        "feedbacknotice",
        "remindertalk",
        "ballottally",
        "extrafact",
        "scoreobjection",
        "assessment",
    )
    return [
        *(reverse(f"admin:assessments_{name}_changelist") for name in names),
        reverse("admin:assessments_assessment_change", args=[assessment.pk]),
        reverse("admin:assessments_ballottally_grid", args=[assessment.pk]),
        reverse("assessments_results"),
        reverse("assessments_notices"),
    ]


def costs(client: Client, pages: list[str]) -> list[int]:
    found = []
    for page in pages:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page).status_code == 200, page
        found.append(len(captured))
    return found


def test_lists_do_not_ask_once_a_deputy(
    sign_in: SignIn, clerk: "Actor", chair: "Actor", term: "Term", time_machine: object
) -> None:
    time_machine.move_to(NOON, tick=True)  # type: ignore[attr-defined]
    mandates = seat(term, 2)
    assessment = opened(clerk, term)
    vote(clerk, assessment, mandates)
    issued(clerk, chair, assessment)
    client = sign_in(clerk)
    few = costs(client, lists(assessment))
    with acting(system_actor()):
        # The year after next, with more people: the same pages show both years.
        type(assessment)._plain.filter(pk=assessment.pk).update(year=2024)
    more = seat(term, 8)[2:]
    second = opened(clerk, term)
    vote(clerk, second, [*mandates, *more])
    issued(clerk, chair, second)
    pages = lists(second)
    many = costs(client, pages)
    dearer = [(page, a, b) for page, a, b in zip(pages, few, many, strict=True) if b > a]
    assert dearer == []


def test_looking_writes_nothing(
    sign_in: SignIn, clerk: "Actor", chair: "Actor", term: "Term", time_machine: object
) -> None:
    time_machine.move_to(NOON, tick=True)  # type: ignore[attr-defined]
    mandates = seat(term, 2)
    deputy = make_deputy_actor(mandates[0])
    assessment = opened(clerk, term)
    vote(clerk, assessment, mandates)
    notices = issued(clerk, chair, assessment)
    own = next(n for n in notices if n.mandate_id == mandates[0].pk)
    office, mine = sign_in(clerk), sign_in(deputy)
    before = len(rows(AuditEntry))
    costs(office, lists(assessment))
    costs(
        office, [reverse("assessments_notice", args=[own.pk]), reverse("assessments_deliver", args=[own.pk])]
    )
    costs(
        mine,
        [
            reverse("assessments_home"),
            reverse("assessments_my_score"),
            reverse("assessments_notice", args=[own.pk]),
            reverse("assessments_report", args=[own.pk]),
            reverse("assessments_objection", args=[own.sheet_id]),
        ],
    )
    assert len(rows(AuditEntry)) == before
