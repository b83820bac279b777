"""The places of an installation, at its set-up and ever after: added by a table, their names kept true."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat

from liaison.auditing import trail
from liaison.founding import place_codes
from liaison.founding.organs import WITH_PARENT, organ_name, place_name
from liaison.founding.place_table import MOST_ROWS, Known, PlaceRow, read_lines, read_places
from liaison.identity.access import linked
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.words.enums import JurisdictionLevel as Level
from liaison.words.enums import Role
from liaison.words.errors import InvalidInput, OutOfScope
from liaison.words.text import clean_line

# Who adds places below the own one, and corrects what a place is called.
PLACE_KEEPERS = (Role.COUNTY_COMMITTEE, Role.SYSTEM_ADMIN)
_COLUMNS = frozenset(
    {"name", "short_name", "official_code", "organ_name", "document_code", "publishes_scores"}
)


def office_of(actor: Actor, *, is_locked: bool = False) -> Jurisdiction:
    """The place the acting appointment is at; nobody adds places below it while it is locked."""
    rows = Jurisdiction.objects.filter(linked("pk", actor.jurisdiction_id))
    place = (rows.select_for_update(no_key=True) if is_locked else rows).first()
    if place is None:
        raise OutOfScope()
    return place


def known_places(office: Jurisdiction) -> list[Known]:
    """Our own place first, then everything below it in the order of the codes."""
    inside = Jurisdiction.objects.open().filter(
        scope_code__gte=office.scope_code, scope_end__lte=office.scope_end
    )
    rows = sorted(inside, key=lambda place: (place.pk != office.pk, place.scope_code))
    return [
        Known(place.pk, Level(place.level), place_codes.bare(place.official_code), place.short_name)
        for place in rows
    ]


def places_with_office(office: Jurisdiction) -> QuerySet[Jurisdiction]:
    """Our own place first, then those below it that have an office: not the villages."""
    inside = Jurisdiction.objects.open().filter(
        scope_code__gte=office.scope_code, scope_end__lte=office.scope_end
    )
    return inside.exclude(level=Level.VILLAGE).order_by("scope_code", "-scope_end")


def read_table(office: Jurisdiction, table: str) -> list[PlaceRow]:
    """What each line of the table becomes; ``InvalidInput`` when there is none, or more than go at once."""
    rows = read_places(read_lines(table), known_places(office))
    if not rows or len(rows) > MOST_ROWS:
        raise InvalidInput({"table": f"每次应为1至{MOST_ROWS}行，现在是{len(rows)}行。"})
    return rows


def write_places(office: Jurisdiction, table: str) -> int:
    """Write the places of a table that are new, all or none; returns how many. One statement a level.

    ``office`` is locked by the caller: the table is read again, so that of two windows with the same table
    the second adds nothing. ``InvalidInput`` while a line has a fault.
    """
    rows = read_table(office, table)
    if any(each.fault for each in rows):
        raise InvalidInput({"table": "表中还有需要更正的行，一行也没有登记。"})
    taken = set(Jurisdiction.objects.values_list("scope_code", flat=True))
    places = {place.pk: place for place in Jurisdiction.objects.filter(scope_code__gte=office.scope_code)}
    wanted = [each for each in rows if not each.is_known]
    with trail.operation("add_places"):
        for level in (Level.COUNTY, Level.TOWNSHIP, Level.STREET, Level.VILLAGE):
            made = [(each, _below(each, level, places, taken)) for each in wanted if each.level == level]
            Jurisdiction.objects.bulk_create([place for _, place in made])
            places |= {-each.line: place for each, place in made}
    return len(wanted)


def _below(each: PlaceRow, level: Level, places: Mapping[int, Jurisdiction], taken: set[int]) -> Jurisdiction:
    if each.parent is None:
        raise InvalidInput({"table": f"第{each.line}行找不到上级。"})
    parent = places[each.parent]
    try:
        scope = place_codes.scope_for(level, each.code, (parent.scope_code, parent.scope_end), taken)
    except ValueError:
        raise InvalidInput({"table": f"{parent.short_name}的下级已满，第{each.line}行无法登记。"}) from None
    taken.add(scope)
    return Jurisdiction(
        name=place_name(level, each.name, parent),
        short_name=each.name,
        level=level,
        official_code=each.code,
        scope_code=scope,
        scope_end=scope + place_codes.width(level),
        parent=parent,
        organ_name=organ_name(level, each.name, parent),
    )


def extend_places(*, actor: Actor, table: str) -> int:
    """Add the new places of a table below the acting one; returns how many. See `write_places`."""
    actor.require(*PLACE_KEEPERS)
    return write_places(office_of(actor, is_locked=True), table)


def edit_jurisdiction(*, actor: Actor, jurisdiction_id: int, **values: Any) -> Jurisdiction:
    """Correct names, organ and document code of a place; ``values`` are columns, only those given change.

    A new short name goes into the full names of the places below that begin with the former one.
    """
    actor.require(*PLACE_KEEPERS)
    inside = Jurisdiction.objects.filter(scope_code__gte=actor.lo, scope_end__lte=actor.hi)
    place = inside.select_for_update(no_key=True).filter(pk=jurisdiction_id).first()
    if place is None:
        raise OutOfScope()
    if unknown := set(values) - _COLUMNS:
        raise TypeError(f"unknown values {sorted(unknown)}")
    former = place.short_name
    for name, value in values.items():
        setattr(place, name, clean_line(value) if isinstance(value, str) else value)
    if values:
        with trail.operation("edit_jurisdiction"):
            place.save(update_fields=list(values))
            _rename_below(place, former)
    return place


def _rename_below(place: Jurisdiction, former: str) -> None:
    if place.short_name == former:
        return
    below = Jurisdiction.objects.filter(parent=place, level__in=WITH_PARENT)
    named = below.filter(name=Concat(Value(former), F("short_name")))
    named.update(name=Concat(Value(place.short_name), F("short_name")))
