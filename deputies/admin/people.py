"""People apart from their seats."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from deputies.admin.base import RosterAdmin
from deputies.edit_forms import EditPersonForm
from deputies.models import Mandate, Person
from deputies.models.mandates import elector_name
from liaison.identity.roles import OFFICE
from liaison.tenancy.scope import Actor
from liaison.web.generic import TabularInline
from liaison.words.enums import Role
from liaison.words.text import fold_name, mask_phone


class MandateInline(TabularInline):
    """Every seat the person has held."""

    model = Mandate
    extra = 0
    can_delete = False
    show_change_link = True
    fields = readonly_fields = ("term", "constituency", "election_way", "elected_on", "ended_on", "state")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Person)
class PersonAdmin(RosterAdmin):
    """A person is entered with a seat (登记代表, 导入名册); here the entry is corrected."""

    task_order = 20
    task_hint = "历届代表的个人登记，同名的以任职和出生年月区分。"
    list_display = ("person_name", "sex", "birth_month", "occupation", "masked_phone", "seats")
    list_display_links = ("person_name",)
    list_filter = ("sex", "political_status")
    search_fields = ("name",)
    search_help_text = "姓名、拼音（全拼或首字母）"
    ordering = ("name_strokes", "pk")
    fields = (
        "name",
        "sex",
        "ethnicity",
        "birth_month",
        "political_status",
        "education",
        "occupation",
        "masked_phone",
        "introduction",
    )
    readonly_fields = fields
    inlines = (MandateInline,)
    edit_form = EditPersonForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        rows: QuerySet[Person] = super().get_queryset(request)
        return rows.prefetch_related("mandates__term__congress", "mandates__constituency")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        name = fold_name(search_term)
        latin = name.lower().replace(" ", "")
        found = Q(name__icontains=name) | Q(name_search__icontains=latin)
        return (queryset.filter(found) if name else queryset), False

    def may_edit(self, actor: Actor, obj: Person) -> bool:
        if actor.role in OFFICE:
            return True
        return actor.role == Role.COUNTY_COMMITTEE and obj.scope_code == actor.lo

    @admin.display(description="姓名", ordering="name_strokes")
    def person_name(self, obj: Person) -> str:
        return str(obj.name)

    @admin.display(description="出生年月", ordering="born_on")
    def birth_month(self, obj: Person) -> str:
        return f"{obj.born_on:%Y.%m}"

    @admin.display(description="联系电话")
    def masked_phone(self, obj: Person) -> str:
        return mask_phone(obj.phone) or "—"

    @admin.display(description="任职")
    def seats(self, obj: Person) -> str:
        seats = sorted(obj.mandates.all(), key=lambda mandate: mandate.elected_on, reverse=True)
        return "；".join(f"第{seat.term.number}届　{elector_name(seat)}" for seat in seats) or "—"
