"""The only door to the rows of this floor.

Scores stay with the deputy, the group leader and the presidium (domain.md 0.4 and 3.7). The county reads
its own deputies' and counts the townships'; a city viewer counts; a station clerk, a handling unit and the
administrators see nothing.
"""

from typing import TypeVar

from django.db.models import Q, QuerySet

from assessments.enums import AssessmentState, NoticeState, SheetState
from assessments.models import (
    Assessment,
    BallotTally,
    ExtraFact,
    FeedbackNotice,
    RectificationReport,
    ReminderTalk,
    Scheme,
    ScoreObjection,
    ScoreSheet,
)
from deputies.access import visible_mandates
from liaison.identity.access import linked
from liaison.identity.roles import DEPUTIES, OFFICE
from liaison.tenancy.models import ScopedModel
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, OutOfScope

M = TypeVar("M", bound=ScopedModel)

# Those who may count results of their interval without opening one.
COUNTERS = OFFICE | {Role.COUNTY_COMMITTEE, Role.CITY_VIEWER, Role.SYSTEM}
# The cycle itself (which year, which step) is no secret among those it concerns.
_CYCLE_READERS = COUNTERS | DEPUTIES

# From the reconciliation on a deputy reads the own sheet, to find what was counted wrong.
_READABLE = (
    Q(state__in=(SheetState.PUBLISHED, SheetState.SUPERSEDED))
    | Q(
        assessment__state__in=(
            AssessmentState.RECONCILE,
            AssessmentState.OBJECTION,
            AssessmentState.RECHECK,
            AssessmentState.APPROVED,
        )
    )
)  # fmt: skip


def visible_schemes(actor: Actor) -> QuerySet[Scheme]:
    """Schemes are rules: everybody appointed may read those that reach him."""
    rows = Scheme.scoped(actor)
    return rows if actor.appointment_id or actor.role == Role.SYSTEM else rows.none()


def visible_assessments(actor: Actor) -> QuerySet[Assessment]:
    rows = Assessment.scoped(actor).select_related("term__congress", "jurisdiction", "scheme")
    return rows if actor.role in _CYCLE_READERS else rows.none()


def get_assessment(actor: Actor, pk: int, *, lock: bool = False) -> Assessment:
    rows = visible_assessments(actor)
    if lock:
        rows = rows.select_for_update(of=("self",))
    return _one(rows.filter(pk=pk).first())


def _open_to(actor: Actor, rows: QuerySet[M], own: Q) -> QuerySet[M]:
    """All for the presidium (and the system), the county's own for the county, ``own`` for a deputy."""
    if actor.role in OFFICE or actor.role == Role.SYSTEM:
        return rows
    if actor.role == Role.COUNTY_COMMITTEE:
        return rows.filter(scope_code=actor.lo)
    return rows.filter(own) if actor.role in DEPUTIES else rows.none()


def _own(actor: Actor, path: str) -> Q:
    """The actor's own rows, by the path to the mandate."""
    return linked(f"{path}__person_id", actor.person_id)


def _own_or_led(actor: Actor, path: str) -> Q:
    """The own rows, and for a leader those of the group: the mandates whose records the actor may open."""
    return Q(**{f"{path}__in": visible_mandates(actor)})


def visible_sheets(actor: Actor) -> QuerySet[ScoreSheet]:
    """Sheets: all for the presidium; a deputy's own, and a leader's group's, once they may be read."""
    return _open_to(actor, ScoreSheet.scoped(actor), _READABLE & _own_or_led(actor, "mandate"))


def countable_sheets(actor: Actor) -> QuerySet[ScoreSheet]:
    """Published sheets for figures only; never hand rows of it to a page."""
    rows = ScoreSheet.scoped(actor).filter(state=SheetState.PUBLISHED)
    return rows if actor.role in COUNTERS else rows.none()


def get_sheet(actor: Actor, pk: int) -> ScoreSheet:
    related = ("assessment__scheme", "assessment__jurisdiction", "mandate__person", "mandate__constituency")
    return _get(actor, visible_sheets(actor).select_related(*related), ScoreSheet, pk)


def visible_notices(actor: Actor) -> QuerySet[FeedbackNotice]:
    return _open_to(actor, FeedbackNotice.scoped(actor), _own_or_led(actor, "mandate"))


def countable_notices(actor: Actor) -> QuerySet[FeedbackNotice]:
    """Notices in force for figures only; never hand rows of it to a page."""
    rows = FeedbackNotice.scoped(actor).exclude(state=NoticeState.SUPERSEDED)
    return rows if actor.role in COUNTERS else rows.none()


def get_notice(actor: Actor, pk: int, *, lock: bool = False) -> FeedbackNotice:
    related = (
        "sheet",
        "assessment__scheme",
        "assessment__jurisdiction",
        "mandate__person",
        "mandate__constituency",
        "pdf",
    )
    rows = visible_notices(actor).select_related(*related)
    return _get(actor, rows.select_for_update(of=("self",)) if lock else rows, FeedbackNotice, pk)


def visible_reports(actor: Actor) -> QuerySet[RectificationReport]:
    """Reports: the own ones with drafts; a leader and the presidium read what was handed in."""
    rows = RectificationReport.scoped(actor)
    handed_in = Q(is_submitted=True) & _own_or_led(actor, "notice__mandate")
    return _open_to(actor, rows, _own(actor, "notice__mandate") | handed_in)


def get_report(actor: Actor, pk: int, *, lock: bool = False) -> RectificationReport:
    rows = visible_reports(actor).select_related("notice__mandate__person", "notice__sheet")
    return _get(actor, rows.select_for_update(of=("self",)) if lock else rows, RectificationReport, pk)


def visible_talks(actor: Actor) -> QuerySet[ReminderTalk]:
    """谈话提醒 is restricted: the presidium and the person talked to (domain.md section 5, text 3)."""
    return _open_to(actor, ReminderTalk.scoped(actor), _own(actor, "mandate"))


def get_talk(actor: Actor, pk: int, *, lock: bool = False) -> ReminderTalk:
    related = ("sheet__assessment__jurisdiction", "sheet__assessment__scheme", "mandate__person")
    rows = visible_talks(actor).select_related(*related)
    return _get(actor, rows.select_for_update(of=("self",)) if lock else rows, ReminderTalk, pk)


def visible_objections(actor: Actor) -> QuerySet[ScoreObjection]:
    return _open_to(actor, ScoreObjection.scoped(actor), _own(actor, "sheet__mandate"))


def get_objection(actor: Actor, pk: int, *, lock: bool = False) -> ScoreObjection:
    rows = visible_objections(actor).select_related("sheet__assessment", "sheet__mandate__person")
    return _get(actor, rows.select_for_update(of=("self",)) if lock else rows, ScoreObjection, pk)


def visible_entries(actor: Actor) -> QuerySet[ExtraFact]:
    """What was typed in: the presidium's working papers."""
    return _open_to(actor, ExtraFact.scoped(actor), Q(pk__in=[]))


def visible_ballots(actor: Actor) -> QuerySet[BallotTally]:
    return _open_to(actor, BallotTally.scoped(actor), Q(pk__in=[]))


def _one(found: M | None) -> M:
    if found is None:
        raise OutOfScope()
    return found


def _get(actor: Actor, rows: QuerySet[M], model: type[M], pk: int) -> M:
    """404 outside the jurisdiction, 403 for a colleague's record inside it (architecture.md, scope)."""
    found = rows.filter(pk=pk).first()
    if found is not None:
        return found
    if actor.appointment_id and model.scoped(actor).filter(pk=pk).exists():
        raise Forbidden("这份材料只有代表本人、小组组长和主席团可以查阅。")
    raise OutOfScope()
