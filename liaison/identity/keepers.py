"""三权分立: the keepers of the system, of its security and of its audit hold each other.

They do only that, over all appointments of the account and of the person; and none does anything to himself.
The database holds the first rule as well (``liaison_keepers_apart`` in walls.sql).
"""

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Q
from django.db.models.functions import Now, TruncDate

from liaison.identity.roles import ADMINISTRATORS
from liaison.models import Account, Appointment
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, Refused

_MIXED = (
    "系统管理员、安全管理员、审计管理员须由不同的人分别担任，且不兼任业务职务；"
    "原职务免去的次日起才能另行任命。"
)
_ONESELF = "不能为本人办理任免、停用、重置密码和解除绑定，请由另一名管理员办理。"


def require_other(actor: Actor, account: Account, person_ref: int | None = None) -> None:
    """``Forbidden`` for whoever would appoint, end, suspend, reset or unbind himself, in any account."""
    if actor.is_self(account.pk):
        raise Forbidden(_ONESELF)
    require_other_person(actor, person_ref)


def require_other_person(actor: Actor, person_ref: int | None) -> None:
    """``Forbidden`` for the actor's own person, whatever the account."""
    if actor.is_person(person_ref):
        raise Forbidden(_ONESELF)


def refuse_mixture(account: Account, role: Role, starts_on: date, person_ref: int | None = None) -> None:
    """``Refused`` when a keeper would hold another office on any day from ``starts_on``, or the reverse.

    Asked over every jurisdiction and over all accounts of the person; an appointment counts through the day
    it ends, so that nobody is the one in the morning and the other in the afternoon.
    """
    with acting(system_actor(name="任命核对"), savepoint=False):
        named = Appointment.objects.filter(account=account, person_ref__isnull=False).values("person_ref")
        same_person = Appointment.objects.filter(Q(person_ref__in=named) | _named(person_ref))
        others = Appointment.objects.filter(Q(account=account) | Q(account__in=same_person.values("account")))
        others = others.exclude(role=role).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on))
        if role not in ADMINISTRATORS:
            others = others.filter(role__in=ADMINISTRATORS)
        is_mixed = others.exists()
    if is_mixed:
        raise Refused(_MIXED)


def require_none_is_self(actor: Actor, people: Iterable[int]) -> None:
    """``Forbidden`` when the actor is one of ``people``, in any of his accounts."""
    for person in people:
        require_other_person(actor, person)


def refuse_keepers_among(people: Collection[int], starts_on: date) -> None:
    """``Refused`` when one of ``people`` keeps the system in any account on a day from ``starts_on``."""
    with acting(system_actor(name="任命核对"), savepoint=False):
        named = Appointment.objects.filter(person_ref__in=people).values("account")
        held = Appointment.objects.filter(account__in=named, role__in=ADMINISTRATORS)
        is_mixed = held.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on)).exists()
    if is_mixed:
        raise Refused(_MIXED)


def is_keepers_matter(account: Account, role: Role | None = None) -> bool:
    """Whether an account holds, or is to hold, a keeper's office; through the day it ends."""
    if role in ADMINISTRATORS:
        return True
    with acting(system_actor(name="任命核对"), savepoint=False):
        held = Appointment.objects.filter(account=account, role__in=ADMINISTRATORS)
        unended = Q(ends_on__isnull=True) | Q(ends_on__gte=TruncDate(Now()))
        return held.filter(unended).exists()


def require_second(actor: Actor, account: Account, role: Role | None = None) -> None:
    """``Refused`` for one keeper alone: a keeper's account is changed by `keeper_changes.decide` only."""
    if actor.role != Role.SYSTEM and is_keepers_matter(account, role):
        raise Refused("这涉及管理员账号或者管理员职务，须先提请，由另一名管理员复核确认。")


def _named(person_ref: int | None) -> Q:
    return Q(pk__in=[]) if person_ref is None else Q(person_ref=person_ref)
