"""What each type of base item makes of its fact: points, the sum in words, and why points are missing.

Each rule rounds once, in ``Award.of``; nothing downstream rounds a line again.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Self

from assessments.scoring.facts import Fact
from assessments.scoring.params import Ballot, Judged, PerCount, Ratio, Step
from assessments.scoring.scheme import Item
from assessments.scoring.tallies import tally_errors
from assessments.scoring.values import ZERO, ExcuseReason, InvalidFacts, WhenEmpty, plain, publish


@dataclass(frozen=True, slots=True)
class Award:
    """``points`` are published points. ``is_applicable`` is false where nothing was due or judged;
    ``is_pending`` says that the office still owes a mark or a vote."""

    points: Decimal
    explanation: str
    reason: str = ""
    is_applicable: bool = True
    is_pending: bool = False

    @classmethod
    def of(cls, item: Item, exact: Decimal, story: str, formula: str = "", reason: str = "") -> Self:
        """``story`` tells the facts, ``formula`` the arithmetic, ``reason`` opens the 扣分原因 column."""
        points = publish(exact)
        lost = item.full - points
        why = f"{reason or story}，扣{plain(lost)}分" if lost > 0 else ""
        if lost == 0:
            told = f"{story}，得满分{plain(points)}分"
        elif formula:
            told = f"{story}：{formula}＝{plain(points)}分"
        else:
            told = f"{story}，计{plain(points)}分"
        return cls(points, told, why)

    @classmethod
    def empty(cls, why: str, *, pending: bool = False) -> Self:
        """Nothing to go by; the engine gives the points the scheme's rule says."""
        return cls(ZERO, why, is_applicable=False, is_pending=pending)


def award_base(item: Item, fact: Fact, when_empty: WhenEmpty) -> Award:
    """Dispatch by type. Raises ``InvalidFacts`` for a mark or tallies that cannot be."""
    match item.params:
        case Ratio():
            return award_ratio(item, fact)
        case PerCount() as params:
            return award_per_count(item, params, fact, when_empty)
        case Step() as params:
            return award_step(item, params, fact)
        case Judged() as params:
            return award_judged(item, params, fact)
        case Ballot() as params:
            return award_ballot(item, params, fact)
    raise TypeError(f"not a base item: {item.code}")


def excused_words(item: Item, fact: Fact) -> str:
    """``，请假核减1次``: what was taken off the denominator, reason by reason."""
    if not fact.excused:
        return ""
    if not fact.excuses:
        return f"，核减{fact.excused}{item.why.unit}"
    return "".join(
        f"，{'' if each.reason == ExcuseReason.OTHER else each.reason.label}核减{each.count}{item.why.unit}"
        for each in fact.excuses
        if each.count
    )


def award_ratio(item: Item, fact: Fact) -> Award:
    """full × done ÷ (scheduled − excused); the denominator is what was due from *this* subject."""
    words, due = item.why, fact.due
    done = f"{words.done}{fact.done}{words.unit}"
    if due == 0:
        return _award_nothing_due(item, fact, done)
    counted = fact.done if item.may_exceed else min(fact.done, due)
    story = f"{words.due}{fact.scheduled}{words.unit}{excused_words(item, fact)}，{done}"
    short = f"，少{due - counted}{words.unit}" if counted < due else ""
    formula = f"{plain(item.full)}×{counted}÷{due}"
    return Award.of(item, item.full * counted / due, story, formula, story + short)


def _award_nothing_due(item: Item, fact: Fact, done: str) -> Award:
    """Nothing was due: not applicable, or full points for whoever came all the same."""
    if fact.done == 0:
        off = f"（{item.why.due}{fact.scheduled}{item.why.unit}{excused_words(item, fact)}）"
        return Award.empty(f"本年度没有{item.why.due}的任务{off if fact.excused else ''}")
    return Award.of(item, item.full, f"本年度没有{item.why.due}的任务，{done}")


def award_per_count(item: Item, params: PerCount, fact: Fact, when_empty: WhenEmpty) -> Award:
    """each × pieces up to the cap, plus the quality mark once there is a piece."""
    words = item.why
    due = _pieces_due(params, fact)
    done = f"{words.done}{fact.done}{words.unit}{_refused_words(item, fact)}"
    if due == 0:
        return _award_nothing_due(item, fact, done)
    counted = fact.done if due is None or item.may_exceed else min(fact.done, due)
    story = done if due is None else f"{words.due}{params.cap}{words.unit}{_off(item, params, fact)}，{done}"
    if counted < fact.done:
        story += f"，按{counted}{words.unit}计"
    exact, formula = _counted_points(params, counted, due)
    short = f"，少{due - counted}{words.unit}" if due is not None and counted < due else ""
    if params.quality_max and counted:
        return _with_quality(item, params, fact, when_empty, (exact, formula, story, short))
    return Award.of(item, exact, story, formula, story + short)


def _pieces_due(params: PerCount, fact: Fact) -> int | None:
    if params.cap is None:
        return None
    return max(0, params.cap - fact.excused) if params.prorate else params.cap


def _off(item: Item, params: PerCount, fact: Fact) -> str:
    return excused_words(item, fact) if params.prorate else ""


def _refused_words(item: Item, fact: Fact) -> str:
    return f"，另有{fact.refused}{item.why.unit}不计分" if fact.refused else ""


def _counted_points(params: PerCount, counted: int, due: int | None) -> tuple[Decimal, str]:
    """Exact points and the formula; pieces that were not due raise the worth of the others."""
    if due is None or due == params.cap:
        return params.each * counted, f"{plain(params.each)}×{counted}"
    return params.counted_full * counted / due, f"{plain(params.counted_full)}×{counted}÷{due}"


def _with_quality(
    item: Item, params: PerCount, fact: Fact, when_empty: WhenEmpty, counted: tuple[Decimal, str, str, str]
) -> Award:
    """Adds the quality mark; while it is missing the scheme's rule for empty parts decides."""
    exact, formula, story, short = counted
    highest, mark = params.quality_max, fact.points
    if mark is not None:
        if not 0 <= mark <= highest:
            raise InvalidFacts({fact.code: f"“{item.name}”的质量分应在0至{plain(highest)}分之间"})
        story = f"{story}，质量评定{plain(mark)}分"
        why = f"{story}（满分{plain(highest)}分）{short}"
        return Award.of(item, exact + mark, story, f"{formula}＋{plain(mark)}", why)
    if when_empty == WhenEmpty.REWEIGHT:
        ratio = f"{plain(item.full)}÷{plain(params.counted_full)}"
        told, formula = "按已评定部分折算", f"{formula}×{ratio}"
        exact = exact * item.full / params.counted_full
    elif when_empty == WhenEmpty.FULL:
        told, formula, exact = "按质量分满分计", f"{formula}＋{plain(highest)}", exact + highest
    else:
        told = "不计质量分"
    story = f"{story}，质量尚未评定，{told}"
    return replace(Award.of(item, exact, story, formula, story + short), is_pending=True)


def award_step(item: Item, params: Step, fact: Fact) -> Award:
    """at_target ± so much per unit more or less; zero is the floor (扣完为止)."""
    if not item.facts:
        points = publish(params.at_target)
        return Award(points, f"基础分{plain(points)}分，全部计入")
    words = item.why
    target = max(0, params.target - fact.excused)
    done = f"{words.done}{fact.done}{words.unit}"
    if target == 0 and fact.excused and fact.done == 0:
        return _award_nothing_due(item, fact, done)
    story = f"{words.due}{params.target}{words.unit}{excused_words(item, fact)}，{done}"
    exact, formula = _stepped(params, fact.done - target)
    highest = params.ceiling if item.may_exceed else item.full
    if exact < 0:
        return Award.of(item, Decimal(0), f"{story}，扣完为止")
    if highest is not None and exact > highest:
        return Award.of(item, highest, f"{story}，以{plain(highest)}分为限")
    return Award.of(item, exact, story, formula)


def _stepped(params: Step, difference: int) -> tuple[Decimal, str]:
    change = params.above if difference > 0 else params.below
    sign = "－" if change < 0 else "＋"
    formula = f"{plain(params.at_target)}{sign}{plain(abs(change))}×{abs(difference)}"
    return params.at_target + change * abs(difference), formula


def award_judged(item: Item, params: Judged, fact: Fact) -> Award:
    """full × mark ÷ highest mark."""
    mark, judge = fact.points, params.judge.label
    if mark is None:
        return Award.empty(f"{judge}尚未评分", pending=True)
    if not params.lowest <= mark <= params.highest:
        span = f"{plain(params.lowest)}至{plain(params.highest)}分"
        raise InvalidFacts({fact.code: f"“{item.name}”的评分应在{span}之间"})
    story = f"{judge}得{plain(mark)}分（满分{plain(params.highest)}分）"
    formula = (
        "" if params.highest == item.full else f"{plain(item.full)}×{plain(mark)}÷{plain(params.highest)}"
    )
    return Award.of(item, item.full * mark / params.highest, story, formula)


def award_ballot(item: Item, params: Ballot, fact: Fact) -> Award:
    """full × Σ(weight × votes) ÷ valid votes."""
    tallies = fact.tallies
    if not tallies:
        return Award.empty("本年度没有组织测评投票", pending=True)
    if errors := tally_errors(tallies, params.choices):
        raise InvalidFacts({fact.code: f"“{item.name}”的票数有误：{'；'.join(errors)}"})
    valid = tallies["valid"]
    votes = "、".join(f"{choice.name}{tallies[choice.code]}张" for choice in params.choices)
    totals = f"发出{tallies['issued']}张、收回{tallies['returned']}张、有效{valid}张"
    if valid < params.min_valid:
        return Award.empty(f"{totals}，有效票不足{params.min_valid}张")
    weighted = sum((choice.weight * tallies[choice.code] for choice in params.choices), ZERO)
    shares = "＋".join(
        f"{'' if choice.weight == 1 else plain(choice.weight) + '×'}{tallies[choice.code]}"
        for choice in params.choices
        if choice.weight
    )
    formula = f"{plain(item.full)}×（{shares}）÷{valid}"
    return Award.of(item, item.full * weighted / valid, f"{totals}，其中{votes}", formula)
