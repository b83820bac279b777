"""After an activity was held: who was there, the minutes, the photos."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from liaison.identity.gates import for_roles
from liaison.identity.roles import ORGANISERS
from liaison.web.forms import ServiceForm, picture
from liaison.web.pages import act, save
from stations.enums import Audience
from stations.forms.work_plans import ActivityAttendanceForm, MinutesForm
from stations.rules.wording import short_day_text
from stations.selectors.activities import answers_of, parts_of
from stations.services import add_station_photo
from stations.services.activity_attendance import expected_outcome
from stations.views.activities import (
    answer_line,
    members_of,
    steps,
)
from stations.views.activity_changes import (
    organised,
)
from stations.views.common import page, told


@for_roles(*ORGANISERS)
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, activity_id: int) -> HttpResponse:
    """One form for all: everybody ticked as answered; minutes may follow later."""
    actor, row = organised(request, activity_id)
    answers = {line.invitation.mandate_id: line for line in answers_of(actor, row)}
    parts = {part.mandate_id: part for part in parts_of(actor, row)}
    expected = [part.mandate for part in parts.values()]
    group = row.group if row.audience == Audience.GROUP else None
    others = [mandate for mandate in members_of(actor, group) if mandate.pk not in parts]
    invited = {key: line.invitation for key, line in answers.items()}
    ticked = {f"outcome_{key}": expected_outcome(part, invited.get(key)) for key, part in parts.items()}
    asked = {key: answer_line(line)["word"] for key, line in answers.items()}
    form = ActivityAttendanceForm(
        actor, row, request.POST or None, mandates=[*expected, *others], initial=ticked
    )
    if request.method == "POST" and save(request, form) is not None:
        told(request, f"已登记“{row}”的参加情况，等待各位代表确认。")
        return redirect("stations_activity", activity_id=row.pk)
    return page(
        request,
        "activity_attendance.html",
        "登记参加情况",
        form=form,
        activity=row,
        expected=set(parts),
        lines=[(m, o, s, m.pk in parts, asked.get(m.pk, "")) for m, o, s in form.lines()],
        has_come=row.starts_on <= timezone.localdate(),
        page_lead=f"{row.title}，{short_day_text(row.starts_on)}。",
        crumbs=steps(actor, row, "登记参加情况"),
    )


@for_roles(*ORGANISERS)
@require_http_methods(["GET", "HEAD", "POST"])
def minutes(request: HttpRequest, activity_id: int) -> HttpResponse:
    actor, row = organised(request, activity_id)
    form = MinutesForm(actor, row, request.POST or None)
    if request.method == "POST" and save(request, form) is not None:
        told(request, "已保存纪要。")
        return redirect("stations_activity", activity_id=row.pk)
    return page(
        request, "activity_form.html", "活动纪要", form=form, submit="保存纪要", activity=row,
        draft="minutes", crumbs=steps(actor, row, "纪要"),
    )  # fmt: skip


class PhotoForm(ServiceForm):
    """One photo; its location and device data are removed on the way in."""

    file = picture(required=True)
    caption = forms.CharField(
        label="说明", max_length=80, required=False, error_messages={"max_length": "说明最多80个字。"}
    )


@for_roles(*ORGANISERS)
@require_http_methods(["GET", "HEAD", "POST"])
def photo(request: HttpRequest, activity_id: int) -> HttpResponse:
    actor, row = organised(request, activity_id)
    form = PhotoForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        added = act(
            request,
            form,
            lambda who: add_station_photo(
                actor=who, activity_id=row.pk, now=timezone.now(), **form.cleaned_data
            ),
        )
        if added is not None:
            told(request, "已添加照片。")
            return redirect("stations_activity", activity_id=row.pk)
    return page(
        request, "activity_form.html", "添加活动照片", form=form, submit="添加照片", activity=row,
        consequence="照片中的位置和设备信息会自动去除。", crumbs=steps(actor, row, "照片"),
    )  # fmt: skip
