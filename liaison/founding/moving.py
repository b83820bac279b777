"""One change of the tree, looked at and carried out: what moves, what ends, what has to be settled first.

A place that closes keeps its row, its scope code and everything under it; it only gets a day and a successor.
What goes on is made anew at the successor by the apps (`liaison.hooks.carry_over_places`).
"""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from liaison import hooks
from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.founding import place_codes
from liaison.founding.organs import organ_name, place_name
from liaison.hooks import Moving, Passage
from liaison.identity.passing_over import carry_appointments, moving_appointments
from liaison.models import Jurisdiction, PlaceChange
from liaison.tenancy.scope import Actor
from liaison.words.enums import JurisdictionLevel as Level
from liaison.words.enums import PlaceAct
from liaison.words.errors import Refused


def passage_of(change: PlaceChange, now: datetime) -> Passage:
    """What a change means, before anything of it is written; a township to be set up has no key yet."""
    place, successor = change.place, change.successor
    if change.act == PlaceAct.SPLIT:
        successor = Jurisdiction(
            short_name=change.new_name, level=change.new_level, official_code=change.new_code
        )
    is_village = place.level == Level.VILLAGE
    is_whole = change.act in (PlaceAct.MERGE, PlaceAct.CLOSE) and not is_village
    former = place.parent if is_village else place
    if former is None:
        raise Refused("这个村（社区）没有上级，不能办理。")
    if is_whole:
        villages = frozenset(_villages(former).values_list("pk", flat=True))
    else:
        villages = frozenset({place.pk} if is_village else change.villages)
    return Passage(former, successor, villages, is_whole, now, china_date(now), str(change.basis))


def _villages(place: Jurisdiction) -> QuerySet[Jurisdiction]:
    return Jurisdiction.objects.open().filter(parent=place, level=Level.VILLAGE).order_by("scope_code")


def moving(change: PlaceChange, now: datetime) -> list[Moving]:
    """Everything a change touches, by kind; what blocks it stands first. Somebody acts over both places."""
    passage = passage_of(change, now)
    found = list(_moving_places(change, passage))
    for answer in hooks.moving_rows:
        found += answer(passage)
    found += moving_appointments(passage)
    return sorted(found, key=lambda line: not line.blocks)


def _moving_places(change: PlaceChange, passage: Passage) -> list[Moving]:
    successor, count = passage.successor, len(passage.villages)
    if successor is not None:
        found = (
            [Moving("村（社区）", count, f"划入{successor.short_name}；原代码和名称留存")] if count else []
        )
        if change.act == PlaceAct.SPLIT:
            found.insert(
                0, Moving("新设区域", 1, f"{successor.short_name}，之后请任命工作人员、设立本级人大")
            )
        return found
    if passage.is_whole and count:
        return [Moving("村（社区）", count, "请先划转或者撤销", blocks=True)]
    return []


def carry_out(actor: Actor, change: PlaceChange, now: datetime) -> list[Moving]:
    """Do it, all or nothing, as the system over the interval of whoever decided; returns what moved.

    The places are locked in the order of their codes, so that two changes never wait for each other.
    ``Refused`` while something blocks it, or when a place was closed meanwhile.
    """
    keys = {change.place_id, change.successor_id, change.place.parent_id, *change.villages} - {None}
    locked = Jurisdiction.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("scope_code")
    rows = {place.pk: place for place in locked}
    change.place = rows[change.place_id]
    if change.successor_id is not None:
        change.successor = rows[change.successor_id]
    taking_part = {change.place_id, change.successor_id, *change.villages} - {None}
    if any(rows[pk].closed_on is not None for pk in taking_part if pk in rows) or taking_part - set(rows):
        raise Refused("其中的区域已经变更，请重新提请。")
    found = moving(change, now)
    if any(line.blocks for line in found):
        raise Refused("还有需要先办结的事项，办结后再确认。")
    passage = passage_of(change, now)
    with trail.operation("carry_out_place_change", reason=passage.basis):
        if change.act == PlaceAct.SPLIT:
            passage.successor = change.successor = _set_up(actor, change)
        _carry_villages(passage)
        for carry in hooks.carry_over_places:
            carry(actor, passage)
        carry_appointments(actor, passage)
        if passage.is_whole:
            _close(passage.former, passage.successor, passage)
    return found


def _set_up(actor: Actor, change: PlaceChange) -> Jurisdiction:
    parent = change.place.parent
    if parent is None:
        raise Refused("这个区域没有上级，不能拆分。")
    level = Level(change.new_level)
    scope = _scope(level, str(change.new_code), parent)
    place = Jurisdiction(
        name=place_name(level, change.new_name, parent),
        short_name=change.new_name,
        level=level,
        official_code=change.new_code,
        scope_code=scope,
        scope_end=scope + place_codes.width(level),
        parent=parent,
        organ_name=organ_name(level, change.new_name, parent),
    )
    place.save(force_insert=True)
    return place


def _scope(level: Level, code: str, parent: Jurisdiction) -> int:
    """A free code below ``parent``: never one that was used, by a closed place either."""
    inside = Jurisdiction.objects.filter(scope_code__gte=parent.scope_code, scope_end__lte=parent.scope_end)
    taken: Collection[int] = set(inside.values_list("scope_code", flat=True))
    try:
        return place_codes.scope_for(level, code, (parent.scope_code, parent.scope_end), taken)
    except ValueError:
        raise Refused(f"{parent.short_name}的下级已满，不能再登记。") from None


def _carry_villages(passage: Passage) -> None:
    """Each village that moves is closed and stands anew below the successor; another one is only closed."""
    moved = passage.moved.setdefault("village", {})
    villages = Jurisdiction.objects.filter(pk__in=passage.villages).order_by("scope_code")
    for village in villages:
        new = _village_at(passage.successor, village) if passage.successor is not None else None
        if new is not None:
            moved[village.pk] = new.pk
        _close(village, new, passage)


def _village_at(successor: Jurisdiction, village: Jurisdiction) -> Jurisdiction:
    scope = _scope(Level.VILLAGE, "", successor)
    new = Jurisdiction(
        name=place_name(Level.VILLAGE, village.short_name, successor),
        short_name=village.short_name,
        level=Level.VILLAGE,
        scope_code=scope,
        scope_end=scope + place_codes.width(Level.VILLAGE),
        parent=successor,
    )
    new.save(force_insert=True)
    return new


def _close(place: Jurisdiction, successor: Jurisdiction | None, passage: Passage) -> None:
    place.closed_on, place.succeeded_by = passage.day, successor
    place.save(update_fields=["closed_on", "succeeded_by"])
