"""Scoring a county: 1,200 deputies by scheme A (十个一), pure, with no and with 33 records behind each item.

The bare limit is the arithmetic alone: as many Decimal products, roundings and sums, without reasons,
caps or evidence. Figures of pure work are CPU time of the process.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial

from assessments.scheme_data import shipped_scheme
from assessments.scoring import EvidenceRef, Fact, Item, ItemType, SubjectFacts, score
from assessments.scoring import SheetResult as Result
from bench._tools import Figure, cpu_seconds

DEPUTIES = 1_200
RECORDS = (0, 33)
YEAR = 2025
_CENT = Decimal("0.01")


def run() -> Iterator[Figure]:
    yield "deputies", DEPUTIES, "rows"
    yield "queries", 0, "queries"
    for records in RECORDS:
        years = county(records)
        spent = cpu_seconds(partial(_sheets_of, years))
        yield f"sheets, {records} records behind an item", DEPUTIES / spent, "sheets/s"
    sheets = [sheet_of(facts) for facts in county(RECORDS[-1])]
    # A digest is kept by its sheet, so it is measured once.
    spent = cpu_seconds(lambda: [sheet.digest for sheet in sheets], rounds=1)
    yield f"digests, {RECORDS[-1]} records behind an item", DEPUTIES / spent, "sheets/s"
    yield "bare limit: Decimal products and sums", DEPUTIES / cpu_seconds(bare_sums), "sheets/s"


SCHEME = shipped_scheme("A")


def sheet_of(facts: SubjectFacts) -> Result:
    return score(facts, SCHEME)


def _sheets_of(years: list[SubjectFacts]) -> list[Result]:
    return [sheet_of(facts) for facts in years]


def county(records: int) -> list[SubjectFacts]:
    """A year each; the same for every run."""
    dice = random.Random(YEAR)
    return [a_year(number, records, dice) for number in range(DEPUTIES)]


def a_year(number: int, records: int, dice: random.Random) -> SubjectFacts:
    facts = [
        _ballot(item.facts[0], dice) if item.type == ItemType.BALLOT else _counted(item, records, dice)
        for item in SCHEME.base_items
    ]
    return SubjectFacts(f"mandate:{number}", tuple(facts), year=YEAR)


def _ballot(fact_code: str, dice: random.Random) -> Fact:
    votes = (dice.randrange(10, 40), dice.randrange(6), dice.randrange(3))
    names = ("satisfied", "basically_satisfied", "dissatisfied")
    total = {name: sum(votes) for name in ("issued", "returned", "valid")}
    return Fact(fact_code, tallies=total | dict(zip(names, votes, strict=True)))


def _counted(item: Item, records: int, dice: random.Random) -> Fact:
    due = item.due_per_year or 1
    behind = tuple(
        EvidenceRef("participation", dice.randrange(10**6), date(YEAR, 1, 1) + timedelta(day), item.name)
        for day in range(records)
    )
    return Fact(item.facts[0], due, 0, dice.randrange(due + 1), points=Decimal(1), evidence=behind)


def bare_sums() -> list[Decimal]:
    """What no scoring can be faster than: ten products, rounded, added up, for each deputy."""
    full, share = Decimal(15), Decimal(5) / Decimal(6)
    return [
        sum(((full * share).quantize(_CENT, ROUND_HALF_UP) for _ in range(10)), Decimal(0))
        for _ in range(DEPUTIES)
    ]
