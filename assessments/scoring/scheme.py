"""A scheme (测评办法) as data: items, caps, grades. Both ways to JSON, checked with Chinese messages."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Self

from assessments.scoring.checks import scheme_problems
from assessments.scoring.params import TYPE_OF, Params, read_params
from assessments.scoring.reader import Reader
from assessments.scoring.values import (
    EXTRA_TYPES,
    ZERO,
    InvalidScheme,
    ItemType,
    Subject,
    WhenEmpty,
    plain,
    publish,
)


@dataclass(frozen=True, slots=True)
class Why:
    """The words of one item: ``due``/``done`` + number + ``unit`` explain the points;
    ``strength``/``problem`` open its sentence in the notice (empty: made from the item's name)."""

    due: str = "应完成"
    done: str = "实际完成"
    unit: str = "次"
    strength: str = ""
    problem: str = ""

    def to_dict(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in ("due", "done", "unit", "strength", "problem")}

    @classmethod
    def read(cls, reader: Reader) -> Self:
        why = cls(
            reader.text("due", "应完成用语", default="应完成", most=20),
            reader.text("done", "实际完成用语", default="实际完成", most=20),
            reader.text("unit", "单位", default="次", most=10),
            reader.text("strength", "肯定用语", default=""),
            reader.text("problem", "问题用语", default=""),
        )
        reader.finish()
        return why


@dataclass(frozen=True, slots=True)
class Grade:
    """Reached from ``at_least`` points on, the bound included."""

    code: str
    name: str
    at_least: Decimal

    def to_dict(self) -> dict[str, str]:
        return {"code": self.code, "name": self.name, "at_least": plain(self.at_least)}

    @classmethod
    def read(cls, reader: Reader) -> Self:
        grade = cls(
            reader.text("code", "等次代码", most=12),
            reader.text("name", "等次名称", most=8),
            reader.points("at_least", "等次分数线"),
        )
        reader.finish()
        return grade


# The seed article: 90分以上为优秀，80分以上为合格，低于80分为不合格.
USUAL_GRADES = (
    Grade("excellent", "优秀", Decimal(90)),
    Grade("qualified", "合格", Decimal(80)),
    Grade("unqualified", "不合格", Decimal(0)),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the scheme. ``facts`` are the codes that feed it (added up), none for a constant;
    ``due_per_year`` is the frequency asked for, for display only; ``when_empty`` overrides the scheme."""

    code: str
    name: str
    full: Decimal
    params: Params
    facts: tuple[str, ...]
    block: str = ""
    due_per_year: int | None = None
    may_exceed: bool = False
    when_empty: WhenEmpty | None = None
    why: Why = field(default_factory=Why)

    @property
    def type(self) -> ItemType:
        return TYPE_OF[self.params.__class__]

    @property
    def is_base(self) -> bool:
        return self.type not in EXTRA_TYPES

    def to_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "name": self.name,
            "type": self.type.value,
            "full": plain(self.full),
            "facts": list(self.facts),
            "block": self.block,
            "due_per_year": self.due_per_year,
            "may_exceed": self.may_exceed,
            "when_empty": self.when_empty.value if self.when_empty else None,
            "params": self.params.to_dict(),
            "why": self.why.to_dict(),
        }

    @classmethod
    def read(cls, reader: Reader) -> Self:
        kind = reader.choice("type", "计分方式", ItemType, default=ItemType.RATIO)
        if reader.get("type") is None:
            reader.note("type", "没有写明计分方式")
        full = reader.points("full", "标准分", default="0")
        facts = _read_codes(reader)
        override = reader.choice("when_empty", "无应完成任务时的规则", WhenEmpty, default=WhenEmpty.REWEIGHT)
        item = cls(
            reader.text("code", "项目代码", most=40),
            reader.text("name", "项目名称", most=40),
            full,
            read_params(kind, full, reader.inner("params")),
            facts,
            reader.text("block", "所属部分", default="", most=12),
            reader.whole_or_none("due_per_year", "每年应完成次数"),
            reader.flag("may_exceed", "可否超出标准分"),
            override if reader.get("when_empty") is not None else None,
            Why.read(reader.inner("why")),
        )
        reader.finish()
        return item


def _read_codes(reader: Reader) -> tuple[str, ...]:
    rows = reader.rows("facts", "数据来源")
    if not all(isinstance(row, str) and row.strip() for row in rows):
        reader.note("facts", "数据来源应为代码列表")
        return ()
    return tuple(row.strip() for row in rows)


@dataclass(frozen=True)
class SchemeRules:
    """What is scored and how. Make one with ``from_dict``, which refuses what ``problems`` finds.

    ``bonus_cap``, ``deduction_cap`` and ``total_cap`` are points, ``None`` for no limit; ``min_months`` is
    the service (full months) below which a subject is not rated, 0 to switch the rule off.
    """

    code: str
    title: str
    items: tuple[Item, ...]
    version: int = 1
    subject: Subject = Subject.DEPUTY
    open_ended: bool = False
    grades: tuple[Grade, ...] = USUAL_GRADES
    bonus_cap: Decimal | None = None
    deduction_cap: Decimal | None = None
    total_cap: Decimal | None = None
    min_months: int = 6
    when_empty: WhenEmpty = WhenEmpty.REWEIGHT

    @cached_property
    def base_items(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.is_base)

    @cached_property
    def base_full(self) -> Decimal:
        """Sum of the full points of the base items; 100 unless the scheme is open-ended."""
        return sum((item.full for item in self.base_items), ZERO)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: one scheme, one number."""
        return sha256_of(self.to_dict())

    @cached_property
    def fact_names(self) -> dict[str, str]:
        """Every fact code some item asks for, and the name of the first item that does."""
        names: dict[str, str] = {}
        for item in self.items:
            for code in item.facts:
                names.setdefault(code, item.name)
        return names

    def grade_of(self, points: Decimal) -> Grade:
        """The grade of the *published* number: 89.995 is 90.00 and therefore 优秀."""
        published = publish(points)
        for grade in self.grades:
            if published >= grade.at_least:
                return grade
        return self.grades[-1]

    def capped_grade(self, grade: Grade, ceiling: str) -> Grade:
        """The lower of ``grade`` and the grade with the code ``ceiling``."""
        order = [each.code for each in self.grades]
        return self.grades[max(order.index(grade.code), order.index(ceiling))]

    def problems(self) -> dict[str, str]:
        """Path → Chinese sentence for everything that makes this scheme unusable; empty when it is fine."""
        return scheme_problems(self)

    def to_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "title": self.title,
            "version": self.version,
            "subject": self.subject.value,
            "open_ended": self.open_ended,
            "grades": [grade.to_dict() for grade in self.grades],
            "bonus_cap": _cap(self.bonus_cap),
            "deduction_cap": _cap(self.deduction_cap),
            "total_cap": _cap(self.total_cap),
            "min_months": self.min_months,
            "when_empty": self.when_empty.value,
            "items": [item.to_dict() for item in self.items],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The scheme in ``data``. Raises ``InvalidScheme`` with every mistake found, in Chinese."""
        problems: dict[str, str] = {}
        scheme = cls._read(Reader(data, "", "测评办法：", problems))
        if not problems:
            problems = scheme.problems()
        if problems:
            raise InvalidScheme(problems)
        return scheme

    @classmethod
    def _read(cls, reader: Reader) -> Self:
        grades = reader.rows("grades", "等次")
        items = reader.rows("items", "项目")
        scheme = cls(
            code=reader.text("code", "代码", most=40),
            title=reader.text("title", "名称", most=100),
            items=tuple(Item.read(_item_reader(reader, place, row)) for place, row in enumerate(items)),
            version=reader.whole("version", "版本号", default=1, least=1),
            subject=reader.choice("subject", "测评对象", Subject, default=Subject.DEPUTY),
            open_ended=reader.flag("open_ended", "不设百分制"),
            grades=tuple(
                Grade.read(reader.child(f"grades.{place}", row, f"第{place + 1}个等次："))
                for place, row in enumerate(grades)
            )
            or USUAL_GRADES,
            bonus_cap=reader.points_or_none("bonus_cap", "加分上限"),
            deduction_cap=reader.points_or_none("deduction_cap", "扣分上限"),
            total_cap=reader.points_or_none("total_cap", "总分上限"),
            min_months=reader.whole("min_months", "参评最少任职月数", default=6),
            when_empty=reader.choice(
                "when_empty", "无应完成任务时的规则", WhenEmpty, default=WhenEmpty.REWEIGHT
            ),
        )
        reader.finish()
        return scheme


def _item_reader(reader: Reader, place: int, row: object) -> Reader:
    name = row.get("name", "") if isinstance(row, Mapping) else ""
    return reader.child(f"items.{place}", row, f"第{place + 1}项“{str(name)[:40]}”：")


def _cap(points: Decimal | None) -> str | None:
    return None if points is None else plain(points)


def sha256_of(data: Mapping[str, Any]) -> str:
    """SHA-256 of canonical JSON (sorted keys, no blanks, UTF-8)."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
