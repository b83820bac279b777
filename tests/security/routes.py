"""Every URL pattern of the project, and what permissions.yaml says about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from liaison.identity.roles import STAFF
from liaison.words.enums import (
    Role,
)
from tests.security.nation import Nation

FILE = Path(__file__).with_name("permissions.yaml")
ADMIN_PAGES = ("changelist", "add", "change", "delete", "history")
OBJECT_PAGES = ("change", "delete", "history")
ROLES = tuple(role for role in Role if role not in (Role.PUBLIC, Role.SYSTEM))


@dataclass(frozen=True)
class Pattern:
    name: str | None
    address: str
    parameters: tuple[str, ...]
    view: str


@cache
def patterns() -> tuple[Pattern, ...]:
    return tuple(_walk(get_resolver().url_patterns, "", ""))


def _walk(found: list[Any], prefix: str, space: str) -> Iterator[Pattern]:
    for entry in found:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _walk(entry.url_patterns, prefix + str(entry.pattern), inner)
        elif isinstance(entry, URLPattern):
            name = f"{space}{entry.name}" if entry.name else None
            parameters = tuple(entry.pattern.converters) or tuple(entry.pattern.regex.groupindex)
            view = f"{entry.callback.__module__}.{entry.callback.__qualname__}"
            yield Pattern(name, prefix + str(entry.pattern), parameters, view)


@cache
def table() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@cache
def admin_routes() -> dict[str, tuple[str, str]]:
    """Route names of Django's own five pages of each registered model: name to (model label, page)."""
    return {
        f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}": (model._meta.label, page)
        for model in admin.site._registry
        for page in ADMIN_PAGES
    }


@dataclass(frozen=True)
class Route:
    """One named route. ``may``: roles answered with 200 or 302; ``hidden``: roles answered with 404 inside
    their own area too, because absent and forbidden look the same; all others get 403."""

    name: str
    may: frozenset[Role]
    hidden: frozenset[Role] = frozenset()
    row: str = ""
    args: dict[str, Any] = field(default_factory=dict)
    method: str = "get"
    is_public: bool = False
    notes: str = ""
    fresh: bool = False
    limit: int = 0
    is_inherited: bool = False
    keyed: str = ""
    partial: str = ""
    is_national: bool = False
    also: frozenset[int] = frozenset()
    is_of_model: bool = False

    def address(self, nation: Nation, key: str) -> str:
        """The address for the object of one place (``key``); lists have one address."""
        return reverse(self.name, kwargs=self._arguments(nation, key))

    def absent(self, nation: Nation) -> str:
        """The same address for an object that does not exist."""
        pattern = next(p for p in patterns() if p.name == self.name)
        values = {name: 999_999_999 for name in pattern.parameters if name not in self.args}
        return reverse(self.name, kwargs={**self.args, **values})

    def _arguments(self, nation: Nation, key: str) -> dict[str, Any]:
        pattern = next(p for p in patterns() if p.name == self.name)
        values: dict[str, Any] = dict(self.args)
        for name in pattern.parameters:
            if name not in values:
                model, _, attribute = self.row.partition(".")
                values[name] = getattr(nation[key].get(model), attribute or "pk", 1)
        return values


def _roles(names: list[str]) -> frozenset[Role]:
    """Roles and groups of roles, by name."""
    groups = table()["groups"]
    return frozenset(Role(role) for name in names for role in groups.get(name, [name]))


def own_routes() -> list[Route]:
    return [
        Route(
            name=name, may=_roles(entry.get("may", [])), hidden=_roles(entry.get("hidden", [])),
            row=entry.get("object", ""), args=entry.get("args", {}), method=entry.get("method", "get"),
            is_public=entry.get("public", False), notes=entry.get("notes", ""), fresh=entry.get("fresh", False),
            limit=entry.get("limit", 0), keyed=entry.get("keyed", ""), partial=entry.get("partial", ""),
            also=frozenset(entry.get("also", [])),
            is_inherited=entry.get("inherited", False),
        )
        for name, entry in table()["routes"].items()
    ]  # fmt: skip


def model_routes() -> list[Route]:
    """The pattern rule: five routes per model of ``admin_models``; history goes with viewing."""
    found = []
    for label, entry in table()["admin_models"].items():
        app, _, model = label.partition(".")
        rights = _model_rights(entry)
        for page in ADMIN_PAGES:
            found.append(
                Route(
                    name=f"admin:{app}_{model.lower()}_{page}", may=rights[page], row=model if page in OBJECT_PAGES else "",
                    is_inherited=entry.get("inherited", False),
                    fresh=page in entry.get("fresh", []), is_of_model=True, is_national=entry.get("national", False), partial=entry.get("partial", ""),
                )
            )  # fmt: skip
    return found


def _model_rights(entry: dict[str, Any]) -> dict[str, frozenset[Role]]:
    opened = _roles(entry.get("open", entry["view"]))
    rights = {
        "changelist": _roles(entry["view"]), "history": opened, "change": opened,
        "add": _roles(entry.get("add", [])), "delete": frozenset(),
    }  # fmt: skip
    return rights | {page: frozenset(STAFF) for page in entry.get("forwards", [])}


def all_routes() -> list[Route]:
    return own_routes() + model_routes()


def part_of(parts: int, part: int) -> list[Route]:
    """One of ``parts`` shares of all routes; neighbours in the table cost alike and go to different shares."""
    return all_routes()[part::parts]
