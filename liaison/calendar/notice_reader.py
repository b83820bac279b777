"""A year's days off from what an office has at hand: the notice pasted as it stands, or a list of days.

Understood are lines of the State Council's notice, such as 一、元旦：1月1日（周四）至3日（周六）放假调休，
共3天。1月4日（周日）上班。, and rows such as ``2027-01-01 放假 元旦``, typed or from a sheet. Nothing is
stored here: the office looks at what was understood and confirms it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from liaison.words.errors import InvalidInput
from liaison.words.text import clean_line, fold_width

_BRACKETS = re.compile(r"（[^）]*）|\([^)]*\)")
_NUMBERING = re.compile(r"^(?:[一二三四五六七八九十]+|\d{1,2})[、.．]\s*")
_NUMERIC = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DAY = re.compile(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日")
_SPAN = re.compile(r"(?<=日)\s*(?:至|到|—+|－|~|～|-)\s*(?=\d)")
_WORKED = ("上班", "补班")
_OFF = ("放假", "休息")
_LONGEST_SPAN = 15
_NAME_CHARS = 20
_QUOTED_CHARS = 30
_ENDS = "。；;"
#: Where the next item begins on the same line, and what shows that a line does not carry on the one before.
_ITEMS = re.compile(r"(?<=[。；;])\s*(?=[一二三四五六七八九十]+、)")
_BEGINS_ANEW = re.compile(r"[一二三四五六七八九十]+、|\d{1,2}[、.．]\s*\D|[\d０-９]{4}\s*[-/.年]")
_SENTENCE = re.compile(r"。.|电[ 　（(]|新华社|通知|公布|发布|印发")


@dataclass
class YearDraft:
    """What was understood; days of the year before (a new year's break) are kept apart.

    ``unused`` are the lines that name a day and say nothing about days off: the head of the agency's
    report, the date of signing.
    """

    year: int
    holidays: dict[date, str] = field(default_factory=dict)
    makeups: dict[date, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)

    def part(self, year: int) -> tuple[dict[date, str], dict[date, str]]:
        """Holidays and make-up days that lie in ``year``."""
        off = {day: name for day, name in sorted(self.holidays.items()) if day.year == year}
        worked = {day: name for day, name in sorted(self.makeups.items()) if day.year == year}
        return off, worked


def read_year(year: int, lines: Iterable[str]) -> YearDraft:
    """Understand each line that says something about days off; ``InvalidInput`` names all that cannot be.

    A day may lie in ``year`` or in the December before it, when 元旦 begins there.
    """
    draft, faults = YearDraft(year), []
    for number, line in enumerate(_whole_items(lines), 1):
        try:
            _read_line(draft, line)
        except ValueError as error:
            faults.append(f"第{number}行“{_cut(line)}”：{error}")
    if faults:
        raise InvalidInput({"text": "".join(faults)})
    if not draft.holidays:
        unclear = "".join(f"“{_cut(line)}”没有写明是放假还是上班。" for line in draft.unused)
        raise InvalidInput({"text": f"没有读到放假日期，请核对内容。{unclear}"})
    _check_years(draft)
    both = draft.holidays.keys() & draft.makeups.keys()
    if both:
        raise InvalidInput({"text": f"{min(both)}既放假又上班，请核对。"})
    return draft


def _whole_items(lines: Iterable[str]) -> Iterator[str]:
    """Lines with something on them: items that share a line apart, an item that a PDF has broken together."""
    open_item = ""
    for line in lines:
        text = clean_line(line)
        if not text:
            continue
        if open_item and not _BEGINS_ANEW.match(text):
            text = open_item + text
        elif open_item:
            yield open_item
        *whole, last = _ITEMS.split(text)
        yield from whole
        open_item = last if _NUMBERING.match(last) and last[-1] not in _ENDS else ""
        if not open_item:
            yield last
    if open_item:
        yield open_item


def _cut(line: str) -> str:
    return line if len(line) <= _QUOTED_CHARS else f"{line[:_QUOTED_CHARS]}……"


def _check_years(draft: YearDraft) -> None:
    """Only 元旦 reaches back over the turn of the year."""
    for day in sorted(draft.holidays | draft.makeups):
        if day.year != draft.year and (day.year, day.month) != (draft.year - 1, 12):
            raise InvalidInput({"text": f"{day}不在{draft.year}年，请核对年份。"})


def _plain(line: str) -> str:
    text = _BRACKETS.sub("", fold_width(clean_line(line)))
    return _NUMERIC.sub(lambda found: f"{found[1]}年{int(found[2])}月{int(found[3])}日", text)


def _read_line(draft: YearDraft, line: str) -> None:
    """One item of the notice, or one row of a list; any other line with a day in it is set aside."""
    text = _plain(line)
    if not _DAY.search(text):
        return
    head, colon, rest = text.replace(":", "：").partition("：")
    if colon and _NUMBERING.match(head) and not _DAY.search(head):
        name, sentences = _NUMBERING.sub("", head), re.split("[。；;]", rest)
    elif _is_row(text):
        name, sentences = _name_of_row(text), [text]
    elif colon and not _DAY.search(head) and len(head) <= _NAME_CHARS and _kind_of(rest):
        name, sentences = head, re.split("[。；;]", rest)
    else:
        draft.unused.append(line)
        return
    for sentence in sentences:
        _read_sentence(draft, sentence, name.strip()[:_NAME_CHARS])


def _is_row(text: str) -> bool:
    """Whether a line is a day, 放假 or 上班 and perhaps a name, and not a sentence about such days."""
    return bool(_kind_of(text)) and len(_name_of_row(text)) <= _NAME_CHARS and not _SENTENCE.search(text)


def _kind_of(text: str) -> str:
    return next((word for word in (*_WORKED, *_OFF) if word in text), "")


def _name_of_row(text: str) -> str:
    """What is left of a row without its days, its kind and the marks between them."""
    rest = _DAY.sub("", _SPAN.sub(" ", text))
    for word in ("调休", *_WORKED, *_OFF):
        rest = rest.replace(word, " ")
    return re.sub(r"[\s,，、|至\d天共]+", " ", rest).strip()


def _read_sentence(draft: YearDraft, sentence: str, name: str) -> None:
    if not _DAY.search(sentence):
        return
    if any(word in sentence for word in _WORKED):
        target = draft.makeups
    elif any(word in sentence for word in _OFF):
        target = draft.holidays
    else:
        raise ValueError("没有写明是放假还是上班。")
    for day in _days(sentence, draft.year):
        target[day] = name


def _days(sentence: str, year: int) -> Iterator[date]:
    """The days named, spans included; a day without month or year has those of the one before it."""
    month = 0
    for piece in re.split("[、，,；]", sentence):
        ends = []
        for part in _SPAN.split(piece):
            found = _DAY.search(part)
            if found is None:
                continue
            year, month = int(found[1] or year), int(found[2] or month)
            ends.append(_date(year, month, int(found[3])))
        if ends:
            yield from _span(ends[0], ends[-1])


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"没有{year}年{month}月{day}日这一天。") from None


def _span(first: date, last: date) -> Iterator[date]:
    if not 0 <= (last - first).days < _LONGEST_SPAN:
        raise ValueError(f"{first}至{last}的起止日期不对。")
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def written(draft_holidays: dict[date, str], draft_makeups: dict[date, str]) -> str:
    """The days as rows that ``read_year`` reads back, for editing a year that is loaded."""
    rows = [(day, "放假", name) for day, name in draft_holidays.items()]
    rows += [(day, "调休上班", name) for day, name in draft_makeups.items()]
    return "\n".join(f"{day} {kind} {name}".rstrip() for day, kind, name in sorted(rows))
