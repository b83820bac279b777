"""One page to register an activity with everybody's part in it: for the office and for group leaders."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from deputies.access import current_term, led_groups, visible_groups, visible_sessions
from deputies.enums import MandateState
from deputies.models import DeputyGroup, GroupMembership, Mandate, Session, Term
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import ORGANISERS
from liaison.tenancy.scope import Actor
from liaison.web.pages import act, whole_number
from liaison.words.enums import Role
from liaison.words.errors import OutOfScope, Refused
from stations.enums import ShippedKind
from stations.forms.records import ActivityForm, group_choices
from stations.models import Activity, ActivityKind
from stations.selectors import kinds_in_force
from stations.services import register_activity, register_session_sitting
from stations.views.common import crumbs, page, told

# Receptions are registered at the station, personal matters by the deputy.
_ELSEWHERE = (ShippedKind.RECEPTION, ShippedKind.SESSION_SPEECH)


@for_roles(*ORGANISERS)
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """First the group (or everybody), then one form with a line for each deputy."""
    actor = actor_of(request)
    term = current_term(actor)
    if term is None:
        raise Refused("本地还没有启用的一届人民代表大会，不能登记活动。")
    groups = list(led_groups(actor) if actor.role == Role.GROUP_LEADER else visible_groups(actor, term))
    group = _asked_group(request, actor, groups)
    form = ActivityForm(
        _kinds(actor),
        _sessions(actor, term),
        request.POST or None,
        mandates=_members(actor, term, group),
        reader=actor,
        initial={"starts_on": timezone.localdate()},
    )
    if request.method == "POST":
        activity = act(request, form, lambda who: _register(who, form, group))
        if activity is not None:
            told(request, f"已登记“{activity}”，等待各位代表确认。")
            return redirect(
                "stations_home" if actor.role == Role.GROUP_LEADER else "admin:stations_activity_changelist"
            )
    return page(
        request,
        "register_activity.html",
        "登记活动",
        form=form,
        group=group,
        groups=group_choices(groups),
        may_choose_all=actor.role != Role.GROUP_LEADER,
        crumbs=crumbs(actor, ("登记活动", "")),
    )


def _asked_group(request: HttpRequest, actor: Actor, groups: list[DeputyGroup]) -> DeputyGroup | None:
    asked = request.POST.get("group") or request.GET.get("group") or ""
    if not asked:
        return groups[0] if actor.role == Role.GROUP_LEADER and groups else None
    wanted = whole_number(asked)
    found = next((group for group in groups if group.pk == wanted), None)
    if found is None:
        raise OutOfScope()
    return found


def _kinds(actor: Actor) -> list[ActivityKind]:
    kinds = kinds_in_force(actor, actor.lo, timezone.localdate().year).values()
    return [kind for kind in kinds if kind.code not in _ELSEWHERE]


def _sessions(actor: Actor, term: Term) -> QuerySet[Session]:
    """The last four of the term, the newest first."""
    newest = visible_sessions(actor).filter(term=term).order_by("-number")
    return newest.filter(pk__in=newest.values("pk")[:4]).select_related("term__congress")


def _members(actor: Actor, term: Term, group: DeputyGroup | None) -> list[Mandate]:
    mandates = Mandate.scoped(actor).filter(term=term, state=MandateState.ACTIVE)
    if group is not None:
        places = GroupMembership.scoped(actor).filter(group=group, ends_on__isnull=True)
        mandates = mandates.filter(pk__in=places.values("mandate_id"))
    return list(
        mandates.select_related("person", "constituency", "electing_unit").order_by(
            "person__name_strokes", "id"
        )
    )


def _register(actor: Actor, form: ActivityForm, group: DeputyGroup | None) -> Activity:
    data = form.cleaned_data
    common: dict[str, Any] = {
        "actor": actor,
        "title": data["title"],
        "outcomes": form.outcomes(data["others"]),
        "speeches": form.speeches(),
        "idempotency_key": data["idempotency_key"],
        "now": timezone.now(),
    }
    if data["kind"] == ShippedKind.SESSION and data["session"]:
        return register_session_sitting(session_id=data["session"].pk, day=data["starts_on"], **common)
    return register_activity(
        kind_code=data["kind"],
        starts_on=data["starts_on"],
        ends_on=data["ends_on"],
        place=data["place"],
        summary=data["summary"],
        contact_method=data["contact_method"],
        group_id=group.pk if group else None,
        **common,
    )
