"""What one deputy reads: the own sheets, notices and reports of the years."""

from assessments.access import visible_notices, visible_reports, visible_sheets
from assessments.enums import NoticeState, SheetState
from assessments.models import FeedbackNotice, RectificationReport, ScoreSheet
from liaison.identity.access import is_linked, linked
from liaison.tenancy.scope import Actor


def own_sheets(actor: Actor, mandate_id: int | None = None) -> list[ScoreSheet]:
    """The current sheet of each year, newest first: of ``mandate_id``, else of the acting deputy."""
    rows = visible_sheets(actor).exclude(state=SheetState.SUPERSEDED)
    if mandate_id is not None:
        rows = rows.filter(mandate_id=mandate_id)
    else:
        rows = rows.filter(linked("mandate__person_id", actor.person_id))
    related = rows.select_related("assessment__scheme", "assessment__jurisdiction", "mandate__person")
    return list(related.order_by("-assessment__year", "-version"))


def current_year(actor: Actor) -> ScoreSheet | None:
    """The newest sheet the deputy may read."""
    found = own_sheets(actor)
    return found[0] if found else None


def notice_of(actor: Actor, sheet: ScoreSheet) -> FeedbackNotice | None:
    return visible_notices(actor).filter(sheet=sheet).exclude(state=NoticeState.SUPERSEDED).first()


def reports_of(actor: Actor, notice: FeedbackNotice) -> list[RectificationReport]:
    """The submissions of a notice, newest first, with their rows; drafts only for who writes them."""
    rows = visible_reports(actor).filter(notice=notice).order_by("-submission")
    if not is_linked(notice.mandate.person_id, actor.person_id):
        rows = rows.filter(is_submitted=True)
    return list(rows.prefetch_related("items"))


def report_in_hand(actor: Actor, notice: FeedbackNotice) -> RectificationReport | None:
    """The newest submission handed in, which is what gets reviewed."""
    return (
        visible_reports(actor)
        .filter(notice=notice, is_submitted=True)
        .order_by("-submission")
        .prefetch_related("items")
        .first()
    )
