"""Filters of the roster's lists, each choice with its count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from deputies.access import visible_terms
from deputies.admin.base import chosen_term_id
from deputies.enums import Sex
from deputies.models import Constituency, GroupMembership, Mandate
from liaison.identity.gates import actor_of
from liaison.words.text import read_digits

Choices = list[tuple[str, str]]


def _counted(rows: Iterable[tuple[Any, str, int]]) -> Choices:
    return [(str(value), f"{label}（{number}）") for value, label, number in rows]


class TermFilter(admin.SimpleListFilter):
    """The list shows one term at a time, the running one first; ``get_queryset`` has narrowed it."""

    title = "届"
    parameter_name = "term"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        terms = visible_terms(actor_of(request)).select_related("congress")
        self.shown = chosen_term_id(request)
        return [(str(term.pk), str(term)) for term in terms.order_by("scope_code", "-number")]

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1

    def choices(self, changelist: Any) -> Iterator[Any]:
        for value, label in self.lookup_choices:
            yield {
                "selected": value == str(self.shown),
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset


class _CountedFilter(admin.SimpleListFilter):
    """Choices counted over the term shown, in one query."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        actor = actor_of(request)
        return _counted(self.counted(request, Mandate.scoped(actor).filter(term=chosen_term_id(request))))

    def counted(self, request: HttpRequest, mandates: QuerySet[Mandate]) -> Iterable[tuple[Any, str, int]]:
        raise NotImplementedError


class SexFilter(_CountedFilter):
    title = "性别"
    parameter_name = "sex"

    def counted(self, request: HttpRequest, mandates: QuerySet[Mandate]) -> Iterable[tuple[Any, str, int]]:
        found = dict(mandates.order_by().values_list("person__sex").annotate(n=Count("pk")))
        return [(sex, sex.label, found[sex]) for sex in Sex if sex in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(person__sex=self.value()) if self.value() else queryset


class GroupFilter(_CountedFilter):
    title = "代表小组"
    parameter_name = "group"

    def counted(self, request: HttpRequest, mandates: QuerySet[Mandate]) -> Iterable[tuple[Any, str, int]]:
        places = GroupMembership.objects.filter(mandate__in=mandates, ends_on__isnull=True)
        found: Iterable[tuple[Any, str, int]] = (
            places.order_by("group__number")
            .values_list("group_id", "group__name")
            .annotate(n=Count("pk"))
            .values_list("group_id", "group__name", "n")
        )
        return found

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        group_id = read_digits(self.value())
        if group_id is None:
            return queryset
        return queryset.filter(memberships__group_id=group_id, memberships__ends_on__isnull=True)


class ConstituencyFilter(_CountedFilter):
    title = "选区"
    parameter_name = "constituency"

    def counted(self, request: HttpRequest, mandates: QuerySet[Mandate]) -> Iterable[tuple[Any, str, int]]:
        places = Constituency.objects.filter(mandates__in=mandates).order_by("number", "pk")
        found: Iterable[tuple[Any, str, int]] = places.annotate(n=Count("mandates")).values_list(
            "pk", "name", "n"
        )
        return found

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        constituency_id = read_digits(self.value())
        return queryset if constituency_id is None else queryset.filter(constituency_id=constituency_id)
