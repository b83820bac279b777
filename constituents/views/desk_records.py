"""What a phone sends about residents' matters: one matter with its photos, or photos for a known one."""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from constituents.access import INTAKE_ROLES, get_opinion
from constituents.enums import ContactWay, OpinionCategory, Urgency
from constituents.forms import villages_of
from constituents.models import Opinion
from constituents.services.intake import (
    Intake,
    add_opinion_photos,
    attach_photos,
    register_opinion,
    registered_before,
)
from deputies.access import own_mandate
from deputies.models import Mandate
from liaison.calendar.workdays import china_date
from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES
from liaison.tenancy.scope import Actor
from liaison.web.phone_records import Saved, Sent, take_record
from liaison.words.errors import Conflict, InvalidInput
from liaison.words.labelled import LabelledEnum
from stations.access import get_reception_day, get_station
from stations.rules.desk_times import faults_of_typing

E = TypeVar("E", bound=LabelledEnum)


def _saved(row: Opinion, words: str, *, is_replay: bool) -> Saved:
    link = reverse("constituents_opinion", args=[row.pk])
    facts = {
        "id": row.pk,
        "number": row.number,
        "receipt": reverse("constituents_receipt", args=[row.pk]),
    }
    return Saved(words, link, is_replay, facts)


@for_roles(*INTAKE_ROLES)
@require_POST
def matter(request: HttpRequest) -> HttpResponse:
    """Register a matter typed on the phone, with its photos; sent again, it brings those that are missing."""
    actor = actor_of(request)

    def save(sent: Sent) -> Saved:
        now = timezone.now()
        faults = faults_of_typing(sent.typed_at, now)
        if faults:
            raise InvalidInput(faults)
        known = registered_before(actor=actor, idempotency_key=sent.key)
        row = known or register_opinion(
            actor=actor, intake=_intake(actor, sent), idempotency_key=sent.key, now=now
        )
        # Of two that arrive at once, one finds the other's row only when it writes.
        is_replay = known is not None or row.recorded_at != now
        attach_photos(actor=actor, opinion=row, photos=sent.photos, now=now)
        return _saved(row, f"已登记，编号{row.number}。", is_replay=is_replay)

    return take_record(request, save, now=timezone.now())


def _intake(actor: Actor, sent: Sent) -> Intake:
    """The fields of the register; the day is that of the reception, else the one it was typed on."""
    day_id, received_on = sent.number("reception_day"), china_date(sent.typed_at)
    station_id = sent.number("station")
    if day_id is not None:
        # Seen first, so that a foreign day is absent; whether it took place is the service's question.
        day = get_reception_day(actor, day_id)
        station_id, received_on = day.station_id, min(day.day, received_on)
    elif station_id is None:
        station_id = actor.station_id
    else:
        station_id = get_station(actor, station_id).pk
    return Intake(
        content=sent.text("content"),
        category=_member(OpinionCategory, sent, "category", "类别"),
        urgency=_member(Urgency, sent, "urgency", "紧急程度", Urgency.ORDINARY),
        contact_way=_member(ContactWay, sent, "contact_way", "反映方式", ContactWay.FACE_TO_FACE),
        received_on=received_on,
        heard_at=sent.typed_at,
        remark=sent.remark,
        wish=sent.text("wish"),
        resident_name=sent.text("resident_name"),
        resident_phone=sent.text("resident_phone"),
        resident_address=sent.text("resident_address"),
        village_id=_village(actor, sent),
        is_own_constituency=sent.data.get("is_own_constituency", True) is not False,
        people_count=sent.number("people_count", 1) or 1,
        is_confidential=sent.flag("is_confidential"),
        on_spot_answer=sent.text("on_spot_answer"),
        station_id=station_id,
        reception_day_id=day_id,
        deputy_id=_deputy(actor, sent),
    )


def _deputy(actor: Actor, sent: Sent) -> int | None:
    """A deputy registers for himself; the station names one of its township's deputies, or nobody."""
    if actor.role in DEPUTIES:
        return own_mandate(actor, serving=True).pk
    asked = sent.number("deputy")
    if asked is not None and not Mandate.scoped(actor).filter(pk=asked).exists():
        raise InvalidInput({"deputy": "请重新选择接待代表。"})
    return asked


def _village(actor: Actor, sent: Sent) -> int | None:
    asked = sent.number("village")
    if asked is not None and not villages_of(actor).filter(pk=asked).exists():
        raise InvalidInput({"village": "请重新选择所在村（社区）。"})
    return asked


def _member(kind: type[E], sent: Sent, name: str, words: str, default: E | None = None) -> E:
    value = sent.text(name)
    if not value and default is not None:
        return default
    try:
        return kind(value)
    except ValueError:
        raise InvalidInput({name: f"请选择{words}。"}) from None


@for_roles(*INTAKE_ROLES)
@require_POST
def photos(request: HttpRequest, opinion_id: int) -> HttpResponse:
    """Further photos for a matter registered before."""
    actor = actor_of(request)
    row = get_opinion(actor, opinion_id)

    def save(sent: Sent) -> Saved:
        if not sent.photos:
            raise InvalidInput({"photo": "请至少选一张照片。"})
        try:
            found, fresh = add_opinion_photos(
                actor=actor, opinion_id=row.pk, photos=sent.photos, now=timezone.now()
            )
        except Conflict as error:
            target = row.merged_into_id or row.pk
            link = reverse("constituents_opinion", args=[target])
            raise Conflict(error.message, error.code, link) from error
        words = f"已为{found.number}补充{fresh}张照片。" if fresh else f"{found.number}已有这些照片。"
        return _saved(found, words, is_replay=fresh == 0)

    return take_record(request, save, now=timezone.now())
