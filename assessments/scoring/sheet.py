"""The result: a sheet whose lines explain themselves and add up to the published total."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Self

from assessments.enums import Grade as GradeKind
from assessments.enums import NotRatedReason
from assessments.scoring.facts import EvidenceRef
from assessments.scoring.scheme import Grade, sha256_of
from assessments.scoring.values import ZERO, ItemType, Subject

# Raise it when the same facts and scheme would give another sheet.
ENGINE_VERSION = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the score. ``awarded`` is published, negative for a deduction; ``full`` is 0 for extras.

    ``explanation`` is the sum in words, ``reason`` the 扣分原因 column (empty when nothing was lost),
    ``cap_note`` what a cap did, ``merit``/``lack`` the opening words for the notice.
    """

    code: str
    name: str
    block: str
    type: ItemType
    full: Decimal
    awarded: Decimal
    explanation: str
    reason: str = ""
    cap_note: str = ""
    is_applicable: bool = True
    is_pending: bool = False
    merit: str = ""
    lack: str = ""
    evidence: tuple[EvidenceRef, ...] = ()

    @property
    def is_base(self) -> bool:
        return self.type not in (ItemType.BONUS, ItemType.DEDUCTION)

    @property
    def lost(self) -> Decimal:
        """Points missing (a base item) or taken away (a deduction); never negative."""
        return max(ZERO, self.full - self.awarded)

    def to_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "name": self.name,
            "block": self.block,
            "type": self.type.value,
            "full": str(self.full),
            "awarded": str(self.awarded),
            "explanation": self.explanation,
            "reason": self.reason,
            "cap_note": self.cap_note,
            "is_applicable": self.is_applicable,
            "is_pending": self.is_pending,
            "merit": self.merit,
            "lack": self.lack,
            "evidence": [_evidence_to_dict(ref) for ref in self.evidence],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        changed = {
            "type": ItemType(data["type"]),
            "full": Decimal(data["full"]),
            "awarded": Decimal(data["awarded"]),
            "evidence": tuple(_evidence_from_dict(ref) for ref in data["evidence"]),
        }
        return cls(**{**data, **changed})


@dataclass(frozen=True, slots=True)
class VetoHit:
    """A veto that holds: the grade is at most ``ceiling`` (a grade name)."""

    code: str
    name: str
    ceiling: str
    explanation: str
    evidence: tuple[EvidenceRef, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "name": self.name,
            "ceiling": self.ceiling,
            "explanation": self.explanation,
            "evidence": [_evidence_to_dict(ref) for ref in self.evidence],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{**data, "evidence": tuple(_evidence_from_dict(ref) for ref in data["evidence"])})


@dataclass(frozen=True)
class SheetResult:
    """``total`` = ``base`` + ``bonus`` − ``deduction`` = the sum of ``awarded`` over the lines, exactly.

    Not rated (不参评): no lines, neither total nor grade; ``not_rated`` and, in words, ``not_rated_note``.
    """

    ref: str
    subject: Subject
    year: int
    scheme_code: str
    scheme_version: int
    scheme_digest: str
    not_rated: NotRatedReason | None = None
    not_rated_note: str = ""
    lines: tuple[Line, ...] = ()
    base: Decimal = ZERO
    bonus: Decimal = ZERO
    deduction: Decimal = ZERO
    total: Decimal | None = None
    grade: Grade | None = None
    vetoes: tuple[VetoHit, ...] = ()
    engine_version: int = ENGINE_VERSION

    @property
    def is_rated(self) -> bool:
        return self.not_rated is None

    @property
    def grade_code(self) -> str:
        return self.grade.code if self.grade else GradeKind.NOT_RATED

    @property
    def grade_name(self) -> str:
        return self.grade.name if self.grade else GradeKind.NOT_RATED.label

    @property
    def pending(self) -> tuple[Line, ...]:
        """Lines that wait for a mark or a vote the office still owes."""
        return tuple(line for line in self.lines if line.is_pending)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: the same facts and scheme give the same digest, always."""
        return sha256_of(self.to_dict())

    def line(self, code: str) -> Line | None:
        return next((line for line in self.lines if line.code == code), None)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON for storage; points as strings with their two decimals."""
        return {
            "engine_version": self.engine_version,
            "ref": self.ref,
            "subject": self.subject.value,
            "year": self.year,
            "scheme_code": self.scheme_code,
            "scheme_version": self.scheme_version,
            "scheme_digest": self.scheme_digest,
            "not_rated": self.not_rated.value if self.not_rated else None,
            "not_rated_note": self.not_rated_note,
            "lines": [line.to_dict() for line in self.lines],
            "base": str(self.base),
            "bonus": str(self.bonus),
            "deduction": str(self.deduction),
            "total": None if self.total is None else str(self.total),
            "grade": self.grade.to_dict() if self.grade else None,
            "vetoes": [hit.to_dict() for hit in self.vetoes],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """A stored sheet, with the digest it had when it was made."""
        changed = {
            "subject": Subject(data["subject"]),
            "not_rated": NotRatedReason(data["not_rated"]) if data["not_rated"] else None,
            "lines": tuple(Line.from_dict(line) for line in data["lines"]),
            "base": Decimal(data["base"]),
            "bonus": Decimal(data["bonus"]),
            "deduction": Decimal(data["deduction"]),
            "total": None if data["total"] is None else Decimal(data["total"]),
            "grade": _grade_from_dict(data["grade"]) if data["grade"] else None,
            "vetoes": tuple(VetoHit.from_dict(hit) for hit in data["vetoes"]),
        }
        return cls(**{**data, **changed})


def _grade_from_dict(data: Mapping[str, str]) -> Grade:
    return Grade(data["code"], data["name"], Decimal(data["at_least"]))


def _evidence_to_dict(ref: EvidenceRef) -> dict[str, Any]:
    return {
        "kind": ref.kind,
        "id": ref.id,
        "on": ref.on.isoformat() if ref.on else None,
        "label": ref.label,
    }


def _evidence_from_dict(data: Mapping[str, Any]) -> EvidenceRef:
    on = date.fromisoformat(data["on"]) if data["on"] else None
    return EvidenceRef(data["kind"], data["id"], on, data["label"])
