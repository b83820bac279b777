"""Names of constituencies and groups: recognised in other spellings, proposed, or refused.

Pure. 第一选区（东庄村） and 第1选区(东庄村) are one constituency: number and village agree. 第1选区, 一选区
or 东庄村 alone may be it, and a person is asked; two different villages under one number are never taken for
one. A group has a number only, and 一组 is 第一代表小组.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from deputies.roster.cells import Finding, Outcome, Severity, chinese_number, error, note, warning
from deputies.roster.types import Proposal, Spelling
from liaison.words.text import fold_width

_HAN_NUMBER = re.compile(r"第?([〇零○一二三四五六七八九十百]+)(?=(?:选区|选举单位|代表小组|小组|组))")
_NUMBER = re.compile(r"第?(\d+)(?:选区|选举单位|代表小组|小组|组)")
_BARE_NUMBER = re.compile(r"(?<![第\d])(\d+)(?=(?:选区|选举单位|代表小组|小组|组))")
_SHORT_GROUP = re.compile(r"(第\d+)(?:小组|组)")
_BRACKETED = re.compile(r"\((.*?)\)")
_MAX_NAME_CHARS = {"选区": 60, "代表小组": 40}
#: What a message offers that waits for an answer.
SAME_PLACE = "same_place"
_OFFERS = {"选区": "create_constituency", "代表小组": "create_group"}


@dataclass(frozen=True, slots=True)
class _Name:
    """A name taken apart; ``key`` is equal for spellings that differ in signs and digits only."""

    written: str
    text: str
    key: str
    number: int | None
    village: str
    style: str


class Register:
    """The constituencies, or the groups, of one term while a roster is read.

    ``kind`` is "选区" or "代表小组"; ``texts`` are all cells of the column, so that the usual
    spelling and the more frequent village of a number are known before the first row is read. With
    ``answers`` (is it the same, by the name as written) a doubtful spelling is asked about, without them it
    is taken with a note.
    """

    def __init__(
        self,
        kind: str,
        known: Sequence[str],
        texts: Iterable[str],
        *,
        may_create: bool,
        answers: Mapping[str, bool] | None = None,
    ) -> None:
        self._kind = kind
        self._said = answers
        self._asked: dict[str, tuple[str, list[int]]] = {}
        self._known = {name.key: name for name in map(_take_apart, known)}
        self._may_create = may_create
        written = [_take_apart(text) for text in texts if text]
        self._written: dict[str, _Name] = {}
        for name in written:
            self._written.setdefault(name.key, name)
        self._frequency = Counter(name.key for name in written)
        self._styles = Counter(name.style for name in written)
        self._proposed: dict[str, tuple[_Name, list[int]]] = {}
        self._answers: dict[str, Outcome[str]] = {}

    def read(self, text: str, row: int) -> Outcome[str]:
        """The registered name a cell means; rows that need a new one are remembered."""
        if text not in self._answers:
            self._answers[text] = self._find(_take_apart(text))
        outcome = self._answers[text]
        if text in self._asked:
            self._asked[text][1].append(row)
        if outcome.value is not None:
            key = _take_apart(outcome.value).key
            if key in self._proposed:
                self._proposed[key][1].append(row)
        return outcome

    def proposals(self) -> tuple[Proposal, ...]:
        """What would be created, in the order of the file; numbers not written are the next free ones."""
        taken = {name.number for name in self._known.values()} | {
            name.number for name, _ in self._proposed.values()
        }
        made, following = [], 1
        for name, rows in self._proposed.values():
            number = name.number
            if number is None:
                while following in taken:
                    following += 1
                number = following
                taken.add(number)
            made.append(Proposal(name.text, number, name.village, tuple(rows)))
        return tuple(made)

    def spellings(self) -> tuple[Spelling, ...]:
        """The names that were asked about, in the order of the file, with their answers."""
        return tuple(
            Spelling(self._kind, written, meant, tuple(rows), (self._said or {}).get(written))
            for written, (meant, rows) in self._asked.items()
        )

    def _find(self, name: _Name) -> Outcome[str]:
        if len(name.text) > _MAX_NAME_CHARS[self._kind]:
            return Outcome(findings=error(f"{self._kind}名称过长，请核对。"))
        same = self._known.get(name.key) or self._only_fit(name)
        if same and (outcome := self._equal(name, same, same.written)):
            return outcome
        return self._propose(name) if self._may_create else self._refuse(name)

    def _equal(self, name: _Name, other: _Name, target: str) -> Outcome[str] | None:
        """``name`` as ``target``; ``None`` when a person has said that it is another, and it can be."""
        if name.written == target:
            return Outcome(target)
        is_sure = _signs(name.text) == _signs(other.text) or (name.key == other.key and name.village)
        if self._said is None or is_sure:
            return Outcome(target, note(f"按“{target}”导入。"))
        self._asked.setdefault(name.written, (target, []))
        answer = self._said.get(name.written)
        if answer:
            return Outcome(target, note(f"经确认，按“{target}”导入。"))
        if answer is None:
            text = f"“{name.text}”是否就是“{target}”？请在上面选定后再导入。"
            return Outcome(target, (Finding(Severity.WARNING, text, SAME_PLACE),))
        if name.number is None:
            return None
        text = f"已选定“{name.text}”不是“{target}”，但两者序号相同，请在名册中更正后重新上传。"
        return Outcome(findings=error(text))

    def _only_fit(self, name: _Name) -> _Name | None:
        """The one known name that a bare number, or a bare village, can mean."""
        if name.number is not None and not name.village:
            fits = [known for known in self._known.values() if known.number == name.number]
        elif name.number is None:
            village = name.village or name.key.removesuffix(self._kind)
            fits = [known for known in self._known.values() if known.village and known.village == village]
        else:
            fits = []
        return fits[0] if len(fits) == 1 else None

    def _refuse(self, name: _Name) -> Outcome[str]:
        clash = self._clash(name, self._known.values())
        if clash:
            return Outcome(
                findings=error(f"与已有的“{clash.text}”序号相同而名称不同，请核对是哪一个{self._kind}。")
            )
        text = f"本届没有“{name.text}”这个{self._kind}，{self._hint(name)}请核对；确需增加的，请先新建。"
        return Outcome(findings=error(text, _OFFERS[self._kind]))

    def _hint(self, name: _Name) -> str:
        """The known name that sounds alike; numbers do not make names alike."""
        sounds = {
            known.village or known.key: known
            for known in self._known.values()
            if known.village or not known.number
        }
        close = get_close_matches(name.village or name.key, sounds, n=1, cutoff=0.6)
        return f"是否应为“{sounds[close[0]].text}”？" if close else ""

    def _propose(self, name: _Name) -> Outcome[str]:
        clash = self._clash(name, self._known.values()) or self._rarer_clash(name)
        if clash:
            return Outcome(
                findings=error(f"与“{clash.text}”序号相同而名称不同，请核对是哪一个{self._kind}。")
            )
        full = self._with_village(name) or name
        first = self._proposed.setdefault(full.key, (full, []))[0]
        if first.text != name.written and (outcome := self._equal(name, first, first.text)):
            return outcome
        usual = self._styles.most_common(1)[0][0]
        if name.style != usual:
            return Outcome(
                name.text, warning(f"“{name.text}”与其他{self._kind}的写法不同，请核对；确认后将新建。")
            )
        return Outcome(name.text)

    def _clash(self, name: _Name, others: Iterable[_Name]) -> _Name | None:
        """Another name under the same number."""
        if name.number is None:
            return None
        return next(
            (other for other in others if other.number == name.number and other.key != name.key), None
        )

    def _rarer_clash(self, name: _Name) -> _Name | None:
        """Of two names in the file under one number the more frequent one holds, then the earlier."""
        if not name.village:
            rivals = [] if self._with_village(name) else self._under(name.number)
        else:
            rivals = [other for other in self._under(name.number) if other.village]
        if len(rivals) < 2:
            return None
        holder = max(rivals, key=lambda rival: self._frequency[rival.key])
        return holder if holder.key != name.key else None

    def _with_village(self, name: _Name) -> _Name | None:
        """The one name of the file that has the number of this bare one, and a village besides."""
        full = [other for other in self._under(name.number) if other.village]
        return full[0] if not name.village and len(full) == 1 else None

    def _under(self, number: int | None) -> list[_Name]:
        return [other for other in self._written.values() if number is not None and other.number == number]


def _take_apart(text: str) -> _Name:
    key = _key(text)
    number = _NUMBER.search(key)
    village = _BRACKETED.search(key)
    return _Name(
        written=text,
        text=_tidy(text),
        key=key,
        number=int(number[1]) if number else None,
        village=village[1] if village else "",
        style=_style(text),
    )


def _tidy(text: str) -> str:
    """The spelling that would be created: full-width brackets, no blanks."""
    return re.sub(r"\s", "", text).replace("(", "（").replace(")", "）")


def _signs(text: str) -> str:
    """A name without what differs by keyboard only: width, blanks, brackets."""
    return re.sub(r"\s", "", fold_width(text)).replace("（", "(").replace("）", ")")


def _key(text: str) -> str:
    counted = _HAN_NUMBER.sub(lambda match: f"第{chinese_number(match[1])}", _signs(text))
    counted = _BARE_NUMBER.sub(r"第\1", counted)
    return _SHORT_GROUP.sub(r"\1代表小组", counted)


def _style(text: str) -> str:
    """How the name is built: which digits, and whether a village stands in brackets."""
    plain = re.sub(r"\s", "", text)
    digits = "汉字" if _HAN_NUMBER.search(plain) else "数字" if re.search(r"[0-9０-９]", plain) else "无"
    return digits + ("带村名" if re.search(r"[（(]", plain) else "")
