"""Activity kinds and their yearly norms: inherited ones are read, an own one takes their place."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from liaison.admin.pages import service_form
from liaison.models import Jurisdiction
from liaison.web.admin_base import OVERSEERS, TOWNSHIP_STAFF, actor_of_request
from liaison.web.forms import choice, text, whole
from liaison.words.enums import Role
from stations import access, services
from stations.admin.common import StationsAdmin
from stations.enums import ContactMethod
from stations.models import ActivityKind
from stations.selectors import kinds_in_force

KEEPERS = TOWNSHIP_STAFF | OVERSEERS


class KindForm(forms.Form):
    code = text(
        "代码", 30, required=True, hint="与上级规定同一代码的，替代上级规定；新类别请用英文字母和下划线。"
    )
    name = text("名称", 40, required=True)
    due_per_year = whole("每年应参加次数", 0, 366, initial=0)
    is_personal = forms.BooleanField(
        label="个人事项",
        required=False,
        help_text="由代表个人完成的（如走访选区）按月计应完成数；集体活动按实际安排计。",
    )
    fact_code = text("计分事项", 30, hint="测评方案据此取数，一般沿用上级规定。")
    contact_method = choice("联系群众方式", ContactMethod.choices(), required=False, blank="不涉及")
    year = choice("执行年度", (), blank="请选择")

    def __init__(self, this_year: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = [(str(year), f"自{year}年起") for year in (this_year, this_year + 1)]
        self.fields["year"] = choice("执行年度", years)
        self.fields["year"].initial = str(this_year)
        self.fields["year"].help_text = "以往年度的要求不改变；已截止测评数据的年度不能再改。"


@admin.register(ActivityKind)
class ActivityKindAdmin(StationsAdmin):
    visible = staticmethod(access.visible_kinds)
    view_roles: ClassVar[frozenset[Role]] = KEEPERS
    add_roles: ClassVar[frozenset[Role]] = KEEPERS
    task_order = 70
    task_hint = "十个一等履职要求；可为本区域另行规定，整套更换请用“履职要求”页。"
    task_verb = "另行规定"
    list_display = ("name", "due_per_year", "is_personal", "begins", "contact_method", "code")
    list_filter = ("is_personal",)
    search_fields = ("name", "code")
    fields = readonly_fields = (
        "code",
        "name",
        "due_per_year",
        "is_personal",
        "begins",
        "contact_method",
        "fact_code",
        "sort",
    )

    @admin.display(description="执行年度", ordering="from_year")
    def begins(self, row: ActivityKind) -> str:
        return f"自{row.from_year}年起" if row.from_year else "一直执行"

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        """With who laid the norm down and whether it holds here, each read once."""
        actor = actor_of_request(request)
        names = dict(Jurisdiction.objects.values_list("scope_code", "name"))
        holding = {kind.pk for kind in kinds_in_force(actor, actor.lo, timezone.localdate().year).values()}

        @admin.display(description="规定区域")
        def place(row: ActivityKind) -> str:
            return names.get(row.scope_code, "全国")

        @admin.display(description="在本区域适用", boolean=True)
        def applies(row: ActivityKind) -> bool:
            return row.pk in holding

        return (*self.list_display, place, applies)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        actor = actor_of_request(request)
        actor.require(*KEEPERS)

        def save(data: dict[str, Any]) -> HttpResponse:
            facts = data | {"year": int(data["year"])}
            row = services.save_activity_kind(actor=actor, now=timezone.now(), **facts)
            told = f"已规定：{row}每年{row.due_per_year}次，自{row.from_year}年起。"
            self.message_user(request, told, messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:stations_activitykind_changelist"))

        form = KindForm(timezone.localdate().year, request.POST or None, initial=self._inherited(request))
        return service_form(
            self,
            request,
            form,
            save,
            title="为本区域另行规定",
            submit="确定",
            consequence="只影响本区域和所选年度以后；已截止测评数据的年度不受影响。",
        )

    def _inherited(self, request: HttpRequest) -> dict[str, Any]:
        actor = actor_of_request(request)
        row = kinds_in_force(actor, actor.lo, timezone.localdate().year).get(request.GET.get("code", ""))
        names = ("code", "name", "due_per_year", "is_personal", "fact_code", "contact_method")
        return {name: getattr(row, name) for name in names} if row is not None else {}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is not None and self.holds(request, KEEPERS):
            return HttpResponseRedirect(
                f"{reverse('admin:stations_activitykind_add')}?{urlencode({'code': row.code})}"
            )
        return super().change_view(request, object_id, form_url, extra_context)
