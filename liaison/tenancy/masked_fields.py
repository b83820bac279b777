"""Columns of free text about people: what is read from a row is masked, what is stored is whole.

The mask sits on the model because a caller forgets: a list, a queue, an interface, a sheet and a paper that
read the attribute get `liaison.words.masking.MaskedText`. The whole words are behind its ``in_full``, which
only the places named in tests/security/test_words_in_full.py may call.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.query_utils import DeferredAttribute

from liaison.words.masking import MaskedText, in_full, may_be_hidden

if TYPE_CHECKING:
    # What may be assigned and what is read. At run time Django's fields take no arguments in brackets.
    _Field = models.Field[Any, Any]
    _LongText = models.TextField[str | Combinable, MaskedText]
    _Line = models.CharField[str | Combinable, MaskedText]
else:
    _Field, _LongText, _Line = models.Field, models.TextField, models.CharField


class _MaskedAttribute(DeferredAttribute):
    """Wraps what is assigned too: a row just written shows no more than a row just read.

    Words that come back from a form that showed them masked get their numbers again.
    """

    field: _Masked

    def __set__(self, instance: models.Model, value: Any) -> None:
        former = instance.__dict__.get(self.field.attname)
        if isinstance(former, MaskedText) and isinstance(value, str) and not isinstance(value, MaskedText):
            value = former.taken_back(value)
        instance.__dict__[self.field.attname] = self.field.wrapped(value)


class _Masked(_Field):
    """The part that text columns of both lengths share."""

    descriptor_class = _MaskedAttribute

    def __init__(self, *args: Any, keeps_landlines: bool = False, **kwargs: Any) -> None:
        self.keeps_landlines = keeps_landlines
        super().__init__(*args, **kwargs)

    def wrapped(self, value: Any) -> Any:
        """Text as masked text; expressions, None and what is wrapped already stay."""
        if isinstance(value, str) and not isinstance(value, MaskedText):
            return MaskedText(value, self.keeps_landlines)
        return value

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> Any:
        return self.wrapped(value)

    def to_python(self, value: Any) -> Any:
        return in_full(super().to_python(value) if not isinstance(value, MaskedText) else value)

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(in_full(value) if isinstance(value, str) else value)

    def value_to_string(self, obj: models.Model) -> str:
        """Whole, for a copy of the database; forms show the masked words and may send them back."""
        return in_full(self.value_from_object(obj))

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """A plain text column in the database and in migrations."""
        name, _path, args, kwargs = super().deconstruct()
        return name, f"django.db.models.{self.get_internal_type()}", args, kwargs


class MaskedTextField(_Masked, _LongText):
    """Long text whose reader sees no numbers that lead to a person."""


class MaskedCharField(_Masked, _Line):
    """The same on a line of limited length."""


def forget_numbers(row: models.Model) -> list[str]:
    """Put masked words in place of the whole ones in ``row``, for good; the columns to be saved.

    For rows whose resident is to be forgotten: whoever is entitled finds no number in them any more.
    """
    forgotten: list[str] = []
    for column in row._meta.concrete_fields:
        words = getattr(row, column.attname)
        if isinstance(column, _Masked) and isinstance(words, MaskedText) and words.hides_something():
            # Past the attribute, which would put the numbers back where it meets their masks.
            row.__dict__[column.attname] = column.wrapped(words.without_numbers(column.max_length))
            forgotten.append(column.attname)
    return forgotten


def rows_containing(rows: QuerySet[Any], words: str, *columns: str) -> QuerySet[Any]:
    """``rows`` where ``words`` stand in one of ``columns``, as everybody may read it.

    The database looks in the whole words; figures and letters are looked for again in what is shown, or a
    hidden number could be asked for digit by digit.
    """
    anywhere = Q()
    for column in columns:
        anywhere |= Q(**{f"{column}__icontains": words})
    found = rows.filter(anywhere)
    if not may_be_hidden(words):
        return found
    sought = words.casefold()
    texts = found.order_by().values_list("pk", *columns)
    return rows.filter(
        pk__in=[pk for pk, *shown in texts if any(sought in text.casefold() for text in shown)]
    )
