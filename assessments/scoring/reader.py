"""Reads untrusted JSON into typed values and gathers every mistake as a Chinese sentence."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from assessments.scoring.values import CENT, ZERO
from liaison.words.labelled import LabelledEnum

Kind = TypeVar("Kind", bound=LabelledEnum)

MOST_POINTS = Decimal(1000)
MOST_COUNT = 10_000


class Reader:
    """One JSON object. A bad value is noted under its path and replaced by a harmless one."""

    def __init__(self, data: object, path: str, where: str, problems: dict[str, str]) -> None:
        self.data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        self.path, self.where, self.problems = path, where, problems
        self.known: set[str] = set()
        if not isinstance(data, Mapping):
            self.note("", "应为一组键值")

    def note(self, key: str, message: str) -> None:
        path = ".".join(part for part in (self.path, key) if part)
        self.problems.setdefault(path, f"{self.where}{message}。")

    def get(self, key: str) -> Any:
        self.known.add(key)
        return self.data.get(key)

    def text(self, key: str, label: str, *, default: str | None = None, most: int = 200) -> str:
        value = self.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or (not value.strip() and default is None) or len(value) > most:
            self.note(key, f"{label}应为不超过{most}字的文字，且不能为空")
            return ""
        return value.strip()

    def flag(self, key: str, label: str, *, default: bool = False) -> bool:
        value = self.get(key)
        if value is not None and not isinstance(value, bool):
            self.note(key, f"{label}只能填“是”或“否”")
        return value if isinstance(value, bool) else default

    def whole(self, key: str, label: str, *, default: int | None = None, least: int = 0) -> int:
        value = self.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST_COUNT:
            self.note(key, f"{label}应为不小于{least}的整数")
            return least
        return value

    def whole_or_none(self, key: str, label: str, *, least: int = 0) -> int | None:
        return None if self.get(key) is None else self.whole(key, label, least=least)

    def points(self, key: str, label: str, *, default: str | None = None, signed: bool = False) -> Decimal:
        """A number of at most two decimals, so that what is printed is what is reckoned with."""
        value = self.get(key)
        number = _decimal(default if value is None else value)
        if number is None or abs(number) > MOST_POINTS or number != number.quantize(CENT):
            self.note(key, f"{label}应为最多两位小数的数字")
            return ZERO
        if number < 0 and not signed:
            self.note(key, f"{label}不能小于0")
            return ZERO
        return number

    def points_or_none(self, key: str, label: str) -> Decimal | None:
        return None if self.get(key) is None else self.points(key, label)

    def choice(self, key: str, label: str, kind: type[Kind], *, default: Kind) -> Kind:
        """One of an enum; absent means the default."""
        value = self.get(key)
        if value is None:
            return default
        if not isinstance(value, str) or value not in kind.values():
            allowed = "、".join(f"{member.label}（{member.value}）" for member in kind)
            self.note(key, f"{label}只能是{allowed}之一")
            return default
        return kind(value)

    def rows(self, key: str, label: str) -> list[Any]:
        value = self.get(key)
        if value is not None and not isinstance(value, list | tuple):
            self.note(key, f"{label}应为列表")
        return list(value) if isinstance(value, list | tuple) else []

    def inner(self, key: str) -> "Reader":
        """A nested object; absent means empty."""
        value = self.get(key)
        return self.child(key, {} if value is None else value, self.where)

    def child(self, key: str, data: object, where: str) -> "Reader":
        return Reader(data, ".".join(part for part in (self.path, key) if part), where, self.problems)

    def finish(self) -> None:
        """Note whatever was not asked for: a misspelt key must not silently mean the default."""
        for key in sorted(str(key) for key in self.data if key not in self.known):
            self.note(key, f"不认识“{key}”这一项")


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() < 12 else None
