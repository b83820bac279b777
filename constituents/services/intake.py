"""Registering an opinion: in the resident's own words, once, by whoever heard it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError

from constituents.access import (
    INTAKE_ROLES,
    get_opinion,
)
from constituents.enums import ContactWay, OpinionCategory, OpinionState, Urgency
from constituents.models import Opinion, OpinionFile, OpinionStep
from constituents.services.notices import tell
from constituents.services.query_codes import new_query_code
from constituents.services.steps import put
from deputies.models import Mandate
from liaison.auditing import trail
from liaison.calendar.days import past_day_fault
from liaison.calendar.workdays import china_date
from liaison.documents.numbering import next_serial
from liaison.files.uploads import Upload, store_unless_known
from liaison.identity.access import is_linked, linked
from liaison.identity.roles import DEPUTIES, OFFICE
from liaison.models import StoredFile
from liaison.tenancy.encryption import lookup_digest
from liaison.tenancy.locking import account_key
from liaison.tenancy.scope import Actor
from liaison.words.enums import FileKind, Role
from liaison.words.errors import Conflict, Forbidden, InvalidInput
from liaison.words.limits import label_of, limit_of, too_long
from liaison.words.phones import PHONE_RULE, read_phone
from liaison.words.text import clean_line, clean_text, tidy_name
from stations.access import get_reception_day
from stations.enums import ReceptionDayState

SERIAL_CODE = "社情"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What the register 《接待选民登记表》 asks; everything about the resident may stay empty."""

    content: str
    category: OpinionCategory
    contact_way: ContactWay
    received_on: date
    # Said by whoever typed a day years back; see ``liaison.calendar.days.past_day_fault``.
    is_old_day_meant: bool = False
    urgency: Urgency = Urgency.ORDINARY
    wish: str = ""
    resident_name: str = ""
    resident_phone: str = ""
    resident_address: str = ""
    village_id: int | None = None
    is_own_constituency: bool = True
    people_count: int = 1
    is_confidential: bool = False
    on_spot_answer: str = ""
    proposal: str = ""
    station_id: int | None = None
    reception_day_id: int | None = None
    deputy_id: int | None = None
    hotline_number: str = ""
    # When a phone wrote it down; left out where it is typed at a desk with signal.
    heard_at: datetime | None = None
    # What is to be said of that moment, where the phone's clock was wrong.
    remark: str = ""


def register_opinion(
    *,
    actor: Actor,
    intake: Intake,
    now: datetime,
    scope_code: int | None = None,
    idempotency_key: str | None = None,
) -> Opinion:
    """Register what a resident brought; the same key of the same account twice returns the first row.

    ``InvalidInput`` when there is no matter, an impossible phone number or more than five people for one
    collective visit (信访工作条例: at most five representatives); ``Conflict`` when the reception it was
    brought to has been called off.
    """
    actor.require(*INTAKE_ROLES)
    scope = actor.lo if scope_code is None else scope_code
    key = account_key(actor, idempotency_key)
    _check_place(actor, intake)
    # The key is claimed by the unique constraint; looking first answers the ordinary retry.
    if known := _known(actor, scope, key):
        return known
    _check_day(actor, intake)
    try:
        return _register(actor, intake, scope, key, now)
    except IntegrityError as error:
        known = _known(actor, scope, key) if "opinion_idempotent" in str(error) else None
        if known is None:
            raise
        return known


def registered_before(*, actor: Actor, idempotency_key: str) -> Opinion | None:
    """What this account registered under the key, for callers that answer a retry differently."""
    actor.require(*INTAKE_ROLES)
    return _known(actor, actor.lo, account_key(actor, idempotency_key))


def _known(actor: Actor, scope_code: int, key: str | None) -> Opinion | None:
    """What the same form registered before, by the same account; nothing without a key."""
    if key is None:
        return None
    rows = Opinion.scoped(actor).filter(scope_code=scope_code, recorded_by_id=actor.account_id)
    return rows.filter(idempotency_key=key).first()


def _check_place(actor: Actor, intake: Intake) -> None:
    """A deputy registers under the own name, a station's clerk at the own station."""
    if actor.has_role(*DEPUTIES):
        own = Mandate.scoped(actor).filter(
            linked("person_id", actor.person_id), linked("pk", intake.deputy_id)
        )
        if not own.exists():
            raise Forbidden("代表只能登记群众向本人反映的事项。")
    if actor.has_role(Role.STATION_CLERK) and not is_linked(intake.station_id, actor.station_id):
        raise Forbidden("联络员只能登记本站接待的事项。")


def _check_day(actor: Actor, intake: Intake) -> None:
    """The reception a matter was brought to is one the actor sees, at that station, and took place."""
    if intake.reception_day_id is None:
        return
    day = get_reception_day(actor, intake.reception_day_id)
    if intake.station_id is not None and intake.station_id != day.station_id:
        raise InvalidInput({"station_id": "所选联络站点与接待日不符，请重新选择。"})
    if day.state in (ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED):
        raise Conflict(
            f"这次接待{ReceptionDayState(day.state).label}，这件事不能再登记到这次接待上。", "day_off"
        )


def _register(actor: Actor, intake: Intake, scope: int, key: str | None, now: datetime) -> Opinion:
    with trail.operation("register_opinion"):
        opinion = _new_row(intake, scope, now)
        opinion.query_code, opinion.idempotency_key = new_query_code(), key
        opinion.recorded_by_id = actor.account_id
        put(opinion, "opinion_triage", china_date(now))
        opinion.save(force_insert=True)
        _first_step(opinion, actor, intake.remark, now)
        tell(opinion, now)
    return opinion


def _new_row(intake: Intake, scope_code: int, now: datetime) -> Opinion:
    content, phone = clean_text(intake.content).strip(), read_phone(intake.resident_phone)
    _check(intake, content, phone, china_date(now))
    name, phone = tidy_name(intake.resident_name), phone or ""
    return Opinion(
        scope_code=scope_code,
        number=next_serial(scope_code=scope_code, code=SERIAL_CODE, year=intake.received_on.year),
        received_on=intake.received_on,
        reception_day_id=intake.reception_day_id,
        station_id=intake.station_id,
        deputy_id=intake.deputy_id,
        resident_name=name,
        resident_phone=phone,
        resident_phone_digest=lookup_digest(phone),
        resident_address=clean_line(intake.resident_address),
        village_id=intake.village_id,
        is_own_constituency=intake.is_own_constituency,
        people_count=intake.people_count,
        is_anonymous=not name and not phone,
        is_confidential=intake.is_confidential,
        contact_way=intake.contact_way,
        category=intake.category,
        urgency=intake.urgency,
        content=content,
        wish=clean_text(intake.wish).strip(),
        on_spot_answer=clean_text(intake.on_spot_answer).strip(),
        proposal=clean_text(intake.proposal).strip(),
        hotline_number=clean_line(intake.hotline_number),
        heard_at=intake.heard_at,
        recorded_at=now,
    )


# Words of the register that are kept sealed, which gives their columns no length of their own.
_SEALED = {"resident_name": 40, "resident_address": 100}
_PLAIN = ("content", "wish", "on_spot_answer", "proposal", "hotline_number")


def _too_long(intake: Intake) -> Iterator[tuple[str, str]]:
    limits = {name: limit_of(Opinion, name) for name in _PLAIN} | _SEALED
    for name, limit in limits.items():
        length = len(clean_text(getattr(intake, name)).strip())
        if length > limit:
            yield name, too_long(label_of(Opinion, name), limit, length)


def _check(intake: Intake, content: str, phone: str | None, today: date) -> None:
    wrong: dict[str, str] = {}
    if not content:
        wrong["content"] = "请按群众原话填写反映的内容。"
    if phone is None:
        wrong["resident_phone"] = f"联系电话{PHONE_RULE}，请核对；不便提供可以不填。"
    if not 1 <= intake.people_count <= 5:
        wrong["people_count"] = "集体来访请推选不超过5名代表，人数填1至5。"
    meant = intake.is_old_day_meant
    if fault := past_day_fault(intake.received_on, today, label="反映日期", is_old_day_meant=meant):
        wrong["received_on"] = fault
    wrong |= dict(_too_long(intake))
    if wrong:
        raise InvalidInput(wrong)


def _first_step(opinion: Opinion, actor: Actor, note: str, now: datetime) -> None:
    OpinionStep._plain.create(
        scope_code=opinion.scope_code,
        opinion=opinion,
        to_state=opinion.state,
        note=note,
        done_by_id=actor.account_id,
        done_at=now,
    )


def attach_file(*, actor: Actor, opinion: Opinion, stored: StoredFile) -> OpinionFile:
    """Hang a stored photo or scan on an opinion; the same file twice stays one."""
    with trail.operation("attach_opinion_file"):
        found, _ = OpinionFile.scoped(actor).get_or_create(
            scope_code=opinion.scope_code, opinion=opinion, file=stored
        )
    return found


MOST_FILES = 9
_NO_MORE_PHOTOS = (OpinionState.CLOSED, OpinionState.CLOSED_UNRATED, OpinionState.ARCHIVED)


def add_opinion_photos(
    *, actor: Actor, opinion_id: int, photos: Sequence[Upload], now: datetime
) -> tuple[Opinion, int]:
    """Hang further photos on a matter, by who registered it or its keepers; how many were new.

    A picture that hangs there already (same content) is not hung twice, so a lost answer does no harm.
    ``Conflict`` when the matter was merged into another meanwhile (``link`` is then the other's number)
    or is closed.
    """
    opinion = get_opinion(actor, opinion_id, lock=True)
    if opinion.recorded_by_id != actor.account_id and actor.role not in OFFICE:
        raise Forbidden("照片由登记人或者主席团补充。")
    state = OpinionState(opinion.state)
    if state == OpinionState.MERGED and opinion.merged_into is not None:
        raise Conflict(f"这件事已并入{opinion.merged_into.number}，照片没有添加。", "merged")
    if state in _NO_MORE_PHOTOS:
        raise Conflict(f"这件事{state.label}，照片没有添加。", "closed")
    with trail.operation("add_opinion_photos"):
        return opinion, attach_photos(actor=actor, opinion=opinion, photos=photos, now=now)


def attach_photos(*, actor: Actor, opinion: Opinion, photos: Sequence[Upload], now: datetime) -> int:
    """Hang the photos that do not hang there yet (by content); how many these were.

    A record whose photos were lost on the way is sent again: those that are missing are then attached.
    """
    rows = OpinionFile.scoped(actor).filter(opinion=opinion)
    known = set(rows.values_list("file__sha256", flat=True))
    fresh = 0
    for photo in photos:
        stored = store_unless_known(
            photo, kind=FileKind.PHOTO, known=known, scope_code=opinion.scope_code, now=now
        )
        if stored is None:
            continue
        if len(known) >= MOST_FILES:
            raise InvalidInput({"photo": f"一件事最多{MOST_FILES}张照片。"})
        attach_file(actor=actor, opinion=opinion, stored=stored)
        known.add(stored.sha256)
        fresh += 1
    return fresh
