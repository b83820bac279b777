"""Handling units to choose from."""

from datetime import date

from django.db.models import Exists, OuterRef, Q

from constituents.models import HandlingUnit
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, system_actor


def units_to_appoint(actor: Actor, place: Jurisdiction) -> list[tuple[int, str]]:
    """The units of ``place`` in use, for the appointment of those who handle cases there."""
    rows = HandlingUnit.scoped(actor).filter(scope_code=place.scope_code, is_active=True)
    return [(row.pk, row.name) for row in rows.order_by("name", "pk")]


def acts_for_unit(day: date) -> Q:
    """Of an appointment: the unit it speaks for is in use now, whatever ``day`` is."""
    units = HandlingUnit.scoped(system_actor()).filter(pk=OuterRef("unit_ref"), is_active=True)
    return Q(Exists(units))
