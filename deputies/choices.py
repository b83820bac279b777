"""Choices of deputies in forms: scoped rows, and two people of one name told apart."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from deputies.models import Mandate
from deputies.selectors import DeputyNames
from liaison.tenancy.scope import Actor
from liaison.web.generic import ModelChoiceField, ModelMultipleChoiceField

PARTS = ("person", "term", "constituency", "electing_unit")


class _Named:
    """Labels by `DeputyNames`: the constituency stands beside a name that another deputy has too."""

    actor: Actor
    _names: DeputyNames | None = None

    def _set_queryset(self, rows: QuerySet[Mandate]) -> None:
        self._names = None
        super()._set_queryset(rows.select_related(*PARTS))  # type: ignore[misc]

    def _get_queryset(self) -> QuerySet[Mandate]:
        return super()._get_queryset()  # type: ignore[misc, no-any-return]

    queryset = property(_get_queryset, _set_queryset)

    def label_from_instance(self, obj: Mandate) -> str:
        self._names = self._names or DeputyNames(self.actor)
        return self._names.of(obj)

    @classmethod
    def of(cls, actor: Actor) -> Any:
        """The field class for the rows that ``actor`` may choose from."""
        return type(cls.__name__, (cls,), {"actor": actor})


class MandateChoice(_Named, ModelChoiceField):
    """One deputy; `row_choice(kind=MandateChoice.of(actor))`."""


class MandateChoices(_Named, ModelMultipleChoiceField):
    """Boxes to tick, one a deputy; `row_choices(kind=MandateChoices.of(actor))`."""
