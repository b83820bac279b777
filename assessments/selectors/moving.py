"""The yearly assessments that have to be archived before a place closes."""

from collections.abc import Iterator

from assessments.enums import AssessmentState
from assessments.models import Assessment
from liaison.hooks import Moving, Passage
from liaison.tenancy.scope import require_actor


def moving_assessments(passage: Passage) -> Iterator[Moving]:
    """Notices wait for the answers of deputies whose seats would end: nothing is cut off in the middle."""
    if not passage.is_whole:
        return
    inside = Assessment.scoped(require_actor()).filter(scope_code__gte=passage.lo, scope_code__lt=passage.hi)
    running = inside.exclude(state=AssessmentState.ARCHIVED).order_by("pk").count()
    if running:
        yield Moving("正在进行的年度测评", running, "请先办完归档", blocks=True)
    if count := inside.filter(state=AssessmentState.ARCHIVED).count():
        yield Moving("已归档的年度测评", count, "不变：得分、通知书、文号、摘要原样留存")
