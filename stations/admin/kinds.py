"""Activity kinds and their yearly norms: inherited ones are read, an own one takes their place."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from liaison.admin.pages import service_form
from liaison.identity.access import linked
from liaison.identity.gates import actor_of
from liaison.identity.roles import REGISTRARS
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.web.admin_base import ServiceAdmin
from liaison.web.edit_forms import SEEN, EditForm
from liaison.web.forms import choice, text, whole
from liaison.words.enums import Role
from liaison.words.errors import InvalidInput
from stations import access, services
from stations.enums import ContactMethod
from stations.models import ActivityKind
from stations.selectors import kinds_in_force


class KindForm(EditForm):
    """A norm laid down over the one that holds (``row``), or a new one."""

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

    _NAMES = ("code", "name", "due_per_year", "is_personal", "fact_code", "contact_method")

    def __init__(self, actor: Actor, row: ActivityKind | None, this_year: int, *args: Any) -> None:
        super().__init__(actor, row, *args)
        self.this_year = this_year
        years = [(str(year), f"自{year}年起") for year in (this_year, this_year + 1)]
        self.fields["year"] = choice("执行年度", years)
        self.fields["year"].initial = str(this_year)
        self.fields["year"].help_text = "以往年度的要求不改变；已截止测评数据的年度不能再改。"

    def stored(self, row: ActivityKind) -> dict[str, Any]:
        return {name: getattr(row, name) for name in self._NAMES}

    def locked(self, actor: Actor) -> ActivityKind | None:
        """The norm that holds now: a colleague may have laid down one of our own meanwhile."""
        Jurisdiction.objects.select_for_update(no_key=True).filter(
            linked("pk", actor.jurisdiction_id)
        ).first()
        return kinds_in_force(actor, actor.lo, self.this_year).get(self.row.code)

    def write(self, *, actor: Actor, now: datetime) -> ActivityKind:
        facts = self.cleaned_data | {"year": int(self.cleaned_data["year"])}
        facts.pop(SEEN, None)
        held = kinds_in_force(actor, actor.lo, facts["year"]).get(facts["code"])
        is_seen = self.row is not None and self.row.code == facts["code"]
        if held is not None and (held.scope_code, held.scope_end) == (actor.lo, actor.hi) and not is_seen:
            raise InvalidInput({"code": "本区域已有这一代码的规定，请从列表打开它修改。"})
        return services.save_activity_kind(actor=actor, now=now, **facts)


@admin.register(ActivityKind)
class ActivityKindAdmin(ServiceAdmin):
    visible = staticmethod(access.visible_kinds)
    view_roles: ClassVar[frozenset[Role]] = REGISTRARS
    add_roles: ClassVar[frozenset[Role]] = REGISTRARS
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
        actor = actor_of(request)
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
        actor = actor_of(request)
        actor.require(*REGISTRARS)

        def save(data: dict[str, Any]) -> HttpResponse:
            row = form.save(actor=actor, now=timezone.now())
            told = f"已规定：{row}每年{row.due_per_year}次，自{row.from_year}年起。"
            self.message_user(request, told, messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:stations_activitykind_changelist"))

        year = timezone.localdate().year
        held = kinds_in_force(actor, actor.lo, year).get(request.GET.get("code", ""))
        form = KindForm(actor, held, year, request.POST or None)
        return service_form(
            self,
            request,
            form,
            save,
            title="为本区域另行规定",
            submit="确定",
            consequence="只影响本区域和所选年度以后；已截止测评数据的年度不受影响。",
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is not None and self.holds(request, REGISTRARS):
            return HttpResponseRedirect(
                f"{reverse('admin:stations_activitykind_add')}?{urlencode({'code': row.code})}"
            )
        return super().change_view(request, object_id, form_url, extra_context)
