"""Probing by the thousand shows nobody a row of another place, breaks no page, and is seen.

Some hundred requests in every run, ten thousand by ``script/soak probes``.
"""

import os
from collections import Counter
from itertools import islice

import pytest

from liaison.models import Notification
from liaison.tenancy.scope import acting, system_actor
from liaison.web.probing import REFUSALS
from liaison.words.enums import Role
from tests.factories import make_account
from tests.security.asking import ask
from tests.security.conftest import Clients
from tests.security.nation import Nation
from tests.security.probing import PROBERS, probes
from tests.security.routes import all_routes
from tests.security.test_matrix import foreign_marks, route_of, shows_a_resident

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]

MANY = int(os.environ.get("PROBES", "300"))
PUBLIC = {route.name for route in all_routes() if route.is_public}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("role", PROBERS, ids=str)
def test_probing_shows_nothing_of_elsewhere(nation: Nation, clients: Clients, role: Role | None) -> None:
    wrong = []
    share = MANY // len(PROBERS)
    for probe in islice(probes(nation, seed=PROBERS.index(role)), share):
        cell = ask(clients[role], probe.url, method=probe.method, data=probe.data, role=role)
        # What is published, or opened by a code in the address, is for everybody.
        is_public = route_of(probe.url) in PUBLIC
        if (
            (not is_public and foreign_marks(nation, cell))
            or shows_a_resident(role, cell)
            or cell.status >= 500
            or cell.error
        ):
            wrong.append(f"{cell} {probe.data}")
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("role", [role for role in PROBERS if role], ids=str)
def test_the_prober_is_reported_once(nation: Nation, clients: Clients, role: Role) -> None:
    account, keeper = (
        nation.actors[role].account_id,
        make_account(nation.world["榆次区"], Role.SECURITY_ADMIN),
    )
    met = Counter[int]()
    for probe in probes(nation, seed=100):
        if probe.method == "get":
            met[clients[role].get(probe.url).status_code] += 1
        if met[403] + met[404] >= REFUSALS.most + 5:
            break
    with acting(system_actor()) as actor:
        told = Notification.scoped(actor).filter(dedupe_key__startswith=f"probing:{account}:")
        assert told.filter(account_id=keeper.account_id).count() == 1
