"""一人一档 on screen and on paper, and the matrix of the ten ones for those who keep it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from deputies.access import get_mandate, mandate_of
from deputies.enums import MandateState
from deputies.models import Mandate
from deputies.models.mandates import elector_name
from deputies.selectors import DeputyNames
from liaison.documents.forms import Column, ListSheet
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES
from liaison.tenancy.scope import Actor
from liaison.words.errors import Refused
from reports.links import page_url
from reports.selectors.dossier import (
    READERS,
    counted_in_words,
    dossier_of,
    printed_lines,
)
from reports.views.common import asked_year, page, printed, year_tabs
from reports.views.matrix import MATRIX_READERS

_SEATED = (MandateState.ACTIVE,)
_PRINTED = tuple(
    Column(heading=heading, width=width, align=align)
    for heading, width, align in (
        ("日期", 18, "center"),
        ("类别", 14, "center"),
        ("事项", 40, "left"),
        ("情况", 12, "center"),
        ("状态", 16, "center"),
    )
)


@for_roles(*DEPUTIES)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The acting deputy's own dossier."""
    mandate = mandate_of(actor_of(request))
    if mandate is None:
        raise Refused("您的账号没有关联本届代表登记，请联系人大工作人员。")
    return HttpResponseRedirect(reverse("reports_dossier", args=[mandate.pk]))


@for_roles(*READERS)
@require_safe
def dossier(request: HttpRequest, mandate_id: int) -> HttpResponse:
    """One deputy's year: what was due, what was done, and the records behind it."""
    actor, today = actor_of(request), timezone.localdate()
    mandate, year = get_mandate(actor, mandate_id), asked_year(request, today)
    shown, state = dossier_of(actor, mandate, year), MandateState(mandate.state)
    return page(
        request,
        "dossier.html",
        f"{_name(actor, mandate)}代表履职档案",
        page_state=state.label,
        page_tone="ok" if state in _SEATED else "warn",
        page_lead=f"{mandate.term}代表　{elector_name(mandate)}",
        crumbs=_crumbs(actor, mandate, year),
        years=year_tabs(request, year, today),
        dossier=shown,
        year=year,
        person_url=page_url("deputies_person", mandate.pk),
        print_url=f"{reverse('reports_dossier_print', args=[mandate.pk])}?year={year}",
    )


def _name(actor: Actor, mandate: Mandate) -> str:
    return DeputyNames(actor).of(mandate)


def _crumbs(actor: Actor, mandate: Mandate, year: int) -> list[tuple[str, str]]:
    if not actor.has_role(*MATRIX_READERS):
        return []
    back = f"{reverse('reports_matrix')}?year={year}&term={mandate.term_id}"
    return [("履职对照表", back), (mandate.full_name, "")]


@for_roles(*READERS)
@require_safe
def print_dossier(request: HttpRequest, mandate_id: int) -> HttpResponse:
    """The year's records as a list on A4, the ten ones in words at its foot."""
    actor, now = actor_of(request), timezone.now()
    today = timezone.localdate(now)
    mandate, year = get_mandate(actor, mandate_id), asked_year(request, today)
    shown = dossier_of(actor, mandate, year)
    place = mandate.term.congress.jurisdiction
    form = ListSheet(
        title=f"{_name(actor, mandate)}代表{year}年履职档案",
        organ=place.organ_name or place.name,
        columns=_PRINTED,
        rows=tuple(printed_lines(shown)),
        subtitle=f"{mandate.term}代表　{elector_name(mandate)}",
        note=counted_in_words(shown.items),
        made_by=actor.display_name,
        made_on=today,
    )
    return printed(form, now)
