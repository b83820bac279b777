"""Activities around today: one held with minutes and photos, one everybody is expected at, one to sign up for."""

from datetime import date, time, timedelta

from deputies.models import GroupMembership
from reports.demo.activities import workday_from
from reports.demo.content import DECLINED, MINUTES
from reports.demo.pictures import inspection, room
from reports.demo.township import Township, on_day
from reports.demo.workplans import COMING_AFTER, COMING_ITEM, HELD_BEFORE, HELD_ITEM, item_named
from stations.enums import Audience, DutyState, LeaveReason, LeaveState, ShippedKind
from stations.models import Activity, Invitation, LeaveRequest
from stations.services import (
    add_station_photo,
    answer_invitation,
    arrange_activity,
    decide_leave,
    register_activity_attendance,
    send_invitations,
)

_COMING_FIRST = 27


def invite(town: Township, today: date) -> None:
    """Everything is arranged, answered and registered by yesterday."""
    _hold_inspection(town, today)
    _ask_everybody(town, today)
    _offer_places(town, today)


def _hold_inspection(town: Township, today: date) -> None:
    day = workday_from(today - HELD_BEFORE)
    group_id = (
        GroupMembership._plain.filter(mandate__term=town.term)
        .order_by("group_id")
        .values_list("group_id", flat=True)[0]
    )
    row = _arrange(
        town, day - timedelta(days=12), kind=ShippedKind.GROUP_ACTIVITY, title=HELD_ITEM, day=day, place="东庄村、桥头村",
        answer_by=day - timedelta(days=3), audience=Audience.GROUP, group_id=group_id, item=HELD_ITEM,
    )  # fmt: skip
    invited = _invitations(row)
    for invitation in invited[:-2]:
        _answer(town, invitation, day - timedelta(days=8))
    outcomes = {each.mandate_id: DutyState.ATTENDED for each in invited}
    outcomes[invited[-1].mandate_id] = DutyState.ABSENT
    came = len(invited) - 1
    with on_day(town.clerk, day + timedelta(days=1), 9) as now:
        register_activity_attendance(
            actor=town.clerk, activity_id=row.pk, outcomes=outcomes, minutes=MINUTES,
            summary=f"应到{len(invited)}人，实到{came}人，视察项目3个，提出意见3条。", now=now,
        )  # fmt: skip
        for picture, caption in (
            (inspection("视察现场"), "代表在东庄村查看安全饮水工程"),
            (room("代表小组座谈", "座谈"), "视察后在代表活动室座谈"),
        ):
            add_station_photo(actor=town.clerk, file=picture, caption=caption, activity_id=row.pk, now=now)


def _ask_everybody(town: Township, today: date) -> None:
    """Most have answered; of three who cannot come two were excused and one still waits for the office."""
    day = workday_from(today + COMING_AFTER)
    row = _arrange(
        town, today - timedelta(days=4), kind=ShippedKind.GROUP_ACTIVITY, title=COMING_ITEM, day=day,
        place="乡政府门前集合", answer_by=today + timedelta(days=5), audience=Audience.ALL, item=COMING_ITEM,
    )  # fmt: skip
    invited = _invitations(row)
    for invitation in invited[:_COMING_FIRST]:
        _answer(town, invitation, today - timedelta(days=3))
    for place, (reason, kind) in enumerate(DECLINED):
        _answer(town, invited[_COMING_FIRST + place], today - timedelta(days=2), reason, kind)
    waiting = LeaveRequest._plain.filter(participation__activity=row, state=LeaveState.REQUESTED)
    for leave_id in waiting.order_by("pk").values_list("pk", flat=True)[: len(DECLINED) - 1]:
        with on_day(town.chair, today - timedelta(days=1), 9) as now:
            decide_leave(actor=town.chair, leave_id=leave_id, is_approved=True, note="同意", now=now)


def _offer_places(town: Township, today: date) -> None:
    day = workday_from(today + timedelta(days=16))
    row = _arrange(
        town, today - timedelta(days=3), kind=ShippedKind.TRAINING, title="到区人大代表之家观摩学习（自愿报名）", day=day,
        place="榆次区人大代表之家", answer_by=today + timedelta(days=10), audience=Audience.ALL, capacity=12,
    )  # fmt: skip
    for invitation in _invitations(row)[4:36:4]:
        _answer(town, invitation, today - timedelta(days=1))


def _arrange(
    town: Township,
    on: date,
    *,
    kind: ShippedKind,
    title: str,
    day: date,
    place: str,
    answer_by: date,
    audience: Audience,
    group_id: int | None = None,
    capacity: int | None = None,
    item: str = "",
) -> Activity:
    with on_day(town.clerk, on, 15) as now:
        row = arrange_activity(
            actor=town.clerk, kind_code=kind, title=title, starts_on=day, starts_at=time(9), place=place,
            answer_by=answer_by, audience=audience, group_id=group_id, capacity=capacity,
            plan_item_id=item_named(town, item, day.year) if item else None, now=now,
        )  # fmt: skip
        return send_invitations(actor=town.clerk, activity_id=row.pk, now=now)


def _invitations(row: Activity) -> list[Invitation]:
    return list(
        Invitation._plain.filter(activity=row)
        .select_related("mandate")
        .order_by("mandate__list_number", "pk")
    )


def _answer(
    town: Township,
    invitation: Invitation,
    day: date,
    reason: str = "",
    kind: str = LeaveReason.PERSONAL,
) -> None:
    actor = town.actor_of(invitation.mandate)
    with on_day(actor, day, 20) as now:
        answer_invitation(
            actor=actor, invitation_id=invitation.pk, is_coming=not reason, reason=reason, kind=kind, now=now
        )
