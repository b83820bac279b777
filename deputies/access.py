"""The only door to the rows of this floor: who may see which congresses, people, mandates and groups.

Two questions are kept apart. *Which rows* an actor reaches is answered by the ``visible_…`` querysets;
*how much* of one row may be shown is answered by `sight_of`. What the law wants published of every deputy
(代表法 Art. 58) is reached by `published_mandates` and shown by ``selectors.published_roster``.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, TypeVar

from django.db.models import Q, QuerySet, Subquery

from deputies.enums import CONGRESS_OF_PLACE, MandateState, TermState
from deputies.models import (
    Congress,
    Constituency,
    DeputyGroup,
    ElectingUnit,
    FixedContact,
    GroupMembership,
    Mandate,
    MandateChange,
    Person,
    Session,
    Term,
)
from liaison.identity.access import is_linked, linked
from liaison.identity.roles import DEPUTIES, OFFICE, RECORD_READERS, REGISTRARS
from liaison.models import Jurisdiction
from liaison.tenancy.models import ScopedModel
from liaison.tenancy.scope import Actor, kept_while_acting
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, OutOfScope

M = TypeVar("M", bound=ScopedModel)

_ROSTER_READERS = RECORD_READERS | {Role.STATION_CLERK}
# Those who may count mandates without reading a single one (domain.md section 1: 市级 sees aggregates).
_COUNTERS = _ROSTER_READERS | {Role.CITY_VIEWER}


class Sight(IntEnum):
    """How much of a deputy's record may be shown; each step includes the ones before it."""

    NOTHING = 0
    PUBLISHED = 1  # name, sex, constituency, group, occupation, photo, introduction
    ROSTER = 2  # the township's working list, without telephone, address and month of birth
    RECORD = 3  # everything, telephone masked and revealed only with a reason
    OWN = 4  # the person's own record


def nearest_congress(actor: Actor) -> Congress | None:
    """The congress whose roster the actor's jurisdiction keeps.

    That of the nearest place which elects one: a township's own, or none yet, whatever the county has; a
    street elects none and serves the county's (domain.md section 1 and 9.3).
    """
    around = Jurisdiction.objects.filter(scope_code__lte=actor.lo, scope_end__gte=actor.hi)
    seat = around.filter(level__in=CONGRESS_OF_PLACE).order_by("-scope_code", "scope_end")
    return Congress.scoped(actor).filter(jurisdiction=Subquery(seat.values("pk")[:1])).first()


def own_terms(actor: Actor) -> QuerySet[Term]:
    """Terms of the actor's nearest congress; none where there is no congress."""
    congress = nearest_congress(actor)
    return visible_terms(actor).filter(linked("congress", congress.pk if congress else None))


def current_term(actor: Actor) -> Term | None:
    """The running term of the actor's nearest congress, or ``None`` before the first one is opened."""
    running = own_terms(actor).filter(state=TermState.CURRENT)
    return running.select_related("congress__jurisdiction").first()


def may_keep(actor: Actor, term: Term) -> bool:
    """Whether the actor may write in the roster of ``term``, apart from the term being closed.

    Staff keep the roster of their nearest congress; the county committee therefore keeps the county's
    own deputies and edits no township's facts (domain.md section 1).
    """
    if actor.role == Role.SYSTEM:
        return True
    if actor.role not in REGISTRARS:
        return False
    congress = nearest_congress(actor)
    return congress is not None and congress.pk == term.congress_id


def may_convene(actor: Actor, congress: Congress) -> bool:
    """Whether terms and sessions of ``congress`` are the actor's to lay down: those of the own place alone.

    A street keeps the roster of its deputies in the county's congress, and convenes nothing.
    """
    if actor.role == Role.SYSTEM:
        return True
    is_own = (actor.lo, actor.hi) == (congress.scope_code, congress.scope_end)
    return is_own and actor.role in REGISTRARS


def elects_own_congress(actor: Actor) -> bool:
    """Whether the actor's own place elects a congress, founded yet or not; asked once while one acts."""
    kept, key = kept_while_acting(), ("elects_own_congress", actor.lo, actor.hi)
    if key not in kept:
        own = Jurisdiction.objects.filter(scope_code=actor.lo, scope_end=actor.hi)
        kept[key] = own.filter(level__in=CONGRESS_OF_PLACE).exists()
    return bool(kept[key])


def visible_mandates(actor: Actor) -> QuerySet[Mandate]:
    """Mandates whose records the actor may open.

    Staff: all of their interval. Station clerk: the roster. Deputy: the own ones. Group leader: the own
    ones and those of the group. Handling units, city viewers, administrators and the public: none.
    """
    mandates = Mandate.scoped(actor)
    if actor.role in _ROSTER_READERS:
        return mandates
    if actor.role == Role.DEPUTY:
        return mandates.filter(linked("person_id", actor.person_id))
    if actor.role == Role.GROUP_LEADER:
        members = GroupMembership.scoped(actor).filter(group__in=_led_groups(actor), ends_on__isnull=True)
        own = linked("person_id", actor.person_id)
        return mandates.filter(own | Q(pk__in=members.values("mandate_id")))
    return mandates.none()


def published_mandates(actor: Actor) -> QuerySet[Mandate]:
    """Deputies of running terms in the interval, whose published facts anybody may read."""
    return Mandate.scoped(actor).filter(state=MandateState.ACTIVE, term__state=TermState.CURRENT)


def countable_mandates(actor: Actor) -> QuerySet[Mandate]:
    """Mandates for figures only; never hand rows of it to a page."""
    mandates = Mandate.scoped(actor)
    return mandates if actor.role in _COUNTERS else mandates.none()


def sight_of(actor: Actor, mandate: Mandate) -> Sight:
    """How much of ``mandate`` the actor may be shown (one query at most, for group leaders)."""
    if not actor.covers(mandate.scope_code):
        return Sight.NOTHING
    if is_linked(mandate.person_id, actor.person_id):
        return Sight.OWN
    if actor.role in RECORD_READERS:
        return Sight.RECORD
    if actor.role == Role.GROUP_LEADER and visible_mandates(actor).filter(pk=mandate.pk).exists():
        return Sight.RECORD
    if actor.role == Role.STATION_CLERK:
        return Sight.ROSTER
    is_published = mandate.state == MandateState.ACTIVE and mandate.term.state == TermState.CURRENT
    return Sight.PUBLISHED if is_published else Sight.NOTHING


def get_mandate(actor: Actor, mandate_id: int) -> Mandate:
    """One mandate whose record the actor may open.

    Raises ``OutOfScope`` when it is absent or elsewhere, ``Forbidden`` for a colleague's record.
    """
    joined = visible_mandates(actor).select_related(*_MANDATE_PARTS)
    return _one(joined, Mandate.scoped(actor), mandate_id)


def get_published_mandate(actor: Actor, mandate_id: int) -> Mandate:
    """One deputy's public card; ``OutOfScope`` when nothing is published."""
    joined = published_mandates(actor).select_related(*_MANDATE_PARTS)
    return _one(joined, None, mandate_id)


def mandate_of(actor: Actor, term: Term | None = None) -> Mandate | None:
    """The acting deputy's own mandate in ``term`` (the running one when left out).

    A seat still held comes before one that ended in the same term.
    """
    if actor.person_id is None:
        return None
    wanted = term or current_term(actor)
    if wanted is None:
        return None
    own = (
        Mandate.scoped(actor)
        .filter(linked("person_id", actor.person_id), term=wanted)
        .select_related(*_MANDATE_PARTS)
    )
    held = own.filter(ended_on__isnull=True).first()
    return held or own.order_by("-ended_on", "-id").first()


def own_mandate(actor: Actor, *, serving: bool = False) -> Mandate:
    """The seat of the running term the acting deputy speaks for; ``Forbidden`` for anybody else.

    ``serving``: only one that is held and not suspended (代表法 Art. 61), for what is done in it from now on.
    """
    actor.require(*DEPUTIES)
    found = mandate_of(actor)
    if found is None or (serving and found.state != MandateState.ACTIVE):
        raise Forbidden("您在本届没有在任的代表资格，不能办理，请联系人大工作人员。")
    return found


def concerns(actor: Actor, mandate: Mandate) -> bool:
    """Whether ``mandate`` is the seat of whoever acts, in this appointment or in any other.

    A deputy is often vice-chair or clerk as well; in that appointment the actor carries no person, and it may
    be another account. Asked of the person, over all accounts and appointments, never of the appointment.
    """
    return actor.is_person(mandate.person_id) or actor.is_self(mandate.person.account_id)


def require_unconcerned(actor: Actor, *mandates: Mandate) -> None:
    """``Forbidden`` for whoever would judge a matter of his own (回避)."""
    if any(concerns(actor, mandate) for mandate in mandates):
        raise Forbidden("这件事涉及您本人，请由其他工作人员办理。")


def visible_people(actor: Actor) -> QuerySet[Person]:
    """People whose records the actor may open, under the rules of `visible_mandates`."""
    people = Person.scoped(actor)
    if actor.role in _ROSTER_READERS:
        return people
    return people.filter(pk__in=visible_mandates(actor).values("person_id"))


def get_person(actor: Actor, person_id: int) -> Person:
    """One person; ``OutOfScope`` or ``Forbidden`` as for `get_mandate`."""
    return _one(visible_people(actor), Person.scoped(actor), person_id)


def visible_terms(actor: Actor) -> QuerySet[Term]:
    """Terms of the interval and of the congresses above it; public knowledge."""
    return Term.scoped(actor)


def get_term(actor: Actor, term_id: int) -> Term:
    terms = visible_terms(actor).select_related("congress__jurisdiction")
    return _one(terms, None, term_id)


def visible_sessions(actor: Actor) -> QuerySet[Session]:
    return Session.scoped(actor)


def visible_constituencies(actor: Actor, term: Term | None = None) -> QuerySet[Constituency]:
    found = Constituency.scoped(actor)
    return found.filter(term=term) if term is not None else found


def visible_electing_units(actor: Actor, term: Term | None = None) -> QuerySet[ElectingUnit]:
    found = ElectingUnit.scoped(actor)
    return found.filter(term=term) if term is not None else found


def visible_groups(actor: Actor, term: Term | None = None) -> QuerySet[DeputyGroup]:
    """Groups of the interval; their names are public, their members are reached by mandates."""
    found = DeputyGroup.scoped(actor)
    return found.filter(term=term) if term is not None else found


def led_groups(actor: Actor) -> QuerySet[DeputyGroup]:
    """The groups a group leader speaks for; none for every other role."""
    groups = DeputyGroup.scoped(actor)
    return groups.filter(pk__in=_led_groups(actor)) if actor.role == Role.GROUP_LEADER else groups.none()


def visible_changes(actor: Actor) -> QuerySet[MandateChange]:
    """Changes of mandates: for readers of records, and for the deputy concerned."""
    changes = MandateChange.scoped(actor)
    if actor.role in RECORD_READERS:
        return changes
    if actor.person_id is not None:
        return changes.filter(linked("mandate__person_id", actor.person_id))
    return changes.none()


def visible_fixed_contacts(actor: Actor) -> QuerySet[FixedContact]:
    """Voters a deputy keeps in touch with: the deputy and the own office only, nobody above."""
    contacts = FixedContact.scoped(actor)
    if actor.role in OFFICE or actor.role == Role.SYSTEM:
        return contacts
    if actor.person_id is not None:
        return contacts.filter(linked("mandate__person_id", actor.person_id))
    return contacts.none()


_MANDATE_PARTS = ("person", "term__congress__jurisdiction", "constituency", "electing_unit")


def _led_groups(actor: Actor) -> QuerySet[DeputyGroup, Any]:
    """The group named in the appointment; without one there is nobody to speak for."""
    groups = DeputyGroup.scoped(actor)
    return groups.filter(linked("pk", actor.group_id)).values("pk")


def _one(visible: QuerySet[M], reachable: QuerySet[M] | None, row_id: int) -> M:
    """The visible row, else 403 when it lies inside the interval and 404 when it does not."""
    found = visible.filter(pk=row_id).first()
    if found is not None:
        return found
    if reachable is not None and reachable.filter(pk=row_id).exists():
        raise Forbidden("您当前的职务不能查阅这位代表的登记情况。")
    raise OutOfScope()
