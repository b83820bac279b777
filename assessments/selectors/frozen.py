"""Which years are closed for norms, because their data were already counted."""

from assessments.enums import AssessmentState
from assessments.models import Assessment
from liaison.tenancy.scope import Actor


def frozen_places(actor: Actor, year: int) -> list[str]:
    """Names of the places within reach whose appraisal of ``year`` stands on frozen data; one query."""
    rows = Assessment.scoped(actor).filter(year=year).exclude(state=AssessmentState.DRAFT)
    return list(rows.order_by("scope_code").values_list("jurisdiction__short_name", flat=True))
