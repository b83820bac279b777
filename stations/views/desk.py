"""What a phone sends about a reception: begin, who came, the own duty, end; one record a request."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from liaison.identity.gates import actor_of, for_roles
from liaison.identity.roles import DEPUTIES
from liaison.tenancy.scope import Actor
from liaison.web.phone_records import Saved, Sent, take_record
from liaison.words.errors import InvalidInput
from stations.access import (
    get_reception_day,
)
from stations.enums import DutyState
from stations.models import DeskRecord
from stations.rules.wording import short_day_text
from stations.services import (
    DESK_ROLES,
    Typed,
    attend_at_desk,
    begin_at_desk,
    end_at_desk,
    log_duty_at_desk,
)

STATION_ROLES = tuple(role for role in DESK_ROLES if role not in DEPUTIES)


def _saved(actor: Actor, found: tuple[DeskRecord, bool]) -> Saved:
    row, is_known = found
    day = row.reception_day
    link = (
        reverse("stations_home") if actor.role in DEPUTIES else reverse("stations_reception", args=[day.pk])
    )
    words = f"已登记{short_day_text(day.day)}{day.station}：{row.get_kind_display()}。"
    return Saved(words, link, is_known)


def _facts(sent: Sent) -> dict[str, Any]:
    return {"typed": Typed(sent.key, sent.typed_at, sent.remark), "now": timezone.now()}


@for_roles(*DESK_ROLES)
@require_POST
def begin(request: HttpRequest, day_id: int) -> HttpResponse:
    actor = actor_of(request)
    day = get_reception_day(actor, day_id)

    def save(sent: Sent) -> Saved:
        is_correction = sent.flag("is_correction")
        return _saved(
            actor,
            begin_at_desk(actor=actor, day_id=day.pk, is_correction=is_correction, **_facts(sent)),
        )

    return take_record(request, save, now=timezone.now())


@for_roles(*DESK_ROLES)
@require_POST
def end(request: HttpRequest, day_id: int) -> HttpResponse:
    actor = actor_of(request)
    day = get_reception_day(actor, day_id)

    def save(sent: Sent) -> Saved:
        return _saved(
            actor,
            end_at_desk(
                actor=actor,
                day_id=day.pk,
                visitor_count=sent.number("visitor_count", 0) or 0,
                began_at=sent.moment("began_at"),
                ended_at=sent.moment("ended_at"),
                remark=sent.text("remark"),
                is_correction=sent.flag("is_correction"),
                **_facts(sent),
            ),
        )

    return take_record(request, save, now=timezone.now())


@for_roles(*STATION_ROLES)
@require_POST
def attendance(request: HttpRequest, day_id: int) -> HttpResponse:
    actor = actor_of(request)
    day = get_reception_day(actor, day_id)

    def save(sent: Sent) -> Saved:
        outcomes = _outcomes(sent)
        return _saved(actor, attend_at_desk(actor=actor, day_id=day.pk, outcomes=outcomes, **_facts(sent)))

    return take_record(request, save, now=timezone.now())


def _outcomes(sent: Sent) -> dict[int, DutyState]:
    """``{"17": "attended"}``: mandate and outcome."""
    given = sent.data.get("outcomes")
    if not isinstance(given, dict):
        raise InvalidInput({"outcomes": "请至少登记一位代表的参加情况。"})
    try:
        return {int(str(key)): DutyState(value) for key, value in given.items()}
    except ValueError:
        raise InvalidInput({"outcomes": "参加情况只能是已到岗、已请假或者未到岗。"}) from None


@for_roles(*DEPUTIES)
@require_POST
def duty(request: HttpRequest, day_id: int) -> HttpResponse:
    actor = actor_of(request)
    day = get_reception_day(actor, day_id)

    def save(sent: Sent) -> Saved:
        return _saved(
            actor,
            log_duty_at_desk(
                actor=actor,
                day_id=day.pk,
                note=sent.text("note"),
                expects_turn=sent.flag("expects_turn"),
                **_facts(sent),
            ),
        )

    return take_record(request, save, now=timezone.now())
