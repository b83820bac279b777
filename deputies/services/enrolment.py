"""登记代表: a person, the seat and the place in a group entered as one act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from deputies.enums import GroupPost
from deputies.models import Mandate, Term
from deputies.services.common import home_of, readable, require_keeper
from deputies.services.groups import place_in_group
from deputies.services.mandates import register_mandate, update_mandate
from deputies.services.people import register_person, update_person
from liaison.auditing import trail
from liaison.tenancy.scope import Actor


def enrol_deputy(
    *,
    actor: Actor,
    term_id: int,
    person: Mapping[str, Any],
    seat: Mapping[str, Any],
    now: datetime,
    person_id: int | None = None,
    group_id: int | None = None,
    post: GroupPost | str = GroupPost.MEMBER,
    joined_on: date | None = None,
) -> Mandate:
    """Register a deputy wholly or not at all.

    ``person`` takes the values of `register_person`; with ``person_id`` somebody already known is brought
    up to date instead. ``seat`` takes the values of `register_mandate`. Into the group from ``joined_on``
    on, the day of election when left out.
    """
    term = readable(Term, actor, term_id, "congress__jurisdiction")
    require_keeper(actor, term)
    with trail.operation("enrol_deputy"):
        if person_id is None:
            somebody = register_person(actor=actor, now=now, scope_code=home_of(actor, term)[0], **person)
        else:
            somebody = update_person(actor=actor, person_id=person_id, now=now, **person)
        mandate = register_mandate(actor=actor, person_id=somebody.pk, term_id=term_id, now=now, **seat)
        if group_id is not None:
            place_in_group(
                actor=actor,
                mandate_id=mandate.pk,
                group_id=group_id,
                post=post,
                starts_on=joined_on or mandate.elected_on,
                now=now,
            )
    return mandate


def correct_deputy(
    *,
    actor: Actor,
    mandate_id: int,
    person: Mapping[str, Any],
    seat: Mapping[str, Any],
    now: datetime,
) -> Mandate:
    """Correct what is registered of a deputy, person and seat as one act.

    What does not differ is not written. Raises as `update_person` and `update_mandate` do.
    """
    with trail.operation("correct_deputy"):
        mandate = update_mandate(actor=actor, mandate_id=mandate_id, now=now, **seat)
        update_person(actor=actor, person_id=mandate.person_id, now=now, **person)
    return mandate
