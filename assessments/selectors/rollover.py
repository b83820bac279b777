"""What a 换届 meets on this floor: the former term's years that were not appraised to the end."""

from __future__ import annotations

from datetime import date, datetime

from django.urls import reverse

from assessments.enums import AssessmentState
from assessments.models import Assessment
from liaison.hooks import Check
from liaison.tenancy.counting import counted
from liaison.tenancy.scope import Actor


def before_rollover(actor: Actor, former_id: int, term_id: int, today: date) -> list[Check]:
    """The running year not begun, and years not archived; one query."""
    rows = Assessment.scoped(actor).filter(term=former_id)
    n = counted(begun=rows.filter(year=today.year), open=rows.exclude(state=AssessmentState.ARCHIVED))
    url = reverse("admin:assessments_assessment_changelist")
    begun = "已经开始" if n["begun"] else "还没有开始；换届后本届代表不再是在任代表"
    return [
        Check(f"{today.year}年度测评", 0 if n["begun"] else 1, begun, url, "开始年度测评"),
        Check("没有归档的年度测评", n["open"], f"{n['open']}个年度，换届后照常办理", url, "查看"),
    ]


def recorded_in_term(actor: Actor, term_id: int, since: datetime) -> list[Check]:
    """Years of a term whose appraisal has begun, whenever that was; one query."""
    n = counted(years=Assessment.scoped(actor).filter(term=term_id))["years"]
    url = reverse("admin:assessments_assessment_changelist")
    return [Check("新一届的年度测评", n, f"{n}个年度", url, "查看")]
