"""Accounts and appointments when a place closes or gives villages away: which end, which go on elsewhere.

The successor's office is appointed at the former place as well and switches to it (切换职务). That is the one
door to what the former place has, open matters and history alike; the walls stay as they are.
"""

from collections.abc import Iterator

from django.db.models import QuerySet

from liaison.auditing import trail
from liaison.hooks import Moving, Passage
from liaison.identity import accounts
from liaison.identity.roles import ADMINISTRATORS, OFFICE
from liaison.models import Account, Appointment, Jurisdiction
from liaison.tenancy.scope import Actor, require_actor
from liaison.words.enums import LINKS_OF_ROLE, Role

_DEPUTIES = (Role.DEPUTY, Role.GROUP_LEADER)
# Those whose record may have a successor; a unit stays and finishes what it has.
_FOLLOW = ("person_ref", "group_ref", "station_ref")


def moving_appointments(passage: Passage) -> Iterator[Moving]:
    """What becomes of the appointments at a place that closes; stations tell of their clerks themselves."""
    if not passage.is_whole:
        return
    held, successor = _held(passage), passage.successor
    name = successor.short_name if successor else ""
    if successor is not None and not _office(successor).exists():
        yield Moving("承接的工作人员", 0, f"{name}还没有工作人员，请先任命", blocks=True)
    kinds = (
        ("工作人员的任职", OFFICE, f"结束；由{name}的工作人员承接" if name else "结束"),
        ("管理员的任职", ADMINISTRATORS, "结束"),
        ("代表、组长的任职", _DEPUTIES, f"原任职结束，账号不变，转到{name}" if name else "结束"),
        ("承办单位经办人的任职", (Role.HANDLING_UNIT,), "保留到原有事项办结" if name else "结束"),
    )
    for what, roles, becomes in kinds:
        if count := held.filter(role__in=roles).count():
            yield Moving(what, count, becomes)
    homes = Account.objects.filter(scope_code__gte=passage.lo, scope_code__lt=passage.hi).count()
    if homes and name:
        yield Moving("账号", homes, f"账号名和密码不变，改由{name}管理")


def carry_appointments(actor: Actor, passage: Passage) -> None:
    """End and give appointments; called after the apps have made the records they speak for."""
    going = list(_held(passage).select_for_update(of=("self",)).select_related("account").order_by("pk"))
    for each in going:
        if passage.is_whole or _follows(passage, each):
            _pass_on(passage, each)
    if passage.successor is None:
        return
    if passage.is_whole:
        _appoint_stewards(passage, passage.successor)
    _move_homes(passage, passage.successor, [each.account_id for each in going if _follows(passage, each)])


def _held(passage: Passage) -> QuerySet[Appointment]:
    rows = Appointment.scoped(require_actor()).filter(ends_on__isnull=True)
    return rows.filter(scope_code__gte=passage.lo, scope_code__lt=passage.hi)


def _office(place: Jurisdiction) -> QuerySet[Appointment]:
    rows = Appointment.scoped(require_actor()).filter(jurisdiction=place, ends_on__isnull=True)
    return rows.filter(role__in=OFFICE).select_related("account").order_by("pk")


def _follows(passage: Passage, each: Appointment) -> bool:
    """Whether every record the role speaks for has a successor."""
    needed = LINKS_OF_ROLE.get(Role(each.role), ())
    return bool(needed) and all(passage.now_at(column, getattr(each, column)) for column in needed)


def _pass_on(passage: Passage, each: Appointment) -> None:
    successor = passage.successor
    if each.role == Role.HANDLING_UNIT and successor is not None:
        return
    words = f"{passage.former.short_name}区域变更（{passage.basis}）"
    accounts.end_appointment(appointment=each, ends_on=max(passage.day, each.starts_on), reason=words)
    if successor is None or not _follows(passage, each):
        return
    needed = LINKS_OF_ROLE.get(Role(each.role), ())
    links = {column: passage.now_at(column, getattr(each, column)) for column in _FOLLOW if column in needed}
    accounts.appoint(
        account=each.account,
        jurisdiction=successor,
        role=Role(each.role),
        starts_on=passage.day,
        title=each.title,
        **links,
    )


def _appoint_stewards(passage: Passage, successor: Jurisdiction) -> None:
    for each in _office(successor):
        accounts.appoint(
            account=each.account,
            jurisdiction=passage.former,
            role=Role(each.role),
            starts_on=passage.day,
            title=f"承接{passage.former.short_name}事项",
        )


def _move_homes(passage: Passage, successor: Jurisdiction, followed: list[int]) -> None:
    """Accounts are kept by the keepers of the place they belong to."""
    homes = Account.objects.filter(scope_code__gte=passage.lo, scope_code__lt=passage.hi)
    if not passage.is_whole:
        homes = homes.filter(pk__in=followed).exclude(pk__in=_held(passage).values("account"))
    with trail.operation("move_accounts"):
        homes.update(scope_code=successor.scope_code)
