"""A year's plan as the frozen value its paper is printed from."""

from __future__ import annotations

from collections.abc import Iterable

from liaison.documents.forms import PlanRow, WorkPlanDocument
from stations.enums import Audience, PlanState
from stations.models import WorkPlan, WorkPlanItem
from stations.selectors.activities import PlanLine


def plan_document(plan: WorkPlan, lines: Iterable[PlanLine], organ: str) -> WorkPlanDocument:
    return WorkPlanDocument(
        organ=organ,
        title=plan.title,
        year=plan.year,
        is_draft=plan.state == PlanState.DRAFT,
        foreword=tuple(part for part in plan.foreword.splitlines() if part.strip()),
        rows=tuple(_row(line.item, line.when) for line in lines),
        closing=tuple(part for part in plan.closing.splitlines() if part.strip()),
        meeting=plan.meeting,
        issued_on=plan.adopted_on,
    )


def _row(item: WorkPlanItem, when: str) -> PlanRow:
    is_group = item.audience == Audience.GROUP and item.group is not None
    return PlanRow(
        when=when,
        what=item.title + (f"（已取消：{item.call_off_reason}）" if item.call_off_reason else ""),
        where=item.place,
        who=item.group.name if is_group and item.group is not None else Audience(item.audience).label,
        responsible=item.responsible,
    )
