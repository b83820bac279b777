"""Mandates: registering a seat, correcting its entry, and recording what congresses and voters decide.

The software records decisions with their basis; it never ends a mandate by itself (domain.md section 2).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Max, Q, QuerySet, Value
from django.db.models.functions import Greatest

from deputies.access import require_unconcerned
from deputies.enums import (
    DIRECT_LEVELS,
    ElectionWay,
    MandateEvent,
    MandateState,
    SuspensionGround,
    TerminationGround,
)
from deputies.lifecycle import MANDATE, SEATED_STATES, VACANT_STATES
from deputies.models import (
    Constituency,
    ElectingUnit,
    FixedContact,
    GroupMembership,
    Mandate,
    MandateChange,
    Person,
    Term,
)
from deputies.roster.cells import MAX_CONTACTS, read_concurrent_seat
from deputies.services.common import apply_changes, home_of, readable, require_keeper, take_turn, today_of
from liaison.auditing import trail
from liaison.identity.access import linked
from liaison.tenancy.locking import locked
from liaison.tenancy.scope import Actor
from liaison.words.errors import InvalidInput, Refused
from liaison.words.limits import limit_of, too_long
from liaison.words.text import clean_line

ADULT_YEARS = 18  # 选举法 Art. 4: eighteen years of age to be elected
_GROUNDS = {MandateEvent.SUSPEND: SuspensionGround, MandateEvent.TERMINATE: TerminationGround}
# These events are their own ground (代表法 Art. 62).
_IMPLIED = {
    MandateEvent.RESIGN: TerminationGround.RESIGNATION,
    MandateEvent.RECALL: TerminationGround.RECALLED,
}


def register_mandate(
    *,
    actor: Actor,
    person_id: int,
    term_id: int,
    election_way: ElectionWay | str,
    elected_on: date,
    now: datetime,
    constituency_id: int | None = None,
    electing_unit_id: int | None = None,
    list_number: int | None = None,
    concurrent_seat: str = "",
    fixed_contact_target: int = 0,
    remark: str = "",
) -> Mandate:
    """A seat won in an election or a by-election; the next 名册序号 when none is given.

    The same person, elector and day entered twice is one row. Raises ``InvalidInput`` for impossible
    facts, ``Refused`` when the person already sits in this term or a by-election meets no vacancy.
    """
    term = readable(Term, actor, term_id, "congress__jurisdiction")
    require_keeper(actor, term)
    person = readable(Person, actor, person_id)
    home = home_of(actor, term)[0]
    if person.scope_code != home:
        raise Refused(f"{person.name}登记在其他行政区域，请为本级人大另行登记。")
    take_turn(actor, term)
    elector = elector_of(actor, term, constituency_id, electing_unit_id)
    seats = Mandate.scoped(actor).filter(term=term)
    sitting = seats.filter(person=person, ended_on__isnull=True).first()
    if sitting is not None:
        return _same_seat(sitting, elector, elected_on)
    way = ElectionWay(election_way)
    check_election(term, person, elected_on, today_of(now))
    if way == ElectionWay.BY_ELECTION:
        _require_vacancy(term, seats)
    entry = clean_entry(
        {
            "list_number": list_number or next_list_number(seats),
            "concurrent_seat": concurrent_seat,
            "fixed_contact_target": fixed_contact_target,
            "remark": remark,
        }
    )
    with trail.operation("register_mandate"):
        return seats.create(
            scope_code=home,
            person=person,
            term=term,
            election_way=way,
            elected_on=elected_on,
            **elector,
            **entry,
        )


def next_list_number(seats: QuerySet[Mandate]) -> int:
    return (seats.aggregate(last=Max("list_number"))["last"] or 0) + 1


def elector_of(
    actor: Actor, term: Term, constituency_id: int | None, electing_unit_id: int | None
) -> dict[str, Any]:
    """Exactly one of constituency and electing unit, of this very term, by the congress's level (选举法)."""
    if term.congress.level in DIRECT_LEVELS:
        found = Constituency.scoped(actor).filter(linked("pk", constituency_id), term=term).first()
        if found is None or electing_unit_id is not None:
            raise InvalidInput({"constituency": f"请选择{term}的选区。"})
        return {"constituency": found, "electing_unit": None}
    unit = ElectingUnit.scoped(actor).filter(linked("pk", electing_unit_id), term=term).first()
    if unit is None or constituency_id is not None:
        raise InvalidInput({"electing_unit": f"请选择{term}的选举单位。"})
    return {"constituency": None, "electing_unit": unit}


def _same_seat(sitting: Mandate, elector: dict[str, Any], elected_on: date) -> Mandate:
    is_same = sitting.elected_on == elected_on and all(
        getattr(sitting, name) == value for name, value in elector.items()
    )
    if is_same:
        return sitting
    raise Refused(f"{sitting.full_name}已是本届代表（名册第{sitting.list_number}号），请核对是否同名。")


def check_election(term: Term, person: Person, elected_on: date, today: date) -> None:
    """``InvalidInput`` for a day of election that cannot be."""
    problem = ""
    if elected_on > today:
        problem = "当选日期不能晚于今天。"
    elif elected_on < term.elected_on:
        problem = f"当选日期不能早于本届换届选举日期（{term.elected_on:%Y-%m-%d}）。"
    elif _age(person.born_on, elected_on) < ADULT_YEARS:
        problem = f"按出生年月计算，当选时不满{ADULT_YEARS}周岁，请核对出生年月和当选日期。"
    if problem:
        raise InvalidInput({"elected_on": problem})


def _age(born_on: date, day: date) -> int:
    """Full years at the latest possible birthday of the month (born_on knows the month only)."""
    return day.year - born_on.year - (day.month < born_on.month)


def _require_vacancy(term: Term, seats: QuerySet[Mandate]) -> None:
    taken = seats.filter(state__in=list(SEATED_STATES)).count()
    if taken >= term.seats:
        raise Refused(f"{term}代表名额{term.seats}名，现有{taken}名，没有缺额，不能登记补选。")


def update_mandate(*, actor: Actor, mandate_id: int, now: datetime, **values: Any) -> Mandate:
    """Correct the entry of a seat; only the given ``values`` change, its state never.

    ``values``: list_number, constituency_id or electing_unit_id, election_way, elected_on,
    concurrent_seat, fixed_contact_target, remark. Raises as `register_mandate` does.
    """
    mandate = locked(Mandate, actor, mandate_id, "person", "term__congress__jurisdiction")
    require_keeper(actor, mandate.term)
    clean = _clean_entry(actor, mandate, values, today_of(now))
    changed = apply_changes(mandate, clean)
    if changed:
        with trail.operation("update_mandate"):
            mandate.save(update_fields=changed)
    return mandate


_ENTRY = ("list_number", "election_way", "elected_on", "concurrent_seat", "fixed_contact_target", "remark")


_FREE = ("list_number", "concurrent_seat", "fixed_contact_target", "remark")


def clean_entry(values: dict[str, Any]) -> dict[str, Any]:
    """What may be written freely in an entry, as a roster's cells are read; ``InvalidInput`` per field."""
    problems: dict[str, str] = {}
    clean = dict(values)
    if "concurrent_seat" in clean:
        seat = read_concurrent_seat(clean_line(str(clean["concurrent_seat"] or "")))
        clean["concurrent_seat"] = seat.value or ""
        if seat.is_error:
            problems["concurrent_seat"] = seat.findings[0].text
    if "remark" in clean:
        clean["remark"] = clean_line(str(clean["remark"] or ""))
        if len(clean["remark"]) > limit_of(Mandate, "remark"):
            problems["remark"] = too_long("备注", limit_of(Mandate, "remark"), len(clean["remark"]))
    if not 1 <= clean.get("list_number", 1) <= 9999:
        problems["list_number"] = "名册序号应为1至9999的整数。"
    if not 0 <= clean.get("fixed_contact_target", 0) <= MAX_CONTACTS:
        problems["fixed_contact_target"] = f"固定联系选民人数应为0至{MAX_CONTACTS}的整数。"
    if problems:
        raise InvalidInput(problems)
    return clean


def _clean_entry(actor: Actor, mandate: Mandate, values: dict[str, Any], today: date) -> dict[str, Any]:
    clean = {name: values[name] for name in _ENTRY if name in values}
    unknown = set(values) - set(clean) - {"constituency_id", "electing_unit_id"}
    if unknown:
        raise TypeError(f"unknown values {sorted(unknown)}")
    clean |= clean_entry({name: clean[name] for name in _FREE if name in clean})
    if "constituency_id" in values or "electing_unit_id" in values:
        elector = elector_of(
            actor, mandate.term, values.get("constituency_id"), values.get("electing_unit_id")
        )
        clean |= {f"{name}_id": found.pk if found else None for name, found in elector.items()}
    if "election_way" in clean or "elected_on" in clean:
        way = ElectionWay(clean.get("election_way", mandate.election_way))
        check_election(mandate.term, mandate.person, clean.get("elected_on", mandate.elected_on), today)
        clean["election_way"] = way
    return clean


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """What is recorded of a decision about a mandate."""

    event: MandateEvent
    effective_on: date
    basis: str
    ground: str = ""


def change_mandate(
    *,
    actor: Actor,
    mandate_id: int,
    event: MandateEvent | str,
    effective_on: date,
    basis: str,
    now: datetime,
    ground: str = "",
) -> Mandate:
    """Record what a congress, its credentials committee or the voters decided about a seat.

    ``basis`` names the decision; ``ground`` is a `SuspensionGround` for a suspension, a
    `TerminationGround` for a termination. Raises ``IllegalTransition`` (409) when the state does not allow
    the event, ``InvalidInput`` for missing or impossible facts.
    """
    mandate = locked(Mandate, actor, mandate_id, "person", "term__congress__jurisdiction")
    require_keeper(actor, mandate.term)
    require_unconcerned(actor, mandate)
    facts = _clean_facts(MandateEvent(event), effective_on, basis, ground)
    MANDATE.next_state(mandate.state, facts.event)
    if facts.event == MandateEvent.END:
        raise Refused("任期届满由届满归档统一登记，不能单独办理。")
    _check_day(actor, mandate, facts, today_of(now))
    with trail.operation(f"{facts.event}_mandate"):
        record_change(actor, mandate, facts, now=now)
    return mandate


def _clean_facts(event: MandateEvent, effective_on: date, basis: str, ground: str) -> ChangeFacts:
    problems = {}
    words = clean_line(basis)
    if not words:
        problems["basis"] = "请写明依据，如会议名称、决定或者公告文号。"
    elif len(words) > limit_of(MandateChange, "basis"):
        problems["basis"] = too_long("依据", limit_of(MandateChange, "basis"), len(words))
    kind = _GROUNDS.get(event)
    if kind is not None and ground not in kind.values():
        problems["ground"] = "请选择法律规定的事由。"
    if problems:
        raise InvalidInput(problems)
    implied = _IMPLIED.get(event)
    return ChangeFacts(event, effective_on, words, ground if kind else implied if implied else "")


def _check_day(actor: Actor, mandate: Mandate, facts: ChangeFacts, today: date) -> None:
    """The ledger is kept in the order things took effect, and holds nothing that has not happened."""
    latest = MandateChange.scoped(actor).filter(mandate=mandate).aggregate(day=Max("effective_on"))["day"]
    problem = ""
    if facts.effective_on > today:
        problem = "生效日期不能晚于今天。"
    elif facts.effective_on < mandate.elected_on:
        problem = f"生效日期不能早于当选日期（{mandate.elected_on:%Y-%m-%d}）。"
    elif latest is not None and facts.effective_on < latest:
        problem = f"生效日期不能早于上一次变动的生效日期（{latest:%Y-%m-%d}）。"
    if problem:
        raise InvalidInput({"effective_on": problem})


def record_change(actor: Actor, mandate: Mandate, facts: ChangeFacts, *, now: datetime) -> None:
    """The one place that assigns a mandate's state: asks the table, saves, writes the ledger row.

    The caller has locked the row, checked the right to do so and named the operation. A seat that falls
    vacant gives up its place in the group and its fixed contacts on the same day.
    """
    former = mandate.state
    state = MANDATE.next_state(former, facts.event)
    mandate.state = state
    changed = ["state"]
    if state in VACANT_STATES:
        mandate.ended_on = facts.effective_on
        changed.append("ended_on")
        end_memberships(GroupMembership.scoped(actor).filter(mandate=mandate), facts.effective_on)
        contacts = FixedContact.scoped(actor).filter(mandate=mandate, ends_on__isnull=True)
        contacts.update(ends_on=facts.effective_on)
    mandate.save(update_fields=changed)
    MandateChange.scoped(actor).create(
        scope_code=mandate.scope_code,
        mandate=mandate,
        event=facts.event,
        from_state=MandateState(former),
        to_state=state,
        effective_on=facts.effective_on,
        ground=facts.ground,
        basis=facts.basis,
        recorded_by_id=actor.account_id,
        recorded_at=now,
    )


def end_memberships(places: QuerySet[GroupMembership], day: date) -> None:
    """Close open places; ``ends_on`` is the first day the place is no longer held."""
    for place in places.filter(ends_on__isnull=True):
        place.ends_on = max(day, place.starts_on)
        place.save(update_fields=["ends_on"])


def end_seats(actor: Actor, term: Term, day: date, *, now: datetime) -> None:
    """任期届满 for every seat of ``term`` still held, those kept by streets below included; set-based.

    The caller has locked the term and named the operation. A seat won after ``day`` ends on its own day; its
    places in groups and fixed contacts end with it, and every place in a group of the term.
    """
    seats = Mandate.scoped(actor).filter(term=term, state__in=list(SEATED_STATES))
    locked_rows = seats.select_for_update(of=("self",)).order_by("pk")
    held = list(locked_rows.values_list("pk", "state", "scope_code", "elected_on"))
    ids = [pk for pk, *_ in held]
    (ended,) = {MANDATE.next_state(state, MandateEvent.END) for state in SEATED_STATES}
    Mandate.scoped(actor).filter(pk__in=ids).update(
        state=ended, ended_on=Greatest(F("elected_on"), Value(day))
    )
    places, contacts = held_places(actor, term, ids)
    places.update(ends_on=Greatest(F("starts_on"), Value(day)))
    contacts.update(ends_on=Greatest(F("starts_on"), Value(day)))
    MandateChange.scoped(actor).bulk_create(
        MandateChange(
            scope_code=scope_code,
            mandate_id=pk,
            event=MandateEvent.END,
            from_state=MandateState(state),
            to_state=ended,
            effective_on=max(day, elected_on),
            basis=f"{term}任期届满",
            recorded_by_id=actor.account_id,
            recorded_at=now,
        )
        for pk, state, scope_code, elected_on in held
    )


def held_places(
    actor: Actor, term: Term, mandate_ids: Collection[int]
) -> tuple[QuerySet[GroupMembership], QuerySet[FixedContact]]:
    """What ends with the seats of a term: their open places in groups, every open place in a group of the
    term, and the voters they keep in touch with.
    """
    places = GroupMembership.scoped(actor).filter(Q(mandate__in=mandate_ids) | Q(group__term=term))
    contacts = FixedContact.scoped(actor).filter(mandate__in=mandate_ids, ends_on__isnull=True)
    return places.filter(ends_on__isnull=True), contacts
