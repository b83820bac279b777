"""One township in the demo: its people, who acts for whom, and how diligent each deputy is."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from constituents.models import HandlingUnit
from deputies.enums import MandateState
from deputies.models import GroupMembership, Mandate, Term
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, acting
from reports.demo.clock import at
from stations.models import Station


@dataclass(slots=True)
class Character:
    """How one deputy behaves, drawn once by seed: attendance, visits, opinions a year, ability to write."""

    attends: float
    visits: float
    opinions: int
    writes: float
    speaks: float


@dataclass(slots=True)
class Township:
    """Everything the builders of the year need to know about one place."""

    place: Jurisdiction
    term: Term
    clerk: Actor
    chair: Actor
    rng: random.Random
    villages: tuple[str, ...]
    stations: list[Station] = field(default_factory=list)
    units: dict[str, HandlingUnit] = field(default_factory=dict)
    unit_actors: dict[str, Actor] = field(default_factory=dict)
    deputies: dict[int, Actor] = field(default_factory=dict)
    characters: dict[int, Character] = field(default_factory=dict)
    turns: Counter[int] = field(default_factory=Counter)
    pace: float = 1.0
    visit_pace: float = 1.0

    def seated(self, day: date) -> list[Mandate]:
        """Mandates in office on that day, in list order; suspended ones are left out."""
        rows = Mandate._plain.filter(term=self.term, scope_code=self.place.scope_code, elected_on__lte=day)
        rows = rows.exclude(ended_on__lte=day).filter(state=MandateState.ACTIVE)
        return list(rows.select_related("person", "constituency").order_by("list_number", "pk"))

    def actor_of(self, mandate: Mandate) -> Actor:
        return self.deputies[mandate.pk]

    def character_of(self, mandate: Mandate) -> Character:
        return self.characters[mandate.pk]

    def village_of(self, mandate: Mandate) -> str:
        """The village in the constituency's name: 第1选区（东庄村）."""
        name = mandate.constituency.name if mandate.constituency else ""
        inside = name.partition("（")[2].rstrip("）")
        return inside if inside in self.villages else self.villages[mandate.pk % len(self.villages)]

    def group_of(self, mandate: Mandate) -> int | None:
        places = GroupMembership._plain.filter(mandate=mandate, ends_on__isnull=True)
        return places.values_list("group_id", flat=True).first()


@contextmanager
def on_day(actor: Actor, day: date, hour: int = 10, minute: int = 0) -> Iterator[datetime]:
    """Act as somebody at an hour of a day; yields the moment to pass on."""
    with acting(actor):
        yield at(day, hour, minute)


def draw_character(rng: random.Random, place_in_list: int) -> Character:
    """A few model deputies, a broad middle, and about one in eight who lets things slide."""
    kind = (place_in_list * 7 + 3) % 16
    if kind in (0, 1, 2, 3):
        return Character(0.99, 0.98, rng.randint(12, 13), 0.98, 0.8)
    if kind in (4, 5):
        return Character(rng.uniform(0.45, 0.6), rng.uniform(0.3, 0.5), rng.randint(2, 4), 0.25, 0.1)
    return Character(rng.uniform(0.85, 0.97), rng.uniform(0.75, 0.95), rng.randint(8, 11), 0.85, 0.4)
