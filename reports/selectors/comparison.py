"""Places side by side in code order: one grouped query per table, however many places and rows.

What is counted stands in ``figures``; here it is summed for every place below the actor.
"""

from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django.db.models import F, Q

from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor
from liaison.words.enums import JurisdictionLevel
from reports.selectors.figures import FIGURES, Figure, Sums

__all__ = ["FIGURES", "Figure", "PlaceRow", "compare_places", "places_below", "total"]

Blocks = dict[int, dict[str, int | None]]


@dataclass(slots=True)
class PlaceRow:
    """One place with its figures by code, and last year's beside them; both are read from the sums."""

    place: Jurisdiction
    sums: dict[str, Sums]
    last_sums: dict[str, Sums]
    values: dict[str, int | None] = field(init=False)
    last: dict[str, int | None] = field(init=False)

    def __post_init__(self) -> None:
        self.values = {figure.code: figure.value(self.sums[figure.code]) for figure in FIGURES}
        self.last = {figure.code: figure.value(self.last_sums[figure.code]) for figure in FIGURES}


def places_below(actor: Actor, year: int) -> list[Jurisdiction]:
    """The next level down that keeps business of its own: townships of a county, counties of a city.

    One that was closed stands there as long as ``year`` or the year before has figures of it.
    """
    levels = (
        (JurisdictionLevel.TOWNSHIP, JurisdictionLevel.STREET)
        if actor.hi - actor.lo <= 10**6
        else (JurisdictionLevel.COUNTY,)
    )
    inside = Jurisdiction.objects.filter(level__in=levels, scope_code__gte=actor.lo, scope_end__lte=actor.hi)
    lately = Q(closed_on__isnull=True) | Q(closed_on__year__gte=year - 1)
    return list(inside.filter(lately).order_by("scope_code"))


def compare_places(actor: Actor, year: int, today: date) -> list[PlaceRow]:
    """Figures of ``year`` for every place below the actor, with the year before; the queries do not grow."""
    places = places_below(actor, year)
    width = places[0].scope_end - places[0].scope_code if places else 1
    now, before = _blocks(actor, year, today, width), _blocks(actor, year - 1, today, width)
    return [
        PlaceRow(place, _sums(now, place.scope_code), _sums(before, place.scope_code)) for place in places
    ]


def total(code: str, sums: list[dict[str, Sums]]) -> int | None:
    """One figure over all places: read from the sums, so a rate is never a mean of rates."""
    figure = next(figure for figure in FIGURES if figure.code == code)
    parts = [row[code] for row in sums]
    return figure.value({name: sum(part[name] for part in parts) for name in figure.measure.sums})


def _sums(blocks: Blocks, scope_code: int) -> dict[str, Sums]:
    found = blocks.get(scope_code, {})
    return {figure.code: figure.own(found) for figure in FIGURES}


def _blocks(actor: Actor, year: int, today: date, width: int) -> Blocks:
    """The sums of every figure per block of scope codes; figures of one table share a query."""
    blocks: Blocks = {}
    for _, sharing in groupby(sorted(FIGURES, key=_table), key=_table):
        together = list(sharing)
        aggregates = {name: sum_ for each in together for name, sum_ in each.sums(today).items()}
        rows = together[0].base.rows(actor, year, today).order_by()
        grouped = rows.annotate(block=F("scope_code") / width * width).values("block").annotate(**aggregates)
        for row in grouped:
            blocks.setdefault(row.pop("block"), {}).update(row)
    return blocks


def _table(figure: Figure) -> int:
    """Figures with one base belong together, in the order of the first of them."""
    return next(place for place, other in enumerate(FIGURES) if other.base is figure.base)
