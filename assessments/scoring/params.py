"""Parameters of the eight item types, as data (domain.md 3.7); ``rules`` says what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assessments.scoring.reader import Reader
from assessments.scoring.values import ItemType, Judge, plain


@dataclass(frozen=True, slots=True)
class Ratio:
    """full × done ÷ (scheduled − excused)."""

    def to_dict(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True, slots=True)
class PerCount:
    """``each`` points a piece, at most ``cap`` pieces (``None``: no limit), plus a quality mark.

    With ``prorate`` pieces that were not due (before a by-election) lower the cap, and the points of the
    remaining ones rise, so that whoever did all that was due has the full points.
    """

    each: Decimal
    cap: int | None
    quality_max: Decimal = Decimal(0)
    prorate: bool = True

    @property
    def counted_full(self) -> Decimal:
        """Full points without the quality mark; zero when there is no cap."""
        return self.each * (self.cap or 0)

    def to_dict(self) -> dict[str, Any]:
        return {
            "each": plain(self.each),
            "cap": self.cap,
            "quality_max": plain(self.quality_max),
            "prorate": self.prorate,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """``at_target`` points at ``target``; ``above``/``below`` is the signed change per unit more or less.

    Never below zero; never above ``ceiling`` (``None``: the full points, or no limit if it may exceed).
    """

    target: int
    at_target: Decimal
    above: Decimal = Decimal(0)
    below: Decimal = Decimal(0)
    ceiling: Decimal | None = None

    @property
    def is_constant(self) -> bool:
        return not self.above and not self.below

    def to_dict(self) -> dict[str, Any]:
        return {
            "target": self.target,
            "at_target": plain(self.at_target),
            "above": plain(self.above),
            "below": plain(self.below),
            "ceiling": None if self.ceiling is None else plain(self.ceiling),
        }


@dataclass(frozen=True, slots=True)
class Judged:
    """A mark between ``lowest`` and ``highest`` (JSON: min, max); full × mark ÷ highest."""

    lowest: Decimal
    highest: Decimal
    judge: Judge

    def to_dict(self) -> dict[str, Any]:
        return {"min": plain(self.lowest), "max": plain(self.highest), "judge": self.judge.value}


@dataclass(frozen=True, slots=True)
class Choice:
    """A box on the ballot and the share of the full points it is worth."""

    code: str
    name: str
    weight: Decimal


# domain.md 3.2, item 10: 15×(满意+0.8×基本满意)/有效票.
USUAL_CHOICES = (
    Choice("satisfied", "满意", Decimal(1)),
    Choice("basically_satisfied", "基本满意", Decimal("0.8")),
    Choice("dissatisfied", "不满意", Decimal(0)),
)


@dataclass(frozen=True, slots=True)
class Ballot:
    """Tallies of a secret vote; fewer than ``min_valid`` valid ballots count as no vote held."""

    choices: tuple[Choice, ...] = USUAL_CHOICES
    min_valid: int = 1

    def to_dict(self) -> dict[str, Any]:
        rows = [
            {"code": choice.code, "name": choice.name, "weight": plain(choice.weight)}
            for choice in self.choices
        ]
        return {"choices": rows, "min_valid": self.min_valid}


@dataclass(frozen=True, slots=True)
class Level:
    """A kind of occurrence with its own points, such as 县级表彰."""

    code: str
    name: str
    each: Decimal


@dataclass(frozen=True, slots=True)
class Extra:
    """``each`` points an occurrence, or by level; ``cap`` limits this item alone."""

    each: Decimal
    levels: tuple[Level, ...] = ()
    cap: Decimal | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "each": plain(self.each),
            "levels": [
                {"code": level.code, "name": level.name, "each": plain(level.each)} for level in self.levels
            ],
            "cap": None if self.cap is None else plain(self.cap),
        }


@dataclass(frozen=True, slots=True)
class Deduction(Extra):
    """Points taken away."""


@dataclass(frozen=True, slots=True)
class Bonus(Extra):
    """Points added."""


@dataclass(frozen=True, slots=True)
class Veto:
    """From ``at_least`` occurrences on, the grade is at most ``ceiling`` (a grade code)."""

    ceiling: str
    at_least: int = 1

    def to_dict(self) -> dict[str, Any]:
        return {"ceiling": self.ceiling, "at_least": self.at_least}


Params = Ratio | PerCount | Step | Judged | Ballot | Deduction | Bonus | Veto

TYPE_OF: Mapping[type[Params], ItemType] = {
    Ratio: ItemType.RATIO,
    PerCount: ItemType.PER_COUNT,
    Step: ItemType.STEP,
    Judged: ItemType.JUDGED,
    Ballot: ItemType.BALLOT,
    Deduction: ItemType.DEDUCTION,
    Bonus: ItemType.BONUS,
    Veto: ItemType.VETO,
}


def read_params(kind: ItemType, full: Decimal, reader: Reader) -> Params:
    """The parameters of one item; mistakes go to the reader."""
    match kind:
        case ItemType.RATIO:
            params: Params = Ratio()
        case ItemType.PER_COUNT:
            params = _read_per_count(reader)
        case ItemType.STEP:
            params = _read_step(full, reader)
        case ItemType.JUDGED:
            params = _read_judged(full, reader)
        case ItemType.BALLOT:
            params = _read_ballot(reader)
        case ItemType.DEDUCTION:
            params = Deduction(*_read_extra(reader))
        case ItemType.BONUS:
            params = Bonus(*_read_extra(reader))
        case ItemType.VETO:
            params = Veto(
                reader.text("ceiling", "否决后的最高等次"),
                reader.whole("at_least", "起算次数", default=1, least=1),
            )
    reader.finish()
    return params


def _read_per_count(reader: Reader) -> PerCount:
    return PerCount(
        reader.points("each", "每件分值"),
        reader.whole_or_none("cap", "计分件数上限", least=1),
        reader.points("quality_max", "质量分", default="0"),
        reader.flag("prorate", "按核减折算", default=True),
    )


def _read_step(full: Decimal, reader: Reader) -> Step:
    return Step(
        reader.whole("target", "标准数量"),
        reader.points("at_target", "达标分值", default=plain(full)),
        reader.points("above", "超出每件增减分", default="0", signed=True),
        reader.points("below", "不足每件增减分", default="0", signed=True),
        reader.points_or_none("ceiling", "最高分"),
    )


def _read_judged(full: Decimal, reader: Reader) -> Judged:
    return Judged(
        reader.points("min", "最低评分", default="0"),
        reader.points("max", "最高评分", default=plain(full)),
        reader.choice("judge", "评议主体", Judge, default=Judge.PRESIDIUM),
    )


def _read_ballot(reader: Reader) -> Ballot:
    least = reader.whole("min_valid", "最少有效票", default=1, least=1)
    rows = reader.rows("choices", "测评票选项")
    choices = tuple(
        _read_choice(reader.child(f"choices.{number}", row, reader.where)) for number, row in enumerate(rows)
    )
    return Ballot(choices or USUAL_CHOICES, least)


def _read_choice(reader: Reader) -> Choice:
    choice = Choice(
        reader.text("code", "选项代码", most=40),
        reader.text("name", "选项名称", most=20),
        reader.points("weight", "选项权重"),
    )
    reader.finish()
    return choice


def _read_extra(reader: Reader) -> tuple[Decimal, tuple[Level, ...], Decimal | None]:
    levels = tuple(
        _read_level(reader.child(f"levels.{number}", row, reader.where))
        for number, row in enumerate(reader.rows("levels", "级别"))
    )
    return reader.points("each", "每次分值", default="0"), levels, reader.points_or_none("cap", "本项上限")


def _read_level(reader: Reader) -> Level:
    level = Level(
        reader.text("code", "级别代码", most=40),
        reader.text("name", "级别名称", most=20),
        reader.points("each", "每次分值"),
    )
    reader.finish()
    return level
