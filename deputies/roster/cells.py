"""One cell of a roster at a time: from what the office wrote to a value, with the reasons.

Pure. Every reader takes text already cleaned (one line, no invisible characters) and returns an
``Outcome``; messages say in Chinese what to do.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Generic, TypeVar

from deputies.enums import ConcurrentSeat, Education, GroupPost, PoliticalStatus, Sex
from deputies.roster import tables
from liaison.words.labelled import LabelledEnum
from liaison.words.phones import PHONE_RULE, is_mobile, read_phone
from liaison.words.text import fold_width, one_dot, one_form

T = TypeVar("T")
E = TypeVar("E", bound=LabelledEnum)

#: Longest name taken: the longest registered ones with "·" stay below it.
MAX_NAME_CHARS = 30
MAX_CONTACTS = 500


class Severity(LabelledEnum):
    """An error keeps the row out; a warning asks for a look; a note tells what was put right."""

    ERROR = "error", "错误"
    WARNING = "warning", "提醒"
    NOTE = "note", "说明"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing said about a cell; ``offer`` names what may be created to settle it."""

    severity: Severity
    text: str
    offer: str = ""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """The value of a cell, ``None`` when it has none, and what there is to say about it."""

    value: T | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def is_error(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def error(text: str, offer: str = "") -> tuple[Finding, ...]:
    return (Finding(Severity.ERROR, text, offer),)


def warning(text: str) -> tuple[Finding, ...]:
    return (Finding(Severity.WARNING, text),)


def note(text: str) -> tuple[Finding, ...]:
    return (Finding(Severity.NOTE, text),)


def is_formula(text: str) -> bool:
    return fold_width(text).lstrip().startswith(("=", "＝"))


# --- names -------------------------------------------------------------------------------------

_IN_BRACKETS = re.compile(r"[（(]([^（()）]*)[）)]$")
_STYLE_OF_ADDRESS = re.compile(r"(?<=..)(同志|先生|女士)$")
_HAN = re.compile(
    "[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af\ufe00-\ufe0f\U000e0100-\U000e01ef·]+"
)
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd\ufffd]")


def read_name(text: str) -> Outcome[str]:
    """A name of Han characters, "·" between its parts; inner blanks are taken out."""
    if not text:
        return Outcome(findings=error("未填写姓名，请补填。"))
    if len(text) > MAX_NAME_CHARS:
        return Outcome(findings=error(f"姓名超过{MAX_NAME_CHARS}个字，请核对是否粘贴有误。"))
    if _PRIVATE.search(text):
        return Outcome(findings=error("姓名中有系统不能识别的造字，请改用规范字或在备注中说明。"))
    plain = one_dot(one_form(_IN_BRACKETS.sub("", text)))
    name = _STYLE_OF_ADDRESS.sub("", re.sub(r"\s", "", plain))
    if not _HAN.fullmatch(name) or not name.strip("·") or name != name.strip("·"):
        return Outcome(findings=error("姓名只能是汉字和“·”，请核对有无多余的数字、字母或符号。"))
    return Outcome(name, _about_name(text, plain, name))


def _about_name(text: str, plain: str, name: str) -> tuple[Finding, ...]:
    if len(name) == 1:
        return warning("姓名只有一个字，请核对。")
    if called := _STYLE_OF_ADDRESS.search(re.sub(r"\s", "", plain)):
        return note(f"姓名后的“{called[1]}”已去掉，按“{name}”导入。")
    if plain != name and len(name) > 4:
        return warning(f"姓名中的空格已去掉，按“{name}”导入；如为少数民族姓名，请核对是否应为“·”。")
    if plain != name:
        return note(f"姓名中的空格已去掉，按“{name}”导入。")
    return note(f"按“{name}”导入。") if text != name else ()


def sex_in_name(text: str) -> Sex | None:
    """The sex given in brackets behind a name, as in 武春梅（女）."""
    found = _IN_BRACKETS.search(text)
    return Sex.FEMALE if found and "女" in found[1] else None


# --- words from a list -------------------------------------------------------------------------


def read_sex(text: str, hint: Sex | None = None) -> Outcome[Sex]:
    if not text and hint:
        return Outcome(hint, note(f"性别未填，按姓名后的注明取“{hint.label}”。"))
    if not text:
        return Outcome(findings=error("未填写性别，请填“男”或“女”。"))
    sex = tables.SEXES.get(text)
    return Outcome(sex) if sex else Outcome(findings=error("性别应填“男”或“女”。"))


def read_ethnicity(text: str) -> Outcome[str]:
    if not text:
        return Outcome(findings=warning("未填写民族，请补填。"))
    full = tables.ETHNIC_SYNONYMS.get(text, text)
    if full not in tables.ETHNIC_GROUPS and f"{full}族" in tables.ETHNIC_GROUPS:
        full = f"{full}族"
    if full in tables.ETHNIC_GROUPS:
        return Outcome(full, note(f"按“{full}”导入。") if full != text else ())
    if len(text) > 20:
        return Outcome(findings=error("民族名称过长，请核对。"))
    return Outcome(text, warning(f"“{text}”不在民族名称表内，请核对。"))


def read_political_status(text: str) -> Outcome[PoliticalStatus]:
    return _listed(text, PoliticalStatus, "政治面貌", tables.POLITICAL_SYNONYMS, tables.POLITICAL_GUESSES)


_SCHOOL_NOISE = re.compile(r"(学历|文化程度|文化|程度|毕业|在读)$")


def read_education(text: str) -> Outcome[Education]:
    word = _SCHOOL_NOISE.sub("", text) or text
    outcome = _listed(word, Education, "文化程度", tables.EDUCATION_SYNONYMS, tables.EDUCATION_GUESSES)
    if outcome.value and not outcome.findings and word != text:
        return Outcome(outcome.value, note(f"按“{outcome.value.label}”导入。"))
    return outcome


def _listed(
    text: str, kind: type[E], column: str, synonyms: Mapping[str, E], guesses: Mapping[str, E]
) -> Outcome[E]:
    """A member of a list: by its label, by a synonym (a note), by a likely meaning (a warning)."""
    if not text:
        return Outcome(findings=warning(f"未填写{column}，请补填。"))
    exact = [member for member in kind if member.label == text]
    if exact:
        return Outcome(exact[0])
    if text in synonyms:
        return Outcome(synonyms[text], note(f"按“{synonyms[text].label}”导入。"))
    if text in guesses:
        label = guesses[text].label
        return Outcome(guesses[text], warning(f"“{text}”不在规定选项内，暂按“{label}”导入，请核对。"))
    return Outcome(findings=error(f"“{text}”不在规定选项内，{_hint(text, kind)}"))


def _hint(text: str, kind: type[LabelledEnum]) -> str:
    close = get_close_matches(text, kind.labels(), n=1, cutoff=0.5)
    return f"是否应为“{close[0]}”？请核对。" if close else f"应为{'、'.join(kind.labels())}之一。"


def read_group_post(text: str) -> Outcome[GroupPost]:
    """A blank cell means an ordinary member."""
    if not text:
        return Outcome(GroupPost.MEMBER)
    post = tables.GROUP_POSTS.get(text)
    return (
        Outcome(post) if post else Outcome(findings=error("小组职务应填组长、副组长或召集人，普通成员留空。"))
    )


_SEAT = re.compile(r"(全国|自治区|省|市|县|区|旗)级?(?:人大|人民代表大会)?(?:代表)?$")
_SEATS = {
    "全国": ConcurrentSeat.NATIONAL,
    "自治区": ConcurrentSeat.PROVINCIAL,
    "省": ConcurrentSeat.PROVINCIAL,
    "市": ConcurrentSeat.PREFECTURAL,
    "县": ConcurrentSeat.COUNTY,
    "旗": ConcurrentSeat.COUNTY,
    "区": ConcurrentSeat.DISTRICT,
}


def read_concurrent_seat(text: str) -> Outcome[str]:
    """Seats of higher levels in one wording (区代表、市代表); a blank cell means none."""
    if not text or text in ("否", "不是"):
        return Outcome("")
    if text == "是":
        return Outcome(text, warning("请写明是哪一级代表，如“区代表”“市代表”。"))
    found = [_SEAT.search(part) for part in re.split("[、，,;；/和及兼 ]+", text) if part]
    if not all(found):
        return Outcome(findings=error("应填“区代表”“市代表”等上级人大代表职务，没有的留空。"))
    seats = dict.fromkeys(_SEATS[match[1]].label for match in found if match)
    joined = "、".join(seats)
    return Outcome(joined, note(f"按“{joined}”导入。") if joined != text else ())


# --- telephone numbers -------------------------------------------------------------------------

_GAP = r"[ \-－—–.]*"
#: A number as people group its digits; none may run on before or behind it.
_MOBILE = rf"(?:(?:\+86|0086|86){_GAP})?(1[3-9]\d(?:[ \-－—–.]?\d){{8}})"
_LANDLINE = rf"[(（]?(0\d{{2,3}})[)）]?{_GAP}(\d{{3,4}}[ \-]?\d{{4}})"
_PHONE = re.compile(rf"(?<![\d+])(?:{_MOBILE}|{_LANDLINE})(?!\d)", re.ASCII)
_SHORT_NUMBER = re.compile(
    r"(?:转|分机|分机号|短号|小号|内线|集团号|集团短号|虚拟网)\s*[:：]?\s*\d{2,6}(?!\d)", re.ASCII
)
_WORDS_BESIDE = re.compile(r"[\s、，,;；:：/()（）.．'‘’＇“”\"㐀-鿿]*")
WRONG_PHONE = f"联系电话{PHONE_RULE}，请核对。"


def read_phone_cell(text: str) -> Outcome[str]:
    """A number by the one rule of `liaison.words.phones`; blank is allowed.

    Of several numbers the first is taken, and said so; words and short numbers beside it are left out.
    """
    if not text:
        return Outcome("", warning("未填写联系电话，该代表将收不到短信通知。"))
    folded = re.sub(r"\.0+$", "", fold_width(text).replace("＋", "+").strip())
    if re.search(r"\d[eE]\+?\d", folded):
        return Outcome(findings=error("电话已被表格软件改成科学记数，请把该列设为文本格式后重新填写。"))
    if number := read_phone(folded):
        return Outcome(number, _about_phone(text, [number], []))
    short = _SHORT_NUMBER.findall(folded)
    plain = _SHORT_NUMBER.sub("", folded)
    found = [read_phone("".join(parts)) for parts in _PHONE.findall(plain)]
    numbers = [number for number in found if number]
    beside = _PHONE.sub("", plain)
    if not numbers or len(numbers) < len(found) or not _WORDS_BESIDE.fullmatch(beside):
        return Outcome(findings=error(WRONG_PHONE))
    return Outcome(
        numbers[0],
        _about_phone(text, numbers, [*short, *re.findall(r"[㐀-鿿]+", re.sub("[和或]", " ", beside))]),
    )


def _about_phone(text: str, numbers: list[str], left_out: list[str]) -> tuple[Finding, ...]:
    number, found = numbers[0], []
    if len(numbers) > 1:
        found.append(Finding(Severity.WARNING, f"填有{len(numbers)}个电话，只导入第一个{number}。"))
    if not is_mobile(number):
        found.append(Finding(Severity.WARNING, "填的是固定电话，不能接收短信，请核对有无手机号码。"))
    if left_out:
        words = "”“".join(left_out)
        found.append(Finding(Severity.WARNING, f"“{words}”没有导入，电话按{number}导入。"))
    return tuple(found) if found or number == text else note(f"按{number}导入。")


# --- numbers -----------------------------------------------------------------------------------

_HAN_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "○": 0,
    "两": 2,
}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000}


def chinese_number(text: str) -> int | None:
    """十五 as 15, 二〇二一 as 2021, 一百零五 as 105; ``None`` for anything else."""
    if not text or any(char not in _HAN_DIGITS and char not in _HAN_UNITS for char in text):
        return None
    if not any(char in _HAN_UNITS for char in text):
        return int("".join(str(_HAN_DIGITS[char]) for char in text))
    total, digit = 0, None
    for char in text:
        if char in _HAN_DIGITS:
            digit = _HAN_DIGITS[char]
        else:
            total += (1 if digit is None else digit) * _HAN_UNITS[char]
            digit = None
    return total + (digit or 0)


def whole_number(text: str) -> int | None:
    """A number of one to six digits, Arabic or Chinese."""
    folded = re.sub(r"\.0+$", "", fold_width(text))
    return int(folded) if re.fullmatch(r"[0-9]{1,6}", folded) else chinese_number(folded)


def read_contacts(text: str) -> Outcome[int]:
    """How many voters the deputy keeps in touch with; blank is allowed."""
    if not text:
        return Outcome(None)
    number = whole_number(re.sub(r"\s*(人|名|户|位)$", "", text))
    if number is None or number > MAX_CONTACTS:
        return Outcome(findings=error(f"固定联系选民应填人数，为0至{MAX_CONTACTS}的整数，请核对。"))
    return Outcome(number, note(f"按{number}人导入。") if str(number) != fold_width(text) else ())


def read_text(text: str, limit: int) -> Outcome[str]:
    """Free text of at most ``limit`` characters."""
    if len(text) > limit:
        return Outcome(findings=error(f"内容超过{limit}个字，请精简。"))
    return Outcome(text)


def read_list_number(text: str) -> int | None:
    """序号 is a convenience of the form: unreadable ones are passed over."""
    number = whole_number(text)
    return number if number and number <= 32_767 else None


def day_text(day: dt.date) -> str:
    """A day as messages write it: 2021年4月20日."""
    return f"{day.year}年{day.month}月{day.day}日"
