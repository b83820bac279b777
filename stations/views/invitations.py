"""What a deputy is invited to, and answering with one tap; the organiser may enter the answer for him."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deputies.access import own_mandate
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES, OFFICE, REGISTRARS
from liaison.tenancy.scope import Actor
from liaison.web.pages import act
from liaison.words.errors import Forbidden, Refused
from stations.access import (
    get_invitation,
    may_organise,
)
from stations.enums import AnswerState, ReceptionDayState
from stations.forms.work_plans import AnswerForm, DeclineForm
from stations.models import Invitation
from stations.rules.wording import full_day_text
from stations.selectors.activities import own_invitations
from stations.services import answer_invitation
from stations.services.common import is_own
from stations.views.activities import ANSWER_TONES
from stations.views.common import ACTIVITY_WORDS, crumbs, page, told


@for_roles(*DEPUTIES)
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """Everything to come the deputy is asked to, unanswered ones first."""
    actor = actor_of(request)
    own_mandate(actor)
    found = own_invitations(actor, timezone.localdate())
    return page(
        request,
        "invitations.html",
        "活动通知",
        lines=[_line(row) for row in found],
        crumbs=crumbs(actor, ("活动通知", "")),
    )


def _line(row: Invitation) -> dict[str, Any]:
    state = AnswerState(row.answer)
    word = "不参加" if state == AnswerState.DECLINED and row.activity.capacity else state.label
    return {
        "row": row,
        "activity": row.activity,
        "word": word,
        "tone": ANSWER_TONES[state],
        "is_open": state == AnswerState.WAITING,
        "url": reverse("stations_invitation", args=[row.pk]),
    }


@for_roles(*REGISTRARS, *DEPUTIES)
@require_safe
def invitation(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """One invitation: what and where, and two buttons."""
    actor, today = actor_of(request), timezone.localdate()
    row = get_invitation(actor, invitation_id)
    activity = row.activity
    mine = is_own(actor, row.mandate)
    organises = may_organise(actor, activity.scope_code, activity.group_id)
    is_published = activity.state == ReceptionDayState.PUBLISHED
    is_open = is_published and activity.starts_on >= today
    in_time = activity.answer_by is None or today <= activity.answer_by
    line = _line(row)
    return page(
        request,
        "invitation.html",
        activity.title,
        row=row,
        activity=activity,
        page_state=line["word"]
        if activity.state == ReceptionDayState.PUBLISHED
        else ACTIVITY_WORDS[ReceptionDayState(activity.state)],
        page_tone=line["tone"],
        rows=_facts(row, mine),
        summary=activity.summary.splitlines(),
        may_answer=is_open and (organises or (mine and in_time)),
        is_late=is_open and mine and not in_time and not organises,
        is_coming=row.answer == AnswerState.COMING,
        is_declined=row.answer == AnswerState.DECLINED,
        is_voluntary=activity.capacity is not None,
        is_mine=mine,
        back=_back(actor, row),
        crumbs=_crumbs(actor, row, mine),
    )


def _facts(row: Invitation, mine: bool) -> list[tuple[str, Any]]:
    activity = row.activity
    days = full_day_text(activity.starts_on)
    if activity.ends_on != activity.starts_on:
        days += f"至{full_day_text(activity.ends_on)}"
    if activity.starts_at:
        days += f"　{activity.starts_at:%H:%M}"
    is_declined = row.answer == AnswerState.DECLINED
    facts: list[tuple[str, Any]] = [] if mine else [("代表", row.mandate)]
    facts = [
        *facts,
        ("时间", days),
        ("地点", activity.place or "另行通知"),
        ("类别", activity.kind.name),
        ("名额", f"{activity.capacity}人，自愿报名" if activity.capacity else "通知到的代表都应参加"),
        ("请答复", f"{full_day_text(activity.answer_by)}前" if activity.answer_by else "请尽早答复"),
        ("说明" if activity.capacity else "请假事由", row.reason if is_declined else ""),
    ]
    return [(label, value) for label, value in facts if value]


def _crumbs(actor: Actor, row: Invitation, mine: bool) -> list[tuple[str, str]]:
    if mine and actor.role in DEPUTIES:
        return crumbs(actor, ("活动通知", reverse("stations_invitations")), (row.activity.title, ""))
    here = reverse("stations_activity", args=[row.activity_id])
    return crumbs(actor, (row.activity.title, here), (str(row.mandate), ""))


def _back(actor: Actor, row: Invitation) -> str:
    if is_own(actor, row.mandate):
        return reverse("stations_invitations")
    return reverse("stations_activity", args=[row.activity_id])


@for_roles(*OFFICE, *DEPUTIES)
@require_POST
def come(request: HttpRequest, invitation_id: int) -> HttpResponse:
    actor = actor_of(request)
    row = get_invitation(actor, invitation_id)
    answer_invitation(actor=actor, invitation_id=row.pk, is_coming=True, now=timezone.now())
    told(request, f"已答复参加“{row.activity}”。")
    return redirect(_back(actor, row))


@for_roles(*OFFICE, *DEPUTIES)
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Leave with its reason, or simply no where signing up is free."""
    actor = actor_of(request)
    row = get_invitation(actor, invitation_id)
    organises = may_organise(actor, row.activity.scope_code, row.activity.group_id)
    if not is_own(actor, row.mandate) and not organises:
        raise Forbidden("只能答复发给自己的活动通知。")
    if row.activity.state != ReceptionDayState.PUBLISHED:
        raise Refused(f"这项活动{ReceptionDayState(row.activity.state).label}，不用答复。")
    is_free = row.activity.capacity is not None
    form = (DeclineForm if is_free else AnswerForm)(request.POST or None)
    if request.method == "POST":
        done = act(
            request,
            form,
            lambda who: answer_invitation(
                actor=who, invitation_id=row.pk, is_coming=False, now=timezone.now(), **form.cleaned_data
            ),
        )
        if done is not None:
            told(request, "已答复不参加。" if is_free else "已提交请假，等待审批。")
            return redirect(_back(actor, row))
    return page(
        request, "activity_form.html", "不参加" if is_free else "请假", form=form, activity=row.activity,
        submit="答复不参加" if is_free else "提交请假",
        page_lead=f"{row.activity.title}，{full_day_text(row.activity.starts_on)}。",
        consequence="" if is_free else "由主席团工作人员审批，批准后不计入应参加次数。",
        crumbs=_crumbs(actor, row, is_own(actor, row.mandate)),
    )  # fmt: skip
