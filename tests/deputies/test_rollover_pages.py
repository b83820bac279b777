"""换届 through its pages: two people, a fresh password, the figures before and after, and the county's list."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from deputies.enums import RolloverState, TermState
from deputies.models import Mandate, Term
from deputies.rollover_checks import Standing, standings
from deputies.services import prepare_term
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from tests.factories import World, make_account, make_group, make_mandate, make_term

NOW = datetime(2026, 10, 27, 2, tzinfo=UTC)
DAYS = {"starts_on": "2026-10-26", "ends_on": "2026-10-27"}
Enter = Callable[[Actor], Client]


def fresh(model: Any, **found: object) -> Any:
    with acting(system_actor()):
        return model._plain.get(**found)


@pytest.fixture
def enter(sign_in: Enter, time_machine: Any) -> Enter:
    """Signed in on the day after the first session, with the password just given."""
    time_machine.move_to(NOW, tick=True)

    def _enter(actor: Actor) -> Client:
        client = sign_in(actor)
        session = client.session
        session["seen_at"] = session["began_at"] = session["confirmed_at"] = int(NOW.timestamp())
        session.set_expiry(10**9)
        session.save()
        return client

    return _enter


def step(term: Term, name: str) -> str:
    return reverse("deputies_rollover_step", args=[term.pk, name])


def test_rollover_and_its_undoing_through_the_pages(
    clerk: Actor, world: World, term: Term, enter: Enter
) -> None:
    client, other = enter(clerk), enter(make_account(world["庄子乡"], Role.PRESIDIUM_CHAIR))
    staying = make_mandate(term, "王建国", group=make_group(term))
    figures = {"number": 16, "elected_on": "2026-09-20", "starts_on": "2026-10-26", "seats": 1}
    page = client.get(client.post(reverse("deputies_add_term"), figures)["Location"]).content.decode()
    coming = fresh(Term, number=16)
    assert ("逐人勾选连任代表" in page, "须先办理" in page) == (True, True)
    assert client.post(step(coming, "propose"), DAYS).status_code == 409
    client.post(reverse("deputies_take_over", args=[coming.pk]))
    again = {"id": staying.pk, "elected_on": "2026-09-20"}
    client.post(reverse("deputies_re_elect", args=[coming.pk]), again)

    tried = client.post(step(coming, "propose"), {**DAYS, "only": "rehearse"}).content.decode()
    assert "第15届在任代表" in tried
    assert fresh(Term, pk=coming.pk).state == TermState.PREPARING
    assert client.post(step(coming, "propose"), DAYS).status_code == 302
    assert client.post(step(coming, "confirm")).status_code == 403
    assert "办理前后对照" in other.get(step(coming, "confirm")).content.decode()
    assert other.post(step(coming, "confirm")).status_code == 302
    assert [fresh(Term, pk=row.pk).state for row in (term, coming)] == [TermState.CLOSED, TermState.CURRENT]
    archived = client.get(f"{reverse('deputies_roster')}?term={term.pk}").content.decode()
    assert ("登记代表</a>" in archived, "王建国" in archived) == (False, True)
    assert client.get(f"{reverse('deputies_change', args=['resign'])}?id={staying.pk}").status_code == 409

    assert "请填写撤销理由" in client.post(step(coming, "propose_undo"), {"reason": ""}).content.decode()
    client.post(step(coming, "propose_undo"), {"reason": "日期有误"})
    assert client.post(step(coming, "confirm_undo")).status_code == 403
    assert other.post(step(coming, "confirm_undo")).status_code == 302
    assert [fresh(Term, pk=row.pk).state for row in (term, coming)] == [
        TermState.CURRENT,
        TermState.PREPARING,
    ]
    assert fresh(Mandate, pk=staying.pk).ended_on is None


def test_the_old_one_click_ends_no_term(clerk: Actor, term: Term, enter: Enter) -> None:
    client = enter(clerk)
    figures = {"number": 16, "elected_on": "2026-09-20", "starts_on": "2026-10-26", "seats": 1}
    client.post(reverse("deputies_add_term"), figures)
    coming = fresh(Term, number=16)
    assert client.post(reverse("deputies_succeed", args=[coming.pk]), DAYS).status_code == 409
    assert fresh(Term, pk=term.pk).state == TermState.CURRENT


def test_each_step_asks_for_the_password_and_names_only_its_own(
    clerk: Actor, term: Term, enter: Enter, sign_in: Enter
) -> None:
    stale = sign_in(clerk).post(step(term, "propose"), DAYS)
    assert stale.status_code == 302
    assert stale["Location"].startswith(reverse("reauthenticate"))
    assert enter(clerk).get(step(term, "burn")).status_code == 404


def test_the_county_sees_where_each_congress_stands(
    county: Actor, clerk: Actor, world: World, term: Term, enter: Enter
) -> None:
    make_term(world["榆次区"], number=17)
    with acting(clerk):
        coming = prepare_term(
            actor=clerk, congress_id=term.congress_id, number=16, elected_on=date(2026, 9, 20),
            starts_on=date(2026, 10, 26), seats=3,
        )  # fmt: skip
    with acting(county):
        found = {line.place.short_name: line for line in standings(county, NOW.date())}
    line: Standing = found["庄子乡"]
    assert (line.running, line.coming, line.label, line.lacks) == (
        term, coming, "正在筹备新一届", "选区、当选代表至少2名",
    )  # fmt: skip
    assert (line.elected, line.seats) == (0, 3)
    assert found["新华街道"].label == "街道不设人大，随本区县换届"
    assert found["长凝镇"].label == "还没有登记本届"
    client = enter(county)
    client.get(reverse("deputies_standing"))
    with CaptureQueriesContext(connection) as seen:
        page = client.get(reverse("deputies_standing"))
    assert page.status_code == 200
    # Session, account, appointment, notifications; and three of its own, however many places there are.
    assert sum(' FROM "' in query["sql"] for query in seen.captured_queries) == 7
    assert RolloverState.PROPOSED.label not in page.content.decode()
