"""The deputy's year: score with its reasons, what is behind each line, and the way to object."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.access import get_objection, get_sheet, visible_objections, visible_sheets
from assessments.enums import ObjectionEvent, ObjectionState, SheetState
from assessments.forms.cycle import ObjectionForm, RulingForm
from assessments.forms.fields import sent
from assessments.lifecycle import OBJECTION
from assessments.models import ScoreLine, ScoreObjection, ScoreSheet
from assessments.selectors import current_year, notice_of, own_sheets, with_links
from assessments.services import (
    objection_until,
    raise_objection,
    rule_objection,
    start_recheck,
    withdraw_objection,
)
from assessments.services.objections import require_ruler
from assessments.views.common import (
    GRADE_TONES,
    OBJECTION_TONES,
    READERS,
    crumbs,
    done,
    is_own,
    is_staff,
    page,
    who,
)
from deputies.access import concerns, get_mandate
from liaison.calendar.workdays import china_date
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES
from liaison.tenancy.scope import Actor
from liaison.web.pages import act, is_allowed


@for_roles(*DEPUTIES)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Every year the deputy may read, newest first."""
    actor = actor_of(request)
    years = [
        {"sheet": sheet, "notice": notice_of(actor, sheet), "tone": GRADE_TONES.get(sheet.grade, "info")}
        for sheet in own_sheets(actor)
    ]
    return page(request, "home.html", "我的测评", years=years)


@for_roles(*DEPUTIES)
@require_safe
def my_score(request: HttpRequest) -> HttpResponse:
    """The newest sheet; before there is one, the page says so instead of an error."""
    found = current_year(actor_of(request))
    if found is None:
        return page(request, "home.html", "我的测评", years=[])
    return _sheet_page(request, get_sheet(actor_of(request), found.pk))


@for_roles(*READERS)
@require_safe
def of_deputy(request: HttpRequest, mandate_id: int) -> HttpResponse:
    """Every year of one deputy, for whoever may open the record."""
    actor = actor_of(request)
    mandate = get_mandate(actor, mandate_id)
    years = [
        {"sheet": sheet, "notice": notice_of(actor, sheet), "tone": GRADE_TONES.get(sheet.grade, "info")}
        for sheet in own_sheets(actor, mandate.pk)
    ]
    trail = crumbs(actor, (mandate.full_name, ""))
    return page(request, "home.html", f"{mandate.full_name}代表历年测评", years=years, crumbs=trail)


@for_roles(*READERS)
@require_safe
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    return _sheet_page(request, get_sheet(actor_of(request), pk))


def _sheet_page(request: HttpRequest, found: ScoreSheet) -> HttpResponse:
    actor = actor_of(request)
    lines = with_links(actor, ScoreLine.scoped(actor).filter(sheet=found).order_by("sort"))
    is_final = found.state != SheetState.COMPUTED
    until = objection_until(actor, found)
    return page(
        request,
        "sheet.html",
        f"{found.assessment.year}年度履职得分",
        crumbs=crumbs(actor, (found.mandate.full_name, "")),
        page_state=found.grade_name if is_final else f"{found.grade_name}（尚未审定）",
        page_tone=GRADE_TONES.get(found.grade, "info"),
        page_lead=_lead(actor, found),
        sheet=found,
        lines=lines,
        blocks=sorted({line.block for line in lines if line.block}),
        notice=notice_of(actor, found),
        is_own=is_own(actor, found),
        objections=_objections(actor, found),
        is_final=is_final,
        object_until=None if until is None or china_date(timezone.now()) > until else until,
        may_object=_may_object(actor, found),
        versions=_versions(actor, found),
        may_correct=is_staff(actor)
        and found.state == SheetState.PUBLISHED
        and not concerns(actor, found.mandate),
    )


def _lead(actor: Actor, found: ScoreSheet) -> str:
    if not found.is_rated:
        return f"{who(actor, found)}本年度不参评：{found.not_rated_note}。"
    told = f"{who(actor, found)}{found.assessment.year}年度得分{found.total}分，等次{found.grade_name}"
    return f"{told}。每一项得分都写明了计算依据，点开可以查看有关记录。"


def _may_object(actor: Actor, found: ScoreSheet) -> bool:
    until = objection_until(actor, found)
    return (is_own(actor, found) or is_staff(actor)) and (
        until is not None and china_date(timezone.now()) <= until
    )


def _objections(actor: Actor, found: ScoreSheet) -> list[dict[str, Any]]:
    rows = visible_objections(actor).filter(sheet__assessment=found.assessment, sheet__mandate=found.mandate)
    return [
        {
            "row": row,
            "word": ObjectionState(row.state).label,
            "tone": OBJECTION_TONES[ObjectionState(row.state)],
        }
        for row in rows.select_related("line").order_by("-raised_at")
    ]


def _versions(actor: Actor, found: ScoreSheet) -> list[ScoreSheet]:
    """The other versions of the same result: what was corrected stays readable."""
    rows = visible_sheets(actor).filter(assessment=found.assessment, mandate=found.mandate)
    return list(rows.exclude(pk=found.pk).order_by("-version"))


@for_roles(*READERS)
@require_http_methods(["GET", "POST"])
def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """提出异议: what is wrong, and with which line."""
    actor = actor_of(request)
    found = get_sheet(actor, pk)
    lines = ScoreLine.scoped(actor).filter(sheet=found).order_by("sort")
    chosen = request.GET.get("line", "")
    form = ObjectionForm(lines, sent(request), initial={"line": chosen})

    def run(who_acts: Actor) -> ScoreObjection:
        reason = form.cleaned_data["reason"]
        return raise_objection(
            actor=who_acts, sheet_id=found.pk, reason=reason, line_id=form.line_id, now=timezone.now()
        )

    if request.method == "POST" and (row := act(request, form, run)) is not None:
        return done(
            request, "异议已提出，主席团将进行复核并告知您复核意见。", "assessments_objection_detail", row.pk
        )
    return page(
        request,
        "objection_form.html",
        "提出异议",
        crumbs=crumbs(actor, (f"{found.assessment.year}年度得分", "")),
        form=form,
        sheet=found,
        until=objection_until(actor, found),
    )


@for_roles(*READERS)
@require_http_methods(["GET", "POST"])
def objection_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One objection: the deputy follows it, the presidium takes it up and rules."""
    actor = actor_of(request)
    row = get_objection(actor, pk)
    state = ObjectionState(row.state)
    may_rule = OBJECTION.can(state, ObjectionEvent.UPHOLD) and is_allowed(require_ruler, actor, row)
    form = RulingForm(sent(request)) if may_rule else None

    def run(who_acts: Actor) -> ScoreObjection:
        assert form is not None  # noqa: S101 -- only called with the form that was sent
        data = form.cleaned_data
        event = ObjectionEvent(data["event"])
        return rule_objection(
            actor=who_acts, objection_id=pk, event=event, ruling=data["ruling"], now=timezone.now()
        )

    if request.method == "POST" and form is not None and act(request, form, run) is not None:
        return done(request, "复核意见已记录，并已告知代表本人。", "assessments_objection_detail", pk)
    return page(
        request,
        "objection.html",
        f"{row.sheet.assessment.year}年度测评异议",
        crumbs=crumbs(actor, (row.sheet.mandate.full_name, "")),
        page_state=state.label,
        page_tone=OBJECTION_TONES[state],
        row=row,
        facts=_facts(row),
        form=form,
        may_start=is_staff(actor)
        and OBJECTION.can(state, ObjectionEvent.START_RECHECK)
        and not concerns(actor, row.sheet.mandate),
        may_withdraw=OBJECTION.can(state, ObjectionEvent.WITHDRAW) and is_own(actor, row.sheet),
    )


def _facts(row: ScoreObjection) -> list[tuple[str, Any]]:
    return [
        ("代表", row.sheet.mandate.full_name),
        ("对哪一项", row.line.name if row.line else "整份得分单"),
        ("异议理由", row.reason),
        ("提出时间", timezone.localtime(row.raised_at).strftime("%Y年%-m月%-d日%H:%M")),
        ("复核意见", row.ruling),
    ]


@for_roles(*DEPUTIES)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    withdraw_objection(actor=actor_of(request), objection_id=pk)
    return done(request, "异议已撤回。", "assessments_objection_detail", pk)


@for_roles(*READERS)
@require_POST
def recheck(request: HttpRequest, pk: int) -> HttpResponse:
    row = start_recheck(actor=actor_of(request), objection_id=pk, now=timezone.now())
    return done(
        request,
        f"已开始复核，应在{row.due_on:%Y年%-m月%-d日}前作出复核意见。",
        "assessments_objection_detail",
        pk,
    )
