"""What makes a scheme unusable, said in words that tell the clerk what to change."""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from assessments.scoring.params import (
    Ballot,
    Bonus,
    Deduction,
    Judged,
    PerCount,
    Step,
    Veto,
)
from assessments.scoring.values import plain

if TYPE_CHECKING:
    from assessments.scoring.scheme import Item, SchemeRules

HUNDRED = Decimal(100)
# Names the engine gives to the tallies of a vote; a choice may not take them.
TALLY_TOTALS = ("issued", "returned", "valid")


def scheme_problems(scheme: "SchemeRules") -> dict[str, str]:
    """Path → Chinese sentence; one sentence per path."""
    found: dict[str, str] = {}
    for path, message in _problems(scheme):
        found.setdefault(path, message)
    return found


def _problems(scheme: "SchemeRules") -> Iterator[tuple[str, str]]:
    if not scheme.base_items:
        yield "items", "测评办法至少要有一个计分项目。"
    elif not scheme.open_ended and scheme.base_full != HUNDRED:
        yield "items", f"各计分项目标准分合计应为100分，现为{plain(scheme.base_full)}分。"
    for code in repeated(item.code for item in scheme.items):
        yield "items", f"项目代码“{code}”重复。"
    yield from _grade_problems(scheme)
    yield from _cap_problems(scheme)
    for place, item in enumerate(scheme.items):
        for key, message in _item_problems(item, scheme):
            yield f"items.{place}.{key}", f"第{place + 1}项“{item.name}”：{message}。"


def _grade_problems(scheme: "SchemeRules") -> Iterator[tuple[str, str]]:
    lines = [grade.at_least for grade in scheme.grades]
    if any(high <= low for high, low in pairwise(lines)):
        yield "grades", "等次应按分数线从高到低排列，且分数线不能相同。"
    if lines[-1] != 0:
        yield "grades", "最低一个等次的分数线应为0分，使每个得分都有等次。"
    for code in repeated(grade.code for grade in scheme.grades):
        yield "grades", f"等次代码“{code}”重复。"
    for name in repeated(grade.name for grade in scheme.grades):
        yield "grades", f"等次名称“{name}”重复。"


def _cap_problems(scheme: "SchemeRules") -> Iterator[tuple[str, str]]:
    if scheme.total_cap is None:
        return
    if scheme.total_cap < scheme.base_full:
        yield "total_cap", f"总分上限不能低于标准分合计{plain(scheme.base_full)}分。"
    if any(item.may_exceed for item in scheme.base_items):
        yield "total_cap", "有项目可以超出标准分时，不能再设总分上限。"


def _item_problems(item: "Item", scheme: "SchemeRules") -> Iterator[tuple[str, str]]:
    yield from _feed_problems(item)
    if item.is_base and item.full <= 0:
        yield "full", "标准分应大于0"
    if not item.is_base and (item.full or item.may_exceed or item.when_empty):
        yield "full", "加分、扣分和否决项不设标准分，也不设超出或折算规则"
    match item.params:
        case PerCount():
            yield from _per_count_problems(item, item.params)
        case Step():
            yield from _step_problems(item, item.params)
        case Judged():
            yield from _judged_problems(item.params)
        case Ballot():
            yield from _ballot_problems(item.params)
        case Bonus() | Deduction():
            yield from _extra_problems(item.params)
        case Veto() if item.params.ceiling not in [grade.code for grade in scheme.grades]:
            yield "params.ceiling", f"否决后的最高等次“{item.params.ceiling}”不在等次表中"


def _feed_problems(item: "Item") -> Iterator[tuple[str, str]]:
    is_constant = isinstance(item.params, Step) and item.params.is_constant
    if not item.facts and not is_constant:
        yield "facts", "没有写明数据来源"
    for code in repeated(item.facts):
        yield "facts", f"数据来源“{code}”重复"
    if len(item.facts) > 1 and isinstance(item.params, Judged | Ballot):
        yield "facts", "评议和测评票只能有一个数据来源"


def _per_count_problems(item: "Item", params: PerCount) -> Iterator[tuple[str, str]]:
    if params.each <= 0:
        yield "params.each", "每件分值应大于0"
    if params.cap is None and not item.may_exceed:
        yield "params.cap", "应设计分件数上限，或者写明可以超出标准分"
    expected = params.counted_full + params.quality_max
    if params.cap is not None and expected != item.full:
        yield "full", f"每件分值×件数＋质量分为{plain(expected)}分，应等于标准分{plain(item.full)}分"
    if params.cap is None and params.quality_max:
        yield "params.quality_max", "不限件数的项目不设质量分"
    if params.quality_max and len(item.facts) > 1:
        yield "facts", "设质量分的项目只能有一个数据来源"


def _step_problems(item: "Item", params: Step) -> Iterator[tuple[str, str]]:
    if params.at_target > item.full:
        yield "params.at_target", "达标分值不能高于标准分"
    if params.above > 0 and params.below > 0:
        yield "params.below", "超出和不足不能同时加分"
    if params.ceiling is not None and (not item.may_exceed or params.ceiling < item.full):
        yield "params.ceiling", "最高分只用于可以超出标准分的项目，且不低于标准分"


def _judged_problems(params: Judged) -> Iterator[tuple[str, str]]:
    if params.highest <= 0 or params.lowest >= params.highest:
        yield "params.max", "最高评分应大于0，且大于最低评分"


def _ballot_problems(params: Ballot) -> Iterator[tuple[str, str]]:
    codes = [choice.code for choice in params.choices]
    if any(choice.weight > 1 for choice in params.choices):
        yield "params.choices", "测评票选项权重不能大于1"
    if all(choice.weight != 1 for choice in params.choices):
        yield "params.choices", "测评票至少要有一个权重为1的选项"
    for code in [*repeated(codes), *(code for code in codes if code in TALLY_TOTALS)]:
        yield "params.choices", f"测评票选项代码“{code}”重复或不可用"


def _extra_problems(params: Bonus | Deduction) -> Iterator[tuple[str, str]]:
    if params.each <= 0 and not params.levels:
        yield "params.each", "每次分值应大于0"
    if any(level.each <= 0 for level in params.levels):
        yield "params.levels", "各级别每次分值应大于0"
    for code in repeated(level.code for level in params.levels):
        yield "params.levels", f"级别代码“{code}”重复"


def repeated(values: Iterable[str]) -> list[str]:
    """The values that occur more than once."""
    return [value for value, times in Counter(values).items() if times > 1]
