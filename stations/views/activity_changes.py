"""An activity after it was arranged: sent, changed, called off."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import ORGANISERS
from liaison.tenancy.scope import Actor
from liaison.web.pages import act, save
from liaison.words.errors import Forbidden
from stations.access import (
    get_activity,
    may_organise,
)
from stations.enums import (
    ReceptionDayState,
)
from stations.forms.records import ReasonForm
from stations.forms.work_plans import ChangeForm
from stations.models import Activity
from stations.rules.wording import short_day_text
from stations.services import (
    call_off_activity,
    send_invitations,
)
from stations.views.activities import steps
from stations.views.common import page, told


@for_roles(*ORGANISERS)
@require_POST
def send(request: HttpRequest, activity_id: int) -> HttpResponse:
    row = send_invitations(actor=actor_of(request), activity_id=activity_id, now=timezone.now())
    told(request, "已通知代表，等待答复。")
    return redirect("stations_activity", activity_id=row.pk)


def organised(request: HttpRequest, activity_id: int) -> tuple[Actor, Activity]:
    actor = actor_of(request)
    row = get_activity(actor, activity_id)
    if not may_organise(actor, row.scope_code, row.group_id):
        raise Forbidden("这项活动由其他单位组织，您只能查看。")
    return actor, row


@for_roles(*ORGANISERS)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, activity_id: int) -> HttpResponse:
    actor, row = organised(request, activity_id)
    form = ChangeForm(actor, row, request.POST or None)
    if request.method == "POST" and save(request, form) is not None:
        told(request, "已修改。")
        return redirect("stations_activity", activity_id=row.pk)
    was_told = row.state == ReceptionDayState.PUBLISHED
    return page(
        request, "activity_form.html", "修改活动安排", form=form, submit="保存修改", activity=row,
        consequence="已通知的代表会收到变动消息；改日期的，请代表重新答复。" if was_told else "",
        crumbs=steps(actor, row, "修改"),
    )  # fmt: skip


@for_roles(*ORGANISERS)
@require_http_methods(["GET", "HEAD", "POST"])
def call_off(request: HttpRequest, activity_id: int) -> HttpResponse:
    actor, row = organised(request, activity_id)
    form = ReasonForm(request.POST or None, label="取消原因", hint="代表会收到。")
    if request.method == "POST":
        done = act(
            request,
            form,
            lambda who: call_off_activity(
                actor=who, activity_id=row.pk, reason=form.cleaned_data["reason"], now=timezone.now()
            ),
        )
        if done is not None:
            told(request, "已取消活动，不计入任何代表的应参加次数。")
            return redirect("stations_activities")
    return page(
        request, "activity_form.html", "取消活动", form=form, submit="取消活动", activity=row, danger=True,
        consequence="取消后不计入应参加次数，并通知已通知过的代表。", crumbs=steps(actor, row, "取消"),
        page_lead=f"{row.title}，{short_day_text(row.starts_on)}。",
    )  # fmt: skip
