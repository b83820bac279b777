"""Writing deadline policies: the shipped ones for the nation, a jurisdiction's own beside them."""

from liaison.auditing import trail
from liaison.calendar.deadlines import Policy
from liaison.calendar.policy_data import (
    LONGEST_NOTICE_DAYS,
    SHIPPED_POLICIES,
    STATUTORY_MONTHS,
    exceeds_statute,
    shipped,
)
from liaison.models import DeadlinePolicy
from liaison.tenancy.scope import NATION, Actor, require_actor
from liaison.words.enums import DeadlineUnit, Role
from liaison.words.errors import Forbidden, InvalidInput
from liaison.words.limits import fitted_line

POLICY_KEEPERS = (Role.PRESIDIUM_CLERK, Role.COUNTY_COMMITTEE, Role.SYSTEM_ADMIN)


def seed_policies(*, reset: bool = False) -> int:
    """Write the shipped policies at the nation's scope; counts the rows written.

    What is there stays as it is unless ``reset``; overrides of jurisdictions are never touched.
    """
    actor = require_actor()
    actor.require(Role.SYSTEM_ADMIN)
    nation = DeadlinePolicy.scoped(actor).filter(scope_code=NATION[0], scope_end=NATION[1])
    there = {row.code: row for row in nation}
    written = 0
    with trail.operation("seed_policies"):
        for norm in SHIPPED_POLICIES:
            row = there.get(norm.code)
            if row is not None and not reset:
                continue
            row = row or DeadlinePolicy(code=norm.code, scope_code=NATION[0], scope_end=NATION[1])
            row.name, row.basis = norm.name, norm.basis
            row.length, row.unit, row.rolls = norm.policy.length, norm.policy.unit.value, norm.policy.rolls
            row.save()
            written += 1
    return written


def is_own(actor: Actor, policy: DeadlinePolicy) -> bool:
    """Whether the rule was laid down for exactly the actor's jurisdiction; others are read-only."""
    return policy.scope_code == actor.lo and policy.scope_end == actor.hi


def deciding(actor: Actor, code: str) -> DeadlinePolicy | None:
    """The rule for ``code`` that holds in the acting jurisdiction: its own, else the nearest around it."""
    around = DeadlinePolicy.scoped(actor).filter(code=code, scope_code__lte=actor.lo, scope_end__gte=actor.hi)
    return around.order_by("-scope_code", "scope_end").first()


def lay_down(*, code: str, length: int, unit: str, rolls: bool, basis: str) -> DeadlinePolicy:
    """Lay down the acting jurisdiction's own rule for ``code``, or change the one it has.

    ``InvalidInput`` for an unknown code or for a period longer than the statute's.
    """
    actor = require_actor()
    actor.require(*POLICY_KEEPERS)
    norm = shipped(code)
    if norm is None:
        raise InvalidInput({"code": "没有这一事项。"})
    check_length(code, length, unit)
    with trail.operation("lay_down_policy"):
        row, _ = DeadlinePolicy.scoped(actor).update_or_create(
            scope_code=actor.lo,
            code=code,
            defaults={
                "scope_end": actor.hi,
                "name": norm.name,
                "length": length,
                "unit": unit,
                "rolls": rolls,
                "basis": fitted_line(DeadlinePolicy, "basis", basis),
            },
        )
    return row


def check_length(code: str, length: int, unit: str) -> None:
    """``InvalidInput`` when the period is empty or exceeds what the law allows (代表法 Art. 51)."""
    if length < 1:
        raise InvalidInput({"length": "期限至少为1。"})
    if code == "reception_notice" and (unit != DeadlineUnit.DAYS or length > LONGEST_NOTICE_DAYS):
        raise InvalidInput({"length": f"接待日提前公告的期限按日计，应为1至{LONGEST_NOTICE_DAYS}日。"})
    if exceeds_statute(code, Policy(length, DeadlineUnit(unit))):
        limit = STATUTORY_MONTHS[code]
        raise InvalidInput({"length": f"代表法第五十一条规定的期限是{limit}个月，不能更长。"})


def withdraw(*, policy: DeadlinePolicy) -> None:
    """Give up the own rule: the inherited one holds again. The nation's rules cannot be given up."""
    actor = require_actor()
    actor.require(*POLICY_KEEPERS)
    if not is_own(actor, policy) or (policy.scope_code, policy.scope_end) == NATION:
        raise Forbidden("只能撤销本区域自行作出的规定。")
    with trail.operation("withdraw_policy"):
        DeadlinePolicy.scoped(actor).filter(pk=policy.pk).delete()
