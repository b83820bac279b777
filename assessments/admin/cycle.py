"""The task page of a year: where it stands, what is missing, and the one thing to do next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from assessments import services
from assessments.access import visible_assessments, visible_schemes
from assessments.enums import AssessmentEvent as Event
from assessments.enums import AssessmentState
from assessments.forms.cycle import ApproveForm, NoteForm, OpenForm, default_year
from assessments.forms.fields import CycleForm, sent
from assessments.lifecycle import ASSESSMENT, ASSESSMENT_EVENTS_WITH_REASON
from assessments.models import Assessment, Circular
from assessments.selectors import board_of, grade_counts
from assessments.selectors.board import CONSEQUENCES
from assessments.services.cycle import require_second_person
from deputies.access import own_terms
from deputies.enums import TermState
from deputies.models import Term
from liaison.admin.pages import service_form
from liaison.identity.gates import actor_of, recently_authenticated
from liaison.identity.roles import OFFICE
from liaison.tenancy.scope import Actor
from liaison.web.admin_base import ServiceAdmin
from liaison.words.enums import Role
from liaison.words.errors import OutOfScope, Refused

_APPROVALS = (Event.APPROVE, Event.APPROVE_UNOPPOSED)
_CHAIR_ONLY = (*_APPROVALS, Event.CIRCULATE)


@admin.register(Assessment)
class AssessmentAdmin(ServiceAdmin):
    visible = staticmethod(visible_assessments)
    add_roles: ClassVar[frozenset[Role]] = OFFICE
    task_order = 10
    task_hint = "从启动到归档的全过程，每一步做什么都写在页面上。"
    task_verb = "启动"
    state_field = "state"
    list_display = ("year", "jurisdiction", "scheme", "state", "due_on")
    list_filter = ("state", "year")
    ordering = ("-year", "scope_code")
    actions = None
    pages = (
        ("<int:pk>/step/<str:event>/", "step", OFFICE),
        ("<int:pk>/compute/", "compute", OFFICE),
    )

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        actor = actor_of(request)
        actor.require(*OFFICE)
        terms = _terms(actor)
        schemes = visible_schemes(actor).order_by("-scope_code", "name", "-version")
        initial = {"year": default_year(timezone.localdate()), "term": terms.first()}
        form = OpenForm(terms, schemes, sent(request), initial=initial)

        def run(data: dict[str, Any]) -> HttpResponse:
            row = services.open_assessment(
                actor=actor, term=data["term"], year=data["year"], scheme_id=data["scheme"].pk
            )
            self.message_user(request, f"已启动{row.year}年度代表履职测评。", messages.SUCCESS)
            return self._to(row)

        return service_form(
            self,
            request,
            form,
            run,
            title="启动年度测评",
            submit="启动",
            consequence="启动后登记测评票和加减分事项，年末截止数据、计算得分；截止前可以更换办法的内容。",
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row, actor = self.row(request, object_id), actor_of(request)
        if row.scope_code != actor.lo:
            return HttpResponseRedirect(f"{reverse('assessments_results')}?id={row.pk}")
        board = board_of(actor, row, timezone.localdate())
        may_run = self.holds(request, OFFICE)
        return self.show(
            request,
            "task.html",
            f"{row.year}年度代表履职测评",
            assessment=row,
            state=AssessmentState(row.state).label,
            board=board,
            items=[_step_item(step) for step in board.history],
            grades=[(name, count) for name, count in grade_counts(actor, row) if count],
            circular=Circular.scoped(actor).filter(assessment=row).first(),
            may_run=may_run,
            waits_for_chair=_waits_for_chair(actor, board.primary),
            history_url=reverse("admin:assessments_assessment_history", args=[row.pk]),
        )

    def step(self, request: HttpRequest, pk: int, event: str) -> HttpResponse:
        """One step: what it does in words, a note where one is needed, one button."""
        row = self.row(request, pk)
        if event not in Event.values() or Event(event) not in CONSEQUENCES:
            raise OutOfScope("没有这项办理。")
        what = Event(event)
        ASSESSMENT.next_state(row.state, what)
        if what == Event.CIRCULATE:
            guarded = recently_authenticated("通报测评结果")(partial(self._step_page, row=row, what=what))
            return guarded(request)
        return self._step_page(request, row=row, what=what)

    def _step_page(self, request: HttpRequest, *, row: Assessment, what: Event) -> HttpResponse:
        actor = actor_of(request)
        if what in _CHAIR_ONLY:
            actor.require(Role.PRESIDIUM_CHAIR)
        if what in _APPROVALS:
            require_second_person(actor, row)
        form = _form_of(what, request)

        def run(data: dict[str, Any]) -> HttpResponse:
            _run_of(what)(actor, row.pk, data)
            self.message_user(request, f"已办理：{what.label}。", messages.SUCCESS)
            return self._to(row)

        return service_form(
            self,
            request,
            form,
            run,
            title=what.label,
            lead=self._lead(actor, row, what),
            submit=what.label,
            consequence=CONSEQUENCES[what],
            cancel_url=reverse("admin:assessments_assessment_change", args=[row.pk]),
        )

    def _lead(self, actor: Actor, row: Assessment, what: Event) -> str:
        """What is decided on stands beside the button that decides it."""
        if what not in _CHAIR_ONLY:
            return str(row)
        counted = "，".join(f"{name}{count}名" for name, count in grade_counts(actor, row) if count)
        return f"{row}：{counted}。"

    def compute(self, request: HttpRequest, pk: int) -> HttpResponse:
        """计算得分 from the records as they stand; pressing it again changes nothing by itself."""
        row = self.row(request, pk)
        if request.method != "POST":
            return self._to(row)
        try:
            with transaction.atomic():
                changed = services.compute_sheets(
                    actor=actor_of(request), assessment_id=row.pk, now=timezone.now()
                )
        except Refused as error:
            self.message_user(request, error.message, messages.ERROR)
            return self._to(row)
        told = f"已计算，{changed}名代表的得分有变化。" if changed else "已计算，得分没有变化。"
        self.message_user(request, told, messages.SUCCESS)
        return self._to(row)

    def _to(self, row: Assessment) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:assessments_assessment_change", args=[row.pk]))


def _terms(actor: Actor) -> QuerySet[Term]:
    """The running term of the own congress first, then the one before (its last year may be open)."""
    own = own_terms(actor).exclude(state=TermState.PREPARING).order_by("-number")
    return own.filter(pk__in=own.values("pk")[:2]).select_related("congress")


def _waits_for_chair(actor: Actor, primary: Any) -> bool:
    """Whether the next step is somebody else's: approving and publishing are the chair's."""
    return primary is not None and primary.event in _CHAIR_ONLY and actor.role != Role.PRESIDIUM_CHAIR


def _form_of(what: Event, request: HttpRequest) -> CycleForm:
    if what in _APPROVALS:
        return ApproveForm(sent(request))
    if what in (Event.CIRCULATE, Event.FREEZE, Event.ARCHIVE):
        return CycleForm(sent(request))
    return NoteForm(sent(request), is_needed=what in ASSESSMENT_EVENTS_WITH_REASON)


Run = Callable[[Actor, int, Mapping[str, Any]], Any]


def _run_of(what: Event) -> Run:
    """The service behind a step's button."""

    def advance(actor: Actor, pk: int, data: Mapping[str, Any]) -> Any:
        return services.advance_assessment(
            actor=actor, assessment_id=pk, event=what, note=data["note"], now=timezone.now()
        )

    def approve(actor: Actor, pk: int, data: Mapping[str, Any]) -> Any:
        return services.approve_results(actor=actor, assessment_id=pk, now=timezone.now(), **data)

    plain = {
        Event.FREEZE: services.freeze_assessment,
        Event.CIRCULATE: _publish,
        Event.ARCHIVE: services.archive_assessment,
    }
    if what in _APPROVALS:
        return approve
    if what in plain:
        return lambda actor, pk, _: plain[what](actor=actor, assessment_id=pk, now=timezone.now())
    return advance


def _publish(*, actor: Actor, assessment_id: int, now: Any) -> Assessment:
    """Publish, and ring the bell; whether it is heard or not, beat finds the row."""
    row = services.publish_assessment(actor=actor, assessment_id=assessment_id, now=now)
    transaction.on_commit(partial(_ring, row.pk), robust=True)
    return row


def _ring(pk: int) -> None:
    from assessments.tasks import serve_assessment

    serve_assessment.delay(pk)


def _step_item(step: Any) -> dict[str, Any]:
    return {
        "at": step.done_at,
        "what": Event(step.event).label,
        "who": step.done_by.display_name if step.done_by else "系统",
        "detail": step.note,
        "tone": "",
    }
