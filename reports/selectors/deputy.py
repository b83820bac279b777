"""A deputy's day: what is on, what waits for an answer, what is due."""

from dataclasses import dataclass, field
from datetime import date

from assessments.access import visible_notices, visible_sheets
from assessments.lifecycle import REPORT_OWED
from assessments.models import FeedbackNotice, ScoreSheet
from constituents.access import visible_opinions
from liaison.identity.access import linked
from liaison.tenancy.scope import Actor
from stations.models import Participation
from stations.selectors import duties_of, unconfirmed


@dataclass(slots=True)
class DeputyDay:
    """What the home page of a deputy shows, in the order it is needed."""

    today: list[Participation] = field(default_factory=list)
    coming: list[Participation] = field(default_factory=list)
    to_confirm: int = 0
    open_opinions: int = 0
    notice: FeedbackNotice | None = None
    sheet: ScoreSheet | None = None

    @property
    def owes_report(self) -> bool:
        return self.notice is not None and self.notice.state in REPORT_OWED


def deputy_today(actor: Actor, today: date) -> DeputyDay:
    """A fixed number of queries: duties, records to confirm, own cases, the latest notice and sheet."""
    duties = duties_of(actor, today)
    notices = visible_notices(actor).filter(linked("mandate__person_id", actor.person_id))
    sheets = visible_sheets(actor).filter(linked("mandate__person_id", actor.person_id), state="published")
    return DeputyDay(
        today=[turn for turn in duties if turn.day == today],
        coming=[turn for turn in duties if turn.day > today][:3],
        to_confirm=unconfirmed(actor).count(),
        open_opinions=visible_opinions(actor).filter(closed_on__isnull=True).count(),
        notice=notices.select_related("assessment")
        .exclude(state="superseded")
        .order_by("-issued_on", "-pk")
        .first(),
        sheet=sheets.select_related("assessment").order_by("-assessment__year", "-version").first(),
    )
