"""Stations, and the rules by which they receive as a list; rule pages are in ``rule_pages``."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode

from deputies.access import visible_groups
from deputies.enums import MandateState
from deputies.models import Mandate
from liaison.admin.pages import service_form
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.web.admin_base import TOWNSHIP_STAFF, actor_of_request
from liaison.web.forms import DayField, choice, text
from liaison.words.enums import JurisdictionLevel, Role
from stations import access, services
from stations.admin.common import RUNNERS, ReadOnlyInline, StationsAdmin
from stations.admin.rule_pages import EndPage, RulePages
from stations.enums import PlaceKind
from stations.models import ReceptionRule, Station, StationDeputy


class StationForm(forms.Form):
    kind = choice("类别", PlaceKind.choices())
    name = text("名称", 60, required=True, hint="如“东庄村人大代表联络站”。")
    address = text("地址", 120, required=True)
    phone = text("公开电话", 30, hint="向群众公开的座机或者值班电话，不填代表个人手机。")
    opening_hours = text("开放时间", 80, hint="如“周一至周五9:00—17:00”。")
    equipment = text("设施", 500, rows=3)
    opened_on = DayField("启用日期", years_ahead=1)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        villages = Jurisdiction.objects.filter(
            level=JurisdictionLevel.VILLAGE, scope_code__gte=actor.lo, scope_end__lte=actor.hi
        )
        self.fields["village"] = choice(
            "所在村（社区）", [(str(row.pk), row.name) for row in villages], required=False, blank="不限"
        )
        groups = visible_groups(actor).order_by("number")
        self.fields["group"] = choice(
            "负责小组", [(str(row.pk), row.name) for row in groups], required=False, blank="不指定"
        )


def _values(data: dict[str, Any]) -> dict[str, Any]:
    values = {name: data[name] for name in data if name not in ("village", "group")}
    values["village_id"] = int(data["village"]) if data["village"] else None
    values["group_id"] = int(data["group"]) if data["group"] else None
    return values


class RosterForm(forms.Form):
    """Who takes turns: every deputy in office, ticked or not."""

    def __init__(self, mandates: list[Mandate], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mandates"] = forms.MultipleChoiceField(
            label="进站代表",
            required=False,
            choices=[(str(m.pk), f"{m}（{m.constituency}）" if m.constituency else str(m)) for m in mandates],
            widget=forms.CheckboxSelectMultiple,
        )


class CloseForm(forms.Form):
    closed_on = DayField("停用日期", years_ahead=1)


class RosterInline(ReadOnlyInline):
    model = StationDeputy
    fields = readonly_fields = ("mandate", "starts_on", "ends_on")


class RuleInline(RosterInline):
    model = ReceptionRule
    fields = readonly_fields = ("text", "valid_from", "valid_until", "steps")

    @admin.display(description="办理")
    def steps(self, row: ReceptionRule) -> str:
        """Change it or end it; both show first what becomes of the days already planned."""
        change = reverse("admin:stations_station_rule", args=[row.station_id])
        end = reverse("admin:stations_receptionrule_end", args=[row.pk])
        asked = urlencode({"rule": row.pk})
        return format_html('<a href="{}?{}">修改</a>　<a href="{}">停用</a>', change, asked, end)


@admin.register(Station)
class StationAdmin(RulePages, StationsAdmin):
    visible = staticmethod(access.visible_stations)
    add_roles: ClassVar[frozenset[Role]] = TOWNSHIP_STAFF
    task_order = 10
    task_hint = "站点信息、进站代表、接待日规则。"
    list_display = ("name", "kind", "jurisdiction", "address", "phone", "is_open")
    list_filter = ("kind",)
    list_select_related = ("jurisdiction",)
    search_fields = ("name", "address")
    fields = (
        "name",
        "kind",
        "jurisdiction",
        "village",
        "address",
        "phone",
        "opening_hours",
        "equipment",
        "group",
        "opened_on",
        "closed_on",
        "public_code",
    )
    readonly_fields = fields
    inlines = (RosterInline, RuleInline)
    pages = (
        ("<int:pk>/edit/", "edit", TOWNSHIP_STAFF),
        ("<int:pk>/roster/", "roster", TOWNSHIP_STAFF),
        ("<int:pk>/rule/", "rule", RUNNERS),
        ("<int:pk>/plan/", "plan", RUNNERS),
        ("<int:pk>/close/", "close", TOWNSHIP_STAFF),
    )

    @admin.display(description="使用中", boolean=True)
    def is_open(self, row: Station) -> bool:
        return row.closed_on is None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        extra = {"may_keep": self.holds(request, TOWNSHIP_STAFF), "may_run": self.holds(request, RUNNERS)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        actor = actor_of_request(request)
        actor.require(*TOWNSHIP_STAFF)
        form = StationForm(actor, request.POST or None, initial={"opened_on": timezone.localdate()})
        return service_form(
            self,
            request,
            form,
            lambda data: self._open(request, data),
            title="设立联络站点",
            submit="设立",
            consequence="设立后即向群众公开；接着请确定进站代表和接待日规则。",
        )

    def _open(self, request: HttpRequest, data: dict[str, Any]) -> HttpResponse:
        station = services.open_station(actor=actor_of_request(request), now=timezone.now(), **_values(data))
        return self._back(request, station, f"已设立{station}。")

    def _back(self, request: HttpRequest, station: Station, words: str) -> HttpResponse:
        self.message_user(request, words, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:stations_station_change", args=[station.pk]))

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor = actor_of_request(request)
        station = access.get_station(actor, pk)
        names = ("kind", "name", "address", "phone", "opening_hours", "equipment", "opened_on")
        first = {name: getattr(station, name) for name in names}
        first |= {"village": station.village_id or "", "group": station.group_id or ""}

        def save(data: dict[str, Any]) -> HttpResponse:
            services.update_station(actor=actor, station_id=pk, now=timezone.now(), **_values(data))
            return self._back(request, station, "已保存。")

        form = StationForm(actor, request.POST or None, initial=first)
        return service_form(self, request, form, save, title=f"修改{station}", submit="保存")

    def roster(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor = actor_of_request(request)
        station = access.get_station(actor, pk)
        mandates = Mandate.scoped(actor).filter(scope_code=station.scope_code, state=MandateState.ACTIVE)
        chosen = access.visible_rosters(actor).filter(station=station, ends_on__isnull=True)

        def save(data: dict[str, Any]) -> HttpResponse:
            ids = [int(each) for each in data["mandates"]]
            services.set_station_roster(actor=actor, station_id=pk, mandate_ids=ids, now=timezone.now())
            return self._back(request, station, f"已确定{len(ids)}名进站代表。")

        form = RosterForm(
            list(mandates.select_related("person", "constituency").order_by("person__name_strokes", "pk")),
            request.POST or None,
            initial={"mandates": [str(each) for each in chosen.values_list("mandate_id", flat=True)]},
        )
        return service_form(
            self,
            request,
            form,
            save,
            title=f"{station}的进站代表",
            submit="确定",
            consequence="未勾选的代表自今天起不再列入本站轮值；已排的值班不受影响。",
        )

    def close(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor = actor_of_request(request)
        station = access.get_station(actor, pk)

        def save(data: dict[str, Any]) -> HttpResponse:
            services.close_station(
                actor=actor, station_id=pk, closed_on=data["closed_on"], now=timezone.now()
            )
            return self._back(request, station, f"{station}已停用。")

        form = CloseForm(request.POST or None, initial={"closed_on": timezone.localdate()})
        return service_form(
            self,
            request,
            form,
            save,
            title=f"停用{station}",
            submit="停用",
            consequence="停用后不再对外公开，不能再安排接待；以前的记录保留。",
        )


@admin.register(ReceptionRule)
class ReceptionRuleAdmin(EndPage, StationsAdmin):
    """Read here; laid down and previewed on the station's own page."""

    visible = staticmethod(access.visible_rules)
    task_order = 20
    task_hint = "各站点何时接待群众。"
    list_display = ("station", "text", "valid_from", "valid_until")
    list_select_related = ("station",)
    search_fields = ("station__name", "text")
    pages = (("<int:pk>/end/", "end", RUNNERS),)
    fields = readonly_fields = ("station", "text", "starts_at", "ends_at", "valid_from", "valid_until")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is not None and self.holds(request, RUNNERS) and row.station.closed_on is None:
            page = reverse("admin:stations_station_rule", args=[row.station_id])
            return HttpResponseRedirect(f"{page}?rule={row.pk}")
        return super().change_view(request, object_id, form_url, extra_context)
