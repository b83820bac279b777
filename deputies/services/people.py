"""People apart from any seat: registering, correcting, and revealing a telephone number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from deputies.access import (
    Sight,
    get_person,
    sight_of,
    visible_mandates,
)
from deputies.enums import Education, PoliticalStatus, Sex
from deputies.models import Person
from deputies.roster.cells import read_ethnicity, read_name, read_phone_cell
from deputies.services.common import apply_changes, today_of
from liaison.auditing import trail
from liaison.identity.accounts import one_at_a_time
from liaison.identity.roles import DEPUTIES, RECORD_READERS, REGISTRARS
from liaison.models import Account, AuditEntry, StoredFile
from liaison.tenancy.encryption import lookup_digest
from liaison.tenancy.locking import locked
from liaison.tenancy.scope import Actor, require_actor
from liaison.words.enums import FileKind, Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.words.limits import fitted_line, too_long
from liaison.words.names import pinyin_key, stroke_key
from liaison.words.text import clean_line, fold_name

REVEALS_PER_DAY = 30  # full telephone numbers one account may look up a day (reliability.md section 2)
_SEVERAL = re.compile("[、，,;；/和或]")
_EDITORS = REGISTRARS
_WORDS = frozenset({"ethnicity", "occupation", "introduction", "address"})
# Sealed, so the column itself has no length.
_LONGEST_ADDRESS = 100
_CHOICES = {
    "sex": (Sex, "请选择性别。"),
    "political_status": (PoliticalStatus, "请选择政治面貌。"),
    "education": (Education, "请选择文化程度。"),
}


class TooManyReveals(Refused):
    """The daily cap of revealed numbers is reached (answered with 429)."""

    status = 429


def register_person(*, actor: Actor, now: datetime, scope_code: int | None = None, **values: Any) -> Person:
    """A new person in the actor's jurisdiction, or in the one inside it that ``scope_code`` names.

    ``values``: name, sex, born_on, political_status, education; and, each optional, ethnicity, occupation,
    phone, address, introduction, account_id, photo_id. Raises ``InvalidInput`` naming every wrong field.
    A person of the same name and telephone already registered is returned instead of a second row.
    """
    actor.require(*_EDITORS)
    home = actor.lo if scope_code is None else scope_code
    if not actor.covers(home):
        raise OutOfScope()
    clean = clean_person(values, today=today_of(now))
    same = _same_person(actor, home, clean)
    if same is not None:
        return same
    with trail.operation("register_person"):
        return Person.scoped(actor).create(scope_code=home, **clean)


def update_person(*, actor: Actor, person_id: int, now: datetime, **values: Any) -> Person:
    """Correct what is registered about a person; only the given ``values`` change.

    The county committee corrects its own deputies only.
    """
    actor.require(*_EDITORS)
    person = locked(Person, actor, person_id)
    if actor.role == Role.COUNTY_COMMITTEE and person.scope_code != actor.lo:
        raise Forbidden("乡镇代表的登记内容由乡镇人大办理。")
    clean = clean_person(values, today=today_of(now), partial=True)
    return _save(person, clean, "update_person")


def update_own_contact(
    *, actor: Actor, now: datetime, phone: str | None = None, address: str | None = None
) -> Person:
    """A deputy's own telephone and address; everything else is corrected by the office."""
    actor.require(*DEPUTIES)
    if actor.person_id is None:
        raise Forbidden("您的账号没有关联代表登记，请联系人大工作人员。")
    person = locked(Person, actor, actor.person_id)
    given = {"phone": phone, "address": address}
    values = {name: value for name, value in given.items() if value is not None}
    return _save(person, clean_person(values, today=today_of(now), partial=True), "update_own_contact")


# Rows in one statement.
_AT_ONCE = 500


def give_accounts(given: Mapping[int, Account]) -> None:
    """What appointments as deputies bring with them: messages to each person reach the account.

    ``given``: accounts by person. ``InvalidInput`` when one of them already signs in with another account
    that is in use. Three queries for any number.
    """
    people = Person.scoped(require_actor()).select_for_update(of=("self",)).select_related("account")
    found = list(people.filter(pk__in=given).order_by("pk"))
    if len(found) != len(given):
        raise OutOfScope()
    changed = [person for person in found if person.account_id != given[person.pk].pk]
    held = [(person.name, person.account) for person in changed if person.account is not None]
    taken = [
        f"{name}已有账号“{account.username}”，请任命那个账号。" for name, account in held if account.is_active
    ]
    if taken:
        raise InvalidInput({"person_ref": "；".join(taken)})
    for person in changed:
        person.account = given[person.pk]
    try:
        with transaction.atomic(), trail.operation("give_account"):
            Person._plain.bulk_update(changed, ["account"], batch_size=_AT_ONCE)
    except IntegrityError:
        # Who holds seats at two levels is registered at each: messages go on through the first record.
        if len(changed) > 1:
            raise


def _save(person: Person, clean: Mapping[str, Any], operation: str) -> Person:
    changed = apply_changes(person, dict(clean))
    if changed:
        with trail.operation(operation):
            person.save(update_fields=changed)
    return person


def clean_person(values: Mapping[str, Any], *, today: date, partial: bool = False) -> dict[str, Any]:
    """Values as they are stored, keys of sorting, searching and finding again included.

    With ``partial`` only what is given is checked. Raises ``InvalidInput`` naming every wrong field.
    """
    problems: dict[str, str] = {}
    clean: dict[str, Any] = {}
    given = dict(values) if partial else {**dict.fromkeys(_REQUIRED), "ethnicity": "汉族", **values}
    for field, value in given.items():
        try:
            clean.update(_clean_field(field, value, today))
        except InvalidInput as error:
            problems.update(error.fields)
    if problems:
        raise InvalidInput(problems)
    return clean


_REQUIRED = ("name", "sex", "born_on", "political_status", "education")


def _clean_field(field: str, value: Any, today: date) -> dict[str, Any]:
    if field == "name":
        return name_values(str(value or ""))
    if field == "phone":
        return phone_values(str(value or ""))
    if field == "born_on":
        return {field: _month(value, today)}
    if field in _CHOICES:
        return {field: _choice(field, value)}
    if field in ("account_id", "photo_id"):
        return {field: _reference(field, value)}
    if field not in _WORDS:
        raise TypeError(f"unknown value {field!r}")
    line = _short(field, str(value or ""))
    return {field: read_ethnicity(line).value or line if field == "ethnicity" else line}


def _choice(field: str, value: Any) -> str:
    """One of the listed words; rosters may lack two of them, and the entry waits to be completed."""
    kind, message = _CHOICES[field]
    may_lack = field in ("political_status", "education")
    if value not in kind.values() and not (may_lack and value == ""):
        raise InvalidInput({field: message})
    return str(value)


def name_values(text: str) -> dict[str, str]:
    """The name and its keys: strokes and pinyin to sort by, full pinyin and initials to search by.

    Read as a roster's cell is, so that what a form takes an export can bring back: blanks inside a name go
    (王 建 国), every kind of middle dot becomes "·" (阿布都·热西提).
    """
    outcome = read_name(clean_line(text))
    if outcome.value is None:
        raise InvalidInput({"name": outcome.findings[0].text})
    pinyin = pinyin_key(outcome.value)
    return {
        "name": outcome.value,
        "name_strokes": stroke_key(outcome.value),
        "name_pinyin": pinyin,
        "name_search": search_text(pinyin, outcome.value),
    }


def search_text(pinyin: str, name: str = "") -> str:
    """ "wangjianguo wjg": what somebody types who searches by pinyin.

    A name with glyph variants stands here a second time without them, as keyboards write it.
    """
    syllables = re.findall("[a-z]+", pinyin)
    latin = f"{''.join(syllables)} {''.join(syllable[0] for syllable in syllables)}"
    plain = fold_name(name)
    return (f"{plain} {latin}" if plain != name else latin)[:240]


def phone_values(text: str) -> dict[str, str]:
    """The number in plain digits and the digest that finds it again; both empty for none."""
    line = clean_line(text)
    outcome = read_phone_cell(line)
    if outcome.is_error:
        raise InvalidInput({"phone": outcome.findings[0].text})
    if _SEVERAL.search(line):
        raise InvalidInput({"phone": "请只填写一个联系电话。"})
    return {"phone": outcome.value or "", "phone_digest": lookup_digest(outcome.value or "")}


def _month(value: Any, today: date) -> date:
    if not isinstance(value, date):
        raise InvalidInput({"born_on": "请填写出生年月。"})
    if not date(1900, 1, 1) <= value <= today:
        raise InvalidInput({"born_on": "出生年月不合理，请核对。"})
    return value.replace(day=1)


def _short(field: str, text: str) -> str:
    if field != "address":
        return fitted_line(Person, field, text)
    line = clean_line(text)
    if len(line) > _LONGEST_ADDRESS:
        raise InvalidInput({field: too_long("通信地址", _LONGEST_ADDRESS, len(line))})
    return line


def _reference(field: str, value: Any) -> int | None:
    if value is None:
        return None
    if field == "photo_id" and not StoredFile.objects.filter(pk=value, kind=FileKind.PHOTO).exists():
        raise InvalidInput({"photo": "没有找到这张照片，请重新上传。"})
    if field == "account_id" and not Account.objects.filter(pk=value).exists():
        raise InvalidInput({"account": "没有找到这个账号。"})
    return int(value)


def _same_person(actor: Actor, home: int, clean: Mapping[str, Any]) -> Person | None:
    """The same name with the same telephone is the same person; without a telephone nobody can tell."""
    if not clean.get("phone_digest"):
        return None
    people = Person.scoped(actor).filter(
        scope_code=home, name=clean["name"], phone_digest=clean["phone_digest"]
    )
    return people.first()


def reveal_phone(*, actor: Actor, person_id: int, reason: str, now: datetime) -> str:
    """The full telephone number, for a stated reason; the reveal is noted in the audit trail.

    Raises ``InvalidInput`` without a reason of at least four characters, ``Forbidden`` for roles that see
    no record, `TooManyReveals` beyond `REVEALS_PER_DAY`.
    """
    person = get_person(actor, person_id)
    if not _may_reveal(actor, person):
        raise Forbidden("您当前的职务不能查看联系电话。")
    why = trail.reason_of(reason, least=4, needed="请写明查看理由，不少于4个字，如“通知参加接待日”。")
    one_at_a_time(actor)
    if reveals_today(actor, now) >= REVEALS_PER_DAY:
        raise TooManyReveals(f"今天查看完整电话已达{REVEALS_PER_DAY}次上限。确需批量联系的，请办理名册导出。")
    with trail.operation("reveal_phone", reason=why):
        trail.note(
            "reveal_phone", scope_code=person.scope_code, table=Person._meta.db_table, row_id=person.pk
        )
    return person.phone


def _may_reveal(actor: Actor, person: Person) -> bool:
    if actor.role in RECORD_READERS:
        return True
    mandate = visible_mandates(actor).filter(person=person).select_related("term").first()
    return mandate is not None and sight_of(actor, mandate) >= Sight.RECORD


def reveals_today(actor: Actor, now: datetime) -> int:
    """How many numbers this account has revealed since midnight in Shanghai."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    entries = AuditEntry.scoped(actor).filter(operation="reveal_phone", account_ref=actor.account_id)
    return entries.filter(at__gte=midnight, at__lt=midnight + timedelta(days=1)).count()
