"""Wall 1, the gate: a scoped table cannot be read without saying for whom.

``Model.scoped(actor)`` is the explicit way in. ``Model.objects`` (which Django's admin, forms and related
managers use) narrows to the acting actor and raises ``ScopeRequired`` when nobody acts.
"""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q

from liaison.calendar.days import EARLIEST, FIRST_YEAR, LAST_YEAR, LATEST
from liaison.tenancy.scope import Actor, require_actor

Row_co = TypeVar("Row_co", bound="ScopedModel", covariant=True)

# Only the wall tests switch the gate off, to prove that row-level security alone holds.
_gate_is_open = False


class GatedManager(models.Manager[Row_co]):
    """The default manager of scoped tables: narrowed to the acting actor, or nothing at all."""

    def get_queryset(self) -> models.QuerySet[Row_co]:
        queryset = super().get_queryset()
        if _gate_is_open:
            return queryset
        return queryset.filter(self.model.within(require_actor()))


class ScopedModel(models.Model):
    """A row that belongs to exactly one jurisdiction and is seen by it and those above it."""

    scope_code = models.BigIntegerField("管辖代码", editable=False)

    objects = GatedManager()

    # Columns whose old and new values may stand in the audit trail; all others appear by name only.
    audit_plain: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True
        base_manager_name = "_plain"
        default_manager_name = "objects"

    _plain = models.Manager()

    @classmethod
    def within(cls, actor: Actor) -> Q:
        """The rows this actor's interval reaches, as a condition; none unless the appointment is whole."""
        if not actor.is_whole:
            return Q(pk__in=[])
        return Q(scope_code__gte=actor.lo, scope_code__lt=actor.hi)

    @classmethod
    def scoped(cls, actor: Actor) -> models.QuerySet[Self]:
        queryset = cls._plain.all()
        return queryset if _gate_is_open else queryset.filter(cls.within(actor))


class InheritedModel(ScopedModel):
    """A rule or a text laid down for a jurisdiction and valid for everybody below it.

    ``scope_end`` closes the owning jurisdiction's interval: rows of an enclosing jurisdiction may be
    read, rows inside the actor's own interval may also be changed.
    """

    scope_end = models.BigIntegerField("管辖代码上限", editable=False)

    class Meta(ScopedModel.Meta):
        abstract = True

    @classmethod
    def within(cls, actor: Actor) -> Q:
        if not actor.is_whole:
            return Q(pk__in=[])
        own = Q(scope_code__gte=actor.lo, scope_code__lt=actor.hi)
        return own | Q(scope_code__lte=actor.lo, scope_end__gte=actor.hi)


def years_check(column: str, name: str) -> models.CheckConstraint:
    """The database takes only years numbers may be issued in: 2000 to 2099."""
    return models.CheckConstraint(condition=Q(**{f"{column}__range": (FIRST_YEAR, LAST_YEAR)}), name=name)


def days_check(name: str, *columns: str) -> models.CheckConstraint:
    """The database takes only days somebody can mean: 1900 to 2099, or none."""
    inside = [Q(**{f"{column}__range": (EARLIEST, LATEST)}) for column in columns]
    return models.CheckConstraint(condition=reduce(and_, inside), name=name)


def numbered_days_check(name: str, column: str) -> models.CheckConstraint:
    """The same for a day whose year stands in a number: 2000 to 2099."""
    bounds = (EARLIEST.replace(year=FIRST_YEAR), LATEST)
    return models.CheckConstraint(condition=Q(**{f"{column}__range": bounds}), name=name)
