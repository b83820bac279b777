"""Places merged: the congress of the one that closes ends, its deputies go on in the other one's term.

The former seats stay where they were, with their ledger, people and groups; the new ones are rows of the
successor. A street has no congress: its deputies keep the county's term, another office keeps them.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

from django.db import models
from django.db.models import Max, QuerySet

from deputies.enums import MandateEvent, MandateState, TermState
from deputies.lifecycle import SEATED_STATES
from deputies.models import (
    Constituency,
    DeputyGroup,
    FixedContact,
    GroupMembership,
    Mandate,
    MandateChange,
    Person,
    Term,
)  # fmt: skip
from deputies.services.mandates import ChangeFacts, next_list_number, record_change
from deputies.services.terms import close_term
from liaison.auditing import trail
from liaison.hooks import Moving, Passage
from liaison.tenancy.models import ScopedModel
from liaison.tenancy.scope import Actor, require_actor
from liaison.words.limits import fitted_line

M = TypeVar("M", bound=models.Model)
_PERSON = (
    "name", "name_strokes", "name_pinyin", "name_search", "sex", "ethnicity", "born_on", "political_status",
    "education", "occupation", "phone", "phone_digest", "address", "introduction",
)  # fmt: skip
_SEAT = ("election_way", "elected_on", "state", "concurrent_seat", "fixed_contact_target", "remark")
_SUSPENSION = ("event", "from_state", "to_state", "effective_on", "ground", "basis")


def moving_deputies(passage: Passage) -> Iterator[Moving]:
    """What the roster has at the former place; nothing for villages, whose deputies keep their seats."""
    if not passage.is_whole:
        elected = _seats(passage).filter(constituency__village__in=passage.villages).count()
        if elected:
            yield Moving("在这些村选出的代表", elected, "仍为原选举的人大的代表，至届满为止")
        return
    seats, preparing = _seats(passage).count(), _inside(Term, passage).filter(state=TermState.PREPARING)
    for term in preparing:
        yield Moving("正在筹备的届", 1, f"请先启用{term}，再办理", blocks=True)
    if passage.successor is None:
        if own := _own_term(passage):
            yield Moving("没有届满的届", 1, f"请先办理{own}届满归档，或者改为合并", blocks=True)
        elif seats:
            yield Moving("在任代表", seats, "请先登记资格终止，或者改为合并", blocks=True)
        return
    if not seats:
        return
    if _own_term(passage) is not None and _term_at(passage) is None:
        name = passage.successor.short_name
        yield Moving("在任代表", seats, f"{name}还没有启用的届，请先登记并启用", blocks=True)
        return
    name = passage.successor.short_name
    yield Moving("在任代表", seats, f"转到{name}继续任职；原届归档，名册留存可查")
    groups = DeputyGroup.scoped(require_actor()).filter(
        scope_code=passage.lo, memberships__ends_on__isnull=True, memberships__mandate__in=_seats(passage)
    )
    if count := groups.distinct().count():
        yield Moving("代表小组", count, f"连同成员和职务转到{name}")
    contacts = FixedContact.scoped(require_actor()).filter(mandate__in=_seats(passage), ends_on__isnull=True)
    if count := contacts.count():
        yield Moving("固定联系选民", count, f"随代表转到{name}")
    photos = _seats(passage).filter(person__photo__isnull=False).count()
    if photos:
        yield Moving("代表照片", photos, "留在原名册，请在新名册重新上传")


def carry_deputies(actor: Actor, passage: Passage) -> None:
    """Copy constituencies, groups, people and seats into the successor's term; end the former ones."""
    if not passage.is_whole or passage.successor is None:
        return
    own, at_successor = _own_term(passage), _term_at(passage)
    seats = list(
        _seats(passage)
        .select_for_update(of=("self",))
        .select_related("person", "term")
        .order_by("list_number", "pk")
    )
    if seats:
        electors = _carry_constituencies(actor, passage, own, at_successor)
        for seat in seats:
            is_own = own is not None and seat.term_id == own.pk
            term = at_successor if is_own and at_successor is not None else seat.term
            _carry_seat(actor, passage, seat, term, electors)
        _carry_groups(actor, passage, seats, own, at_successor)
    if own is None:
        return
    if at_successor is not None and seats:
        with trail.operation("update_term"):
            at_successor.seats += own.seats
            at_successor.save(update_fields=["seats"])
    close_term(actor=actor, term_id=own.pk, ends_on=max(passage.day, own.starts_on), now=passage.now)


def _inside(model: type[M], passage: Passage) -> QuerySet[M]:
    rows: Any = model
    found: QuerySet[M] = rows.scoped(require_actor()).filter(
        scope_code__gte=passage.lo, scope_code__lt=passage.hi
    )
    return found


def _seats(passage: Passage) -> QuerySet[Mandate]:
    return _inside(Mandate, passage).filter(state__in=list(SEATED_STATES))


def _own_term(passage: Passage) -> Term | None:
    return _inside(Term, passage).filter(state=TermState.CURRENT).first()


def _term_at(passage: Passage) -> Term | None:
    if passage.successor is None:
        return None
    at = Term.scoped(require_actor()).filter(scope_code=passage.successor.scope_code)
    return at.filter(state=TermState.CURRENT).first()


def _copy(row: ScopedModel, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _fresh(model: type[models.Model], name: str, passage: Passage, taken: set[str]) -> str:
    """The name, with the former place's before it where the successor has one like it already."""
    found, number = name, 1
    while found in taken:
        before = passage.former.short_name + (str(number) if number > 1 else "")
        found, number = fitted_line(model, "name", f"{before}{name}"), number + 1
    taken.add(found)
    return found


def _carry_constituencies(
    actor: Actor, passage: Passage, own: Term | None, term: Term | None
) -> dict[int, Constituency]:
    """New constituencies by the former ones: in the successor's term, or, at a street, in the county's one.

    Those the county itself laid down for its term stay what they are.
    """
    home = passage.successor
    if home is None:
        return {}
    carried = {}
    with trail.operation("carry_over"):
        for row in (
            _inside(Constituency, passage).filter(term__state=TermState.CURRENT).order_by("number", "pk")
        ):
            is_own = own is not None and row.term_id == own.pk
            into = term if is_own and term is not None else row.term
            there = Constituency.scoped(actor).filter(term=into, scope_code=home.scope_code)
            last = there.aggregate(last=Max("number"))["last"] or 0
            carried[row.pk] = Constituency.scoped(actor).create(
                scope_code=home.scope_code,
                scope_end=home.scope_end,
                term=into,
                number=last + 1 if is_own else row.number,
                name=_fresh(Constituency, row.name, passage, set(there.values_list("name", flat=True))),
                village_id=passage.now_at("village", row.village_id),
                voters=row.voters,
            )
    return carried


def _carry_seat(
    actor: Actor, passage: Passage, seat: Mandate, term: Term, electors: dict[int, Constituency]
) -> None:
    home = passage.successor.scope_code if passage.successor else term.scope_code
    with trail.operation("pass_over_deputy"):
        person = _carry_person(actor, passage, seat.person, home)
        new = Mandate.scoped(actor).create(
            scope_code=home,
            person=person,
            term=term,
            constituency=electors.get(seat.constituency_id or 0, seat.constituency),
            electing_unit_id=seat.electing_unit_id,
            list_number=next_list_number(Mandate.scoped(actor).filter(term=term)),
            **_copy(seat, _SEAT),
        )
        if seat.state == MandateState.SUSPENDED:
            _carry_suspension(actor, seat, new)
        for contact in FixedContact.scoped(actor).filter(mandate=seat, ends_on__isnull=True):
            FixedContact.scoped(actor).create(
                scope_code=home,
                mandate=new,
                village_id=passage.now_at("village", contact.village_id),
                **_copy(contact, ("name", "phone", "starts_on")),
            )
        passage.moved.setdefault("mandate", {})[seat.pk] = new.pk


def _carry_person(actor: Actor, passage: Passage, person: Person, home: int) -> Person:
    known = passage.now_at("person_ref", person.pk)
    if known is not None:
        return Person.scoped(actor).get(pk=known)
    account, person.account = person.account, None
    if account is not None:
        person.save(update_fields=["account"])
    new = Person.scoped(actor).create(scope_code=home, account=account, **_copy(person, _PERSON))
    passage.moved.setdefault("person_ref", {})[person.pk] = new.pk
    return new


def _carry_suspension(actor: Actor, seat: Mandate, new: Mandate) -> None:
    last = MandateChange.scoped(actor).filter(mandate=seat, event=MandateEvent.SUSPEND).last()
    if last is not None:
        MandateChange.scoped(actor).create(
            scope_code=new.scope_code, mandate=new, recorded_by_id=last.recorded_by_id,
            recorded_at=last.recorded_at, **_copy(last, _SUSPENSION),
        )  # fmt: skip


def _carry_groups(
    actor: Actor, passage: Passage, seats: list[Mandate], own: Term | None, term: Term | None
) -> None:
    """Groups with their open places and posts; then the former seats, and so their places, end."""
    open_places = GroupMembership.scoped(actor).filter(mandate__in=seats, ends_on__isnull=True)
    home = passage.successor.scope_code if passage.successor else 0
    taken: dict[int, set[str]] = {}
    groups = passage.moved.setdefault("group_ref", {})
    with trail.operation("pass_over_deputy"):
        for place in open_places.select_related("group__term").order_by("group__number", "pk"):
            former = place.group
            is_own = own is not None and former.term_id == own.pk
            into = term if is_own and term is not None else former.term
            there = DeputyGroup.scoped(actor).filter(term=into, scope_code=home)
            names = taken.setdefault(into.pk, set(there.values_list("name", flat=True)))
            if former.pk not in groups:
                last = there.aggregate(last=Max("number"))["last"] or 0
                name = _fresh(DeputyGroup, former.name, passage, names)
                group = DeputyGroup.scoped(actor).create(
                    scope_code=home, term=into, number=last + 1, name=name
                )
                groups[former.pk] = group.pk
            GroupMembership.scoped(actor).create(
                scope_code=home,
                group_id=groups[former.pk],
                mandate_id=passage.moved["mandate"][place.mandate_id],
                post=place.post,
                starts_on=passage.day,
            )
        words = f"{passage.former.short_name}并入{passage.successor.short_name if passage.successor else ''}"
        for seat in seats:
            day = max(passage.day, seat.elected_on)
            facts = ChangeFacts(MandateEvent.END, day, f"{words}（{passage.basis}）")
            record_change(actor, seat, facts, now=passage.now)
