"""After an activity was held: who was there, the minutes, the photos."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from liaison.identity.gates import for_roles
from liaison.identity.roles import ORGANISERS
from liaison.tenancy.scope import Actor
from stations.enums import Audience
from stations.forms.work_plans import GatheringForm, MinutesForm
from stations.models import Activity
from stations.rules.wording import short_day_text
from stations.selectors.activities import answers_of, parts_of
from stations.services import add_station_photo, register_gathering, save_minutes
from stations.services.activity_attendance import expected_outcome
from stations.views.activities import answer_line, members_of, organised, steps
from stations.views.common import act, page, told


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
    first = {"summary": row.summary, "minutes": row.minutes}
    for key, part in parts.items():
        line = answers.get(key)
        first[f"outcome_{key}"] = expected_outcome(part, line.invitation if line else None)
        first[f"speech_{key}"] = part.speech
    asked = {key: answer_line(line)["word"] for key, line in answers.items()}
    form = GatheringForm([*expected, *others], request.POST or None, initial=first, asked=asked)
    if request.method == "POST":
        done = act(request, form, lambda who: _register(who, row, form, set(parts)))
        if done is not None:
            told(request, f"已登记“{row}”的参加情况，等待各位代表确认。")
            return redirect("stations_activity", activity_id=row.pk)
    return page(
        request,
        "register_gathering.html",
        "登记参加情况",
        form=form,
        activity=row,
        expected=set(parts),
        lines=[(m, o, s, m.pk in parts, asked.get(m.pk, "")) for m, o, s in form.lines()],
        has_come=row.starts_on <= timezone.localdate(),
        page_lead=f"{row.title}，{short_day_text(row.starts_on)}。",
        crumbs=steps(actor, row, "登记参加情况"),
    )


def _register(actor: Actor, row: Activity, form: GatheringForm, expected: set[int]) -> Activity:
    return register_gathering(
        actor=actor,
        activity_id=row.pk,
        outcomes=form.expected_outcomes(expected),
        speeches=form.speeches(),
        summary=form.cleaned_data["summary"],
        minutes=form.cleaned_data["minutes"],
        now=timezone.now(),
    )


@for_roles(*ORGANISERS)
@require_http_methods(["GET", "HEAD", "POST"])
def minutes(request: HttpRequest, activity_id: int) -> HttpResponse:
    actor, row = organised(request, activity_id)
    form = MinutesForm(request.POST or None, initial={"summary": row.summary, "minutes": row.minutes})
    if request.method == "POST":
        done = act(
            request,
            form,
            lambda who: save_minutes(actor=who, activity_id=row.pk, now=timezone.now(), **form.cleaned_data),
        )
        if done is not None:
            told(request, "已保存纪要。")
            return redirect("stations_activity", activity_id=row.pk)
    return page(
        request, "activity_form.html", "活动纪要", form=form, submit="保存纪要", activity=row,
        draft="minutes", crumbs=steps(actor, row, "纪要"),
    )  # fmt: skip


class PhotoForm(forms.Form):
    """One photo; its location and device data are removed on the way in."""

    file = forms.FileField(
        label="照片",
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png"}),
        error_messages={"required": "请选择照片。", "empty": "选择的文件是空的，请重新选择。"},
    )
    caption = forms.CharField(
        label="说明", max_length=80, required=False, error_messages={"max_length": "说明最多80个字。"}
    )


@for_roles(*ORGANISERS)
@require_http_methods(["GET", "HEAD", "POST"])
def photo(request: HttpRequest, activity_id: int) -> HttpResponse:
    actor, row = organised(request, activity_id)
    form = PhotoForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        add_station_photo(
            actor=actor,
            file=form.cleaned_data["file"],
            caption=form.cleaned_data["caption"],
            activity_id=row.pk,
            now=timezone.now(),
        )
        told(request, "已添加照片。")
        return redirect("stations_activity", activity_id=row.pk)
    return page(
        request, "activity_form.html", "添加活动照片", form=form, submit="添加照片", activity=row,
        consequence="照片中的位置和设备信息会自动去除。", crumbs=steps(actor, row, "照片"),
    )  # fmt: skip
