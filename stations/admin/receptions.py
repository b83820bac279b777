"""Reception days and activities: publish, hold, postpone, cancel, and the rota with its warnings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from deputies.choices import MandateChoices
from deputies.models import Mandate
from liaison.admin.pages import service_form
from liaison.identity.gates import actor_of
from liaison.identity.roles import OFFICE, STATION_RUNNERS, STATION_STAFF
from liaison.tenancy.scope import Actor
from liaison.web.admin_base import ServiceAdmin
from liaison.web.admin_site import with_reason
from liaison.web.edit_forms import EditForm, row_choices
from liaison.web.forms import DayField, ServiceForm, text
from liaison.words.enums import Role
from stations import access, services
from stations.admin.common import ReadOnlyInline
from stations.enums import DutyState, ReceptionDayState
from stations.models import Activity, DutySwap, Participation, ReceptionDay, ReceptionNotice
from stations.rules.lifecycle import TURNS_OVER
from stations.rules.wording import short_day_text
from stations.selectors import eligible_deputies, turn_counts


class PostponeForm(ServiceForm):
    new_day = DayField(
        "改到哪一天", required=False, years_ahead=2, help_text="暂时定不下来的不填，定下后再公布。"
    )
    reason = text("改期原因", 200, required=True, rows=3)


class _ByTurns(MandateChoices):
    """With how often each has been on this year; nobody is sorted by it."""

    turns: ClassVar[Mapping[int, str]] = {}

    def label_from_instance(self, obj: Mandate) -> str:
        return f"{super().label_from_instance(obj)}{self.turns.get(obj.pk, '（0次）')}"


class DutyChoiceForm(EditForm):
    """The roster of a reception, those on duty ticked."""

    def __init__(self, actor: Actor, row: ReceptionDay, *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, row, *args, **kwargs)
        counts = turn_counts(actor, self._roster(), date(row.day.year, 1, 1), date(row.day.year, 12, 31))
        kind = _ByTurns.of(actor)
        kind.turns = {each.mandate.pk: _turn_words(each.turns, each.last_on) for each in counts}
        rows = Mandate.scoped(actor).filter(pk__in=kind.turns)
        self.fields["mandates"] = row_choices(
            "值班代表",
            rows.order_by("person__name_strokes", "pk"),
            hint="括号内是本年值班次数和最近一次日期，供均衡排班参考。",
            kind=kind,
        )
        self.fields["reason"] = text("取消排班的原因", 200, hint="取消已排的代表时填写。")

    def _roster(self) -> list[Mandate]:
        on_duty = [turn.mandate for turn in self._turns(self.row)]
        known = {mandate.pk for mandate in on_duty}
        return on_duty + [one for one in eligible_deputies(self.actor, self.row) if one.pk not in known]

    def _turns(self, row: ReceptionDay) -> QuerySet[Participation]:
        turns = Participation.scoped(self.actor).filter(reception_day=row, outcome=DutyState.SCHEDULED)
        return turns.select_related("mandate__person").order_by("mandate_id")

    def stored(self, row: ReceptionDay) -> dict[str, Any]:
        return {"mandates": [turn.mandate_id for turn in self._turns(row)]}

    def write(self, *, actor: Actor, now: datetime) -> services.DutyPlan:
        values = self.values()
        wanted = set(values.get("mandates", self._known["mandates"]))
        for turn in self._turns(self.row):
            if turn.mandate_id not in wanted:
                services.release_duty(actor=actor, participation_id=turn.pk, reason=values["reason"])
        return services.assign_duty(actor=actor, day_id=self.row.pk, mandate_ids=sorted(wanted), now=now)


class TurnInline(ReadOnlyInline):
    model = Participation
    fk_name = "reception_day"
    fields: ClassVar[tuple[str, ...]] = ("mandate", "outcome", "state", "note")
    readonly_fields: ClassVar[tuple[str, ...]] = fields
    verbose_name_plural = "值班代表"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participation]:
        turns = super().get_queryset(request).select_related("mandate__person")
        return turns.order_by("mandate__person__name_strokes", "pk")


class NoticeInline(ReadOnlyInline):
    """What was announced of the day, newest first; nobody edits it."""

    model = ReceptionNotice
    fields = readonly_fields = ("announced_at", "text")


class PartInline(TurnInline):
    fk_name = "activity"
    fields = readonly_fields = ("mandate", "outcome", "state", "speech", "note")
    verbose_name_plural = "参加情况"


@admin.register(ReceptionDay)
class ReceptionDayAdmin(ServiceAdmin):
    visible = staticmethod(access.visible_reception_days)
    view_roles: ClassVar[frozenset[Role]] = STATION_STAFF
    task_order = 30
    task_hint = "排班、公布、登记开展、改期和取消。"
    state_field = "state"
    date_hierarchy = "day"
    list_display = ("day", "station", "hours", "on_duty", "state", "day_is_provisional")
    list_filter = ("state", "day_is_provisional", "station")
    list_select_related = ("station",)
    search_fields = (
        "station__name",
        "participations__mandate__person__name",
        "participations__mandate__person__name_search",
    )
    fields = readonly_fields = (
        "station",
        "day",
        "nominal_day",
        "day_text",
        "day_is_provisional",
        "starts_at",
        "ends_at",
        "theme",
        "state",
        "announced_at",
        "notice_text",
        "began_at",
        "ended_at",
        "visitor_count",
        "remark",
    )
    inlines = (TurnInline, NoticeInline)
    actions = ("publish", "hold", "cancel")
    pages = (
        ("<int:pk>/duty/", "duty", STATION_RUNNERS),
        ("<int:pk>/postpone/", "postpone", STATION_RUNNERS),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReceptionDay]:
        there = Participation.objects.exclude(outcome__in=TURNS_OVER).select_related("mandate__person")
        turns = there.order_by("mandate__person__name_strokes", "pk")
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("participations", queryset=turns, to_attr="turns"))
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        extra = {"may_run": self.holds(request, STATION_RUNNERS)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    @admin.display(description="时间")
    def hours(self, row: ReceptionDay) -> str:
        return f"{row.starts_at:%H:%M}—{row.ends_at:%H:%M}"

    @admin.display(description="值班代表")
    def on_duty(self, row: Any) -> str:
        return "、".join(f"{turn.mandate}" for turn in row.turns) or "未排班"

    @admin.action(description="公布（通知值班代表）")
    def publish(self, request: HttpRequest, rows: QuerySet[ReceptionDay]) -> None:
        now = timezone.now()
        self.each_row(
            request,
            rows,
            lambda who, row: services.publish_reception(actor=who, day_id=row.pk, now=now),
            "已公布{}次接待日。",
        )

    @admin.action(description="登记开展（到岗情况另行登记）")
    def hold(self, request: HttpRequest, rows: QuerySet[ReceptionDay]) -> None:
        now = timezone.now()

        def call(who: Actor, row: ReceptionDay) -> Any:
            facts = {"visitor_count": row.visitor_count, "remark": row.remark}
            return services.hold_reception(actor=who, day_id=row.pk, now=now, **facts)

        self.each_row(request, rows, call, "已登记开展{}次接待日，请逐次登记到岗情况。")

    @admin.action(description="取消（通知值班代表）")
    @with_reason
    def cancel(self, request: HttpRequest, rows: QuerySet[ReceptionDay], reason: str) -> None:
        now = timezone.now()

        def call(who: Actor, row: ReceptionDay) -> Any:
            return services.cancel_reception(actor=who, day_id=row.pk, reason=reason, now=now)

        self.each_row(request, rows, call, "已取消{}次接待日。")

    def duty(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Tick who is on duty; what deserves a second look comes back as warnings."""
        actor = actor_of(request)
        day = access.get_reception_day(actor, pk)
        form = DutyChoiceForm(actor, day, request.POST or None)

        def save(data: dict[str, Any]) -> HttpResponse:
            plan = form.save(actor=actor, now=timezone.now())
            for warning in plan.warnings:
                self.message_user(request, f"请留意：{warning}。", messages.WARNING)
            self.message_user(request, f"已排{len(plan.assigned)}名代表值班。", messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:stations_receptionday_change", args=[pk]))

        return service_form(
            self,
            request,
            form,
            save,
            title=f"{short_day_text(day.day)}{day.station}排班",
            submit="确定排班",
            consequence="已请假或者暂停执行代表职务的不能排班。公布后代表会收到通知。",
        )

    def postpone(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor = actor_of(request)
        day = access.get_reception_day(actor, pk)

        def save(data: dict[str, Any]) -> HttpResponse:
            row = services.postpone_reception(
                actor=actor, day_id=pk, reason=data["reason"], new_day=data["new_day"], now=timezone.now()
            )
            self.message_user(request, f"接待日{ReceptionDayState(row.state).label}。", messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:stations_receptionday_change", args=[pk]))

        return service_form(
            self,
            request,
            PostponeForm(request.POST or None),
            save,
            title=f"{short_day_text(day.day)}{day.station}改期",
            submit="改期",
            consequence="值班代表会收到通知；填了新日期的，随即重新公布。",
        )


def _turn_words(turns: int, last_on: date | None) -> str:
    return f"（{turns}次，最近{short_day_text(last_on)}）" if last_on else "（0次）"


@admin.register(Activity)
class ActivityAdmin(ServiceAdmin):
    visible = staticmethod(access.visible_activities)
    view_roles: ClassVar[frozenset[Role]] = STATION_STAFF
    add_roles = OFFICE
    task_order = 40
    task_hint = "一次登记全组、全体代表的参加情况。"
    date_hierarchy = "starts_on"
    list_display = ("starts_on", "title", "kind", "group", "place", "recorded_by")
    list_filter = ("kind", "group", "contact_method")
    list_select_related = ("kind", "group", "recorded_by")
    search_fields = (
        "title",
        "place",
        "participations__mandate__person__name",
        "participations__mandate__person__name_search",
    )
    fields = readonly_fields = (
        "kind",
        "title",
        "starts_on",
        "ends_on",
        "place",
        "contact_method",
        "group",
        "session",
        "summary",
        "recorded_by",
        "recorded_at",
    )
    inlines = (PartInline,)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("stations_register_activity"))


@admin.register(DutySwap)
class DutySwapAdmin(ServiceAdmin):
    visible = staticmethod(access.visible_swaps)
    view_roles: ClassVar[frozenset[Role]] = STATION_STAFF
    task_order = 32
    task_hint = "双方代表同意后由联络站批准。"
    state_field = "state"
    list_display = ("offered", "mandate", "reason", "state", "proposed_at")
    list_filter = ("state",)
    list_select_related = ("offered__mandate__person", "mandate__person")
    fields = readonly_fields = (
        "offered",
        "mandate",
        "wanted",
        "reason",
        "state",
        "proposed_at",
        "decided_by",
        "decided_at",
    )
    actions = ("approve", "reject")

    @admin.action(description="批准调换")
    def approve(self, request: HttpRequest, rows: QuerySet[DutySwap]) -> None:
        self._decide(request, rows, is_approved=True)

    @admin.action(description="不同意调换")
    def reject(self, request: HttpRequest, rows: QuerySet[DutySwap]) -> None:
        self._decide(request, rows, is_approved=False)

    def _decide(self, request: HttpRequest, rows: QuerySet[DutySwap], *, is_approved: bool) -> None:
        now = timezone.now()

        def call(who: Actor, row: DutySwap) -> Any:
            return services.decide_swap(actor=who, swap_id=row.pk, is_approved=is_approved, now=now)

        self.each_row(request, rows, call, "已办理{}项调换。")
