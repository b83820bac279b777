"""Cleaning, folding and masking of text typed or pasted by people; standard library only.

Everything here is a pure function from str to str (or bool). Callers clean at the door
(forms, imports) and the PDF renderer cleans once more, so a character that cannot be seen
on paper never travels in a document. Source of the threats: reliability.md §2, §3.
"""

from __future__ import annotations

import re
import unicodedata

#: Marks that reorder the text around them: what is read is no longer what is stored.
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"

#: Characters without a shape of their own, which make two equal-looking names differ.
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2065\u206a-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f"
)

_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_UNUSABLE = "\ud800-\udfff\ufffe\uffff"

_DROPPED = re.compile(f"[{_CONTROLS}{_BIDI}{_INVISIBLE}{_UNUSABLE}]")
_BIDI_ANY = re.compile(f"[{_BIDI}]")
_LINE_BREAKS = re.compile("\r\n?|[\u0085\u2028\u2029]")
_TRAILING = re.compile(r"[^\S\n]+(?=\n|$)")
_BLANKS = re.compile(r"\s+")

_WIDE = {
    code: code - 0xFEE0
    for first, last in ("０９", "ＡＺ", "ａｚ")
    for code in range(ord(first), ord(last) + 1)
}

#: Surnames of two characters that residents here may bear (《百家姓》 and later common ones).
_COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙"
        "慕容仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西令狐段干百里呼延东郭南门西门轩辕第五",
    )
)

_DIGITS = "零一二三四五六七八九"
_SMALL_UNITS = ("", "十", "百", "千")
_LARGEST_NUMBER = 99_999_999


def one_break(value: str) -> str:
    """Return ``value`` with every kind of line break as ``\\n``, which is how long a person sees it.

    A browser counts a line break as one character and sends it as two.
    """
    return _LINE_BREAKS.sub("\n", value)


def clean_text(value: str) -> str:
    """Return ``value`` in NFC without control, bidirectional and invisible characters.

    Line breaks of every kind become ``\\n``; tabs become spaces; blanks at line ends go.
    Ideographic variation selectors stay: they tell rare name characters apart.
    """
    unified = one_break(value).replace("\t", " ")
    return _TRAILING.sub("", unicodedata.normalize("NFC", _DROPPED.sub("", unified)))


def clean_line(value: str) -> str:
    """Return ``value`` cleaned as by `clean_text`, on one line, runs of blanks as one space."""
    return _BLANKS.sub(" ", clean_text(value)).strip()


def fold_width(value: str) -> str:
    """Return ``value`` with full-width digits and letters as ASCII; punctuation is left alone."""
    return value.translate(_WIDE)


def is_digits(value: str) -> bool:
    """Tell whether ``value`` is written in ASCII digits only.

    ``str.isdigit`` also takes "²" and "①", which ``int`` refuses and the database cannot compare.
    """
    return value.isascii() and value.isdigit()


def read_digits(value: str | None, *, longest: int = 18) -> int | None:
    """The number that ``value`` writes in at most ``longest`` ASCII digits; ``None`` for anything else.

    Eighteen digits always fit a row's number (bigint).
    """
    return int(value) if value and len(value) <= longest and is_digits(value) else None


def read_year(value: str | None) -> int | None:
    """The year that ``value`` writes in four ASCII digits; ``None`` for anything else."""
    return read_digits(value, longest=4) if value and len(value) == 4 else None


def has_bidi(value: str) -> bool:
    """Tell whether ``value`` holds a character that reorders its surroundings."""
    return _BIDI_ANY.search(value) is not None


_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_RADICALS = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")
_NAME_DOTS = re.compile(rf"\s*[·・•‧∙⋅･﹒˙●]\s*|(?<=[{_HAN}{_SELECTORS}])\s*[．.]\s*(?=[{_HAN}])")
_NAME_BLANKS = re.compile(rf"(?<=[{_HAN}{_SELECTORS}])\s+(?=[{_HAN}])")
_ANY_SELECTOR = re.compile(f"[{_SELECTORS}]")


def one_form(value: str) -> str:
    """Return ``value`` with Kangxi radicals and compatibility forms as the characters they look like."""
    return _RADICALS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), value)


def one_dot(value: str) -> str:
    """Return a name with every dot between its parts as "·", whatever dot the keyboard had."""
    return _NAME_DOTS.sub("·", value)


def tidy_name(value: str) -> str:
    """A person's name as it is kept: every middle dot as "·", no blanks between Han characters.

    Kangxi radicals, which look like the characters they are not (⼩ and 小), become the characters.
    """
    return _NAME_BLANKS.sub("", one_dot(one_form(clean_line(value))))


def fold_name(value: str) -> str:
    """A name as it is compared and searched: `tidy_name` without the selectors of glyph variants."""
    return _ANY_SELECTOR.sub("", tidy_name(value))


def mask_phone(value: str) -> str:
    """Return a telephone number fit to be shown: 13812345678 as 138****5678.

    A landline keeps its area code and last two digits; anything shorter than seven
    digits shows nothing. An empty value stays empty. Source: domain.md §7.
    """
    digits = re.sub(r"\D", "", fold_width(value))
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) < 7:
        return "*" * len(digits)
    if digits.startswith("0") and len(digits) >= 10:
        area = 3 if digits[1] in "12" else 4
        return f"{digits[:area]}-{'*' * (len(digits) - area - 2)}{digits[-2:]}"
    if len(digits) >= 11:
        return f"{digits[:3]}{'*' * (len(digits) - 7)}{digits[-4:]}"
    return "*" * (len(digits) - 2) + digits[-2:]


def mask_name(value: str) -> str:
    """Return a person's name with only the surname readable: 张建国 as 张**, 欧阳娜 as 欧阳*.

    A name written with "·" keeps its first character only, and its length is not shown.
    """
    name = clean_line(value)
    if len(name) <= 1:
        return name
    if "·" in name:
        return f"{name[0]}***"
    kept = 2 if len(name) > 2 and name[:2] in _COMPOUND_SURNAMES else 1
    return name[:kept] + "*" * (len(name) - kept)


def to_chinese_number(number: int) -> str:
    """Return a whole number in Chinese numerals: 12 as 十二, 105 as 一百零五.

    Raises ValueError below 0 or above 99,999,999.
    """
    if not 0 <= number <= _LARGEST_NUMBER:
        raise ValueError(f"number out of range 0..{_LARGEST_NUMBER}: {number}")
    high, low = divmod(number, 10_000)
    if not high:
        return _below_ten_thousand(low).removeprefix("一") if 10 <= low < 20 else _below_ten_thousand(low)
    head = to_chinese_number(high) + "万"
    if not low:
        return head
    return head + ("零" if low < 1000 else "") + _below_ten_thousand(low)


def _below_ten_thousand(number: int) -> str:
    text = ""
    for place, digit in enumerate(reversed(str(number))):
        text = (_DIGITS[int(digit)] + (_SMALL_UNITS[place] if digit != "0" else "")) + text
    text = re.sub("零+", "零", text)
    return text if text == "零" else text.rstrip("零")
