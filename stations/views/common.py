"""What the pages of this floor share: who may enter, words and tones of states, reading numbers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from liaison.identity.roles import DEPUTIES
from liaison.tenancy.scope import Actor
from liaison.web import pages
from stations.enums import (
    DutyState,
    LeaveState,
    ParticipationState,
    ReceptionDayState,
    SwapState,
)
from stations.models import Participation
from stations.rules.lifecycle import REGISTERED_OUTCOMES

OUTCOME_TONES = {
    DutyState.SCHEDULED: "info",
    DutyState.ATTENDED: "ok",
    DutyState.ON_LEAVE: "none",
    DutyState.SWAPPED: "none",
    DutyState.ABSENT: "bad",
    DutyState.CANCELLED: "none",
}
CHECK_TONES = {
    ParticipationState.REGISTERED: "warn",
    ParticipationState.CONFIRMED: "ok",
    ParticipationState.OBJECTED: "bad",
    ParticipationState.UPHELD: "ok",
    ParticipationState.CORRECTED: "ok",
    ParticipationState.WITHDRAWN: "none",
    ParticipationState.LAPSED_TO_PRESIDIUM: "warn",
}
DAY_TONES = {
    ReceptionDayState.PLANNED: "info",
    ReceptionDayState.PUBLISHED: "info",
    ReceptionDayState.HELD: "ok",
    ReceptionDayState.CANCELLED: "none",
    ReceptionDayState.POSTPONED: "warn",
}
# An activity is told to deputies, not announced to the public.
ACTIVITY_WORDS = {
    ReceptionDayState.PLANNED: "尚未通知",
    ReceptionDayState.PUBLISHED: "已通知",
    ReceptionDayState.HELD: "已开展",
    ReceptionDayState.CANCELLED: "已取消",
    ReceptionDayState.POSTPONED: "已改期",
}
LEAVE_TONES = {
    LeaveState.REQUESTED: "warn",
    LeaveState.APPROVED: "ok",
    LeaveState.REJECTED: "bad",
    LeaveState.WITHDRAWN: "none",
}
SWAP_TONES = {
    SwapState.PROPOSED: "warn",
    SwapState.CONSENTED: "info",
    SwapState.APPROVED: "ok",
    SwapState.REJECTED: "none",
    SwapState.WITHDRAWN: "none",
}


def page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    return pages.page(request, f"stations/{template}", title, **context)


def crumbs(actor: Actor, *steps: tuple[str, str]) -> list[tuple[str, str]]:
    """The door of the role, then the steps."""
    if actor.role in DEPUTIES:
        return [("履职", reverse("stations_home")), *steps]
    return [("接待日", reverse("stations_receptions")), *steps]


def told(request: HttpRequest, message: str) -> None:
    messages.success(request, message)


def occasion(row: Participation) -> str:
    """What a record is about, in words."""
    if row.reception_day is not None:
        return f"{row.reception_day.station}接待日"
    return str(row.activity)


def line(row: Participation) -> dict[str, Any]:
    """One record as a list shows it."""
    outcome, state = DutyState(row.outcome), ParticipationState(row.state)
    is_registered = outcome in REGISTERED_OUTCOMES
    return {
        "row": row,
        "occasion": occasion(row),
        "kind": row.activity.kind.name if row.activity is not None else "接待选民",
        "outcome": outcome.label,
        "outcome_tone": OUTCOME_TONES[outcome],
        "check": state.label if is_registered else "",
        "check_tone": CHECK_TONES[state],
        "url": reverse("stations_record", args=[row.pk]),
    }
