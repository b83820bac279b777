"""Congresses, terms, sessions, electing bodies and groups."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from deputies import services
from deputies.access import current_term, elects_own_congress, may_convene
from deputies.admin.base import (
    RosterAdmin,
)
from deputies.admin.mandates import ReadOnlyInline
from deputies.edit_forms import ConstituencyForm, EditTermForm, GroupForm, SessionForm
from deputies.enums import DIRECT_LEVELS
from deputies.forms import ElectingUnitForm
from deputies.models import (
    Congress,
    Constituency,
    DeputyGroup,
    ElectingUnit,
    GroupMembership,
    Session,
    Term,
)
from liaison.admin.pages import service_form
from liaison.identity.gates import actor_of
from liaison.identity.roles import REGISTRARS
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, Refused

# Members now before former ones, each in the order they came.
NOW_FIRST = (F("ends_on").desc(nulls_first=True), "mandate__person__name_strokes", "pk")


def required_current_term(actor: Actor) -> Term:
    term = current_term(actor)
    if term is None:
        raise Refused("本地还没有启用的一届人民代表大会，请先登记并启用。")
    return term


@admin.register(Congress)
class CongressAdmin(RosterAdmin):
    task_order = 90
    task_hint = "本级人民代表大会。"
    list_display = ("name", "level")
    fields = readonly_fields = ("jurisdiction", "name", "level")

    def may_edit(self, actor: Actor, obj: Any) -> bool:
        return False


@admin.register(Term)
class TermAdmin(RosterAdmin):
    """届: entered after an election; 换届 has a page of its own."""

    edit_form = EditTermForm
    task_order = 70
    task_verb = "登记新一"
    task_hint = "届次、名额和换届。"
    state_field = "state"
    list_display = ("__str__", "elected_on", "starts_on", "ends_on", "seats", "state")
    list_filter = ("state",)
    list_select_related = ("congress",)
    fields = readonly_fields = ("congress", "number", "elected_on", "starts_on", "ends_on", "seats", "state")

    def term_of(self, obj: Any) -> Term:
        return obj  # type: ignore[no-any-return]

    def may_edit(self, actor: Actor, obj: Any) -> bool:
        return super().may_edit(actor, obj) and may_convene(actor, obj.congress)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._holds(request, REGISTRARS) and elects_own_congress(actor_of(request))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("deputies_add_term"))

    def extra_context(self, request: HttpRequest, obj: Term) -> dict[str, Any]:
        return {"links": [("办理换届", reverse("deputies_rollover", args=[obj.pk]))]}


@admin.register(Session)
class SessionAdmin(RosterAdmin):
    edit_form = SessionForm
    task_order = 75
    task_hint = "人民代表大会会议。"
    list_display = ("__str__", "kind", "starts_on", "ends_on")
    list_select_related = ("term__congress",)
    fields = readonly_fields = ("term", "number", "kind", "starts_on", "ends_on")
    ordering = ("scope_code", "-term__number", "-number")

    def may_edit(self, actor: Actor, obj: Any) -> bool:
        return super().may_edit(actor, obj) and may_convene(actor, obj.term.congress)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._holds(request, REGISTRARS) and elects_own_congress(actor_of(request))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("deputies_add_session"))


class _ElectingAdmin(RosterAdmin):
    """Entered for the running term of the own congress."""

    list_filter = ("term__state",)
    list_select_related = ("term__congress",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._holds(request, REGISTRARS)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Asked here once, so that no form of an heir is shown to who may not send it."""
        if not self.has_add_permission(request):
            raise Forbidden()
        actor = actor_of(request)
        return self.add_page(request, actor, required_current_term(actor))

    def add_page(self, request: HttpRequest, actor: Actor, term: Term) -> HttpResponse:
        """The form and what it writes, for the running term."""
        raise NotImplementedError

    def _back(self) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse(self._address("changelist")))


@admin.register(Constituency)
class ConstituencyAdmin(_ElectingAdmin):
    edit_form = ConstituencyForm
    task_order = 40
    task_hint = "本届划分的选区。"
    list_display = ("number", "name", "seated", "voters", "term")
    list_display_links = ("name",)
    search_fields = ("name",)
    fields = readonly_fields = ("term", "number", "name", "village", "voters")
    ordering = ("scope_code", "-term__number", "number", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Constituency]:
        rows: QuerySet[Constituency] = super().get_queryset(request)
        return rows.annotate(seated=Count("mandates", filter=Q(mandates__ended_on__isnull=True)))

    @admin.display(description="在任代表", ordering="seated")
    def seated(self, obj: Any) -> int:
        return int(obj.seated)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        term = current_term(actor_of(request))
        return super().has_add_permission(request, obj) and (
            term is None or term.congress.level in DIRECT_LEVELS
        )

    def add_page(self, request: HttpRequest, actor: Actor, term: Term) -> HttpResponse:
        def run(data: dict[str, Any]) -> HttpResponse:
            form.save(actor=actor, now=timezone.now())
            return self._back()

        form = ConstituencyForm(actor, None, request.POST or None, term=term)
        return service_form(self, request, form, run, title="登记选区", lead=str(term), submit="登记")


@admin.register(ElectingUnit)
class ElectingUnitAdmin(_ElectingAdmin):
    """Only congresses elected indirectly have any; the door is hidden from all others."""

    task_order = 45
    task_hint = "间接选举代表的选举单位。"
    list_display = ("name", "term")
    fields = readonly_fields = ("term", "name")

    def has_module_permission(self, request: HttpRequest) -> bool:
        actor = getattr(request, "actor", None)
        if actor is None or not super().has_module_permission(request):
            return False
        term = current_term(actor)
        return term is not None and term.congress.level not in DIRECT_LEVELS

    def may_edit(self, actor: Actor, obj: Any) -> bool:
        return False

    def add_page(self, request: HttpRequest, actor: Actor, term: Term) -> HttpResponse:
        def run(data: dict[str, Any]) -> HttpResponse:
            services.create_electing_unit(actor=actor, term_id=term.pk, **data)
            return self._back()

        form = ElectingUnitForm(request.POST or None)
        return service_form(self, request, form, run, title="登记选举单位", lead=str(term), submit="登记")


class MemberInline(ReadOnlyInline):
    """Members now and before; moved on the roster."""

    model = GroupMembership
    verbose_name_plural = "小组成员"
    fields = readonly_fields = ("mandate", "post", "starts_on", "ends_on")

    def get_queryset(self, request: HttpRequest) -> QuerySet[GroupMembership]:
        rows: QuerySet[GroupMembership] = super().get_queryset(request)
        return rows.select_related("mandate__person").order_by(*NOW_FIRST)


@admin.register(DeputyGroup)
class DeputyGroupAdmin(_ElectingAdmin):
    """代表小组 with its members."""

    view_roles: ClassVar[frozenset[Role]] = REGISTRARS
    edit_form = GroupForm
    task_order = 30
    task_hint = "代表小组和成员。"
    list_display = ("number", "name", "members", "leader", "term")
    list_display_links = ("name",)
    fields = readonly_fields = ("term", "number", "name")
    inlines = (MemberInline,)
    ordering = ("scope_code", "-term__number", "number", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeputyGroup]:
        rows: QuerySet[DeputyGroup] = super().get_queryset(request)
        now = Q(memberships__ends_on__isnull=True, memberships__pk__isnull=False)
        return rows.annotate(members=Count("memberships", filter=now)).prefetch_related(
            "memberships__mandate__person"
        )

    @admin.display(description="人数", ordering="members")
    def members(self, obj: Any) -> int:
        return int(obj.members)

    @admin.display(description="组长")
    def leader(self, obj: DeputyGroup) -> str:
        leaders = [p for p in obj.memberships.all() if p.ends_on is None and p.post == "leader"]
        return leaders[0].mandate.full_name if leaders else "—"

    def add_page(self, request: HttpRequest, actor: Actor, term: Term) -> HttpResponse:
        def run(data: dict[str, Any]) -> HttpResponse:
            form.save(actor=actor, now=timezone.now())
            return self._back()

        form = GroupForm(actor, None, request.POST or None, term=term)
        return service_form(self, request, form, run, title="登记代表小组", lead=str(term), submit="登记")

    def extra_context(self, request: HttpRequest, obj: DeputyGroup) -> dict[str, Any]:
        actor = actor_of(request)
        places = GroupMembership.scoped(actor).filter(group=obj).select_related("mandate__person")
        ordered = places.select_related("mandate__constituency").order_by(*NOW_FIRST)
        return {
            "members": list(ordered),
            "links": [("查看成员名册", f"{reverse('deputies_roster')}?term={obj.term_id}&group={obj.pk}")],
        }
