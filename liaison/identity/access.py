"""The door to the ground floor's rows, and who may appoint whom."""

from collections.abc import Mapping

from django.db.models import Q, QuerySet

from liaison.identity.roles import APPOINTABLE, DEPUTIES
from liaison.models import Account, Appointment, Jurisdiction, Notification, StoredFile
from liaison.tenancy.scope import Actor
from liaison.words.enums import (
    Role,
)
from liaison.words.errors import Forbidden, OutOfScope

_BELOW_STAFF = frozenset({*DEPUTIES, Role.STATION_CLERK, Role.HANDLING_UNIT})
MAY_APPOINT: Mapping[Role, frozenset[Role]] = {
    Role.SYSTEM: frozenset(APPOINTABLE),
    Role.SECURITY_ADMIN: frozenset(APPOINTABLE),
    Role.COUNTY_COMMITTEE: _BELOW_STAFF,
    Role.PRESIDIUM_CLERK: _BELOW_STAFF,
    Role.PRESIDIUM_CHAIR: _BELOW_STAFF,
}


def require_may_appoint(actor: Actor, role: Role) -> None:
    """``Forbidden`` unless the actor's role may give (or end) ``role``."""
    if role not in MAY_APPOINT.get(actor.role, frozenset()):
        raise Forbidden("您当前的职务不能任免这一职务。")


def accounts(actor: Actor) -> QuerySet[Account]:
    return Account.objects.filter(scope_code__gte=actor.lo, scope_code__lt=actor.hi)


def account(actor: Actor, pk: int) -> Account:
    """Raises ``OutOfScope`` for absent and foreign accounts alike."""
    found = accounts(actor).filter(pk=pk).first()
    if found is None:
        raise OutOfScope()
    return found


def jurisdictions(actor: Actor) -> QuerySet[Jurisdiction]:
    """The jurisdictions inside the actor's interval (their names are public, editing them is not)."""
    return Jurisdiction.objects.filter(scope_code__gte=actor.lo, scope_end__lte=actor.hi)


def appointment(actor: Actor, pk: int) -> Appointment:
    found = Appointment.scoped(actor).filter(pk=pk).first()
    if found is None:
        raise OutOfScope()
    return found


def notifications(actor: Actor) -> QuerySet[Notification]:
    """The actor's own messages within the current appointment, newest first."""
    return Notification.scoped(actor).filter(linked("account_id", actor.account_id))


def stored_file(actor: Actor, pk: int) -> StoredFile:
    found = StoredFile.scoped(actor).filter(pk=pk).first()
    if found is None:
        raise OutOfScope("没有找到这个文件，或者它不在您的管辖范围内。")
    return found


def linked(path: str, record: int | None) -> Q:
    """The rows whose ``path`` is the record an appointment is linked with (its person, station, unit, group).

    A missing link is a condition no row meets. ``filter(unit_id=None)`` would read ``IS NULL`` and open
    exactly the rows that belong to nobody.
    """
    return Q(pk__in=[]) if record is None else Q(**{path: record})


def is_linked(record: int | None, link: int | None) -> bool:
    """Whether a row's ``record`` is the one an appointment is linked with; nobody's row is nobody's."""
    return link is not None and record == link
