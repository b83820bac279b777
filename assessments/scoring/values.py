"""Numbers, kinds and errors of the scoring rules.

Points are ``Decimal`` and become public through ``publish`` only: two places, half up (domain.md 3.7).
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal

from liaison.words.errors import InvalidInput
from liaison.words.labelled import LabelledEnum

ZERO = Decimal("0.00")
CENT = Decimal("0.01")
# Fifty digits keep a quotient of counts exact enough that rounding it to a cent is never a tie by accident.
ARITHMETIC = Context(prec=50, rounding=ROUND_HALF_UP)


class Subject(LabelledEnum):
    """Who is appraised."""

    DEPUTY = "deputy", "代表"
    GROUP = "group", "代表小组"


class ItemType(LabelledEnum):
    """How an item turns facts into points (domain.md 3.7)."""

    RATIO = "ratio", "按完成比例计分"
    PER_COUNT = "per_count", "按件计分"
    STEP = "step", "按标准增减计分"
    JUDGED = "judged", "评议计分"
    BALLOT = "ballot", "测评票计分"
    DEDUCTION = "deduction", "扣分"
    BONUS = "bonus", "加分"
    VETO = "veto", "一票否决"


# Everything that is neither added, nor taken away, nor a veto makes up the base of the scheme.
EXTRA_TYPES = frozenset({ItemType.DEDUCTION, ItemType.BONUS, ItemType.VETO})


class WhenEmpty(LabelledEnum):
    """What an item is worth when nothing was due from the subject, or nobody has judged it."""

    FULL = "full", "按满分计"
    REWEIGHT = "reweight", "按其余项目得分率折算"
    ZERO = "zero", "按零分计"


class Judge(LabelledEnum):
    """Who gives a judged mark."""

    SELF = "self", "个人自评"
    GROUP = "group", "代表小组评议"
    VOTERS = "voters", "选民评议"
    PRESIDIUM = "presidium", "主席团评议"
    COMMITTEE = "committee", "代表工作委员会评议"
    OFFICE = "office", "主席团办公室评定"


class ExcuseReason(LabelledEnum):
    """Why something scheduled was not due from the subject (domain.md 0, point 7)."""

    LEAVE = "leave", "请假"
    SUSPENSION = "suspension", "暂停执行代表职务"
    BY_ELECTION = "by_election", "补选任职前"
    OTHER = "other", "其他原因"


class InvalidScheme(InvalidInput):
    """The scheme cannot be used; ``fields`` maps a path such as ``items.2.full`` to its Chinese message."""


class InvalidFacts(InvalidInput):
    """The facts contradict themselves; ``fields`` maps a fact code to its Chinese message."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(fields)


def publish(points: Decimal) -> Decimal:
    """The one rounding point: two places, half up; 79.995 becomes 80.00."""
    return points.quantize(CENT, rounding=ROUND_HALF_UP, context=ARITHMETIC)


def plain(points: Decimal) -> str:
    """A number as it stands in a sentence: ``13.64``, ``0.5``, ``15`` (no trailing zeros)."""
    text = format(points, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
