"""Every page says in one place, above its view, whom it lets in: ``@for_roles`` or ``@signed_in``."""

from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

from liaison.identity.gates import for_roles, signed_in
from liaison.identity.roles import DEPUTIES
from liaison.web.admin_site import LiaisonAdminSite
from liaison.web.api_base import ActorPermission
from liaison.words.enums import Role
from tests.security.routes import own_routes

# Pages without a gate, each with the reason.
UNGATED = {
    "set_up_open": "nobody has an account yet; the link is the secret",
    **dict.fromkeys(
        (
            "set_up",
            "set_up_office",
            "set_up_places",
            "set_up_keepers",
            "set_up_clerk",
            "set_up_passwords",
            "set_up_finish",
        ),
        "nobody has an account yet; for the browser that opened the link",
    ),
    "healthz": "the machine is asked, not a person",
    "readyz": "the machine is asked, not a person",
    "sign_in": "the gate itself",
    "admin:login": "leads to the sign-in page",
    "sign_out": "ends whatever session there is, none included",
    "preferences": "how pages look is everybody's own choice, kept in a cookie",
    "stations_calendar_feed": "calendar programs cannot sign in; the address is the secret",
    "constituents_home": "leads a resident to the query page and an account to its list",
    "constituents_follow": "a resident has no account; the code is the secret",
    "constituents_follow_code": "a resident has no account; the code is the secret",
    "constituents_rate": "a resident has no account; the code is the secret",
    "reports_desk_shell": "an empty page that opens without a network; it holds no data",
    "reports_desk_worker": "a script of ours",
    "reports_desk_manifest": "a file of ours",
    "reports_public": "the public pages of stations",
    "reports_public_place": "the public pages of stations",
    "reports_public_plan": "the public pages of stations",
    "reports_public_station": "the public pages of stations",
    "reports_station_photo": "the public pages of stations",
    "reports_station_qr": "the public pages of stations",
}


def _views(found: list[Any], space: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for entry in found:
        if isinstance(entry, URLResolver):
            yield from _views(entry.url_patterns, f"{space}{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern):
            yield f"{space}{entry.name or ''}", entry.callback


def _is_gated(name: str, view: Callable[..., Any]) -> bool:
    """By a decorator of ours, by the permission of the interface, or by the back office's own door."""
    if hasattr(view, "open_to"):
        return True
    if name.startswith("api_"):
        return all(issubclass(it, ActorPermission) for it in view.cls.permission_classes)  # type: ignore[attr-defined]
    site = getattr(view, "admin_site", None) or getattr(
        getattr(view, "model_admin", None), "admin_site", None
    )
    return isinstance(site, LiaisonAdminSite)


def test_every_page_has_a_gate_or_a_reason() -> None:
    open_pages = {name for name, view in _views(get_resolver().url_patterns) if not _is_gated(name, view)}
    assert open_pages == set(UNGATED)


def test_a_gate_lets_in_whoever_the_table_names() -> None:
    """A narrower gate than permissions.yaml would only show on the rows the matrix happens to ask."""
    gates = {
        name: view.open_to for name, view in _views(get_resolver().url_patterns) if hasattr(view, "open_to")
    }  # type: ignore[attr-defined]
    shut = {route.name: route.may - gates[route.name] for route in own_routes() if route.name in gates}
    assert {name: roles for name, roles in shut.items() if roles} == {}


def test_a_gate_tells_whom_it_lets_in() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert for_roles(*DEPUTIES)(view).open_to == DEPUTIES  # type: ignore[attr-defined]
    assert Role.AUDIT_ADMIN in signed_in(view).open_to  # type: ignore[attr-defined]
