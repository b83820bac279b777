"""What a deputy who leaves office, or is suspended, leaves behind: turns, invitations, swaps, leave."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse

from deputies.enums import MandateEvent, MandateState
from deputies.models import MandateChange
from liaison.hooks import Held
from liaison.tenancy.scope import Actor
from stations.enums import DutyState, LeaveState, ReceptionDayState, SwapState
from stations.models import DutySwap, Invitation, LeaveRequest, Participation
from stations.rules.wording import short_day_text

OPEN_DAYS = (ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED)


def gone_by(actor: Actor, day_column: str) -> Q:
    """Of rows with a ``mandate``: who holds no office on the day in the column, or is suspended by then.

    What happened before stays as it was: a name on a reception of the past is right.
    """
    suspended = MandateChange.scoped(actor).filter(
        mandate=OuterRef("mandate"), event=MandateEvent.SUSPEND, effective_on__lte=OuterRef(day_column)
    )
    has_left = Q(mandate__ended_on__isnull=False, mandate__ended_on__lte=F(day_column))
    return has_left | Q(Exists(suspended), mandate__state=MandateState.SUSPENDED)


def turns_without_person(actor: Actor, today: date) -> QuerySet[Participation]:
    """Turns still to come of deputies who cannot take them any more; by day."""
    return coming_turns(actor, today).filter(gone_by(actor, "reception_day__day"))


def held_duties(actor: Actor, mandate_ids: Collection[int], today: date) -> list[Held]:
    """Everything of this floor that the deputies still hold; four queries."""
    found = [
        Held(
            f"{turn.mandate.full_name}：{short_day_text(turn.reception_day.day)}"
            f"{turn.reception_day.station.name}接待值班",
            "登记后这一班缺人，请安排替班。",
            reverse("stations_rota_gap", args=[turn.reception_day_id]),
        )
        for turn in coming_turns(actor, today).filter(mandate__in=mandate_ids)
        if turn.reception_day
    ]
    for invitation in _invitations(actor, mandate_ids, today):
        activity = invitation.activity
        words = (
            f"{invitation.mandate.full_name}：{short_day_text(activity.starts_on)}“{activity.title}”的通知"
        )
        url = reverse("stations_activity", args=[activity.pk])
        found.append(Held(words, "登记后不再计入应到，也不再提醒答复。", url))
    swaps = DutySwap.scoped(actor).filter(
        Q(mandate__in=mandate_ids) | Q(offered__mandate__in=mandate_ids),
        state__in=(SwapState.PROPOSED, SwapState.CONSENTED),
    )
    if count := swaps.count():
        found.append(
            Held(f"{count}件调换值班的申请还没有办结", "请先答复或者撤回。", reverse("stations_swaps"))
        )
    leave = LeaveRequest.scoped(actor).filter(mandate__in=mandate_ids, state=LeaveState.REQUESTED)
    if count := leave.count():
        found.append(Held(f"{count}件请假还没有审批", "请先审批。", reverse("stations_waiting_leave")))
    return found


def coming_turns(actor: Actor, today: date) -> QuerySet[Participation]:
    """Turns of days to come that nobody has taken or missed yet; by day."""
    rows = Participation.scoped(actor).filter(
        reception_day__day__gte=today, reception_day__state__in=OPEN_DAYS, outcome=DutyState.SCHEDULED
    )
    joined = rows.select_related("reception_day__station", "mandate__person")
    return joined.order_by("reception_day__day", "mandate__person__name_strokes", "id")


def _invitations(actor: Actor, mandate_ids: Collection[int], today: date) -> QuerySet[Invitation]:
    rows = Invitation.scoped(actor).filter(
        mandate__in=mandate_ids,
        activity__state=ReceptionDayState.PUBLISHED,
        activity__ends_on__gte=today,
    )
    return rows.select_related("activity", "mandate__person").order_by("activity__starts_on", "id")
