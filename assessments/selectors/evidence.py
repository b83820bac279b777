"""What is behind a score: the records a line names, with the pages that show them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import NoReverseMatch, reverse

from assessments.models import ScoreLine
from assessments.scoring import ItemType
from assessments.scoring.values import EXTRA_TYPES, plain
from liaison.tenancy.scope import Actor

# Kind of record → address of the page that shows it. Ballots and entries have no page of their own.
_PAGES: Mapping[str, str] = {
    "participation": "stations_record",
    "upper_turn": "stations_upper_turn",
    "opinion": "constituents_opinion",
    "suggestion": "constituents_suggestion",
    "feedback_notice": "assessments_notice",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One record behind a line, as a person reads it."""

    label: str
    on: date | None
    url: str


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of a sheet as a page shows it; ``full`` is empty for bonuses and deductions."""

    id: int
    name: str
    block: str
    full: str
    points: str
    told: str
    reason: str
    cap_note: str
    tone: str
    evidence: tuple[Evidence, ...]


def evidence_of(line: ScoreLine, *, linked: bool = True) -> tuple[Evidence, ...]:
    """The records of a line in their order; ``linked`` when the reader may open them."""
    return tuple(_evidence(row, linked) for row in line.evidence)


def _evidence(row: Mapping[str, Any], linked: bool) -> Evidence:
    on = date.fromisoformat(row["on"]) if row["on"] else None
    return Evidence(row["label"], on, _url(row["kind"], row["id"]) if linked else "")


def _url(kind: str, pk: int | str) -> str:
    try:
        return reverse(_PAGES[kind], args=[pk]) if kind in _PAGES else ""
    except NoReverseMatch:
        return ""


def with_links(actor: Actor, lines: Iterable[ScoreLine]) -> list[LineView]:
    """The lines in the scheme's order, each with its reason in plain words and what is behind it."""
    return [_view(line) for line in lines]


def _view(line: ScoreLine) -> LineView:
    is_extra = ItemType(line.section) in EXTRA_TYPES
    return LineView(
        id=line.pk,
        name=line.name,
        block=line.block,
        full="" if is_extra else plain(line.full_points),
        points=str(line.points) if not (is_extra and line.points > 0) else f"+{line.points}",
        told=line.explanation,
        reason=line.deduction_reason,
        cap_note=line.cap_note,
        tone=_tone(line, is_extra),
        evidence=evidence_of(line),
    )


def _tone(line: ScoreLine, is_extra: bool) -> str:
    if is_extra:
        return "ok" if line.points > 0 else "bad"
    if not line.is_applicable:
        return "none"
    return "ok" if line.points >= line.full_points else "warn"
