"""What is typed in for the score because no record gives it: ballots, marks, bonuses, vetoes, exemptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from assessments.access import (
    get_assessment,
)
from assessments.lifecycle import RECORDABLE
from assessments.models import Assessment, BallotTally, ExtraFact
from assessments.scoring import (
    Ballot,
    Fact,
    InvalidFacts,
    Item,
    Judged,
    Ratio,
    SchemeRules,
    SubjectFacts,
    score,
    tally_errors,
)
from assessments.scoring.params import Choice
from assessments.selectors.facts import EXEMPTIONS, recorded_codes
from deputies.models import Mandate
from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.identity.roles import OFFICE
from liaison.tenancy.scope import Actor
from liaison.words.errors import InvalidInput, OutOfScope, Refused
from liaison.words.limits import fitted_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """计票: the numbers announced on the spot; never a ballot, never a voter (domain.md 3.1)."""

    issued: int
    returned: int
    valid: int
    satisfied: int
    basically_satisfied: int
    dissatisfied: int

    def counts(self) -> Mapping[str, int]:
        return {name: getattr(self, name) for name in self.__slots__}


def record_ballot(
    *,
    actor: Actor,
    assessment_id: int,
    mandate_id: int,
    tally: Tally,
    held_on: date,
    now: datetime,
    place: str = "",
) -> BallotTally:
    """登记测评票: one tally a deputy and year; entering it again replaces it until the approval.

    ``InvalidInput`` tells which numbers cannot be (field ``tally``), ``Refused`` after the approval.
    """
    actor.require(*OFFICE)
    with trail.operation("record_ballot"):
        row = _open(actor, assessment_id)
        wrong = _wrong_date(row, held_on, now, "held_on")
        if errors := tally_errors(tally.counts(), _choices(row)):
            wrong["tally"] = "；".join(errors) + "。"
        if wrong:
            raise InvalidInput(wrong)
        found, _ = BallotTally.scoped(actor).update_or_create(
            scope_code=row.scope_code,
            assessment=row,
            mandate_id=_assessed(actor, row, mandate_id).pk,
            defaults={
                **tally.counts(),
                "held_on": held_on,
                "place": fitted_line(BallotTally, "place", place),
                "recorded_by_id": actor.account_id,
                "recorded_at": now,
            },
        )
        return found


def record_extra_fact(
    *,
    actor: Actor,
    assessment_id: int,
    mandate_id: int,
    fact_code: str,
    basis: str,
    happened_on: date,
    now: datetime,
    points: Decimal | None = None,
    count: int = 1,
    due_count: int | None = None,
) -> ExtraFact:
    """A bonus, deduction, veto, mark or exemption with its basis; only what the scheme knows, in its year.

    ``points``: the mark of a judged item, or the sum where a bonus has levels. ``count`` of ``due_count``:
    items counted by ratio. What the records themselves give is refused: nothing is counted twice.
    """
    actor.require(*OFFICE)
    basis = fitted_line(ExtraFact, "basis", basis)
    with trail.operation("record_extra_fact"):
        row = _open(actor, assessment_id)
        rules = SchemeRules.from_dict(row.scheme.definition)
        wrong = _wrong_date(row, happened_on, now, "happened_on")
        if not basis:
            wrong["basis"] = "请写明依据，如文件名称、会议或者登记记录。"
        wrong |= _wrong_fact(
            actor, rules, Fact(fact_code, scheduled=due_count or 0, done=count, points=points), row.year
        )
        if wrong:
            raise InvalidInput(wrong)
        mandate = _assessed(actor, row, mandate_id)
        _make_room(actor, row, mandate, fact_code, rules)
        return ExtraFact._plain.create(
            scope_code=row.scope_code,
            assessment=row,
            mandate=mandate,
            fact_code=fact_code,
            points=points,
            count=count,
            due_count=due_count,
            happened_on=happened_on,
            basis=basis,
            recorded_by_id=actor.account_id,
            recorded_at=now,
        )


def withdraw_extra_fact(*, actor: Actor, extra_fact_id: int, reason: str) -> None:
    """撤销: taken out before the approval; the audit trail keeps what stood there and why it went."""
    actor.require(*OFFICE)
    why = trail.reason_of(reason, needed="请写明撤销的理由。")
    with trail.operation("withdraw_extra_fact", reason=why):
        found = ExtraFact.scoped(actor).filter(pk=extra_fact_id).first()
        if found is None:
            raise OutOfScope()
        _open(actor, found.assessment_id)
        found.delete()


def enterable_facts(actor: Actor, assessment: Assessment) -> dict[str, str]:
    """Codes that may be typed in for this assessment, with their names; exemptions come last."""
    names = SchemeRules.from_dict(assessment.scheme.definition).fact_names
    recorded = recorded_codes(actor, assessment.scope_code, assessment.year)
    typed = {code: name for code, name in names.items() if code not in recorded}
    return typed | {code: f"不参评：{reason.label}" for code, reason in EXEMPTIONS.items()}


def _open(actor: Actor, assessment_id: int) -> Assessment:
    row = get_assessment(actor, assessment_id, lock=True)
    if row.state not in RECORDABLE:
        raise Refused("结果已经审定，不能再增减事项；确有错误请办理更正。")
    return row


def _assessed(actor: Actor, row: Assessment, mandate_id: int) -> Mandate:
    mandates = Mandate.scoped(actor).filter(term_id=row.term_id, scope_code=row.scope_code)
    mandate = mandates.filter(pk=mandate_id).first()
    if mandate is None:
        raise InvalidInput({"mandate": "请选择参加本年度测评的代表。"})
    return mandate


def _wrong_date(row: Assessment, day: date, now: datetime, field: str) -> dict[str, str]:
    if day > china_date(now):
        return {field: "日期不能晚于今天，请核对。"}
    if day < row.period_starts_on:
        return {field: f"日期不能早于{row.period_starts_on:%Y年%-m月%-d日}。"}
    # The year's vote and review may be held in the first weeks of the next year, before the approval.
    if field == "happened_on" and day > row.period_ends_on and row.frozen_at is None:
        return {field: f"日期应在{row.year}年度内。"}
    return {}


def _choices(row: Assessment) -> tuple[Choice, ...]:
    """The boxes of the scheme's ballot; tallies are kept for the usual three."""
    rules = SchemeRules.from_dict(row.scheme.definition)
    found = next((item.params for item in rules.items if isinstance(item.params, Ballot)), Ballot())
    return found.choices


def _wrong_fact(actor: Actor, rules: SchemeRules, fact: Fact, year: int) -> dict[str, str]:
    """What makes one entry impossible under the scheme, as its engine sees it."""
    if fact.code in EXEMPTIONS:
        return {}
    items = [item for item in rules.items if fact.code in item.facts]
    if not items:
        return {"fact_code": "测评办法中没有这一事项。"}
    if fact.code in recorded_codes(actor, actor.lo, year):
        return {"fact_code": "这一事项由履职记录自动计入，不能另行登记；记录有误请在记录中更正。"}
    for item in items:
        if wrong := _wrong_for(item, fact):
            return wrong
    try:
        score(SubjectFacts(ref="entry", facts=(fact,)), rules)
    except InvalidFacts as error:
        return {"points": error.message}
    return {}


def _wrong_for(item: Item, fact: Fact) -> dict[str, str]:
    if isinstance(item.params, Judged) and fact.points is None:
        return {"points": f"请填写“{item.name}”的评分。"}
    if isinstance(item.params, Ratio) and not fact.scheduled:
        return {"due_count": f"“{item.name}”按比例计分，请填写应有次数。"}
    return {}


def _make_room(actor: Actor, row: Assessment, mandate: Mandate, code: str, rules: SchemeRules) -> None:
    """One mark an item and one exemption a deputy: the new one takes the place of the old."""
    same = ExtraFact.scoped(actor).filter(assessment=row, mandate=mandate)
    if code in EXEMPTIONS:
        same.filter(fact_code__in=EXEMPTIONS).delete()
    elif any(isinstance(item.params, Judged) and code in item.facts for item in rules.items):
        same.filter(fact_code=code).delete()
