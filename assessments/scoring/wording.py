"""The notice's 肯定的方面 and 存在的主要问题, made from the lines in conventional official wording.

Every sentence repeats a fact of the sheet; nothing is praised or blamed that no line shows.
"""

from collections.abc import Iterator
from decimal import Decimal

from assessments.scoring.sheet import Line, SheetResult
from assessments.scoring.values import ItemType, plain

# Lines worth naming when none is full: four fifths of the points, the bound of 合格 (the seed's 80).
GOOD_RATE = Decimal("0.8")

CONSOLIDATE = (
    "本年度各项履职任务均按要求完成，测评中没有扣分事项。"
    "请在保持现有成绩的基础上，结合履职实际提出巩固提升措施。"
)


def strengths(sheet: SheetResult) -> tuple[str, ...]:
    """Sentences for 肯定的方面: items with full points, then bonuses; if there is none, the good ones.

    Empty when the sheet shows nothing to affirm or the subject was not rated.
    """
    found = tuple(_merit(line) for line in sheet.lines if _is_full(line))
    bonuses = tuple(_bonus(line) for line in sheet.lines if line.type == ItemType.BONUS and line.awarded)
    return (found or tuple(_good(sheet))) + bonuses


def problems(sheet: SheetResult) -> tuple[str, ...]:
    """Sentences for 存在的主要问题: vetoes, then what cost points, the dearest first.

    With nothing lost, one sentence that asks for 巩固提升措施: every deputy returns a report.
    """
    if not sheet.is_rated:
        return ()
    vetoes = tuple(f"{hit.explanation}。" for hit in sheet.vetoes)
    # A stable sort: lines that cost the same stay in the order of the scheme.
    lost = sorted((line for line in sheet.lines if _is_problem(line)), key=lambda line: -line.lost)
    return vetoes + tuple(_lack(line) for line in lost) or (CONSOLIDATE,)


def _is_full(line: Line) -> bool:
    return line.is_base and line.is_applicable and line.awarded >= line.full


def _is_problem(line: Line) -> bool:
    """What nobody could have done is no problem of the deputy's."""
    return line.is_applicable and line.lost > 0


def _merit(line: Line) -> str:
    return f"{line.merit or f'“{line.name}”完成较好'}：{line.explanation}。"


def _good(sheet: SheetResult) -> Iterator[str]:
    for line in sheet.lines:
        if line.is_base and line.is_applicable and line.awarded >= line.full * GOOD_RATE:
            yield f"“{line.name}”基本完成：{line.explanation}。"


def _bonus(line: Line) -> str:
    head = line.explanation.split("：")[0]
    return f"{line.merit or line.name}：{head}，加{plain(line.awarded)}分。"


def _lack(line: Line) -> str:
    opening = line.lack or (line.name if line.type == ItemType.DEDUCTION else f"“{line.name}”完成不够好")
    return f"{opening}：{line.reason}。"
