"""How long words may be: the model's column says it once, services ask here.

What a person wrote is never cut. Words that do not fit are refused with a sentence at the field, so that
nothing leaves an official record without somebody knowing.
"""

from typing import Any

from liaison.words.errors import InvalidInput
from liaison.words.text import clean_line, clean_text


def limit_of(model: Any, column: str) -> int:
    """The most characters ``column`` of ``model`` takes; ``ValueError`` for a column without a limit."""
    limit = model._meta.get_field(column).max_length
    if limit is None:
        raise ValueError(f"{model.__name__}.{column} has no max_length")
    return int(limit)


def label_of(model: Any, column: str) -> str:
    """What the forms call ``column`` of ``model``."""
    return str(model._meta.get_field(column).verbose_name)


def fitted(
    model: Any, column: str, value: str, *, at: str = "", label: str = "", needed: bool | str = False
) -> str:
    """``value`` cleaned, its lines kept, when it fits ``column``; else ``InvalidInput`` at ``at``.

    ``at`` is the field's name in the form (the column's by default), ``label`` what the sentence calls it
    (the column's verbose name). ``needed``: nothing is refused too, by the sentence given or by 请填写….
    """
    return _checked(model, column, clean_text(value).strip(), at, label, needed)


def fitted_line(
    model: Any, column: str, value: str, *, at: str = "", label: str = "", needed: bool | str = False
) -> str:
    """The same for words that stand on one line: a name, a place, a title."""
    return _checked(model, column, clean_line(value), at, label, needed)


def _checked(model: Any, column: str, words: str, at: str, label: str, needed: bool | str) -> str:
    field = at or column
    label = label or label_of(model, column)
    if needed and not words:
        raise InvalidInput({field: needed if isinstance(needed, str) else f"请填写{label}。"})
    limit = limit_of(model, column)
    if len(words) > limit:
        raise InvalidInput({field: too_long(label, limit, len(words))})
    return words


def too_long(label: str, limit: int, length: int) -> str:
    """The sentence for words of ``length`` characters where ``limit`` fit."""
    return f"{label}最多{limit}个字，现有{length}个字，请精简。"
