"""Who a row is: matching with registered people, and people met twice in one file.

Pure. Order of trust: phone and name, then name and birth month, then name and constituency.
Where these point to different people, or to a known one under another name, somebody must decide:
two people are never made one by a guess, nor one person two.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from deputies.roster import tables
from deputies.roster.cells import Finding, error, note, warning
from deputies.roster.sheet_rows import row_words
from deputies.roster.types import WHOLE_ROW, KnownPerson, RosterRow
from liaison.words.text import fold_name

#: A decision for a row: the id of a registered person, or ``None`` for somebody new.
Decisions = Mapping[int, int | None]


@dataclass(frozen=True, slots=True)
class Match:
    """The registered person a row is; or, undecided, whom it may be; and what to say about it."""

    person: KnownPerson | None = None
    candidates: tuple[KnownPerson, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def is_undecided(self) -> bool:
        return self.person is None and bool(self.candidates)


@dataclass(frozen=True, slots=True)
class Twice:
    """A row that repeats, or resembles, an earlier one (by its number in the sheet)."""

    earlier: int
    text: str = ""
    column: str = WHOLE_ROW
    is_same: bool = False

    @property
    def is_namesake(self) -> bool:
        """Another person of the same name, nothing wrong with either."""
        return not self.text


class People:
    """Registered people, found by phone, by name and birth month, and by name."""

    def __init__(self, people: Sequence[KnownPerson], digest_phone: Callable[[str], str] | None) -> None:
        self._digest = digest_phone
        self._by_id = {person.id: person for person in people}
        self._by_phone: dict[str, list[KnownPerson]] = defaultdict(list)
        self._by_name: dict[str, list[KnownPerson]] = defaultdict(list)
        for person in people:
            self._by_name[fold_name(person.row.name)].append(person)
            for key in {person.row.phone, person.phone_digest} - {""}:
                self._by_phone[key].append(person)

    def match(self, rows: Mapping[int, RosterRow], decisions: Decisions) -> dict[int, Match]:
        """A match for every row, by its number. Certain matches are made first, so that a number
        shared in a family does not claim the relative whose own row stands further down."""
        found = {number: self._decided(decisions[number]) for number in rows if number in decisions}
        for number, row in rows.items():
            if number not in found:
                name = fold_name(row.name)
                phoned = self._with_phone(row.phone)
                certain = [person for person in phoned if fold_name(person.row.name) == name]
                if len(certain) == 1:
                    found[number] = Match(certain[0])
        taken = {match.person.id for match in found.values() if match.person}
        for number, row in rows.items():
            if number not in found:
                found[number] = self._search(row, taken)
        return found

    def has_phone(self, person: KnownPerson, phone: str) -> bool:
        """Whether ``phone`` is this person's number, by the number or by its digest."""
        return person in self._with_phone(phone)

    def _decided(self, person_id: int | None) -> Match:
        if person_id is None:
            return Match()
        person = self._by_id.get(person_id)
        return Match(person) if person else Match(findings=error("所选人员已不在系统中，请重新选择。"))

    def _search(self, row: RosterRow, taken: set[int]) -> Match:
        named = [person for person in self._by_name[fold_name(row.name)] if person.id not in taken]
        phoned = [person for person in self._with_phone(row.phone) if person.id not in taken]
        born = [person for person in named if row.born_on and person.row.born_on == row.born_on]
        if phoned:
            return _ask(phoned + [person for person in born if person not in phoned])
        if len(born) > 1:
            born = [person for person in born if person.row.constituency == row.constituency] or born
        if born:
            return Match(born[0]) if len(born) == 1 else _ask(born)
        return self._by_place(row, named)

    def _by_place(self, row: RosterRow, named: list[KnownPerson]) -> Match:
        here = [p for p in named if p.has_mandate and p.row.constituency == row.constituency]
        if len(here) == 1 and not self._contradicts(row, here[0]):
            return Match(here[0])
        if here:
            return _ask(here)
        if named:
            return Match(
                findings=note(f"系统中已有{len(named)}名同名的人员，出生年月和电话都不同，按另一人处理。")
            )
        return Match()

    def _contradicts(self, row: RosterRow, person: KnownPerson) -> bool:
        """Whether birth month or phone are known on both sides and differ."""
        births = row.born_on and person.row.born_on and row.born_on != person.row.born_on
        has_number = bool(person.row.phone or person.phone_digest)
        phones = row.phone and has_number and not self.has_phone(person, row.phone)
        return bool(births or phones)

    def _with_phone(self, phone: str) -> list[KnownPerson]:
        if not phone:
            return []
        hits = list(self._by_phone.get(phone, []))
        if self._digest:
            hits += [person for person in self._by_phone.get(self._digest(phone), []) if person not in hits]
        return hits


def _ask(candidates: Sequence[KnownPerson]) -> Match:
    who = "、".join(_described(person) for person in candidates[:5])
    return Match(
        candidates=tuple(candidates),
        findings=warning(f"可能是系统中的{who}，也可能是另一人，请选择后再导入。"),
    )


def _described(person: KnownPerson) -> str:
    born = person.row.born_on
    parts = [
        part for part in (f"{born.year}年{born.month}月生" if born else "", person.row.constituency) if part
    ]
    return f"“{person.row.name}”" + (f"（{'，'.join(parts)}）" if parts else "")


def find_twice(rows: Sequence[tuple[int, str, dt.date | None, str]]) -> dict[int, list[Twice]]:
    """Rows (number, name, birth month, phone) that repeat or resemble an earlier row of the file."""
    found: dict[int, list[Twice]] = defaultdict(list)
    by_name: dict[str, list[tuple[int, str, dt.date | None, str]]] = defaultdict(list)
    by_phone: dict[str, tuple[int, str]] = {}
    for number, written, born_on, phone in rows:
        name = fold_name(written)
        for earlier in by_name[name] if name else ():
            found[number].append(_compared(earlier, born_on, phone))
        if phone in by_phone and fold_name(by_phone[phone][1]) != name:
            other_number, other_name = by_phone[phone]
            text = f"电话与{row_words(other_number)}{other_name}相同，请核对是否填错。"
            found[number].append(Twice(other_number, text, tables.PHONE))
        if name:
            by_name[name].append((number, name, born_on, phone))
        if phone:
            by_phone.setdefault(phone, (number, written))
    return found


def _compared(earlier: tuple[int, str, dt.date | None, str], born_on: dt.date | None, phone: str) -> Twice:
    """What a row of the same name is to an earlier one."""
    number, _, other_born, other_phone = earlier
    same_phone = bool(phone) and phone == other_phone
    same_birth = born_on is not None and born_on == other_born
    if same_phone or (same_birth and not (phone and other_phone)):
        return Twice(number, f"与{row_words(number)}是同一人，请删去重复的一行。", is_same=True)
    if same_birth:
        text = f"与{row_words(number)}姓名、出生年月相同而电话不同，请核对是否同一人；按两人处理。"
        return Twice(number, text)
    return Twice(number)
