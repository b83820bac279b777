"""设施和照片 of a station, kept by its clerk and the office; all of it is on the public page at once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import STATION_RUNNERS
from liaison.tenancy.scope import Actor
from liaison.web.pages import act, save
from liaison.words.errors import Forbidden, InvalidInput, Refused
from stations.access import get_photo, get_station, may_run_station
from stations.forms.places import CaptionForm, EquipmentForm, PhotoForm
from stations.forms.records import ReasonForm
from stations.models import Station
from stations.selectors.public import shown_photos
from stations.services import add_station_photo, move_photo, remove_photo
from stations.services.photos import PHOTOS_PER_STATION
from stations.views.common import crumbs, page, told


@for_roles(*STATION_RUNNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, station_id: int) -> HttpResponse:
    """Equipment as a list, photos in their order, a form for one more."""
    actor = actor_of(request)
    station = _own_station(actor, station_id)
    step = request.POST.get("step", "")
    equipment = EquipmentForm(actor, station, request.POST if step == "equipment" else None)
    photo = PhotoForm(*((request.POST, request.FILES) if step == "photo" else ()))
    if request.method == "POST":
        if step not in ("equipment", "photo"):
            raise InvalidInput({"step": "请选择保存设施或者添加照片。"})
        done = _save(request, station, equipment if step == "equipment" else photo)
        if done:
            told(request, done)
            return redirect("stations_place", station_id=station.pk)
    photos = list(shown_photos(actor, station.pk))
    return page(
        request,
        "place.html",
        f"{station}的设施和照片",
        station=station,
        equipment=equipment,
        photo=photo,
        photos=photos,
        is_full=len(photos) >= PHOTOS_PER_STATION,
        most=PHOTOS_PER_STATION,
        crumbs=crumbs(actor, ("设施和照片", "")),
    )


def _own_station(actor: Actor, station_id: int) -> Station:
    station = get_station(actor, station_id)
    if not may_run_station(actor, station.pk):
        raise Forbidden()
    if station.closed_on is not None:
        raise Refused(f"{station}已停用，不再对外公开。")
    return station


def _save(request: HttpRequest, station: Station, form: EquipmentForm | PhotoForm) -> str:
    """What to tell when it was saved; empty when the form has to be shown again."""
    now = timezone.now()
    if isinstance(form, EquipmentForm):
        return "已保存设施。" if save(request, form) else ""
    added = act(
        request,
        form,
        lambda actor: add_station_photo(
            actor=actor,
            station_id=station.pk,
            file=form.cleaned_data["file"],
            caption=form.cleaned_data["caption"],
            now=now,
        ),
    )
    return "已添加照片，群众在本站公开页面上看得到。" if added else ""


@for_roles(*STATION_RUNNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """One photo: what it shows, its place in the order, taking it down with a reason."""
    actor, now = actor_of(request), timezone.now()
    row = get_photo(actor, photo_id)
    if row.station is None:
        raise Forbidden("活动照片请在活动页面办理。")
    _own_station(actor, row.station.pk)
    step = request.POST.get("step", "")
    if step in ("up", "down"):
        move_photo(actor=actor, photo_id=row.pk, is_up=step == "up")
        return redirect(f"{reverse('stations_place', args=[row.station_id])}#photos")
    caption = CaptionForm(actor, row, request.POST if step == "caption" else None)
    reason = ReasonForm(request.POST if step == "remove" else None, label="撤下原因", hint="如“设施已更新”。")
    if request.method == "POST":
        if step not in ("caption", "remove"):
            raise InvalidInput({"step": "请选择保存说明、调整顺序或者撤下。"})
        if step == "caption":
            done = save(request, caption)
        else:
            done = act(
                request,
                reason,
                lambda who: remove_photo(
                    actor=who, photo_id=row.pk, reason=reason.cleaned_data["reason"], now=now
                ),
            )
        if done is not None:
            told(request, "已保存照片说明。" if step == "caption" else "已撤下照片。")
            return redirect("stations_place", station_id=row.station_id)
    steps = (("设施和照片", reverse("stations_place", args=[row.station_id])), ("照片", ""))
    return page(
        request, "photo.html", "照片", row=row, caption=caption, reason=reason, crumbs=crumbs(actor, *steps)
    )
