"""Bonuses, deductions and vetoes: what is added, taken away, or bars a grade."""

from dataclasses import dataclass
from decimal import Decimal

from assessments.scoring.facts import Fact
from assessments.scoring.params import Extra
from assessments.scoring.scheme import Item
from assessments.scoring.values import InvalidFacts, plain, publish


@dataclass(frozen=True, slots=True)
class ExtraAward:
    """Published points (never negative) before the scheme's caps; ``note`` tells of the item's own cap."""

    points: Decimal
    story: str
    note: str = ""


def award_extra(item: Item, params: Extra, fact: Fact) -> ExtraAward | None:
    """Points for what happened, ``None`` when nothing did. Raises ``InvalidFacts`` on an unknown level."""
    if fact.tallies:
        exact, formula, count = _by_level(item, params, fact)
    elif params.levels and fact.points is not None:
        exact, formula, count = _by_mark(item, params, fact, fact.points)
    else:
        exact, formula, count = _by_count(params, fact)
    if not count:
        return None
    story = f"{item.why.done}{count}{item.why.unit}：{formula}"
    if params.cap is not None and exact > params.cap:
        note = f"本项以{plain(params.cap)}分为限，按{plain(params.cap)}分计"
        return ExtraAward(publish(params.cap), story, note)
    return ExtraAward(publish(exact), story)


def _by_count(params: Extra, fact: Fact) -> tuple[Decimal, str, int]:
    each = params.each or min((level.each for level in params.levels), default=Decimal(0))
    exact = each * fact.done
    return exact, f"{plain(each)}×{fact.done}＝{plain(exact)}分", fact.done


def _by_mark(item: Item, params: Extra, fact: Fact, mark: Decimal) -> tuple[Decimal, str, int]:
    """Points added up beforehand, where the levels behind them are not counted apart."""
    each = [level.each for level in params.levels]
    lowest, highest = min(each) * fact.done, max(each) * fact.done
    if not lowest <= mark <= highest:
        span = f"{plain(lowest)}至{plain(highest)}分"
        raise InvalidFacts({fact.code: f"“{item.name}”{fact.done}次应在{span}之间"})
    return mark, f"按级别合计{plain(mark)}分", fact.done


def _by_level(item: Item, params: Extra, fact: Fact) -> tuple[Decimal, str, int]:
    levels = {level.code: level for level in params.levels}
    if unknown := sorted(set(fact.tallies) - set(levels)):
        raise InvalidFacts({fact.code: f"“{item.name}”没有这些级别：{'、'.join(unknown)}"})
    if any(times < 0 for times in fact.tallies.values()):
        raise InvalidFacts({fact.code: f"“{item.name}”各级别次数不能为负数"})
    count = sum(fact.tallies.values())
    if fact.done and fact.done != count:
        raise InvalidFacts({fact.code: f"“{item.name}”各级别合计{count}次，与总数{fact.done}次不一致"})
    rows = [(level, fact.tallies.get(level.code, 0)) for level in params.levels]
    exact = sum((level.each * times for level, times in rows), Decimal(0))
    parts = "＋".join(f"{level.name}{plain(level.each)}×{times}" for level, times in rows if times)
    return exact, f"{parts}＝{plain(exact)}分", count
