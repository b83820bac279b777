"""Editing a scheme as a table: which cells there are, and the definition that what was typed makes.

Pure. The clerk sees names and numbers only; codes, ways of counting and sources stay as the scheme has them.
What was typed is checked by ``scoring.Scheme.from_dict``, whose messages name the cell by its path.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from assessments.scheme_data import shipped_schemes
from assessments.scoring import ItemType, WhenEmpty
from liaison.words.text import fold_width, read_digits

Definition = dict[str, Any]

# Numbers of each way of counting: key → label and whether it is a whole number.
_NUMBERS: Mapping[str, tuple[tuple[str, str, bool], ...]] = {
    ItemType.PER_COUNT: (
        ("each", "每件分值", False),
        ("cap", "计分件数上限", True),
        ("quality_max", "质量分", False),
    ),
    ItemType.STEP: (
        ("target", "标准数量", True),
        ("at_target", "达标分值", False),
        ("above", "超出每件增减", False),
        ("below", "不足每件增减", False),
    ),
    ItemType.JUDGED: (("max", "最高评分", False),),
    ItemType.BALLOT: (("min_valid", "最少有效票", True),),
    ItemType.BONUS: (("each", "每次分值", False), ("cap", "本项上限", False)),
    ItemType.DEDUCTION: (("each", "每次分值", False), ("cap", "本项上限", False)),
    ItemType.VETO: (("at_least", "起算次数", True),),
    ItemType.RATIO: (),
}
_TOP = (
    ("bonus_cap", "加分合计上限", False),
    ("deduction_cap", "扣分合计上限", False),
    ("total_cap", "总分上限", False),
    ("min_months", "参评最少任职月数", True),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One number that may be changed; ``name`` is its path in the definition."""

    name: str
    label: str
    value: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item as the table shows it."""

    place: int
    name: Cell
    full: Cell | None
    way: str
    numbers: tuple[Cell, ...]
    errors: tuple[str, ...]

    @property
    def shown_numbers(self) -> tuple[Cell, ...]:
        """The numbers that say something: neither empty nor nought."""
        return tuple(cell for cell in self.numbers if cell.value not in ("", "0"))


def top_cells(definition: Definition, errors: Mapping[str, str]) -> list[Cell]:
    """Caps and the least months, then the bound of each grade but the last, which is always 0."""
    cells = [Cell(key, label, _shown(definition.get(key)), errors.get(key, "")) for key, label, _ in _TOP]
    for place, grade in enumerate(definition["grades"][:-1]):
        path = f"grades.{place}.at_least"
        told = errors.get(path, "") or (errors.get("grades", "") if place == 0 else "")
        cells.append(Cell(path, f"“{grade['name']}”分数线", _shown(grade["at_least"]), told))
    return cells


def item_rows(definition: Definition, errors: Mapping[str, str]) -> list[ItemRow]:
    return [_row(place, item, errors) for place, item in enumerate(definition["items"])]


def _row(place: int, item: Mapping[str, Any], errors: Mapping[str, str]) -> ItemRow:
    prefix = f"items.{place}"
    is_base = item["type"] not in (ItemType.BONUS, ItemType.DEDUCTION, ItemType.VETO)
    numbers = tuple(_numbers(prefix, item, errors))
    known = {cell.name for cell in numbers} | {f"{prefix}.name", f"{prefix}.full"}
    own = (message for path, message in errors.items() if path.startswith(f"{prefix}.") and path not in known)
    return ItemRow(
        place=place,
        name=Cell(f"{prefix}.name", "项目", item["name"], errors.get(f"{prefix}.name", "")),
        full=_full(prefix, item, errors) if is_base else None,
        way=ItemType(item["type"]).label,
        numbers=numbers,
        errors=tuple(own),
    )


def _full(prefix: str, item: Mapping[str, Any], errors: Mapping[str, str]) -> Cell:
    path = f"{prefix}.full"
    return Cell(path, "标准分", _shown(item["full"]), errors.get(path, ""))


def _numbers(prefix: str, item: Mapping[str, Any], errors: Mapping[str, str]) -> Iterator[Cell]:
    params = item["params"]
    for key, label, _ in _NUMBERS[item["type"]]:
        path = f"{prefix}.params.{key}"
        yield Cell(path, label, _shown(params.get(key)), errors.get(path, ""))
    for place, level in enumerate(params.get("levels") or ()):
        path = f"{prefix}.params.levels.{place}.each"
        yield Cell(path, f"{level['name']}分值", _shown(level["each"]), errors.get(path, ""))


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def addable_items(definition: Definition) -> list[tuple[str, str]]:
    """Items of the shipped schemes for the same kind of subject that this one has not, by code."""
    taken = {item["code"] for item in definition["items"]}
    found: dict[str, str] = {}
    for rules in shipped_schemes():
        if rules.subject == definition["subject"]:
            for item in rules.items:
                if item.code not in taken:
                    found.setdefault(item.code, f"{item.name}（{item.type.label}）")
    return list(found.items())


def edited(
    definition: Definition, posted: Mapping[str, str], dropped: set[int], added: list[str]
) -> Definition:
    """The definition with what was typed in its cells, without the dropped items, with the added ones."""
    new = deepcopy(definition)
    for path, value in _typed(new, posted):
        _put(new, path, value)
    new["items"] = [item for place, item in enumerate(new["items"]) if place not in dropped]
    new["items"] += [item for code in added if (item := _shipped_item(code, new["subject"])) is not None]
    return new


def _typed(definition: Definition, posted: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    whole = {key for key, _, is_whole in _TOP if is_whole}
    for cell in top_cells(definition, {}):
        if cell.name in posted:
            yield cell.name, _value(posted[cell.name], is_whole=cell.name in whole)
    for place, item in enumerate(definition["items"]):
        yield from _typed_of_item(f"items.{place}", item, posted)


def _typed_of_item(
    prefix: str, item: Mapping[str, Any], posted: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    if (name := posted.get(f"{prefix}.name")) is not None:
        yield f"{prefix}.name", name.strip()
    if (full := posted.get(f"{prefix}.full")) is not None:
        yield f"{prefix}.full", _value(full) or "0"
    whole = {key for key, _, is_whole in _NUMBERS[item["type"]] if is_whole}
    for cell in _numbers(prefix, item, {}):
        if cell.name in posted:
            yield cell.name, _value(posted[cell.name], is_whole=cell.name.rpartition(".")[2] in whole)


def _value(text: str, *, is_whole: bool = False) -> Any:
    """What a cell means: nothing for an empty one; a wrong number stays text, for the reader to refuse."""
    text = fold_width(text).strip()
    if not text:
        return None
    number = read_digits(text, longest=5) if is_whole else None
    return text if number is None else number


def _put(definition: Definition, path: str, value: Any) -> None:
    target: Any = definition
    *way, last = path.split(".")
    for step in way:
        target = target[int(step)] if isinstance(target, list) else target[step]
    if value is None and last in (
        "each",
        "quality_max",
        "above",
        "below",
        "at_target",
        "at_least",
        "min_valid",
    ):
        target.pop(last, None)
    else:
        target[last] = value


def _shipped_item(code: str, subject: str) -> dict[str, Any] | None:
    for rules in shipped_schemes():
        for item in rules.items:
            if item.code == code and rules.subject == subject:
                return item.to_dict()
    return None


def when_empty_label(definition: Definition) -> str:
    return WhenEmpty(definition["when_empty"]).label
