"""Handling units."""

from typing import Any

from constituents.access import visible_units
from constituents.enums import UnitKind
from constituents.models import HandlingUnit
from liaison.auditing import trail
from liaison.identity.access import linked
from liaison.identity.roles import OFFICE
from liaison.tenancy.scope import Actor
from liaison.words.errors import InvalidInput, OutOfScope
from liaison.words.limits import fitted_line
from liaison.words.phones import office_phone


def create_unit(
    *, actor: Actor, name: str, kind: UnitKind | str, contact_person: str = "", phone: str = ""
) -> HandlingUnit:
    """Add a unit; ``InvalidInput`` when the name is empty or taken in this jurisdiction."""
    actor.require(*OFFICE)
    name = _free_name(actor, name, None)
    with trail.operation("create_unit"):
        return HandlingUnit._plain.create(
            scope_code=actor.lo,
            name=name,
            kind=_kind(kind),
            contact_person=fitted_line(HandlingUnit, "contact_person", contact_person),
            phone=office_phone(phone),
        )


def update_unit(*, actor: Actor, unit_id: int, **values: Any) -> HandlingUnit:
    """Correct a unit; one that is switched off keeps its cases and gets no new ones.

    ``values``: name, kind, contact_person, phone, is_active; only those given change.
    """
    actor.require(*OFFICE)
    with trail.operation("update_unit"):
        unit = visible_units(actor).select_for_update(of=("self",)).filter(pk=unit_id).first()
        if unit is None:
            raise OutOfScope()
        for name, value in values.items():
            setattr(unit, name, _clean(actor, unit, name, value))
        if values:
            unit.save(update_fields=list(values))
        return unit


def _clean(actor: Actor, unit: HandlingUnit, name: str, value: Any) -> Any:
    if name == "name":
        return _free_name(actor, value, unit.pk)
    if name == "kind":
        return _kind(value)
    if name == "is_active":
        return bool(value)
    if name == "phone":
        return office_phone(value)
    if name != "contact_person":
        raise TypeError(f"unknown value {name!r}")
    return fitted_line(HandlingUnit, name, value)


def _kind(kind: UnitKind | str) -> str:
    if kind not in set(UnitKind):
        raise InvalidInput({"kind": "请选择承办单位的类别。"})
    return UnitKind(kind)


def _free_name(actor: Actor, name: str, own_id: int | None) -> str:
    name = fitted_line(HandlingUnit, "name", name, needed="请填写承办单位名称。")
    if (
        HandlingUnit.scoped(actor)
        .filter(scope_code=actor.lo, name=name)
        .exclude(linked("pk", own_id))
        .exists()
    ):
        raise InvalidInput({"name": f"已有名为“{name}”的承办单位。"})
    return name
