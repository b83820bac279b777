"""What is typed in for the score: the ballots of a whole congress on one page, single entries by form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from assessments import services
from assessments.access import get_assessment, visible_assessments, visible_ballots, visible_entries
from assessments.forms.cycle import EntryForm
from assessments.forms.fields import CycleForm, sent
from assessments.lifecycle import RECORDABLE
from assessments.models import Assessment, BallotTally, ExtraFact
from assessments.scoring import SchemeRules
from assessments.selectors.facts import EXEMPTIONS, assessed_mandates, has_left
from assessments.services import Tally
from deputies.access import concerns
from deputies.models import Mandate
from deputies.selectors import full_names
from liaison.admin.pages import service_form
from liaison.calendar.days import FIRST_DAY
from liaison.identity.gates import actor_of
from liaison.identity.roles import OFFICE
from liaison.tenancy.scope import Actor
from liaison.web.admin_base import ServiceAdmin
from liaison.web.admin_site import with_reason
from liaison.web.edit_forms import digest_of
from liaison.web.forms import DayField, text
from liaison.words.enums import Role
from liaison.words.errors import InvalidInput, OutOfScope, Refused
from liaison.words.text import fold_width, read_digits

TALLY_COLUMNS = (
    ("issued", "发出"),
    ("returned", "收回"),
    ("valid", "有效"),
    ("satisfied", "满意"),
    ("basically_satisfied", "基本满意"),
    ("dissatisfied", "不满意"),
)


class SheetForm(CycleForm):
    """What holds for every row of the grid."""

    held_on = DayField("测评日期", earliest=FIRST_DAY, years_ahead=0)
    place = text("地点", 80, hint="如“乡政府会议室”。")


@dataclass
class GridRow:
    """One deputy's line of the grid, with what was typed and what is wrong with it."""

    mandate: Mandate
    name: str
    values: dict[str, str]
    error: str = ""
    was: BallotTally | None = None
    has_left: bool = False
    # The votes about whoever acts are typed by another (回避).
    is_own: bool = False
    # The edition of the stored tally: the page's own, and the one that was sent.
    seen: str = ""
    sent: str = ""
    cells: list[dict[str, str]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not any(value for value in self.values.values())

    def tally(self) -> Tally:
        """``InvalidInput`` when a number is missing or is none."""
        numbers: dict[str, int] = {}
        for name, label in TALLY_COLUMNS:
            number = read_digits(self.values[name], longest=5)
            if number is None:
                raise InvalidInput({name: f"“{label}”请填写整数。"})
            numbers[name] = number
        return Tally(**numbers)

    def is_same(self, tally: Tally, held_on: date, place: str) -> bool:
        was = self.was
        return (
            was is not None
            and all(getattr(was, name) == number for name, number in tally.counts().items())
            and was.held_on == held_on
            and was.place == place
        )


@admin.register(BallotTally)
class BallotTallyAdmin(ServiceAdmin):
    visible = staticmethod(visible_ballots)
    view_roles: ClassVar[frozenset[Role]] = OFFICE
    task_order = 20
    task_hint = "选民测评的计票结果，只登记票数，不登记谁投了什么票。"
    list_display = ("mandate", "assessment", "held_on", "issued", "returned", "valid", "satisfied",
                    "basically_satisfied", "dissatisfied")  # fmt: skip
    list_filter = ("assessment__year",)
    list_select_related = ("mandate__person", "assessment__jurisdiction")
    search_fields = ("mandate__person__name",)
    ordering = ("-assessment__year", "mandate__person__name_strokes")
    actions = None
    pages = (("grid/<int:assessment_id>/", "grid", OFFICE),)
    fields = readonly_fields = ("mandate",)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.row(request, object_id)
        return HttpResponseRedirect(reverse("admin:assessments_ballottally_grid", args=[row.assessment_id]))

    def grid(self, request: HttpRequest, assessment_id: int) -> HttpResponse:
        """Every deputy's tally on one page; rows that are right are kept, wrong ones are told why."""
        actor = actor_of(request)
        assessment = get_assessment(actor, assessment_id)
        is_open = assessment.state in RECORDABLE
        rows = list(_grid(actor, assessment, request))
        form = SheetForm(sent(request), initial=_first_values(rows))
        if request.method == "POST" and is_open and form.is_valid():
            saved = self._save(actor, assessment, rows, form.cleaned_data)
            wrong = sum(bool(row.error) for row in rows)
            self.message_user(request, f"已保存{saved}名代表的计票结果。", messages.SUCCESS)
            if not wrong:
                return HttpResponseRedirect(request.path)
            self.message_user(request, f"有{wrong}名代表的票数需要核对，见表中说明。", messages.ERROR)
        for row in rows:
            row.cells = [
                {"name": f"{name}-{row.mandate.pk}", "label": label, "value": row.values[name]}
                for name, label in TALLY_COLUMNS
            ]
        return self.show(
            request,
            "ballots.html",
            f"{assessment.year}年度选民测评计票",
            assessment=assessment,
            rows=rows,
            columns=[label for _, label in TALLY_COLUMNS],
            form=form,
            is_open=is_open,
            done=sum(row.was is not None for row in rows),
            total=sum(row.was is not None or not row.has_left for row in rows),
        )

    def _save(self, actor: Actor, assessment: Assessment, rows: list[GridRow], data: dict[str, Any]) -> int:
        saved = 0
        for row in rows:
            if row.is_empty or row.is_own:
                continue
            try:
                saved += _save_row(actor, assessment, row, data)
            except (InvalidInput, Refused) as error:
                row.error = error.message
        return saved


def _save_row(actor: Actor, assessment: Assessment, row: GridRow, data: dict[str, Any]) -> bool:
    tally = row.tally()
    if row.is_same(tally, data["held_on"], data["place"]):
        return False
    with transaction.atomic():
        get_assessment(actor, assessment.pk, lock=True)
        stored = visible_ballots(actor).filter(assessment=assessment, mandate=row.mandate).first()
        row.was, row.seen = stored, _edition(stored)
        if row.sent != row.seen:
            raise Refused("这名代表的票数刚由他人登记过，请核对现在的登记后再次保存。")
        row.was = services.record_ballot(
            actor=actor,
            assessment_id=assessment.pk,
            mandate_id=row.mandate.pk,
            tally=tally,
            held_on=data["held_on"],
            place=data["place"],
            now=timezone.now(),
        )
        row.seen = _edition(row.was)
    return True


def _edition(tally: BallotTally | None) -> str:
    """A digest of the stored numbers; of none, when nothing is registered yet."""
    numbers = [str(getattr(tally, name)) for name, _ in TALLY_COLUMNS] if tally else []
    return digest_of("ballot", " ".join(numbers))


def _grid(actor: Actor, assessment: Assessment, request: HttpRequest) -> Iterator[GridRow]:
    stored = {tally.mandate_id: tally for tally in visible_ballots(actor).filter(assessment=assessment)}
    mandates = assessed_mandates(actor, assessment)
    names = full_names(actor, mandates)
    for mandate in mandates:
        was = stored.get(mandate.pk)
        is_own = concerns(actor, mandate)
        if request.method == "POST" and not is_own:
            values = {
                name: fold_width(request.POST.get(f"{name}-{mandate.pk}", "")).strip()
                for name, _ in TALLY_COLUMNS
            }
        else:
            values = {name: str(getattr(was, name)) if was else "" for name, _ in TALLY_COLUMNS}
        left = has_left(mandate, assessment)
        sent_edition = request.POST.get(f"seen-{mandate.pk}", "")
        yield GridRow(
            mandate, names[mandate.pk], values, was=was, has_left=left, is_own=is_own, seen=_edition(was),
            sent=sent_edition,
        )  # fmt: skip


def _first_values(rows: list[GridRow]) -> dict[str, Any]:
    """Day and place of the newest tally: one meeting usually counts for everybody."""
    known = max((row.was for row in rows if row.was), key=lambda was: was.recorded_at, default=None)
    return {"held_on": known.held_on, "place": known.place} if known else {}


@admin.action(description="撤销登记")
@with_reason
def withdraw(model_admin: Any, request: HttpRequest, rows: QuerySet[Any], reason: str) -> None:
    def call(actor: Actor, row: ExtraFact) -> None:
        services.withdraw_extra_fact(actor=actor, extra_fact_id=row.pk, reason=reason)

    model_admin.each_row(request, list(rows), call, "已撤销{}条登记。")


@admin.register(ExtraFact)
class ExtraFactAdmin(ServiceAdmin):
    visible = staticmethod(visible_entries)
    view_roles: ClassVar[frozenset[Role]] = OFFICE
    add_roles: ClassVar[frozenset[Role]] = OFFICE
    task_order = 21
    task_hint = "表彰、处分、评议评分和不参评，逐条写明依据。"
    list_display = ("mandate", "what", "points", "count", "happened_on", "basis")
    list_filter = ("assessment__year",)
    list_select_related = ("mandate__person", "assessment__scheme")
    search_fields = ("mandate__person__name", "basis")
    ordering = ("-happened_on", "-pk")
    actions = (withdraw,)
    fields = (
        "mandate",
        "what",
        "points",
        "count",
        "due_count",
        "happened_on",
        "basis",
        "recorded_by",
        "recorded_at",
    )
    readonly_fields = fields

    @admin.display(description="事项")
    def what(self, row: ExtraFact) -> str:
        if row.fact_code in EXEMPTIONS:
            return f"不参评：{EXEMPTIONS[row.fact_code].label}"
        names = SchemeRules.from_dict(row.assessment.scheme.definition).fact_names
        return names.get(row.fact_code, row.fact_code)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        actor = actor_of(request)
        actor.require(*OFFICE)
        assessment = _open_assessment(actor, request.GET.get("assessment", ""))
        mandates = assessed_mandates(actor, assessment)
        mandates = mandates.exclude(pk__in=[each.pk for each in mandates if concerns(actor, each)])
        facts = services.enterable_facts(actor, assessment)
        form = EntryForm(actor, mandates, facts, sent(request))

        def run(data: dict[str, Any]) -> HttpResponse:
            mandate_id = data.pop("mandate").pk
            row = services.record_extra_fact(
                actor=actor, assessment_id=assessment.pk, mandate_id=mandate_id, now=timezone.now(), **data
            )
            self.message_user(request, f"已登记{row.mandate}代表：{self.what(row)}。", messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:assessments_extrafact_changelist"))

        return service_form(
            self,
            request,
            form,
            run,
            title=f"登记{assessment.year}年度加减分与评分事项",
            lead="接待、走访、意见建议等由履职记录自动计分，这里只登记记录中没有的事项。涉及您本人的，由其他工作人员登记。",
            submit="登记",
            consequence="重新计算得分后计入；结果审定前可以撤销。",
        )


def _open_assessment(actor: Actor, asked: str) -> Assessment:
    """The one asked for, else the newest year that still takes entries."""
    number = read_digits(asked)
    if number is not None:
        return get_assessment(actor, number)
    rows = visible_assessments(actor).filter(scope_code=actor.lo, state__in=RECORDABLE)
    found = rows.order_by("-year").first()
    if found is None:
        raise OutOfScope("没有可以登记的年度测评，请先启动年度测评。")
    return found
