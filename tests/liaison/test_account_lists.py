"""Accounts that should not be there are found in their list, and leave it as a file with a reason."""

import time
from collections.abc import Callable

import pytest
from django.test import Client

from liaison.models import Account, Appointment, AuditEntry, Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from tests.factories import make_account

pytestmark = pytest.mark.django_db
LIST = "/admin/liaison/account/"


@pytest.fixture
def names(township: Jurisdiction) -> dict[str, str]:
    """One account in each standing, by what it is."""
    kinds = {
        kind: make_account(township, Role.PRESIDIUM_CLERK) for kind in ("used", "unused", "idle", "suspended")
    }
    with acting(system_actor()):
        accounts = {kind: Account.objects.filter(pk=actor.account_id) for kind, actor in kinds.items()}
        accounts["unused"].update(must_change_password=True)
        accounts["suspended"].update(is_active=False)
        Appointment._plain.filter(account__in=accounts["idle"]).update(ends_on="2021-06-01")
        return {kind: rows.get().username for kind, rows in accounts.items()}


@pytest.fixture
def keeper(sign_in: Callable[[Actor], Client], township: Jurisdiction) -> Client:
    client = sign_in(make_account(township, Role.SECURITY_ADMIN))
    session = client.session
    session["confirmed_at"] = int(time.time())
    session.save()
    return client


@pytest.mark.parametrize("standing", ["unused", "idle", "suspended"])
def test_the_list_shows_who_stands_so_and_nobody_else(
    keeper: Client, names: dict[str, str], standing: str
) -> None:
    page = keeper.get(LIST, {"standing": standing}).content.decode()
    assert [kind for kind, name in names.items() if name in page] == [standing]


def test_the_chosen_ones_leave_as_a_table_and_the_trail_says_why(
    keeper: Client, names: dict[str, str]
) -> None:
    with acting(system_actor()):
        chosen = Account.objects.filter(username__in=[names["used"], names["idle"]])
        ids = list(chosen.order_by("username").values_list("pk", flat=True))
        # An office that ends one day is held today, in the file as in the list.
        Appointment._plain.filter(account__username=names["used"]).update(ends_on="2090-01-01")
    sent = {"action": "export_accounts", "_selected_action": ids, "reason": "年度核对"}
    lines = keeper.post(LIST, sent).content.decode("utf-8-sig").splitlines()
    assert lines[0] == "账号,姓名,启用,登录情况,在任职务,建立日期"
    assert sorted(line.split(",")[0] for line in lines[1:]) == sorted([names["used"], names["idle"]])
    held = {line.split(",")[0]: "人大主席团秘书" in line for line in lines[1:]}
    assert held == {names["used"]: True, names["idle"]: False}
    with acting(system_actor()):
        entry = AuditEntry._plain.get(operation="export_accounts")
    assert (entry.reason, entry.detail) == ("年度核对", '{"rows": 2}')
