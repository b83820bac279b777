"""What must hold for every year anybody can have: sums, caps, order, monotony, one digest."""

import json
import random
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.scheme_data import shipped_scheme, shipped_schemes
from assessments.scoring import (
    Ballot,
    Bonus,
    Deduction,
    EvidenceRef,
    Excuse,
    ExcuseReason,
    Fact,
    Item,
    Judged,
    PerCount,
    SchemeRules,
    SheetResult,
    SubjectFacts,
    problems,
    score,
    strengths,
)
from tests.rules.test_scoring_cases import SCHEME_A, votes

SCHEMES = {scheme.code: scheme for scheme in shipped_schemes()}
COUNTS = st.integers(0, 15)
# The far corners of written Chinese: rare characters beyond the first plane, minority names, blanks.
LABELS = st.text(st.sampled_from("接待日𠮷㐂䶮·阿卜杜热西提（第一次）　〇卅"), max_size=30)
EVIDENCE = st.builds(
    EvidenceRef, st.sampled_from(["attendance", "opinion"]), st.integers(1, 99), st.dates(), LABELS
)


@st.composite
def a_fact(draw: st.DrawFn, code: str, scheme: SchemeRules) -> Fact:
    """A sound fact for whatever items of the scheme the code feeds."""
    scheduled = draw(COUNTS)
    excused = draw(st.integers(0, scheduled))
    reason = draw(st.sampled_from(ExcuseReason))
    excuses = draw(st.sampled_from([(), (Excuse(reason, excused),)]))
    params = [item.params for item in scheme.items if code in item.facts]
    highest = next(
        (rule.highest if isinstance(rule, Judged) else rule.quality_max)
        for rule in [*params, PerCount(Decimal(1), 1)]
        if isinstance(rule, Judged | PerCount)
    )
    marks = st.none() | st.decimals(0, highest, places=draw(st.integers(0, 4)))
    is_ballot = any(isinstance(rule, Ballot) for rule in params)
    small = st.integers(0, 40)
    tallies = draw(st.just({}) | st.builds(votes, small, small, small, small)) if is_ballot else {}
    is_extra = any(isinstance(rule, Bonus | Deduction) for rule in params)
    return Fact(
        code,
        scheduled,
        excused,
        done=draw(COUNTS),
        refused=draw(COUNTS),
        points=None if is_extra else draw(marks),
        tallies=tallies,
        excuses=excuses,
        evidence=tuple(draw(st.lists(EVIDENCE, max_size=3))),
    )


@st.composite
def a_year(draw: st.DrawFn, codes: str = "ABCDE") -> tuple[SubjectFacts, SchemeRules]:
    scheme = SCHEMES[draw(st.sampled_from(codes))]
    chosen = draw(st.lists(st.sampled_from(sorted(scheme.fact_names)), unique=True))
    facts = tuple(draw(a_fact(code, scheme)) for code in chosen)
    return SubjectFacts("mandate:1", facts, subject=scheme.subject, year=2025), scheme


def assert_sound(sheet: SheetResult, scheme: SchemeRules) -> None:
    """Lines add up to the total; no line and no sum is above its cap; all has two places."""
    if not sheet.is_rated:
        assert (sheet.total, sheet.grade, sheet.lines) == (None, None, ())
        return
    assert (
        sheet.total == sum(line.awarded for line in sheet.lines) == sheet.base + sheet.bonus - sheet.deduction
    )
    assert sheet.grade is not None
    assert all(line.awarded.as_tuple().exponent == -2 for line in sheet.lines)
    items = {item.code: item for item in scheme.items}
    for line in sheet.lines:
        if line.is_base and not items[line.code].may_exceed:
            assert 0 <= line.awarded <= line.full
    assert 0 <= sheet.bonus <= (scheme.bonus_cap or sheet.bonus)
    assert 0 <= sheet.deduction <= (scheme.deduction_cap or sheet.deduction)
    assert 0 <= sheet.total <= (scheme.total_cap or sheet.total)


@given(a_year())
def test_every_sheet_is_sound_under_every_scheme(year: tuple[SubjectFacts, SchemeRules]) -> None:
    facts, scheme = year
    assert_sound(score(facts, scheme), scheme)


@given(a_year(), st.randoms(use_true_random=False))
def test_the_order_of_facts_and_evidence_leaves_no_trace(
    year: tuple[SubjectFacts, SchemeRules], dice: random.Random
) -> None:
    facts, scheme = year
    shuffled = [replace(fact, evidence=tuple(_shuffled(fact.evidence, dice))) for fact in facts.facts]
    again = replace(facts, facts=tuple(_shuffled(shuffled, dice)))
    assert score(again, scheme).digest == score(facts, scheme).digest


def _shuffled(things: object, dice: random.Random) -> list:  # type: ignore[type-arg]
    rows = list(things)  # type: ignore[call-overload]
    dice.shuffle(rows)
    return rows


@given(a_year())
def test_a_stored_sheet_comes_back_the_same(year: tuple[SubjectFacts, SchemeRules]) -> None:
    sheet = score(*year)
    stored = json.loads(json.dumps(sheet.to_dict(), ensure_ascii=False))
    assert SheetResult.from_dict(stored) == sheet
    assert SheetResult.from_dict(stored).digest == sheet.digest


@given(a_year("ABE"), st.data())
def test_doing_more_never_costs_points(year: tuple[SubjectFacts, SchemeRules], data: st.DataObject) -> None:
    """Of every base item and every bonus of the schemes for deputies."""
    facts, scheme = year
    chosen = [fact for fact in facts.facts if _is_merit(fact.code, scheme)]
    if not chosen:
        return
    fact = data.draw(st.sampled_from(chosen))
    more = replace(fact, done=fact.done + data.draw(st.integers(1, 5)))
    better = replace(facts, facts=tuple(more if each is fact else each for each in facts.facts))
    before, after = score(facts, scheme), score(better, scheme)
    assert (after.total or 0) >= (before.total or 0)
    if before.grade and after.grade:
        assert after.grade.at_least >= before.grade.at_least


def _is_merit(code: str, scheme: SchemeRules) -> bool:
    return all(item.is_base or isinstance(item.params, Bonus) for item in scheme.items if code in item.facts)


@given(*[st.decimals(0, 150, places=4)] * 2)
def test_more_points_never_mean_a_lower_grade(one: Decimal, other: Decimal) -> None:
    low, high = sorted([one, other])
    for scheme in SCHEMES.values():
        assert scheme.grade_of(low).at_least <= scheme.grade_of(high).at_least


@given(a_year())
def test_every_text_is_short_chinese_and_complete(year: tuple[SubjectFacts, SchemeRules]) -> None:
    """400 characters is what a stored line has room for."""
    sheet = score(*year)
    texts = [text for line in sheet.lines for text in (line.explanation, line.reason, line.cap_note)]
    for text in [*texts, *strengths(sheet), *problems(sheet)]:
        assert len(text) <= 400
        assert not any(letter.isascii() and letter.isalpha() for letter in text), text
    for line in sheet.lines:
        assert line.explanation
        assert bool(line.reason) == (line.lost > 0 or line.type == "deduction")


def _cents(exact: Fraction) -> Decimal:
    """Half up to two places by whole numbers alone: an oracle that shares no code with the engine."""
    return Decimal(int(exact * 100 + Fraction(1, 2))).scaleb(-2).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _oracle(item: Item, fact: Fact) -> Decimal:
    full = Fraction(item.full)
    if item.code == "review_ballot":
        good = fact.tallies["satisfied"] + Fraction(8, 10) * fact.tallies["basically_satisfied"]
        return _cents(full * good / fact.tallies["valid"])
    if item.code == "suggestion":
        return _cents(8 + Fraction(fact.points or 0)) if fact.done else Decimal("0.00")
    return _cents(full * Fraction(min(fact.done, fact.due), fact.due))


def _random_year(dice: random.Random) -> SubjectFacts:
    """Everything scheme A asks for, nothing of it empty, a little of what brings or costs extra."""
    facts = []
    for item in SCHEME_A.base_items:
        scheduled = item.due_per_year or 1
        excused = dice.randrange(scheduled)
        facts.append(
            Fact(
                item.code, scheduled, excused, done=dice.randrange(14), points=Decimal(dice.randrange(9)) / 4
            )
        )
    facts[-1] = Fact(
        "review_ballot", tallies=votes(dice.randrange(1, 50), dice.randrange(9), dice.randrange(9))
    )
    facts += [Fact(code, done=dice.randrange(3)) for code in ("key_suggestion", "late", "leave_session")]
    return SubjectFacts(f"mandate:{dice.randrange(10**6)}", tuple(facts), year=2025)


def test_ten_thousand_years_against_an_oracle() -> None:
    dice = random.Random(20260120)
    for _ in range(10_000):
        facts = _random_year(dice)
        sheet = score(facts, SCHEME_A)
        assert_sound(sheet, SCHEME_A)
        given_facts = {fact.code: fact for fact in facts.facts}
        base = [_oracle(item, given_facts[item.code]) for item in SCHEME_A.base_items]
        assert [line.awarded for line in sheet.lines if line.is_base] == base
        bonus = min(Decimal(10), 3 * given_facts["key_suggestion"].done)
        late, leave = given_facts["late"].done, given_facts["leave_session"].done
        assert sheet.total == min(Decimal(100), sum(base) + bonus - late * Decimal("0.5") - leave)


def test_twice_computed_is_the_same_and_anything_else_is_not() -> None:
    facts = _random_year(random.Random(7))
    digest = score(facts, SCHEME_A).digest
    assert score(facts, SchemeRules.from_dict(SCHEME_A.to_dict())).digest == digest
    seen = EvidenceRef("attendance", 1, date(2025, 1, 3), "1月接待日")
    evidenced = (replace(facts.facts[0], evidence=(seen,)), *facts.facts[1:])
    others = [replace(facts, facts=evidenced), replace(facts, year=2024), replace(facts, ref="mandate:x")]
    assert len({digest, *(score(other, SCHEME_A).digest for other in others)}) == 4
    next_version = SchemeRules.from_dict(SCHEME_A.to_dict() | {"version": 2})
    assert score(facts, next_version).digest != digest


@settings(max_examples=20)
@given(st.text(st.sampled_from("𠮷㐂䶮庄子乡人大代表履职测评（）·　"), max_size=38))
def test_rare_characters_survive_the_round_trip(name: str) -> None:
    data = shipped_scheme("A").to_dict()
    data["items"][0]["name"] = f"项{name}目"
    scheme = SchemeRules.from_dict(json.loads(json.dumps(data)))
    sheet = score(SubjectFacts("m", (Fact("reception", 12, 0, 6), Fact("exchange", 1, 0, 1))), scheme)
    assert SheetResult.from_dict(json.loads(json.dumps(sheet.to_dict()))).digest == sheet.digest
