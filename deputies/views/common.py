"""What the roster's pages share: the term looked at, and who may enter which page."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from deputies.access import current_term, get_term, may_convene, may_keep, own_terms, visible_terms
from deputies.enums import CongressLevel, MandateState, TermState
from deputies.models import Mandate, Term
from deputies.models.mandates import elector_name
from liaison.identity.roles import DEPUTIES, STATION_STAFF
from liaison.tenancy.scope import Actor
from liaison.web import pages
from liaison.web.pages import Crumbs, whole_number
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, Refused

READERS = STATION_STAFF | DEPUTIES

# State in words with shape and colour (ui.md "Tokens").
STATE_TONES = {
    MandateState.ACTIVE: "ok",
    MandateState.SUSPENDED: "warn",
    MandateState.RESIGNED: "none",
    MandateState.RECALLED: "bad",
    MandateState.TERMINATED: "bad",
    MandateState.ENDED: "none",
    MandateState.DECEASED: "none",
}


def page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    """A page of the roster; ``frame`` is the base it extends (the admin shows some of them too)."""
    shown = {"frame": "base.html", "crumbs": crumbs()} | context
    return pages.page(request, f"deputies/{template}", title, **shown)


def crumbs(*steps: tuple[str, str]) -> Crumbs:
    return [("代表名册", reverse("deputies_roster")), *steps]


def person_url(mandate: Mandate) -> str:
    return reverse("deputies_person", args=[mandate.pk])


def chosen_term(request: HttpRequest, actor: Actor) -> Term | None:
    """The term asked for, else the running one of the own congress; ``None`` before the first."""
    asked = request.GET.get("term") or request.POST.get("term")
    if asked:
        return get_term(actor, whole_number(asked))
    return current_term(actor)


def required_term(request: HttpRequest, actor: Actor) -> Term:
    term = chosen_term(request, actor)
    if term is None:
        raise Refused("本地还没有启用的一届人民代表大会，请先在“届与会议”中登记。")
    return term


def kept_terms(actor: Actor) -> QuerySet[Term]:
    """Terms of the own congress whose roster is still written: the running one first."""
    terms = own_terms(actor).exclude(state=TermState.CLOSED)
    return terms.select_related("congress__jurisdiction").order_by("number")


def readable_terms(actor: Actor) -> list[Term]:
    """Terms a reader may choose between: the own congress's, and for the county every township's."""
    terms = visible_terms(actor) if actor.role == Role.COUNTY_COMMITTEE else own_terms(actor)
    return list(terms.select_related("congress__jurisdiction").order_by("scope_code", "-number"))


def require_page_keeper(actor: Actor, term: Term) -> None:
    """The same question the services ask, before a form is shown in vain."""
    if not may_keep(actor, term):
        raise Forbidden("只有本级人大的工作人员可以办理代表名册。")
    if term.state == TermState.CLOSED:
        raise Refused(f"{term}已届满归档，名册只能查阅，不能变更。")


def require_page_convener(actor: Actor, term: Term) -> None:
    """The same for what only the congress's own place lays down: terms and sessions."""
    require_page_keeper(actor, term)
    if not may_convene(actor, term.congress):
        raise Forbidden(f"届次和会议由{term.congress.jurisdiction.short_name}人大登记。")


def named(actor: Actor, mandate: Mandate) -> str:
    """The name with the constituency where another deputy has the same one."""
    return mandate.full_name


def elector_label(term: Term) -> str:
    is_direct = term.congress.level in (CongressLevel.COUNTY, CongressLevel.TOWNSHIP)
    return "选区" if is_direct else "选举单位"


def subtitle(mandate: Mandate) -> str:
    return f"{mandate.term}代表　{elector_name(mandate)}"
