"""What is known about one subject in one period: counts, marks and tallies, each with its evidence."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from assessments.enums import NotRatedReason
from assessments.scoring.values import ExcuseReason, InvalidFacts, Subject


@dataclass(frozen=True, slots=True)
class EvidenceRef:
    """A record behind a fact: ``kind`` names the model, ``id`` the row, ``label`` is what a person reads."""

    kind: str
    id: int | str
    on: date | None
    label: str

    @property
    def order(self) -> tuple[str, str, str, str]:
        """Sort key: by date, then by record, so the order facts arrive in leaves no trace."""
        return (self.on.isoformat() if self.on else "", self.kind, str(self.id), self.label)


@dataclass(frozen=True, slots=True)
class Excuse:
    """``count`` scheduled occasions that were not due after all, and why."""

    reason: ExcuseReason
    count: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact code of one subject.

    ``scheduled``: occasions due from the subject; ``excused``: of these, taken off the denominator
    (``excuses`` may break the number down by reason); ``done``: occasions that count. Of deductions,
    bonuses and vetoes ``done`` is how often it happened. ``refused``: submitted, but worth nothing.
    ``points``: the mark of a judge, or the quality mark of a counted item; ``None`` while not judged.
    ``tallies``: ballot counts (issued, returned, valid and one per choice), or counts by level.
    """

    code: str
    scheduled: int = 0
    excused: int = 0
    done: int = 0
    refused: int = 0
    points: Decimal | None = None
    tallies: Mapping[str, int] = field(default_factory=dict)
    excuses: tuple[Excuse, ...] = ()
    evidence: tuple[EvidenceRef, ...] = ()

    @property
    def due(self) -> int:
        return self.scheduled - self.excused

    def errors(self) -> tuple[str, ...]:
        """Chinese sentences about what cannot be true of this fact."""
        return tuple(_contradictions(self))


def _contradictions(fact: Fact) -> Iterator[str]:
    if min(fact.scheduled, fact.excused, fact.done, fact.refused) < 0:
        yield "次数不能为负数"
    if fact.excused > fact.scheduled:
        yield f"核减{fact.excused}次，多于应完成的{fact.scheduled}次"
    if fact.excuses and sum(excuse.count for excuse in fact.excuses) != fact.excused:
        yield f"各项核减原因的次数之和与核减总数{fact.excused}次不一致"
    if any(excuse.count < 0 for excuse in fact.excuses):
        yield "各项核减原因的次数不能为负数"
    # A float would carry binary noise into a published number.
    if fact.points is not None and not (isinstance(fact.points, Decimal) and fact.points.is_finite()):
        yield "评分应为十进制数字"


@dataclass(frozen=True, slots=True)
class Exemption:
    """Decided by the presidium: the subject is not rated (不参评) this year, and why."""

    reason: NotRatedReason
    note: str = ""


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """All facts of one subject, in any order; codes the scheme does not ask for are ignored.

    ``ref`` identifies the subject (for example ``mandate:17``) and never carries a name. ``months`` is the
    number of full months served in the period (``months_served``), ``None`` where it does not matter.
    """

    ref: str
    facts: tuple[Fact, ...] = ()
    subject: Subject = Subject.DEPUTY
    year: int = 0
    months: int | None = None
    exemption: Exemption | None = None

    def by_code(self, names: Mapping[str, str]) -> dict[str, Fact]:
        """Facts by code; ``names`` are the Chinese names of the codes, for the messages.

        Raises ``InvalidFacts`` on a code given twice or a fact that contradicts itself.
        """
        found: dict[str, Fact] = {}
        problems: dict[str, str] = {}
        for fact in self.facts:
            if fact.code in found:
                problems[fact.code] = f"“{names.get(fact.code, fact.code)}”的数据重复"
            elif errors := fact.errors():
                problems[fact.code] = f"“{names.get(fact.code, fact.code)}”的数据有误：{'；'.join(errors)}"
            found[fact.code] = fact
        if problems:
            raise InvalidFacts(problems)
        return found


def merge(code: str, facts: Iterable[Fact]) -> Fact:
    """Several facts that feed one item, added up (接待走访 = reception + visits)."""
    parts = tuple(facts)
    if len(parts) == 1:
        return parts[0]
    marks = [part.points for part in parts if part.points is not None]
    tallies: dict[str, int] = {}
    for part in parts:
        for key, count in part.tallies.items():
            tallies[key] = tallies.get(key, 0) + count
    return Fact(
        code,
        scheduled=sum(part.scheduled for part in parts),
        excused=sum(part.excused for part in parts),
        done=sum(part.done for part in parts),
        refused=sum(part.refused for part in parts),
        points=sum(marks, Decimal(0)) if marks else None,
        tallies=tallies,
        excuses=_all_excuses(parts),
        evidence=tuple(ref for part in parts for ref in part.evidence),
    )


def _all_excuses(parts: tuple[Fact, ...]) -> tuple[Excuse, ...]:
    """The reasons of every part; a part that gives none counts as 其他原因, so the sum still holds."""
    counts: dict[ExcuseReason, int] = {}
    for part in parts:
        unnamed = Excuse(ExcuseReason.OTHER, part.excused)
        for excuse in part.excuses or (unnamed,):
            counts[excuse.reason] = counts.get(excuse.reason, 0) + excuse.count
    return tuple(Excuse(reason, counts[reason]) for reason in ExcuseReason if counts.get(reason))


def months_served(started_on: date, ended_on: date | None, *, period_start: date, period_end: date) -> int:
    """Full calendar months of a mandate inside the period, both ends included.

    From 2025-07-01 to the end of 2025 are 6 months, from 2025-07-02 only 5.
    """
    start = max(started_on, period_start)
    stop = min(ended_on or period_end, period_end) + timedelta(days=1)
    months = (stop.year - start.year) * 12 + stop.month - start.month
    return max(0, months - (1 if stop.day < start.day else 0))
