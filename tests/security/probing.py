"""What somebody with an account, or none, asks by the thousand: numbers, filters, orders, codes, forms.

A draw with a seed, so that a find can be asked again. ``script/soak probes`` asks ten thousand.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.contrib import admin
from django.urls import reverse

from liaison.words.enums import Role
from tests.security.nation import Nation
from tests.security.routes import Route, all_routes

PROBERS: tuple[Role | None, ...] = (
    Role.COUNTY_COMMITTEE, Role.STATION_CLERK, Role.HANDLING_UNIT, Role.DEPUTY, None,
)  # fmt: skip
GUESSES = ("", "__startswith", "__contains", "__regex", "__gt", "__in", "__isnull", "__length")
VALUES = ("1", "a", "⟦", "^.{3}", "13800000000", "true", "gAAAA", "0,1,2,3")
API = ("deputies", "stations", "receptions", "opinions", "suggestions", "assessments", "sheets")


@dataclass(frozen=True)
class Probe:
    """One request of a prober."""

    url: str
    method: str = "get"
    data: dict[str, Any] = field(default_factory=dict)


def probes(nation: Nation, seed: int) -> Iterator[Probe]:
    """Without end, the same for the same seed."""
    draw = Random(seed)
    routes = [route for route in all_routes() if not route.name.startswith("set_up")]
    rows = [route for route in routes if route.row]
    kinds = (
        _number,
        _number,
        _number,
        _foreign_row,
        _foreign_row,
        _filter,
        _filter,
        _interface,
        _form,
        _code,
    )
    while True:
        yield draw.choice(kinds)(nation, draw, draw.choice(rows))


def _number(nation: Nation, draw: Random, route: Route) -> Probe:
    """The same page with another number: near the own ones, and far."""
    own = route.address(nation, "own")
    number = draw.choice([draw.randint(1, 60), draw.randint(1, 5000), 999_999_999, 2**31, 2**63])
    parts = [str(number) if part.isdigit() else part for part in own.split("/")]
    return Probe("/".join(parts), route.method)


def _foreign_row(nation: Nation, draw: Random, route: Route) -> Probe:
    return Probe(route.address(nation, draw.choice(sorted(nation.rows))), route.method)


def _filter(nation: Nation, draw: Random, route: Route) -> Probe:
    """Any list of the back office by any column of its model, or of a model it points at."""
    model = draw.choice(sorted(admin.site._registry, key=lambda each: each._meta.label))
    names = [each.name for each in model._meta.get_fields()]
    pointed = [each for each in model._meta.get_fields() if each.is_relation and each.related_model]
    name = draw.choice(names)
    if pointed and draw.random() < 0.3:
        relation = draw.choice(pointed)
        name = f"{relation.name}__{draw.choice(relation.related_model._meta.get_fields()).name}"
    asked = f"{name}{draw.choice(GUESSES)}={draw.choice(VALUES)}"
    if draw.random() < 0.2:
        asked = f"o={draw.randint(-9, 99)}&q={draw.choice(VALUES)}&_to_field={name}"
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return Probe(f"{address}?{asked}")


def _interface(nation: Nation, draw: Random, route: Route) -> Probe:
    asked = draw.choice(["", "?ordering=-total", "?search=⟦", "?scope_code=0", "?page=99", "?limit=100000"])
    end = draw.choice(["", f"{draw.randint(1, 400)}/"])
    return Probe(f"/api/v1/{draw.choice(API)}/{end}{asked}")


def _form(nation: Nation, draw: Random, route: Route) -> Probe:
    """A page of the own area, sent with the numbers of rows elsewhere in every field that might take one."""
    there = nation[draw.choice(sorted(nation.rows))]
    row = there[draw.choice(sorted(name for name, each in there.items() if each is not None))]
    names = (
        "id",
        "mandate",
        "station",
        "unit",
        "village",
        "opinion",
        "_selected_action",
        "appointment",
        "into",
    )
    data = {name: str(row.pk) for name in names} | {"reason": "试探一下", "action": "export_selected"}
    return Probe(route.address(nation, "own"), "post", data)


def _code(nation: Nation, draw: Random, route: Route) -> Probe:
    """Addresses that are secrets: a guess of the right shape."""
    code = base64.urlsafe_b64encode(draw.randbytes(16)).decode().rstrip("=")
    return Probe(reverse("constituents_follow_code", args=[code]))
