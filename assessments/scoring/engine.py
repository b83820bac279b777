"""``score``: one subject's facts and a scheme in, one sheet out. Pure; see domain.md 3.7.

Published total = min(total cap, max(0, base + bonus − deduction)). Caps are worked into the lines
themselves, in the order of the scheme, so that the printed lines always add up to the printed total.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from assessments.enums import NotRatedReason
from assessments.scoring.extras import award_extra
from assessments.scoring.facts import EvidenceRef, Fact, SubjectFacts, merge
from assessments.scoring.params import Bonus, Deduction, Extra, Veto
from assessments.scoring.rules import Award, award_base
from assessments.scoring.scheme import Grade, Item, SchemeRules
from assessments.scoring.sheet import Line, SheetResult, VetoHit
from assessments.scoring.values import (
    ARITHMETIC,
    ZERO,
    InvalidFacts,
    ItemType,
    WhenEmpty,
    plain,
    publish,
)


def score(facts: SubjectFacts, scheme: SchemeRules) -> SheetResult:
    """The sheet of one subject. Raises ``InvalidFacts`` (Chinese) when facts contradict themselves."""
    if facts.subject != scheme.subject:
        raise InvalidFacts({"subject": f"本办法测评的是{scheme.subject.label}，不是{facts.subject.label}"})
    found = facts.by_code(scheme.fact_names)
    if because := not_rated_because(facts, scheme):
        return replace(_blank(facts, scheme), not_rated=because[0], not_rated_note=because[1])
    with localcontext(ARITHMETIC):
        base = _base_lines(scheme, found)
        if base is None:
            note = "本年度没有应由其完成的测评项目"
            return replace(_blank(facts, scheme), not_rated=NotRatedReason.OTHER, not_rated_note=note)
        return _assemble(facts, scheme, found, base)


def not_rated_because(facts: SubjectFacts, scheme: SchemeRules) -> tuple[NotRatedReason, str] | None:
    """Why the subject is 不参评, as a kind and in words; ``None`` when it is rated."""
    if facts.exemption:
        reason, note = facts.exemption.reason, facts.exemption.note
        return reason, f"{reason.label}（{note}）" if note else reason.label
    if facts.months is not None and facts.months < scheme.min_months:
        told = f"本年度任职满{facts.months}个月，不足{scheme.min_months}个月"
        return NotRatedReason.SHORT_MANDATE, told
    return None


def _blank(facts: SubjectFacts, scheme: SchemeRules) -> SheetResult:
    return SheetResult(facts.ref, facts.subject, facts.year, scheme.code, scheme.version, scheme.digest)


def _assemble(
    facts: SubjectFacts, scheme: SchemeRules, found: Mapping[str, Fact], base_lines: list[Line]
) -> SheetResult:
    base = _sum(base_lines)
    bonuses = _extra_lines(scheme, found, Bonus)
    deductions = _extra_lines(scheme, found, Deduction)
    deductions = _trim(deductions, Limit(scheme.deduction_cap, "扣分合计"))
    room = None if scheme.total_cap is None else scheme.total_cap - base - _sum(deductions)
    bonuses = _trim(bonuses, Limit(scheme.bonus_cap, "加分合计"))
    bonuses = _trim(bonuses, Limit(room, "总分", scheme.total_cap))
    bonus = _sum(bonuses)
    # A year cannot end below zero; the last deductions give way.
    deductions = _trim(deductions, Limit(base + bonus, "扣分", told="扣至零分为止"))
    lines = (*base_lines, *bonuses, *deductions)
    total = _sum(lines)
    vetoes, grade = _vetoed(scheme, found, scheme.grade_of(total))
    return replace(
        _blank(facts, scheme),
        lines=lines,
        base=base,
        bonus=bonus,
        deduction=-_sum(deductions),
        total=total,
        grade=grade,
        vetoes=vetoes,
    )


def _sum(lines: Iterable[Line]) -> Decimal:
    return sum((line.awarded for line in lines), ZERO)


def _fact_for(item: Item, found: Mapping[str, Fact]) -> Fact:
    """What feeds the item; a code nobody reported counts as nothing done and nothing due."""
    if len(item.facts) == 1:
        return found.get(item.facts[0]) or Fact(item.facts[0])
    return merge(item.code, [found.get(code) or Fact(code) for code in item.facts])


def _evidence(fact: Fact) -> tuple[EvidenceRef, ...]:
    return tuple(sorted(fact.evidence, key=lambda ref: ref.order))


def _base_lines(scheme: SchemeRules, found: Mapping[str, Fact]) -> list[Line] | None:
    """The base lines, empty ones filled by the scheme's rule; ``None`` when nothing at all applied."""
    lines = []
    for item in scheme.base_items:
        fact = _fact_for(item, found) if item.facts else Fact(item.code)
        rule = item.when_empty or scheme.when_empty
        lines.append(_base_line(item, award_base(item, fact, rule), _evidence(fact)))
    applicable = [line for line in lines if line.is_applicable]
    if len(applicable) == len(lines):
        return lines
    rules = {item.code: item.when_empty or scheme.when_empty for item in scheme.base_items}
    if not applicable and WhenEmpty.REWEIGHT in {rules[line.code] for line in lines}:
        return None
    return [line if line.is_applicable else _filled(line, rules[line.code], applicable) for line in lines]


def _base_line(item: Item, award: Award, evidence: tuple[EvidenceRef, ...]) -> Line:
    return Line(
        item.code,
        item.name,
        item.block,
        item.type,
        publish(item.full),
        award.points,
        award.explanation,
        award.reason,
        is_applicable=award.is_applicable,
        is_pending=award.is_pending,
        merit=item.why.strength,
        lack=item.why.problem,
        evidence=evidence,
    )


def _filled(line: Line, rule: WhenEmpty, applicable: list[Line]) -> Line:
    """An empty line's points: full, none, or at the rate of all the lines that did apply."""
    if rule == WhenEmpty.FULL:
        return replace(
            line, awarded=line.full, explanation=f"{line.explanation}，按满分{plain(line.full)}分计"
        )
    if rule == WhenEmpty.ZERO:
        return replace(
            line,
            explanation=f"{line.explanation}，按0分计",
            reason=f"{line.explanation}，扣{plain(line.full)}分",
        )
    full, got = sum((each.full for each in applicable), ZERO), _sum(applicable)
    # Items that may exceed their base must not make the missing one worth more than its own points.
    counted = min(got, full)
    awarded = publish(line.full * counted / full)
    formula = f"{plain(line.full)}×{plain(counted)}÷{plain(full)}"
    told = f"{line.explanation}，本项不作零分处理，按其余项目得分率折算：{formula}＝{plain(awarded)}分"
    lost = line.full - awarded
    reason = f"{line.explanation}，按其余项目得分率折算，比标准分少{plain(lost)}分" if lost else ""
    return replace(line, awarded=awarded, explanation=told, reason=reason)


def _extra_lines(scheme: SchemeRules, found: Mapping[str, Fact], kind: type[Extra]) -> list[Line]:
    """Bonuses (positive) or deductions (negative) that happened, in the order of the scheme."""
    lines = []
    for item in scheme.items:
        if isinstance(item.params, kind) and not found.keys().isdisjoint(item.facts):
            line = _extra_line(item, item.params, _fact_for(item, found))
            lines += [line] if line else []
    return lines


def _extra_line(item: Item, params: Extra, fact: Fact) -> Line | None:
    award = award_extra(item, params, fact)
    if award is None:
        return None
    is_bonus = isinstance(params, Bonus)
    verb = "加" if is_bonus else "扣"
    return Line(
        item.code,
        item.name,
        item.block,
        item.type,
        ZERO,
        award.points if is_bonus else -award.points,
        award.story,
        "" if is_bonus else f"{award.story.split('：')[0]}，{verb}{plain(award.points)}分",
        cap_note=award.note,
        merit=item.why.strength,
        lack=item.why.problem,
        evidence=_evidence(fact),
    )


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``points`` over some lines; ``shown`` is the number named to the reader."""

    points: Decimal | None
    name: str
    shown: Decimal | None = None
    told: str = ""


def _trim(lines: list[Line], limit: Limit) -> list[Line]:
    """The same lines, the later ones cut so that together they keep within the limit."""
    if limit.points is None:
        return lines
    room = publish(max(ZERO, limit.points))
    kept = []
    for line in lines:
        size = min(abs(line.awarded), room)
        room -= size
        kept.append(line if size == abs(line.awarded) else _cut(line, size, limit))
    return kept


def _cut(line: Line, size: Decimal, limit: Limit) -> Line:
    shown = limit.shown if limit.shown is not None else limit.points
    told = limit.told or f"{limit.name}以{plain(shown or ZERO)}分为限"
    note = f"{told}，本项计{plain(size)}分"
    is_bonus = line.type == ItemType.BONUS
    reason = line.reason if is_bonus else f"{line.reason.rpartition('，')[0]}，扣{plain(size)}分（{told}）"
    return replace(
        line,
        awarded=size if is_bonus else -size,
        cap_note="；".join(part for part in (line.cap_note, note) if part),
        reason=reason,
    )


def _vetoed(
    scheme: SchemeRules, found: Mapping[str, Fact], grade: Grade
) -> tuple[tuple[VetoHit, ...], Grade]:
    """Every veto that holds, and the grade it leaves; points stay as they are."""
    hits = []
    for item in scheme.items:
        if not isinstance(item.params, Veto):
            continue
        fact = _fact_for(item, found)
        if fact.done < item.params.at_least:
            continue
        ceiling = next(each for each in scheme.grades if each.code == item.params.ceiling)
        bound = f"等次定为{ceiling.name}" if ceiling == scheme.grades[-1] else f"等次不得高于{ceiling.name}"
        told = f"有“{item.name}”情形，按一票否决规定，{bound}"
        hits.append(VetoHit(item.code, item.name, ceiling.name, told, _evidence(fact)))
        grade = scheme.capped_grade(grade, ceiling.code)
    return tuple(hits), grade
