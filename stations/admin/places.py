"""Stations, and the rules by which they receive as a list; rule pages are in ``rule_pages``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode

from liaison.admin.pages import service_form
from liaison.identity.gates import actor_of
from liaison.identity.roles import OFFICE, STATION_RUNNERS, STATION_STAFF
from liaison.web.admin_base import ServiceAdmin, to_chosen
from liaison.words.enums import Role
from stations import access, services
from stations.admin.common import ReadOnlyInline
from stations.admin.rule_pages import EndPage, RulePages
from stations.forms.places import CloseForm, RosterForm, StationForm
from stations.models import ReceptionRule, Station, StationDeputy


class RosterInline(ReadOnlyInline):
    model: type[Model] = StationDeputy
    fields: ClassVar[tuple[str, ...]] = ("mandate", "starts_on", "ends_on")
    readonly_fields: ClassVar[tuple[str, ...]] = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[StationDeputy]:
        seated = super().get_queryset(request).select_related("mandate__person")
        return seated.order_by("mandate__person__name_strokes", "pk")


class RuleInline(ReadOnlyInline):
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
class StationAdmin(RulePages, ServiceAdmin):
    visible = staticmethod(access.visible_stations)
    view_roles: ClassVar[frozenset[Role]] = STATION_STAFF
    add_roles: ClassVar[frozenset[Role]] = OFFICE
    task_order = 10
    task_hint = "站点信息、进站代表、接待日规则。"
    list_display = ("name", "kind", "jurisdiction", "address", "phone", "is_open")
    list_filter = ("kind",)
    list_select_related = ("jurisdiction",)
    search_fields = ("name", "address")
    fields: ClassVar[tuple[str, ...]] = ("jurisdiction", *Station.entry, "closed_on", "public_code")
    readonly_fields = fields
    inlines = (RosterInline, RuleInline)
    actions = ("give_accounts",)
    action_roles: ClassVar[Mapping[str, frozenset[Role]]] = {"give_accounts": frozenset(OFFICE)}
    pages = (
        ("<int:pk>/edit/", "edit", OFFICE),
        ("<int:pk>/roster/", "roster", OFFICE),
        ("<int:pk>/rule/", "rule", STATION_RUNNERS),
        ("<int:pk>/plan/", "plan", STATION_RUNNERS),
        ("<int:pk>/close/", "close", OFFICE),
    )

    @admin.action(description="给联络员开账号，打印口令单")
    def give_accounts(self, request: HttpRequest, rows: QuerySet[Station]) -> HttpResponse:
        return to_chosen("give_accounts", rows, "station")

    @admin.display(description="使用中", boolean=True)
    def is_open(self, row: Station) -> bool:
        return row.closed_on is None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        extra = {"may_keep": self.holds(request, OFFICE), "may_run": self.holds(request, STATION_RUNNERS)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        actor = actor_of(request)
        actor.require(*OFFICE)
        form = StationForm(actor, None, request.POST or None, initial={"opened_on": timezone.localdate()})
        return service_form(
            self,
            request,
            form,
            lambda _: self._saved(request, form, "已设立{}。"),
            title="设立联络站点",
            submit="设立",
            consequence="设立后即向群众公开；接着请确定进站代表和接待日规则。",
        )

    def _saved(self, request: HttpRequest, form: StationForm, words: str) -> HttpResponse:
        station = form.save(actor=actor_of(request), now=timezone.now())
        return self._back(request, station, words.format(station))

    def _back(self, request: HttpRequest, station: Station, words: str) -> HttpResponse:
        self.message_user(request, words, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:stations_station_change", args=[station.pk]))

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor = actor_of(request)
        station = access.get_station(actor, pk)
        form = StationForm(actor, station, request.POST or None)
        return service_form(
            self,
            request,
            form,
            lambda _: self._saved(request, form, "已保存{}。"),
            title=f"修改{station}",
            submit="保存",
        )

    def roster(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor = actor_of(request)
        station = access.get_station(actor, pk)
        form = RosterForm(actor, station, request.POST or None)

        def save(data: dict[str, Any]) -> HttpResponse:
            chosen = form.save(actor=actor, now=timezone.now())
            return self._back(request, station, f"已确定{len(chosen)}名进站代表。")

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
        actor = actor_of(request)
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
class ReceptionRuleAdmin(EndPage, ServiceAdmin):
    """Read here; laid down and previewed on the station's own page."""

    visible = staticmethod(access.visible_rules)
    view_roles: ClassVar[frozenset[Role]] = STATION_STAFF
    task_order = 20
    task_hint = "各站点何时接待群众。"
    list_display = ("station", "text", "valid_from", "valid_until")
    list_select_related = ("station",)
    search_fields = ("station__name", "text")
    pages = (("<int:pk>/end/", "end", STATION_RUNNERS),)
    fields = readonly_fields = ("station", "text", "starts_at", "ends_at", "valid_from", "valid_until")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is not None and self.holds(request, STATION_RUNNERS) and row.station.closed_on is None:
            page = reverse("admin:stations_station_rule", args=[row.station_id])
            return HttpResponseRedirect(f"{page}?rule={row.pk}")
        return super().change_view(request, object_id, form_url, extra_context)
