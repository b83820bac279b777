"""Handling units."""

from constituents.access import OPINION_KEEPERS
from constituents.models import HandlingUnit
from liaison import audit
from liaison.errors import InvalidInput
from liaison.scope import Actor
from liaison.text import clean_line


def create_unit(*, actor: Actor, name: str, contact_person: str = "", phone: str = "") -> HandlingUnit:
    """Add a unit; ``InvalidInput`` when the name is empty or taken in this jurisdiction."""
    actor.require(*OPINION_KEEPERS)
    name = clean_line(name)
    if not name:
        raise InvalidInput({"name": "请填写承办单位名称。"})
    if HandlingUnit.scoped(actor).filter(scope_code=actor.lo, name=name).exists():
        raise InvalidInput({"name": f"已有名为“{name}”的承办单位。"})
    with audit.operation("create_unit"):
        return HandlingUnit._plain.create(
            scope_code=actor.lo, name=name, contact_person=clean_line(contact_person), phone=clean_line(phone)
        )
