"""社情民意: the desk's list, the most pressing first; residents never stand in it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from constituents.access import INTAKE_ROLES, visible_opinions
from constituents.actions.opinions import OPINION_ACTIONS
from constituents.admin.base import CaseAdmin, LightFilter, list_actions, unbroken
from constituents.documents.papers import EXPORTERS
from constituents.enums import OpinionState
from constituents.models import Opinion
from constituents.selectors import OPINION_ON_CLOCK
from constituents.views.common import OPINION_TONES
from liaison.identity.gates import actor_of
from liaison.templatetags.liaison_ui import status_mark
from liaison.tenancy.masked_fields import rows_containing
from liaison.web.admin_base import to_chosen
from liaison.words.enums import Role
from liaison.words.masking import excerpt
from liaison.words.text import clean_line


class OpinionLight(LightFilter):
    on_clock = OPINION_ON_CLOCK


@admin.action(description="导出所选（掩码）")
def export_selected(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse:
    return to_chosen("constituents_export", rows)


@admin.register(Opinion)
class OpinionAdmin(CaseAdmin):
    """One row a case; its number opens the case's page."""

    view_roles: ClassVar[frozenset[Role]] = CaseAdmin.view_roles | {Role.STATION_CLERK}
    task_order = 10
    task_hint = "群众反映的事：受理、交办、答复、评价、销号。"
    add_address = "constituents_add"
    case_address = "constituents_opinion"
    on_clock = OPINION_ON_CLOCK
    case_actions = OPINION_ACTIONS
    list_display_links = ("case_number",)
    list_display = (
        "case_number",
        "category_word",
        "summary",
        "received_on",
        "unit",
        "light",
        "state_word",
    )
    counted_by: ClassVar[frozenset[str]] = frozenset({"closed_on__isnull"})
    list_filter = ("state", OpinionLight, "category", "urgency", "unit")
    search_fields = ("number", "content")
    search_help_text = "编号、内容"
    date_hierarchy = "received_on"
    list_select_related = ("unit",)
    actions = (
        *list_actions(OPINION_ACTIONS, "constituents_opinion_action"),
        export_selected,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Opinion]:
        """What is open and pressing first, then the newest."""
        rows = visible_opinions(actor_of(request)).select_related("unit")
        return rows.order_by(*self.ordering)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Numbers and words of the matter; personal data is encrypted and cannot be searched by text."""
        for word in clean_line(search_term).split()[:5]:
            queryset = rows_containing(queryset, word, "number", "content")
        return queryset, False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found = super().get_actions(request)
        if actor_of(request).role not in EXPORTERS:
            found.pop("export_selected", None)
        return found

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._holds(request, frozenset(INTAKE_ROLES))

    @admin.display(description="类别", ordering="category")
    def category_word(self, obj: Opinion) -> SafeString:
        return unbroken(obj.get_category_display())

    @admin.display(description="内容摘要")
    def summary(self, obj: Opinion) -> str:
        return excerpt(obj.content, 30)

    @admin.display(description="状态", ordering="state")
    def state_word(self, obj: Opinion) -> SafeString:
        return status_mark(OpinionState(obj.state), OPINION_TONES.get(obj.state, "none"))
