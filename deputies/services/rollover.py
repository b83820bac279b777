"""换届: what the next term takes over from the last one, and who was elected again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from deputies.enums import ElectionWay
from deputies.models import Constituency, DeputyGroup, GroupMembership, Mandate, Term
from deputies.services.common import readable, require_keeper, take_turn
from deputies.services.mandates import register_mandate
from liaison.auditing import trail
from liaison.tenancy.scope import Actor
from liaison.words.errors import InvalidInput, Refused


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """What was copied into the next term: new rows by the ids of the old ones."""

    constituencies: dict[int, Constituency]
    groups: dict[int, DeputyGroup]


def carry_over(*, actor: Actor, from_term_id: int, to_term_id: int) -> CarriedOver:
    """Copy constituencies and groups by name into a prepared term; what is there already is kept.

    Leaders are not carried over: each group chooses its own after the election.
    """
    old = readable(Term, actor, from_term_id, "congress__jurisdiction")
    new = readable(Term, actor, to_term_id, "congress__jurisdiction")
    require_keeper(actor, new)
    if old.congress_id != new.congress_id or old.number >= new.number:
        raise InvalidInput({"from_term": "只能从同一人民代表大会的上一届沿用选区和小组。"})
    take_turn(actor, new)
    with trail.operation("carry_over"):
        return CarriedOver(_carry_constituencies(actor, old, new), _carry_groups(actor, old, new))


def _carry_constituencies(actor: Actor, old: Term, new: Term) -> dict[int, Constituency]:
    there = {row.name: row for row in Constituency.scoped(actor).filter(term=new)}
    carried = {}
    for row in Constituency.scoped(actor).filter(term=old, scope_code__gte=actor.lo):
        copy = there.get(row.name)
        if copy is None:
            copy = Constituency.scoped(actor).create(
                scope_code=row.scope_code,
                scope_end=row.scope_end,
                term=new,
                number=row.number,
                name=row.name,
                village_id=row.village_id,
            )
        carried[row.pk] = copy
    return carried


def _carry_groups(actor: Actor, old: Term, new: Term) -> dict[int, DeputyGroup]:
    there = {row.name: row for row in DeputyGroup.scoped(actor).filter(term=new)}
    carried = {}
    for row in DeputyGroup.scoped(actor).filter(term=old):
        copy = there.get(row.name)
        if copy is None:
            copy = DeputyGroup.scoped(actor).create(
                scope_code=row.scope_code, term=new, number=row.number, name=row.name
            )
        carried[row.pk] = copy
    return carried


def re_elect(
    *, actor: Actor, term_id: int, mandate_ids: Sequence[int], elected_on: date, now: datetime
) -> list[Mandate]:
    """New mandates in a prepared term for people who held one before, in constituency and group of the
    same name. Somebody already registered in the term is left alone. Raises ``Refused`` when the
    constituency was not carried over.
    """
    term = readable(Term, actor, term_id, "congress__jurisdiction")
    require_keeper(actor, term)
    former = Mandate.scoped(actor).filter(pk__in=mandate_ids).exclude(term=term)
    with trail.operation("re_elect"):
        return [
            _re_elect_one(actor, term, mandate, elected_on, now)
            for mandate in former.select_related("person", "constituency").order_by("list_number", "pk")
        ]


def _re_elect_one(actor: Actor, term: Term, former: Mandate, elected_on: date, now: datetime) -> Mandate:
    name = former.constituency.name if former.constituency else ""
    constituency = Constituency.scoped(actor).filter(term=term, name=name).first()
    if constituency is None:
        raise Refused(f"{term}还没有“{name}”，请先沿用或登记选区，再登记{former.full_name}连任。")
    mandate = register_mandate(
        actor=actor,
        person_id=former.person_id,
        term_id=term.pk,
        constituency_id=constituency.pk,
        election_way=ElectionWay.GENERAL,
        elected_on=elected_on,
        concurrent_seat=former.concurrent_seat,
        fixed_contact_target=former.fixed_contact_target,
        now=now,
    )
    place = former.memberships.select_related("group").order_by("-starts_on", "-pk").first()
    group = DeputyGroup.scoped(actor).filter(term=term, name=place.group.name).first() if place else None
    if group is not None and not mandate.memberships.exists():
        GroupMembership.scoped(actor).create(
            scope_code=mandate.scope_code, group=group, mandate=mandate, starts_on=elected_on
        )
    return mandate
