"""Whether the seat or the post an appointment speaks for is still held: conditions on appointments.

A recall, a resignation, a suspension, the end of a term or of a post takes the access with it at once; nobody
has to think of ending the appointment as well.
"""

from datetime import date

from django.db.models import Exists, OuterRef, Q

from deputies.enums import GroupPost, MandateState, TermState
from deputies.models import GroupMembership, Mandate
from liaison.tenancy.scope import system_actor


def sits(day: date) -> Q:
    """The person holds a seat of a running term that is not suspended (代表法 Art. 61, 62).

    The state is the one recorded now, whatever ``day`` is: what a congress decided takes effect when entered.
    """
    seats = Mandate.scoped(system_actor()).filter(
        person_id=OuterRef("person_ref"), state=MandateState.ACTIVE, term__state=TermState.CURRENT
    )
    return Q(Exists(seats))


def leads_group(day: date) -> Q:
    """The person holds a post in the group: leader, second leader or convener."""
    posts = GroupMembership.scoped(system_actor()).filter(
        group_id=OuterRef("group_ref"), mandate__person_id=OuterRef("person_ref"), ends_on__isnull=True
    )
    return Q(Exists(posts.exclude(post=GroupPost.MEMBER)))
