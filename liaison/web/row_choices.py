"""One button for each row of a choice; a field answers with the row, checked against what was offered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator

from liaison.web.generic import ModelChoiceField


class _RowsFirst(ModelChoiceIterator):  # type: ignore[type-arg]
    """The line that names no row stands below the rows."""

    def __iter__(self) -> Iterator[Any]:
        return iter(sorted(super().__iter__(), key=lambda line: line[0] == ""))


class _AsWorded(ModelChoiceIterator):  # type: ignore[type-arg]
    field: WordedButtons

    def __iter__(self) -> Iterator[Any]:
        places = {str(pk): place for place, pk in enumerate(self.field.words)}
        return iter(sorted(super().__iter__(), key=lambda line: places.get(str(line[0]), len(places))))


class RowButtons(ModelChoiceField):
    """One button a row; with ``blank`` one more, the last, that names none."""

    iterator: type[Any] = _RowsFirst

    def __init__(self, label: str, rows: QuerySet[Any], *, blank: str = "", **kwargs: Any) -> None:
        super().__init__(
            rows,
            label=label,
            required=not blank,
            blank=bool(blank),
            empty_label=blank or None,
            widget=forms.RadioSelect,
            error_messages={"required": f"请选择{label}。", "invalid_choice": f"请重新选择{label}。"},
            **kwargs,
        )


class WordedButtons(RowButtons):
    """Rows with words that the caller works out, in the order of ``words``; no other row is offered."""

    iterator = _AsWorded

    def __init__(self, label: str, rows: QuerySet[Any], words: Mapping[int, str], **kwargs: Any) -> None:
        self.words = words
        super().__init__(label, rows.filter(pk__in=words), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return self.words[obj.pk]
