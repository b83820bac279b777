"""The deadline policies shipped with the system, laid down for the whole nation.

Every jurisdiction may lay down its own (``DeadlinePolicy`` rows); the nearest one decides. Figures and
their sources: domain.md sections 2, 3.7 and 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from liaison.calendar.deadlines import Policy
from liaison.words.enums import DeadlineUnit as Unit


@dataclass(frozen=True, slots=True)
class ShippedPolicy:
    """One norm: its code, what people call it, its length and where it comes from."""

    code: str
    name: str
    policy: Policy
    basis: str = "系统默认"


_REPLY_BASIS = "代表法第五十一条，乡镇参照山东、重庆规定"

SHIPPED_POLICIES: tuple[ShippedPolicy, ...] = (
    ShippedPolicy("opinion_triage", "意见分办", Policy(2, Unit.WORKDAYS)),
    ShippedPolicy("opinion_return", "承办单位退办", Policy(5, Unit.WORKDAYS), "参照青岛市办理规定"),
    ShippedPolicy("opinion_ordinary", "一般意见办理", Policy(15, Unit.WORKDAYS)),
    ShippedPolicy("opinion_complex", "复杂意见办理", Policy(30, Unit.DAYS)),
    ShippedPolicy("opinion_complex_extension", "复杂意见延期办理", Policy(60, Unit.DAYS)),
    ShippedPolicy("opinion_urgent", "紧急意见办理", Policy(3, Unit.DAYS, rolls=False)),
    ShippedPolicy("opinion_rating", "群众评价", Policy(15, Unit.DAYS)),
    ShippedPolicy("opinion_redo", "不满意重新办理", Policy(15, Unit.WORKDAYS)),
    ShippedPolicy("suggestion_reply", "代表建议答复", Policy(2, Unit.MONTHS), _REPLY_BASIS),
    ShippedPolicy("suggestion_extended", "代表建议延期答复", Policy(4, Unit.MONTHS), _REPLY_BASIS),
    ShippedPolicy("suggestion_redo", "代表建议重新办理", Policy(1, Unit.MONTHS), "参照浙江省办理规定"),
    ShippedPolicy("suggestion_rating", "代表评价答复", Policy(20, Unit.WORKDAYS), "参照重庆市办理规定"),
    ShippedPolicy("score_objection", "测评结果异议", Policy(5, Unit.WORKDAYS)),
    ShippedPolicy("score_recheck", "测评异议复核", Policy(10, Unit.WORKDAYS)),
    ShippedPolicy("rectification", "提交整改报告", Policy(30, Unit.DAYS)),
    ShippedPolicy("reminder_talk", "谈话提醒", Policy(15, Unit.DAYS)),
    ShippedPolicy("record_confirmation", "履职记录确认", Policy(10, Unit.WORKDAYS)),
    ShippedPolicy(
        "confirmation_reminder", "履职记录确认前提醒", Policy(3, Unit.WORKDAYS), "期限届满前提醒的天数"
    ),
    ShippedPolicy("reception_notice", "接待日提前公告", Policy(3, Unit.DAYS, rolls=False), "提前公告的天数"),
)

# How far ahead receptions may be announced: beat looks no further for what is due.
LONGEST_NOTICE_DAYS = 31

# What no local rule may exceed: 代表法 Art. 51, three months, six for complex matters.
STATUTORY_MONTHS: Mapping[str, int] = {"suggestion_reply": 3, "suggestion_extended": 6}

_DAYS_IN_A_MONTH = {Unit.MONTHS: 1.0, Unit.DAYS: 1 / 28, Unit.WORKDAYS: 1 / 16, Unit.HOURS: 1 / (24 * 28)}


def shipped(code: str) -> ShippedPolicy | None:
    return next((each for each in SHIPPED_POLICIES if each.code == code), None)


def exceeds_statute(code: str, policy: Policy) -> bool:
    """Whether a local rule can end after the statute's limit.

    Compared on the shortest possible month (28 days, 16 working days), so a rule that only sometimes
    exceeds the limit is refused as well.
    """
    months = STATUTORY_MONTHS.get(code)
    return months is not None and policy.length * _DAYS_IN_A_MONTH[policy.unit] > months
