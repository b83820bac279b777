"""Probing is seen: refusals of one account raise one alert to the keeper of security, and no flood."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from liaison.identity.counting import KEPT, Rule
from liaison.models import Account, AuditEntry, CountedTry, Notification
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.web import probing
from liaison.web.probing import QUIET, REFUSALS, raise_alert
from liaison.words.enums import Role
from tests.factories import World, make_account

SignIn = Callable[[Actor], Client]
MOST = 6
GUESS = "/admin/constituents/opinion/?resident_phone_digest__startswith=a"


@pytest.fixture
def keeper(world: World) -> Actor:
    return make_account(world["榆次区"], Role.SECURITY_ADMIN)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer requests for the same question."""
    monkeypatch.setattr(probing, "REFUSALS", replace(REFUSALS, most=MOST))


def alerts(keeper: Actor) -> list[str]:
    with acting(system_actor()) as actor:
        rows = Notification.scoped(actor).filter(
            account_id=keeper.account_id, dedupe_key__startswith="probing:"
        )
        return [str(row.title) for row in rows]


def notes(actor: Actor, operation: str) -> int:
    with acting(system_actor()) as system:
        return AuditEntry.scoped(system).filter(operation=operation, account_ref=actor.account_id).count()


@pytest.mark.parametrize(
    ("address", "status"), [(GUESS, 400), ("/opinions/999999999/", 404), ("/no-such-page/", 404)]
)
def test_many_refusals_of_one_account_raise_one_alert(
    clerk: Actor, keeper: Actor, sign_in: SignIn, address: str, status: int
) -> None:
    client = sign_in(clerk)
    for _ in range(MOST - 1):
        assert client.get(address).status_code == status
    assert alerts(keeper) == []
    for _ in range(8):
        client.get(address)
    with acting(system_actor()):
        name = Account.objects.get(pk=clerk.account_id).username
    assert alerts(keeper) == [f"账号{name}短时间内多次访问被拒绝"]


def test_a_refused_filter_stands_in_the_trail_with_its_page_and_not_with_what_was_asked(
    clerk: Actor, sign_in: SignIn
) -> None:
    assert sign_in(clerk).get(GUESS).status_code == 400
    with acting(system_actor()) as actor:
        entry = AuditEntry.scoped(actor).get(operation="denied", account_ref=clerk.account_id)
    assert ("constituents_opinion_changelist" in entry.detail, "startswith" in entry.detail) == (True, False)


def test_the_keeper_finds_the_account_in_the_list(clerk: Actor, keeper: Actor, sign_in: SignIn) -> None:
    client, office = sign_in(clerk), sign_in(keeper)
    listed = "/admin/liaison/account/?probed_at__isempty=0"
    with acting(system_actor()):
        name = Account.objects.get(pk=clerk.account_id).username
    assert name not in office.get(listed).content.decode()
    for _ in range(MOST):
        client.get("/opinions/999999999/")
    answer = office.get(listed)
    assert (answer.status_code, name in answer.content.decode()) == (200, True)


def test_pages_that_answer_and_forms_filled_in_wrongly_are_no_probing(clerk: Actor, sign_in: SignIn) -> None:
    client = sign_in(clerk)
    for _ in range(3):
        client.get("/notifications/")
        client.post("/opinions/add/", {"content": ""})
    assert CountedTry.objects.filter(kind=REFUSALS.kind).count() == 0


def test_an_account_is_reported_again_only_after_the_quiet_time(clerk: Actor, keeper: Actor) -> None:
    now = timezone.now()
    with acting(system_actor()):
        account = Account.objects.get(pk=clerk.account_id)
    told = [raise_alert(account, 20, at) for at in (now, now + QUIET, now + QUIET + timedelta(minutes=1))]
    assert (told, len(alerts(keeper))) == ([True, False, True], 2)
    assert notes(clerk, "sign_out") == 0


@pytest.mark.django_db
def test_what_is_counted_slides_out_of_the_window_and_is_deleted_after_a_day() -> None:
    rule, now = Rule("t", most=2, minutes=10, distinct=True), timezone.now()
    rule.add("a", "x", now - KEPT - timedelta(minutes=1))
    rule.add("a", "x", now - timedelta(minutes=11))
    rule.add("a", "x", now)
    rule.add("a", "x", now)
    rule.add("b", "y", now)
    assert (rule.count("a", now), rule.is_reached("a", now), CountedTry.objects.count()) == (1, False, 4)
    rule.add("a", "z", now)
    assert rule.is_reached("a", now)
    assert not CountedTry.objects.filter(subject="a").exists()


def test_an_account_above_every_keeper_is_told_to_those_there_are(world: World, sign_in: SignIn) -> None:
    below = make_account(world["庄子乡"], Role.SECURITY_ADMIN)
    client = sign_in(make_account(world["晋中市"], Role.CITY_VIEWER))
    for _ in range(MOST + 3):
        client.get("/no-such-page/")
    assert len(alerts(below)) == 1
    with acting(system_actor()) as actor:
        [told] = Notification.scoped(actor).filter(account_id=below.account_id)
    assert (told.link, "请立即告知上级的安全管理员" in str(told.body)) == ("", True)
