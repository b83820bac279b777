"""The only door to the rows of this floor.

Scores stay with the deputy, the group leader and the presidium (domain.md 0.4); a county official reads the
results of the subtree, a city viewer counts them, a station clerk and a handling unit see nothing.
"""

from typing import TypeVar

from django.db.models import Q, QuerySet

from assessments.models import (
    Assessment,
    FeedbackNotice,
    RectificationReport,
    ReminderTalk,
    Scheme,
    ScoreObjection,
    ScoreSheet,
)
from deputies.models import GroupMembership
from liaison.enums import Role
from liaison.errors import Forbidden, OutOfScope
from liaison.scope import Actor
from liaison.scope_models import ScopedModel

M = TypeVar("M", bound=ScopedModel)

APPRAISERS = frozenset({Role.PRESIDIUM_CLERK, Role.PRESIDIUM_CHAIR})
RESULT_READERS = APPRAISERS | {Role.COUNTY_COMMITTEE, Role.SYSTEM}
_PUBLISHED = ("published", "superseded")


def visible_schemes(actor: Actor) -> QuerySet[Scheme]:
    """Schemes are rules: everybody appointed may read those that reach him."""
    return (
        Scheme.scoped(actor)
        if actor.appointment_id or actor.role == Role.SYSTEM
        else Scheme.scoped(actor).none()
    )


def visible_assessments(actor: Actor) -> QuerySet[Assessment]:
    rows = Assessment.scoped(actor).select_related("term__congress", "jurisdiction", "scheme")
    if actor.role in RESULT_READERS or actor.role in (Role.DEPUTY, Role.GROUP_LEADER):
        return rows
    return rows.none()


def get_assessment(actor: Actor, pk: int, *, lock: bool = False) -> Assessment:
    rows = Assessment.scoped(actor).select_for_update() if lock else visible_assessments(actor)
    return _one(rows.filter(pk=pk).first())


def _own(actor: Actor, path: str) -> Q:
    """The actor's own rows, and those of the group a leader leads."""
    own = Q(**{f"{path}__person_id": actor.person_id or 0})
    if actor.role == Role.GROUP_LEADER and actor.group_id:
        members = GroupMembership.scoped(actor).filter(group_id=actor.group_id, ends_on__isnull=True)
        own |= Q(**{f"{path}_id__in": members.values("mandate_id")})
    return own


def _narrowed(actor: Actor, rows: QuerySet[M], published: Q) -> QuerySet[M]:
    if actor.role in RESULT_READERS:
        return rows
    if actor.role in (Role.DEPUTY, Role.GROUP_LEADER):
        return rows.filter(published & _own(actor, "mandate"))
    return rows.none()


def visible_sheets(actor: Actor) -> QuerySet[ScoreSheet]:
    """Sheets: all for the presidium and above, the own published ones for a deputy."""
    return _narrowed(actor, ScoreSheet.scoped(actor), Q(state__in=_PUBLISHED))


def get_sheet(actor: Actor, pk: int) -> ScoreSheet:
    related = ("assessment__scheme", "assessment__jurisdiction", "mandate__person", "mandate__constituency")
    return _get(actor, visible_sheets(actor).select_related(*related), ScoreSheet, pk)


def visible_notices(actor: Actor) -> QuerySet[FeedbackNotice]:
    return _narrowed(actor, FeedbackNotice.scoped(actor), Q())


def get_notice(actor: Actor, pk: int, *, lock: bool = False) -> FeedbackNotice:
    rows = visible_notices(actor)
    if lock:
        return _get(actor, rows.select_for_update(of=("self",)), FeedbackNotice, pk)
    related = ("sheet", "assessment__scheme", "assessment__jurisdiction", "mandate__person", "pdf")
    return _get(actor, rows.select_related(*related), FeedbackNotice, pk)


def visible_reports(actor: Actor) -> QuerySet[RectificationReport]:
    rows = RectificationReport.scoped(actor)
    if actor.role in RESULT_READERS:
        return rows
    if actor.role in (Role.DEPUTY, Role.GROUP_LEADER):
        return rows.filter(_own(actor, "notice__mandate"))
    return rows.none()


def visible_talks(actor: Actor) -> QuerySet[ReminderTalk]:
    """谈话提醒 is restricted: the presidium and the person talked to (domain.md section 5, text 3)."""
    rows = ReminderTalk.scoped(actor)
    if actor.role in APPRAISERS or actor.role == Role.SYSTEM:
        return rows
    if actor.role in (Role.DEPUTY, Role.GROUP_LEADER):
        return rows.filter(mandate__person_id=actor.person_id or 0)
    return rows.none()


def get_talk(actor: Actor, pk: int, *, lock: bool = False) -> ReminderTalk:
    rows = visible_talks(actor)
    rows = (
        rows.select_for_update(of=("self",))
        if lock
        else rows.select_related("sheet__assessment", "mandate__person")
    )
    return _one(rows.filter(pk=pk).first())


def visible_objections(actor: Actor) -> QuerySet[ScoreObjection]:
    rows = ScoreObjection.scoped(actor)
    if actor.role in RESULT_READERS:
        return rows
    return rows.filter(sheet__mandate__person_id=actor.person_id or 0)


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
