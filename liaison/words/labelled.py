"""Enums whose members carry the Chinese label a user sees.

Pure: the rule modules may use them without Django, and a model field takes ``choices=SomeEnum.choices``.
"""

from enum import StrEnum, nonmember
from typing import Any, Self


class LabelledEnum(StrEnum):
    """A ``StrEnum`` written as ``NAME = "value", "中文标签"``.

    ``str(member)`` is the stored value (it goes into columns and URLs); show ``member.label`` to people.
    A member without a label, or two with the same one, is refused with ``TypeError`` at import.
    """

    # Django templates call whatever is callable; an enum class in a context must stay a class.
    do_not_call_in_templates = nonmember(True)

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        labels = cls.labels()
        if "" in labels or len(set(labels)) != len(labels):
            raise TypeError(f"{cls.__name__}: every member needs a label of its own")

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """``(value, label)`` pairs in the order of definition, plain strings only (for model fields)."""
        return [(member.value, member.label) for member in cls]

    @classmethod
    def values(cls) -> list[str]:
        return [member.value for member in cls]

    @classmethod
    def labels(cls) -> list[str]:
        return [member.label for member in cls]

    @classmethod
    def from_label(cls, label: str) -> Self | None:
        """The member a cell of an imported sheet means, or ``None``; blanks around it do not count."""
        wanted = label.strip()
        return next((member for member in cls if member.label == wanted), None)
