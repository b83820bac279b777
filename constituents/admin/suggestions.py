"""代表建议: the desk's list of suggestions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from constituents.access import visible_suggestions
from constituents.actions.suggestions import SUGGESTION_ACTIONS
from constituents.admin.base import CaseAdmin, LightFilter, list_actions
from constituents.enums import SuggestionState
from constituents.lifecycle import SUGGESTION_WITH_UNIT
from constituents.models import Suggestion
from constituents.views.common import SUGGESTION_TONES
from constituents.views.suggestions import SIGNERS
from liaison.identity.gates import actor_of
from liaison.templatetags.liaison_ui import status_mark
from liaison.tenancy.masked_fields import rows_containing
from liaison.words.text import clean_line


class SuggestionLight(LightFilter):
    on_clock = SUGGESTION_WITH_UNIT


@admin.register(Suggestion)
class SuggestionAdmin(CaseAdmin):
    task_order = 20
    task_hint = "代表建议：审查、交办、答复、评价，评质量分。"
    task_verb = "代交"
    add_address = "constituents_submit_suggestion"
    case_address = "constituents_suggestion"
    on_clock = SUGGESTION_WITH_UNIT
    case_actions = SUGGESTION_ACTIONS
    list_display_links = ("case_number",)
    list_display = ("case_number", "title", "lead", "submitted_on", "unit", "light", "quality", "state_word")
    list_filter = ("state", SuggestionLight, "is_key", "submission_time", "unit")
    search_fields = ("number", "title")
    search_help_text = "编号、标题、内容"
    date_hierarchy = "submitted_on"
    actions = list_actions(SUGGESTION_ACTIONS, "constituents_suggestion_action")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Suggestion]:
        rows = visible_suggestions(actor_of(request)).select_related("unit")
        return rows.prefetch_related("signatories__mandate__person").order_by(*self.ordering)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        for word in clean_line(search_term).split()[:5]:
            queryset = rows_containing(queryset, word, "number", "title", "content")
        return queryset, False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._holds(request, frozenset(SIGNERS))

    @admin.display(description="领衔代表")
    def lead(self, obj: Suggestion) -> str:
        signers = sorted(obj.signatories.all(), key=lambda each: (not each.is_lead, each.pk))
        more = f"等{len(signers)}人" if len(signers) > 1 else ""
        return f"{signers[0].mandate.full_name}{more}" if signers else "—"

    @admin.display(description="质量分", ordering="quality_points")
    def quality(self, obj: Suggestion) -> str:
        return "—" if obj.quality_points is None else str(obj.quality_points)

    @admin.display(description="状态", ordering="state")
    def state_word(self, obj: Suggestion) -> SafeString:
        return status_mark(SuggestionState(obj.state), SUGGESTION_TONES.get(obj.state, "none"))
