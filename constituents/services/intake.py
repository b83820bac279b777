"""Registering an opinion: in the resident's own words, once, by whoever heard it."""

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError

from constituents.access import INTAKE_ROLES
from constituents.enums import ContactWay, OpinionCategory, Urgency
from constituents.models import Opinion, OpinionFile, OpinionStep
from constituents.services.notices import tell
from constituents.services.steps import put
from deputies.models import Mandate
from liaison import audit
from liaison.enums import Role
from liaison.errors import Forbidden, InvalidInput
from liaison.fields import lookup_digest
from liaison.models import StoredFile
from liaison.numbering import next_serial
from liaison.scope import Actor
from liaison.text import clean_line, clean_text, fold_width
from liaison.workdays import china_date

SERIAL_CODE = "社情"
_PHONE = re.compile(r"(1\d{10}|0\d{2,3}-?\d{7,8})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What the register 《接待选民登记表》 asks; everything about the resident may stay empty."""

    content: str
    category: OpinionCategory
    contact_way: ContactWay
    received_on: date
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


def register_opinion(
    *,
    actor: Actor,
    intake: Intake,
    now: datetime,
    scope_code: int | None = None,
    idempotency_key: str | None = None,
) -> Opinion:
    """Register what a resident brought; the same key twice returns the first row.

    ``InvalidInput`` when there is no matter, an impossible phone number or more than five people for one
    collective visit (信访工作条例: at most five representatives).
    """
    actor.require(*INTAKE_ROLES)
    scope = actor.lo if scope_code is None else scope_code
    _check_place(actor, intake)
    # The key is claimed by the unique constraint; looking first answers the ordinary retry.
    if idempotency_key and (known := _known(actor, scope, idempotency_key)):
        return known
    try:
        return _register(actor, intake, scope, idempotency_key, now)
    except IntegrityError as error:
        known = _known(actor, scope, idempotency_key) if "opinion_idempotent" in str(error) else None
        if known is None:
            raise
        return known


def _known(actor: Actor, scope_code: int, key: str | None) -> Opinion | None:
    """What the same form registered before, by the same account."""
    rows = Opinion.scoped(actor).filter(scope_code=scope_code, recorded_by_id=actor.account_id)
    return rows.filter(idempotency_key=key).first()


def _check_place(actor: Actor, intake: Intake) -> None:
    """A deputy registers under the own name, a station's clerk at the own station."""
    if actor.has_role(Role.DEPUTY, Role.GROUP_LEADER):
        own = Mandate.scoped(actor).filter(pk=intake.deputy_id, person_id=actor.person_id)
        if not own.exists():
            raise Forbidden("代表只能登记群众向本人反映的事项。")
    if actor.has_role(Role.STATION_CLERK) and intake.station_id != actor.station_id:
        raise Forbidden("联络员只能登记本站接待的事项。")


def _register(actor: Actor, intake: Intake, scope: int, key: str | None, now: datetime) -> Opinion:
    with audit.operation("register_opinion"):
        opinion = _new_row(intake, scope, now)
        opinion.idempotency_key = key
        opinion.recorded_by_id = actor.account_id
        put(opinion, "opinion_triage", china_date(now))
        opinion.save(force_insert=True)
        _first_step(opinion, actor, now)
        tell(opinion, now)
    return opinion


def _new_row(intake: Intake, scope_code: int, now: datetime) -> Opinion:
    content, phone = clean_text(intake.content).strip(), _clean_phone(intake.resident_phone)
    _check(intake, content, phone, china_date(now))
    name = clean_line(intake.resident_name)
    return Opinion(
        scope_code=scope_code,
        number=next_serial(scope_code=scope_code, code=SERIAL_CODE, year=intake.received_on.year),
        query_code=secrets.token_urlsafe(16),
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
        wish=clean_line(intake.wish),
        on_spot_answer=clean_line(intake.on_spot_answer),
        proposal=clean_line(intake.proposal),
        hotline_number=clean_line(intake.hotline_number),
        recorded_at=now,
    )


def _clean_phone(value: str) -> str:
    return re.sub(r"[\s—–]", "", fold_width(clean_line(value)))


# The longest texts the register's columns take.
_LIMITS = {"wish": 400, "on_spot_answer": 400, "proposal": 400, "resident_name": 40, "resident_address": 100}


def _check(intake: Intake, content: str, phone: str, today: date) -> None:
    wrong: dict[str, str] = {}
    if not content:
        wrong["content"] = "请按群众原话填写反映的内容。"
    elif len(content) > 2000:
        wrong["content"] = f"内容最多2000字，现有{len(content)}字，请精简或用附件补充。"
    if phone and not _PHONE.fullmatch(phone):
        wrong["resident_phone"] = "联系电话应为11位手机号码或带区号的固定电话，请核对；不便提供可以不填。"
    if not 1 <= intake.people_count <= 5:
        wrong["people_count"] = "集体来访请推选不超过5名代表，人数填1至5。"
    if intake.received_on > today:
        wrong["received_on"] = "反映日期不能晚于今天。"
    for field, limit in _LIMITS.items():
        if len(getattr(intake, field)) > limit:
            wrong[field] = f"最多{limit}字，请精简。"
    if wrong:
        raise InvalidInput(wrong)


def _first_step(opinion: Opinion, actor: Actor, now: datetime) -> None:
    OpinionStep._plain.create(
        scope_code=opinion.scope_code,
        opinion=opinion,
        to_state=opinion.state,
        done_by_id=actor.account_id,
        done_at=now,
    )


def attach_file(*, actor: Actor, opinion: Opinion, stored: StoredFile) -> OpinionFile:
    """Hang a stored photo or scan on an opinion; the same file twice stays one."""
    with audit.operation("attach_opinion_file"):
        found, _ = OpinionFile.scoped(actor).get_or_create(
            scope_code=opinion.scope_code, opinion=opinion, file=stored
        )
    return found
