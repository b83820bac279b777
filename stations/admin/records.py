"""履职记录 waiting or disputed, and leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from liaison.admin.pages import service_form
from liaison.identity.gates import actor_of
from liaison.identity.roles import OFFICE, STATION_RUNNERS, STATION_STAFF
from liaison.tenancy.scope import Actor
from liaison.web.admin_base import MOST_REASONS, ServiceAdmin
from liaison.web.admin_site import with_reason
from liaison.web.forms import ServiceForm, choice, radios, text
from liaison.web.pages import is_allowed
from liaison.words.enums import Role
from stations import access, services
from stations.enums import DutyState, ParticipationEvent
from stations.models import LeaveRequest, Participation
from stations.rules.lifecycle import PARTICIPATION, REGISTERED_OUTCOMES
from stations.selectors import unconfirmed
from stations.services.confirmations import DECISIONS, require_settler

_PERSON_SEARCH = ("mandate__person__name", "mandate__person__name_search")


class SettleForm(ServiceForm):
    """Uphold, correct or withdraw, with the reason both sides will read."""

    decision = radios(
        "处理结果", [(event, event.label) for event in ParticipationEvent if event in DECISIONS]
    )
    outcome = choice(
        "更正为",
        [(state, state.label) for state in DutyState if state in REGISTERED_OUTCOMES],
        required=False,
        blank="不更正",
    )
    ruling = text(
        "处理意见", 400, required=True, rows=3, hint="写明核实的依据，如“经查签到簿”。代表和登记人都会看到。"
    )


class WaitingFilter(admin.SimpleListFilter):
    """Whose turn it is."""

    title = "待办"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("mine", "待我方核对"), ("deputy", "待代表核对"), ("office", "待主席团处理")]

    def queryset(self, request: HttpRequest, rows: QuerySet[Participation]) -> QuerySet[Participation]:
        if self.value() == "mine":
            return rows.filter(pk__in=unconfirmed(actor_of(request)).order_by().values("pk"))
        open_rows = rows.filter(outcome__in=REGISTERED_OUTCOMES, state="registered")
        if self.value() == "deputy":
            return open_rows.filter(is_recorded_by_deputy=False)
        if self.value() == "office":
            return rows.filter(state__in=PARTICIPATION.sources_of(ParticipationEvent.UPHOLD))
        return rows


@admin.register(Participation)
class ParticipationAdmin(ServiceAdmin):
    visible = staticmethod(access.visible_participations)
    view_roles: ClassVar[frozenset[Role]] = STATION_STAFF
    task_order = 50
    task_hint = "代表登记的待核对，有异议和逾期的待处理。"
    state_field = "state"
    date_hierarchy = "day"
    list_display = ("day", "mandate", "occasion", "outcome", "state", "side", "confirm_by")
    list_filter = (WaitingFilter, "state", "outcome", "is_recorded_by_deputy", "activity__kind")
    list_select_related = ("mandate__person", "reception_day__station", "activity__kind")
    search_fields = _PERSON_SEARCH
    fields = readonly_fields = (
        "mandate",
        "day",
        "occasion",
        "outcome",
        "state",
        "speech",
        "note",
        "side",
        "recorded_by",
        "recorded_at",
        "confirm_by",
        "objection",
        "ruling",
        "settled_by",
        "settled_at",
    )
    actions = ("confirm", "uphold")
    action_roles: ClassVar[Mapping[str, frozenset[Role]]] = {"confirm": STATION_RUNNERS, "uphold": OFFICE}
    pages = (("<int:pk>/settle/", "settle", OFFICE),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participation]:
        """Turns nobody has registered yet stand with their reception days."""
        return super().get_queryset(request).filter(outcome__in=REGISTERED_OUTCOMES)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        may = (
            row is not None
            and self.holds(request, OFFICE)
            and PARTICIPATION.can(row.state, ParticipationEvent.UPHOLD)
            and is_allowed(require_settler, actor_of(request), row)
        )
        extra = {"may_settle": may}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    @admin.display(description="事项")
    def occasion(self, row: Participation) -> str:
        return f"{row.reception_day.station}接待日" if row.reception_day is not None else str(row.activity)

    @admin.display(description="登记方")
    def side(self, row: Participation) -> str:
        if row.recorded_at is None:
            return "未登记"
        return "代表" if row.is_recorded_by_deputy else "组织单位"

    @admin.action(description="批量确认（代表登记的）")
    def confirm(self, request: HttpRequest, rows: QuerySet[Participation]) -> None:
        ids = list(rows.values_list("pk", flat=True))
        result = services.confirm_records(actor=actor_of(request), participation_ids=ids, now=timezone.now())
        if result.done:
            self.message_user(request, f"已确认{result.done}条履职记录。", messages.SUCCESS)
        for reason in sorted(set(result.refused.values()))[:MOST_REASONS]:
            self.message_user(request, reason, messages.WARNING)

    @admin.action(description="维持登记（有异议和逾期的）")
    @with_reason
    def uphold(self, request: HttpRequest, rows: QuerySet[Participation], reason: str) -> None:
        now = timezone.now()

        def call(who: Actor, row: Participation) -> Any:
            return services.settle_objection(
                actor=who, participation_id=row.pk, decision=ParticipationEvent.UPHOLD, ruling=reason, now=now
            )

        self.each_row(request, rows, call, "已处理{}条履职记录。")

    def settle(self, request: HttpRequest, pk: int) -> HttpResponse:
        actor = actor_of(request)
        row = access.get_participation(actor, pk)
        require_settler(actor, row)

        def save(data: dict[str, Any]) -> HttpResponse:
            done = services.settle_objection(
                actor=actor,
                participation_id=pk,
                decision=data["decision"],
                outcome=data["outcome"] or None,
                ruling=data["ruling"],
                now=timezone.now(),
            )
            self.message_user(request, f"已作出处理：{done.get_state_display()}。", messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:stations_participation_change", args=[pk]))

        reason = f"异议理由：{row.objection}" if row.objection else "逾期未核对，转主席团核定。"
        return service_form(
            self,
            request,
            SettleForm(request.POST or None),
            save,
            title=f"处理{row}的履职记录",
            submit="作出处理",
            lead=f"{self.occasion(row)}，登记为{DutyState(row.outcome).label}。{reason}",
            consequence="处理意见将告知登记人和代表本人，作出后不再更改。",
        )


@admin.register(LeaveRequest)
class LeaveRequestAdmin(ServiceAdmin):
    visible = staticmethod(access.visible_leave)
    view_roles: ClassVar[frozenset[Role]] = STATION_STAFF
    add_roles = STATION_RUNNERS
    task_order = 60
    task_hint = "申请与审批分开，批准后不计入应参加次数。"
    task_verb = "代为申请"
    state_field = "state"
    list_display = ("mandate", "starts_on", "ends_on", "about", "kind", "reason", "state")
    list_filter = ("state", "kind")
    list_select_related = (
        "mandate__person",
        "participation__reception_day__station",
        "participation__activity",
    )
    search_fields = _PERSON_SEARCH
    fields = readonly_fields = (
        "mandate",
        "starts_on",
        "ends_on",
        "about",
        "kind",
        "reason",
        "state",
        "requested_by",
        "requested_at",
        "decided_by",
        "decided_at",
        "decision_note",
    )
    actions = ("approve", "reject")

    @admin.display(description="对应事项")
    def about(self, row: LeaveRequest) -> str:
        turn = row.participation
        return str(turn.reception_day or turn.activity) if turn is not None else ""

    @admin.action(description="批准（意见可不填）")
    def approve(self, request: HttpRequest, rows: QuerySet[LeaveRequest]) -> None:
        self._decide(request, rows, request.POST.get("reason", "").strip(), is_approved=True)

    @admin.action(description="不批准（请填写理由）")
    @with_reason
    def reject(self, request: HttpRequest, rows: QuerySet[LeaveRequest], reason: str) -> None:
        self._decide(request, rows, reason, is_approved=False)

    def _decide(
        self, request: HttpRequest, rows: QuerySet[LeaveRequest], note: str, *, is_approved: bool
    ) -> None:
        now = timezone.now()

        def call(who: Actor, row: LeaveRequest) -> Any:
            return services.decide_leave(
                actor=who, leave_id=row.pk, is_approved=is_approved, note=note, now=now
            )

        self.each_row(request, rows, call, "已审批{}件请假。")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Leave asked for by telephone or on paper; somebody else still decides."""
        from stations.admin.leave_form import PaperLeaveForm

        actor = actor_of(request)
        actor.require(*STATION_RUNNERS)

        def save(data: dict[str, Any]) -> HttpResponse:
            row = services.request_leave(
                actor=actor,
                mandate_id=data["mandate"].pk,
                starts_on=data["starts_on"],
                ends_on=data["ends_on"] or data["starts_on"],
                kind=data["kind"],
                reason=data["reason"],
                idempotency_key=data["idempotency_key"],
                now=timezone.now(),
            )
            self.message_user(request, f"已代{row.mandate}申请请假，请由其他人员审批。", messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:stations_leaverequest_changelist"))

        return service_form(
            self,
            request,
            PaperLeaveForm(actor, request.POST or None),
            save,
            title="代为申请请假",
            submit="提交",
            consequence="您代为申请的，须由其他工作人员审批。",
        )
