"""The one masker: hides the numbers that lead to a person in free text; pure, standard library only.

People write a number in many ways (138 1234 5678, ＋86（138）1234－5678, 一三八…), so digits of every script
are read alike, and blanks, hyphens, dots and brackets between them count for nothing. Dates, years, numbers
of documents and cases, amounts and hotlines of three to six digits stay. Where a figure could be either, it
is hidden: a hidden figure is looked up by those entitled, a number in clear cannot be taken back.
Source: domain.md section 0.10, 7 and 9.11; GB 11643 for identity numbers; ISO/IEC 7812 for bank cards.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from liaison.words.folding import ANY, ARABIC, CHINESE, FOLDS, GAP_OF, GONE, HAN, script_of
from liaison.words.text import clean_line, mask_phone

HIDDEN_IDENTITY = "（证件号已隐去）"
HIDDEN_CARD = "（银行卡号已隐去）"


@dataclass(frozen=True, slots=True)
class _Rule:
    """One spelling: where it may stand, whether a find is what it looks like, what is shown instead.

    A group named ``n`` is the number itself; without one the whole find is.
    """

    pattern: re.Pattern[str]
    shown: Callable[[str], str]
    holds: Callable[[str], bool] = lambda found: True
    is_landline: bool = False


_S = r"[ \-./()]{0,4}"
_PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12]|91)"
_MONTH_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_MONTH_DAY_BROKEN = rf"(?:0{_S}[1-9]|1{_S}[0-2]){_S}(?:0{_S}[1-9]|[12]{_S}\d|3{_S}[01])"
_CENTURY = rf"(?:1{_S}[89]|2{_S}0)"
_DIALLED_FIRST = r"(?:(?:00)?86|0|17951|17911|12593)?"
_AREA = r"0(?:10|2\d|[3-9]\d\d)"
_FOUR_TIMES_FOUR = r"[1-9]\d{3}(?:[ \-.]\d{4}){3}"
_OF_CARD = r"(?:银行卡|卡号|账号|帐号|账户|存折)[号是为：: ]{0,4}"
_OF_PERSON = r"(?:身份证|证件)(?:号码|号)?[是为：: ]{0,3}"
# 电话6222-0212… and 电话6222一二三… go on, 电话2345678一直… does not.
_NO_MORE = rf"(?![\-.]?[\d{''.join(CHINESE)}]{{3}})"
_OF_LANDLINE = r"(?:电话|座机|固话|宅电)[号码是为：: ]{0,4}"


def _more(least: int, most: int | None = None) -> str:
    """Further digits, each with up to four characters that count for nothing before it."""
    return rf"(?:{_S}\d){{{least},{most or least}}}"


def _digits(found: str) -> str:
    return re.sub(r"\D", "", found)


def _phone(found: str) -> str:
    return mask_phone(_digits(found))


def _mobiles(found: str) -> str:
    """One number, or several without anything between."""
    digits = _digits(found)
    return "".join(mask_phone(digits[start : start + 11]) for start in range(0, len(digits), 11))


def _identity(_found: str) -> str:
    return HIDDEN_IDENTITY


def _card(_found: str) -> str:
    return HIDDEN_CARD


def _is_card(found: str) -> bool:
    """No date with a serial number, and the check digit of ISO/IEC 7812 holds (Luhn)."""
    digits = [int(char) for char in _digits(found)]
    doubled = (sum(divmod(digit * 2, 10)) for digit in digits[-2::-2])
    return _is_no_moment(found) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_no_moment(found: str) -> bool:
    return re.match(rf"(?:19|20)\d\d{_MONTH_DAY}", found) is None


def _is_resident(found: str) -> bool:
    return re.match(_PROVINCE, _digits(found)) is not None


# 13.5 24.6 33.1 45.2: decimals, always with the same between them.
_MEASURED = re.compile(r"\d+\.\d{1,2}([ \-/])\d+(?:\.\d{1,2})?(?:\1\d+(?:\.\d{1,2})?)*")
_LIKELY_GROUPS = ((3, 4, 4), (3, 8), (7, 4), (4, 3, 4), (5, 6))


def _is_mobile(found: str) -> bool:
    """Whether digits with gaps are a number: no list of days, decimals or years."""
    groups, gaps = re.findall(r"\d+", found), re.findall(r"\D+", found)
    if len(groups) == 1 or tuple(map(len, groups)) in _LIKELY_GROUPS:
        return True
    if len({gap.strip() for gap in gaps}) > 1:
        return not _MEASURED.fullmatch(found) and not any(
            re.fullmatch(r"(?:19|20)\d\d", each) for each in groups
        )
    days = [int(group) for group in groups]
    return not (max(days) <= 31 and max(map(len, groups)) == 2 and all(a < b for a, b in pairwise(days)))


def _unbroken(before: str, after: str) -> tuple[_Rule, ...]:
    """Numbers without anything between their digits; ``before`` and ``after`` say where one may end."""
    return (
        _Rule(re.compile(rf"{_OF_PERSON}(?P<n>\d{{15,17}}[\dXx])"), _identity),
        _Rule(re.compile(rf"{_OF_CARD}(?P<n>\d{{12,19}}){after}"), _card),
        _Rule(re.compile(rf"{before}\d{{17}}(?:\d{after}|[Xx])"), _identity, _is_no_moment),
        _Rule(re.compile(rf"{before}{_PROVINCE}\d{{6}}{_MONTH_DAY}\d{{3}}{after}"), _identity),
        _Rule(re.compile(rf"{before}{_DIALLED_FIRST}(?P<n>(?:1[3-9]\d{{9}})+){after}"), _mobiles),
        _Rule(re.compile(rf"{before}[1-9]\d{{15,18}}{after}"), _card, _is_card),
        _Rule(re.compile(rf"{before}(?:86)?(?P<n>{_AREA}\d{{7,8}}){after}"), _phone, is_landline=True),
        _Rule(re.compile(rf"(?:\+|{before}00)(?P<n>[1-9]\d{{8,14}}){after}"), _phone),
    )


def _broken(before: str, after: str) -> tuple[_Rule, ...]:
    """Numbers with blanks, hyphens, dots, strokes or brackets between their digits."""
    return (
        *(
            _Rule(re.compile(rf"{before}{_FOUR_TIMES_FOUR}{more}{after}"), _card, _is_card)
            for more in (r"[ \-.]?\d{3}", r"[ \-.]?\d{2}", r"[ \-.]?\d", "")
        ),
        _Rule(
            re.compile(
                rf"{before}[1-9]{_more(5)}{_S}{_CENTURY}{_more(2)}{_S}{_MONTH_DAY_BROKEN}{_more(3)}"
                rf"{_S}(?:\d{after}|[Xx])"
            ),
            _identity,
        ),
        _Rule(
            re.compile(rf"{before}[1-9]{_more(7)}{_S}{_MONTH_DAY_BROKEN}{_more(3)}{after}"),
            _identity,
            _is_resident,
        ),
        _Rule(re.compile(rf"{before}{_DIALLED_FIRST}(?P<n>1{_S}[3-9]{_more(9)}){after}"), _phone, _is_mobile),
        _Rule(re.compile(rf"{before}1[3-9]\d([^\w\s])\d{{4}}\1\d{{4}}{after}"), _phone),
        _Rule(re.compile(rf"{before}{_AREA}(?=[ \-./()]){_more(7, 8)}{after}"), _phone, is_landline=True),
        _Rule(re.compile(rf"{before}{_AREA}\d{{3,4}}[ \-./]\d{{4}}{after}"), _phone, is_landline=True),
        _Rule(re.compile(rf"{before}0(?:[ \-.]+\d){{9,11}}(?![ \-.]?\d)"), _phone, is_landline=True),
        _Rule(re.compile(rf"(?:\+|{before}00)86(?P<n>{_more(9, 12)}){after}"), _phone, is_landline=True),
    )


_SHORT = (
    _Rule(
        re.compile(rf"{_OF_LANDLINE}(?P<n>[2-8]\d{{2,3}}[ \-]?\d{{4}})(?!\d){_NO_MORE}"),
        _phone,
        is_landline=True,
    ),
)
# In this order: which digits are read, by which rules, and whether days and years are left out before.
# Among Arabic digits a number ends where the digits end. Among Chinese ones it does not: 万一, 一直.
_STAGES: tuple[tuple[str, tuple[_Rule, ...], bool], ...] = (
    (ARABIC, _unbroken(r"(?<!\d)", r"(?!\d)"), False),
    (ARABIC, _broken(r"(?<!\d)", r"(?!\d)"), True),
    (HAN, _unbroken("", "") + _broken("", ""), False),
    (ANY, _unbroken("", ""), False),
    (ANY, _broken("", ""), True),
    (ARABIC, _SHORT, True),
    (HAN, _SHORT, False),
)
_DAY = re.compile(
    r"(?<!\d)(?<!\d[\-./])(?:19|20)\d\d"
    r"(?:([\-./])(?:0?[1-9]|1[0-2])(?:\1(?:0?[1-9]|[12]\d|3[01]))?(?!\d)(?!\1\d)"
    r"|-(?:19|20)\d\d(?!\d)(?![\-./]\d))"
    r"|\((?:19|20)\d\d\)"
)
_EMAIL = re.compile(r"([A-Za-z0-9])[A-Za-z0-9._%+-]*(?=[@＠][A-Za-z0-9-]+(?:[.．][A-Za-z0-9-]+)+)")
# Chinese digits do not say where a number begins (周一八六幺三八…): what stays over belongs to it.
_REST = re.compile(r"(?:[ \-./()]{0,4}\d){3,}")
_OWN_MASK = re.compile(r"\d{3}\*{4}")

# Nothing shorter leads to a person; most texts end here.
_LONG_RUN = re.compile(r"\d(?:\W{0,4}\d){6,}")
# How far a rule looks beyond a run: for the word before it (身份证号码是：), for the X of an identity number.
_BEFORE, _BEHIND = 12, 6

_Find = tuple[int, int, str, bool]  # start, end, what is shown, whether it is a landline


def masked(text: str, *, keeps_landlines: bool = False) -> str:
    """``text`` with telephone, identity and card numbers and mail addresses hidden.

    A mobile number shows as 138****5678, a landline as 0354-*****78, whatever way it was written;
    ``keeps_landlines`` leaves landlines (where to turn to: the telephone of an office). Masking twice is
    masking once. 12345, 110, 2026-0287, 〔2026〕3号, dates and amounts stay.
    """
    return _replaced(text, _all_finds(text, keeps_landlines))


def _all_finds(text: str, keeps_landlines: bool) -> list[_Find]:
    """What is hidden in ``text``, in the order of the text."""
    finds = [(found.start(), found.end(), f"{found[1]}***", False) for found in _EMAIL.finditer(text)]
    if _LONG_RUN.search(text.translate(FOLDS[ANY])):
        for script, rules, leaves_days in _STAGES:
            finds += _finds(_blanked(text, finds), script, rules, leaves_days)
    return sorted(found for found in finds if not (keeps_landlines and found[3]))


def _finds(text: str, script: str, rules: tuple[_Rule, ...], leaves_days: bool) -> list[_Find]:
    """What ``rules`` find; what one finds the next does not see."""
    flat, found = text.translate(FOLDS[script]), list[_Find]()
    runs = [(max(run.start() - _BEFORE, 0), run.end() + _BEHIND) for run in _LONG_RUN.finditer(flat)]
    if runs and leaves_days:
        flat = _DAY.sub(lambda day: GONE * len(day[0]), flat)
    for rule in rules if runs else ():
        for first, last in runs:
            new = list(_of_rule(rule, flat[:last], text, first, script))
            flat = _blanked(flat, new)
            found += new
    return found


def _of_rule(rule: _Rule, flat: str, text: str, place: int, script: str) -> Iterator[_Find]:
    while found := rule.pattern.search(flat, place):
        start, end = found.span("n" if "n" in rule.pattern.groupindex else 0)
        number = flat[start:end]
        if rule.holds(number) and _stands_alone(flat, text, found.start(), end, script):
            if script != ARABIC and (rest := _REST.match(flat, end)):
                end = rest.end()
            yield *_with_brackets(flat, start, end), rule.shown(number), rule.is_landline
            place = end
        else:
            place = found.start() + 1


def _stands_alone(flat: str, text: str, start: int, end: int, script: str) -> bool:
    """No tail of a number hidden before, no part of a longer one in Arabic digits."""
    if _OWN_MASK.fullmatch(flat[max(start - 7, 0) : start]):
        return False
    if script != ANY:
        return True
    edges = ((start - 1, start), (end, end - 1))
    return not any(
        0 <= outer < len(flat) and script_of(text[outer]) == script_of(text[inner]) == ARABIC
        for outer, inner in edges
    )


def _with_brackets(flat: str, start: int, end: int) -> tuple[int, int]:
    """A bracket half inside the number goes with it."""
    inside = flat[start:end]
    if inside.count(")") > inside.count("(") and flat[start - 1 : start] == "(":
        return start - 1, end
    if inside.count("(") > inside.count(")") and flat[end : end + 1] == ")":
        return start, end + 1
    return start, end


def _blanked(text: str, finds: list[_Find]) -> str:
    for start, end, *_rest in finds:
        text = f"{text[:start]}{GONE * (end - start)}{text[end:]}"
    return text


def _replaced(text: str, finds: list[_Find]) -> str:
    parts, place = list[str](), 0
    for start, end, shown, _is_landline in finds:
        parts += [text[place:start], shown]
        place = end
    return "".join([*parts, text[place:]])


def may_be_hidden(words: str) -> bool:
    """Whether a mask may cover a part of ``words``: figures of any script, Latin letters and signs."""
    return any(
        char.isascii() or unicodedata.digit(char, None) is not None or char in CHINESE or char in GAP_OF
        for char in words
    )


def excerpt(text: str, length: int = 40) -> str:
    """The beginning of ``text`` on one line, masked before it is cut: a number cut in two is none."""
    line = clean_line(text if isinstance(text, MaskedText) else masked(text))
    return line if len(line) <= length else f"{line[: length - 1]}…"


class MaskedText(str):
    """Words as everybody may read them; the words as they were said are behind `in_full`.

    Whatever is done with it (shown, cut, joined, sent) is done with the masked words, so that nobody needs to
    remember to mask. ``keeps_landlines`` as in `masked`.
    """

    __slots__ = ("_keeps_landlines", "_whole")

    _whole: str
    _keeps_landlines: bool

    def __new__(cls, whole: str, keeps_landlines: bool = False) -> MaskedText:
        shown = super().__new__(cls, masked(whole, keeps_landlines=keeps_landlines))
        shown._whole, shown._keeps_landlines = whole, keeps_landlines
        return shown

    def in_full(self) -> str:
        """The words with every number in them: for those entitled, behind a reason that is noted."""
        return self._whole

    # A template cannot call it.
    in_full.alters_data = True  # type: ignore[attr-defined]

    def hides_something(self) -> bool:
        return self._whole != str(self)

    def says(self, words: str) -> bool:
        """Whether ``words`` are the words as they were said."""
        return in_full(words) == self._whole

    def taken_back(self, words: str) -> str:
        """``words`` with the numbers of this text where they hold its masks.

        A form shows 138****5678 and sends it back; the number it stands for is not lost.
        """
        place, parts = 0, list[str]()
        for start, end, shown, _is_landline in _all_finds(self._whole, self._keeps_landlines):
            at = words.find(shown, place)
            if at >= 0:
                parts += [words[place:at], self._whole[start:end]]
                place = at + len(shown)
        return "".join([*parts, words[place:]])

    def without_numbers(self, most: int | None) -> str:
        """The masked words, fit to be stored instead of the whole in at most ``most`` characters.

        A mask may be longer than what it hides (0354-*****78); where there is no room, a star stands for it.
        """
        if most is None or len(self) <= most:
            return str(self)
        finds = _all_finds(self._whole, self._keeps_landlines)
        return _replaced(self._whole, [(start, end, "*", landline) for start, end, _, landline in finds])

    def __getnewargs__(self) -> tuple[str, bool]:  # type: ignore[override]
        """Copies and pickles keep the whole."""
        return self._whole, self._keeps_landlines


def in_full(words: str) -> str:
    """The words as they were said, whether they came from a row or from a form."""
    return words.in_full() if isinstance(words, MaskedText) else words
