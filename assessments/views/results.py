"""Results of a year, by name in stroke order; nobody is ranked."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments.access import get_assessment, visible_assessments
from assessments.enums import AssessmentState
from assessments.models import Assessment, Circular
from assessments.selectors import grade_counts, notice_counts, result_rows, unreported
from assessments.views.common import GRADE_TONES, STAFF, page
from liaison.identity.gates import actor_of, for_roles
from liaison.tenancy.scope import Actor
from liaison.web.pages import whole_number


@for_roles(*STAFF)
@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """The newest year of the own jurisdiction, or the one asked for."""
    actor = actor_of(request)
    mine = visible_assessments(actor).filter(scope_code=actor.lo).order_by("-year", "-pk")
    chosen = _chosen(actor, request.GET.get("id", "")) or mine.first()
    if chosen is None:
        return page(request, "results_none.html", "测评结果")
    return _results_page(request, actor, chosen, list(mine))


def _chosen(actor: Actor, asked: str) -> Assessment | None:
    if not asked:
        return None
    return get_assessment(actor, whole_number(asked))


def _results_page(
    request: HttpRequest, actor: Actor, chosen: Assessment, years: list[Assessment]
) -> HttpResponse:
    state = AssessmentState(chosen.state)
    rows = result_rows(actor, chosen)
    return page(
        request,
        "results.html",
        f"{chosen.year}年度代表履职测评结果",
        page_state=state.label,
        page_tone="ok" if chosen.published_at else "info",
        page_lead="按姓氏笔画为序，不排名次。点姓名查看得分明细和依据。",
        assessment=chosen,
        years=[
            {"label": f"{row.year}年度", "url": f"?id={row.pk}", "active": row == chosen} for row in years
        ],
        grades=[(name, count) for name, count in grade_counts(actor, chosen) if count],
        rows=[(row, GRADE_TONES.get(row.grade_code, "info")) for row in rows],
        counts=notice_counts(actor, chosen, timezone.localdate()) if chosen.published_at else None,
        owed=unreported(actor, chosen),
        circular=Circular.scoped(actor).filter(assessment=chosen).first(),
        is_other_place=chosen.scope_code != actor.lo,
    )
