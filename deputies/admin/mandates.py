"""Mandates: the clerk's roster, with the office's actions, which lead to a form."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from deputies.admin.base import RosterAdmin, chosen_term_id, is_keeper
from deputies.admin.filters import ConstituencyFilter, GroupFilter, SexFilter, TermFilter
from deputies.edit_forms import EditDeputyForm
from deputies.enums import GroupPost, MandateEvent, MandateState
from deputies.models import FixedContact, GroupMembership, Mandate, MandateChange, Person
from deputies.models.mandates import elector_name, told_apart
from deputies.selectors import matching, open_place, with_roster_parts
from deputies.views.common import STATE_TONES
from liaison.identity.gates import actor_of
from liaison.identity.roles import OFFICE, REGISTRARS
from liaison.templatetags.liaison_ui import status_mark
from liaison.web.admin_base import to_chosen
from liaison.web.generic import TabularInline
from liaison.words.enums import Role
from liaison.words.text import mask_phone


def _to_papers(name: str, rows: QuerySet[Any]) -> HttpResponseRedirect:
    """The page of a paper of one term, with the chosen deputies in its address."""
    return to_chosen(name, rows, term=rows[0].term_id)


def _action(event: MandateEvent) -> Any:
    @admin.action(description=event.label)
    def act(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse:
        return to_chosen("deputies_change", rows, event)

    act.__name__ = f"{event}_mandates"
    return act


@admin.action(description="移组、调整小组职务")
def move_group(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse:
    return to_chosen("deputies_place", rows)


@admin.action(description="开账号，打印口令单")
def give_accounts(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse:
    people = Person.scoped(actor_of(request)).filter(pk__in=rows.order_by().values("person_id"))
    return to_chosen("give_accounts", people, "person")


@admin.action(description="导出所选代表")
def export_selected(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse:
    return _to_papers("deputies_export", rows)


@admin.action(description="打印所选代表")
def print_selected(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse:
    return _to_papers("deputies_print", rows)


_EVENT_ACTIONS = [_action(event) for event in MandateEvent if event != MandateEvent.END]


class ReadOnlyInline(TabularInline):
    extra = 0
    can_delete = False
    view_on_site = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return actor_of(request).role in REGISTRARS

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ChangeInline(ReadOnlyInline):
    model = MandateChange
    fields = ("effective_on", "event", "ground", "basis", "recorded_by", "recorded_at")


class PlaceInline(ReadOnlyInline):
    model = GroupMembership
    fields = ("group", "post", "starts_on", "ends_on")


@admin.register(Mandate)
class MandateAdmin(RosterAdmin):
    """名册: one row a deputy; state changes by actions, everything else on one form."""

    task_order = 10
    task_hint = "本届代表的基本情况、小组和资格。"
    state_field = "state"
    edit_form = EditDeputyForm
    change_list_template = "deputies/admin_roster.html"
    list_display = (
        "number",
        "full_name",
        "sex",
        "elector",
        "group",
        "post",
        "phone",
        "qualification",
    )
    list_display_links = ("full_name",)
    list_filter = ("state", TermFilter, GroupFilter, SexFilter, ConstituencyFilter)
    search_fields = ("person__name",)
    search_help_text = "姓名、拼音（全拼或首字母）、选区"
    ordering = ("list_number", "pk")
    fields = (
        "person",
        "term",
        "constituency",
        "electing_unit",
        "list_number",
        "election_way",
        "elected_on",
        "ended_on",
        "state",
        "concurrent_seat",
        "fixed_contact_target",
        "remark",
    )
    readonly_fields = fields
    inlines = (ChangeInline, PlaceInline)
    actions = (*_EVENT_ACTIONS, move_group, give_accounts, export_selected, print_selected)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mandate]:
        rows = with_roster_parts(super().get_queryset(request)).select_related(
            "person", "constituency", "electing_unit", "term__congress__jurisdiction"
        )
        if not _is_list(request):
            return rows
        term_id = chosen_term_id(request)
        return rows.filter(term_id=term_id) if term_id is not None else rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return matching(queryset, search=search_term), False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Those who only oversee may print and export."""
        actions = super().get_actions(request)
        if is_keeper(request):
            return actions
        return {name: action for name, action in actions.items() if name.endswith("_selected")}

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._holds(request, REGISTRARS)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("deputies_enrol"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {"term_id": chosen_term_id(request), "is_keeper": is_keeper(request)}
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    @admin.display(description="序号", ordering="list_number", empty_value="—")
    def number(self, obj: Mandate) -> int | None:
        return obj.list_number

    @admin.display(description="姓名", ordering="person__name_strokes")
    def full_name(self, obj: Mandate) -> str | SafeString:
        if obj.full_name == obj.person.name:
            return obj.full_name
        return format_html('{} <span class="tag">同名</span>', obj.full_name)

    @admin.display(description="性别", ordering="person__sex")
    def sex(self, obj: Mandate) -> str:
        return str(obj.person.get_sex_display())

    @admin.display(description="选区", ordering="constituency__number")
    def elector(self, obj: Mandate) -> str:
        return elector_name(obj)

    @admin.display(description="小组")
    def group(self, obj: Mandate) -> str:
        place = open_place(obj)
        return place.group.name if place else "—"

    @admin.display(description="职务")
    def post(self, obj: Mandate) -> str:
        place = open_place(obj)
        return "—" if place is None or place.post == GroupPost.MEMBER else GroupPost(place.post).label

    @admin.display(description="电话")
    def phone(self, obj: Mandate) -> str:
        return mask_phone(obj.person.phone) or "—"

    @admin.display(description="资格状态", ordering="state")
    def qualification(self, obj: Mandate) -> SafeString:
        state = MandateState(obj.state)
        return status_mark(state, STATE_TONES[state])

    def extra_context(self, request: HttpRequest, obj: Mandate) -> dict[str, Any]:
        return {
            "title": told_apart(obj.person.name, elector_name(obj)),
            "links": [
                ("查看个人页", reverse("deputies_person", args=[obj.pk])),
                ("开账号", f"{reverse('give_accounts', args=['person'])}?id={obj.person_id}"),
                ("调整小组和职务", f"{reverse('deputies_place')}?id={obj.pk}"),
            ],
        }


def _is_list(request: HttpRequest) -> bool:
    match = request.resolver_match
    return bool(match and match.url_name and match.url_name.endswith("_changelist"))


@admin.register(FixedContact)
class FixedContactAdmin(RosterAdmin):
    """Voters in touch with deputies: read in the own office only, entered on the deputy's page."""

    view_roles: ClassVar[frozenset[Role]] = OFFICE
    task_order = 60
    task_hint = "代表固定联系的选民，在代表个人页登记。"
    list_display = ("mandate", "name", "masked_phone", "village", "starts_on", "ends_on")
    list_select_related = ("mandate__person", "village")
    fields = ("mandate", "name", "masked_phone", "village", "starts_on", "ends_on")
    readonly_fields = fields
    ordering = ("mandate", "pk")

    def may_edit(self, actor: Any, obj: Any) -> bool:
        return False

    @admin.display(description="联系电话")
    def masked_phone(self, obj: FixedContact) -> str:
        return mask_phone(obj.phone) or "—"
