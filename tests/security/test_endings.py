"""Every event that ends an office × every page of the role: the next request of the open session is refused.

Access follows what is true now: nobody has to think of ending the appointment as well.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from constituents.services.units import update_unit
from deputies.enums import GroupPost, MandateEvent, SuspensionGround
from deputies.models import Mandate
from deputies.services import change_mandate, close_term, set_post
from liaison.identity import accounts, gates
from liaison.identity.roles import DEPUTIES
from liaison.models import Account, Appointment
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.views import errors
from liaison.web import admin_site, middleware
from liaison.words.enums import Role
from stations.services import close_station
from tests.security.asking import Answer, ask
from tests.security.conftest import Clients, _message_only
from tests.security.nation import AT, DAY, Nation
from tests.security.routes import ROLES, Route, all_routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files", "printed_as_html", "plain_refusals")]

OPEN = {200, 302}
REFUSED = frozenset({403, 404})
# The account's own pages; what they show of it needs no office.
OWN_PAGES = (gates.ACCOUNT_PAGES - {"home"}) | {"admin:login", "admin:logout"}
# Before the event these open, or the refusals would prove nothing.
BEFORE = {"home", "notifications"}


@pytest.fixture
def plain_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """The frame round a refusal and its entry in the trail are the same in every cell."""
    monkeypatch.setattr("liaison.web.probing.watch", lambda *what: None)
    noted = accounts.note_of
    monkeypatch.setattr(
        accounts, "note_of", lambda who, name, **more: name == "denied" or noted(who, name, **more)
    )
    for module in (middleware, errors):
        monkeypatch.setattr(module, "render", _message_only)
    monkeypatch.setattr(admin_site, "TemplateResponse", _message_only)


def office(nation: Nation) -> Actor:
    return nation.actors[Role.PRESIDIUM_CHAIR]


def change(nation: Nation, event: MandateEvent, ground: str = "") -> None:
    seat = nation["own"]["Mandate"].pk
    facts = {"event": event, "effective_on": DAY, "basis": "主席团公告", "ground": ground, "now": AT}
    with acting(office(nation)) as actor:
        change_mandate(actor=actor, mandate_id=seat, **facts)


def recalled(nation: Nation, role: Role) -> None:
    change(nation, MandateEvent.RECALL)


def resigned(nation: Nation, role: Role) -> None:
    change(nation, MandateEvent.RESIGN)


def suspended(nation: Nation, role: Role) -> None:
    change(nation, MandateEvent.SUSPEND, SuspensionGround.CRIMINAL_PROCEEDINGS)


def term_closed(nation: Nation, role: Role) -> None:
    with acting(office(nation)) as actor:
        close_term(actor=actor, term_id=nation["own"]["Term"].pk, ends_on=DAY, now=AT)


def post_ended(nation: Nation, role: Role) -> None:
    seat = nation["own"]["Mandate"].pk
    with acting(office(nation)) as actor:
        set_post(actor=actor, mandate_id=seat, post=GroupPost.MEMBER, starts_on=DAY, now=AT)


def unit_closed(nation: Nation, role: Role) -> None:
    with acting(office(nation)) as actor:
        update_unit(actor=actor, unit_id=nation["own"]["HandlingUnit"].pk, is_active=False)


def station_closed(nation: Nation, role: Role) -> None:
    with acting(office(nation)) as actor:
        close_station(actor=actor, station_id=nation["own"]["Station"].pk, closed_on=DAY, now=AT)


def appointment_ended(nation: Nation, role: Role) -> None:
    # As two keepers would together; how they come to it has tests of its own.
    with acting(system_actor()) as actor:
        row = Appointment.scoped(actor).get(pk=nation.actors[role].appointment_id)
        accounts.end_appointment(appointment=row, ends_on=DAY, reason="免职")


def account_suspended(nation: Nation, role: Role) -> None:
    with acting(system_actor()):
        account = Account(pk=nation.actors[role].account_id)
        accounts.set_active(account=account, is_active=False, reason="停用")


Ending = Callable[[Nation, Role], None]
ENDINGS: list[tuple[Ending, Role]] = [
    *((event, role) for event in (recalled, resigned, suspended, term_closed) for role in sorted(DEPUTIES)),
    (post_ended, Role.GROUP_LEADER),
    (unit_closed, Role.HANDLING_UNIT),
    (station_closed, Role.STATION_CLERK),
    *((appointment_ended, role) for role in ROLES),
]


def pages_of(role: Role) -> list[Route]:
    """What the role may open today, reveals, files, the API and what is sent among it."""
    return [r for r in all_routes() if role in r.may and not r.is_public and r.name not in OWN_PAGES]


def asked(nation: Nation, client: Client, route: Route, role: Role) -> Answer:
    return ask(client, route.address(nation, "own"), method=route.method, role=role, route=route.name)


def is_refused(cell: Answer) -> bool:
    """403 or 404; whoever is signed out is shown the door, and one address leads every resident on."""
    return cell.status in REFUSED or cell.is_sign_in or cell.location == "/opinions/follow/"


@pytest.mark.parametrize(("ending", "role"), ENDINGS, ids=lambda value: getattr(value, "__name__", value))
def test_what_ends_an_office_ends_its_access_at_the_next_request(
    nation: Nation, clients: Clients, ending: Ending, role: Role
) -> None:
    client, pages = clients[role], pages_of(role)
    before = [asked(nation, client, route, role).status for route in pages if route.name in BEFORE]
    assert (len(before), set(before) <= OPEN) == (len(BEFORE), True)
    ending(nation, role)
    cells = [asked(nation, client, route, role) for route in pages]
    assert [str(cell) for cell in cells if not is_refused(cell)] == []
    assert not any(cell.marks or cell.has_personal for cell in cells)


@pytest.mark.parametrize("role", ROLES)
def test_a_suspended_account_is_a_stranger_at_the_next_request(
    nation: Nation, clients: Clients, role: Role
) -> None:
    """What strangers get of every page is asked in the matrix of roles."""
    pages = [route for route in pages_of(role) if route.name in BEFORE | {"file", "api_opinions"}]
    before = [asked(nation, clients[role], route, role).status for route in pages]
    account_suspended(nation, role)
    cells = [asked(nation, clients[role], route, role) for route in pages]
    assert set(before) & OPEN
    assert [
        str(c) for c in cells if not (c.is_sign_in or (c.route.startswith("api_") and c.status == 403))
    ] == []


def test_a_restored_seat_opens_again(nation: Nation, clients: Clients) -> None:
    suspended(nation, Role.DEPUTY)
    home = next(route for route in pages_of(Role.DEPUTY) if route.name == "home")
    assert asked(nation, clients[Role.DEPUTY], home, Role.DEPUTY).status == 403
    change(nation, MandateEvent.RESTORE)
    assert asked(nation, clients[Role.DEPUTY], home, Role.DEPUTY).status == 200


def test_what_is_sent_for_an_ended_office_is_not_done_in_another(nation: Nation, clients: Clients) -> None:
    """The account holds a second office that is still true; it is chosen, never slipped into."""
    actor = nation.actors[Role.DEPUTY]
    with acting(system_actor()):
        Appointment._plain.create(
            account_id=actor.account_id, jurisdiction=nation["own"]["Jurisdiction"], role=Role.PRESIDIUM_CHAIR,
            starts_on=DAY, scope_code=actor.lo,
        )  # fmt: skip
    recalled(nation, Role.DEPUTY)
    client = clients[Role.DEPUTY]
    matrix: dict[str, Any] = {"role": Role.DEPUTY}
    assert ask(client, "/matrix/", **matrix).status == 403
    assert ask(client, "/account/appointments/", **matrix).status == 200


def test_the_state_of_the_seat_is_asked_not_copied(nation: Nation) -> None:
    """The appointment of a recalled deputy is as it was: nothing but the question refuses it."""
    recalled(nation, Role.DEPUTY)
    with acting(system_actor()) as actor:
        assert Mandate.scoped(actor).get(pk=nation["own"]["Mandate"].pk).state == "recalled"
        assert Appointment.scoped(actor).get(pk=nation.actors[Role.DEPUTY].appointment_id).ends_on is None
