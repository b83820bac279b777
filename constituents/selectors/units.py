"""Handling units to choose from, and who may get an account at one."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q

from constituents.models import HandlingUnit
from liaison.hooks import Holder
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, system_actor
from liaison.words.enums import Role


def units_to_appoint(actor: Actor, place: Jurisdiction) -> list[tuple[int, str]]:
    """The units of ``place`` in use, for the appointment of those who handle cases there."""
    rows = HandlingUnit.scoped(actor).filter(scope_code=place.scope_code, is_active=True)
    return [(row.pk, row.name) for row in rows.order_by("name", "pk")]


def account_holders(actor: Actor, place: Jurisdiction, ids: Iterable[int]) -> list[Holder]:
    """The units among ``ids`` whose handler may get an account, with the person the register names."""
    found = HandlingUnit.scoped(actor).filter(scope_code=place.scope_code, is_active=True, pk__in=list(ids))
    rows = found.order_by("name", "pk")
    return [Holder(row.pk, row.contact_person, row.name, Role.HANDLING_UNIT) for row in rows]


def acts_for_unit(day: date) -> Q:
    """Of an appointment: the unit it speaks for is in use now, whatever ``day`` is."""
    units = HandlingUnit.scoped(system_actor()).filter(pk=OuterRef("unit_ref"), is_active=True)
    return Q(Exists(units))
