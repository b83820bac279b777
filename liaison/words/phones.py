"""Telephone numbers as people write them, read to one plain form: the same rule at every door. Pure.

A roster's cell, the register of a reception, a station's poster and a unit's entry all take the same:
a mobile number, or a landline with its area code and, behind 转, an extension.
"""

import re
import unicodedata

from liaison.words.errors import InvalidInput

#: What a field's error says after its name; the browser's copy stands in static/desk/matter.js.
PHONE_RULE = "应为11位手机号码，或者带区号的固定电话（有分机的写作“转802”）"

_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−－()（）.·•]")
_COUNTRY = re.compile(r"^(?:\+86|0086|86(?=1\d{10}$))")
_EXTENSION = re.compile(r"(?:转|轉|分机|#|x|ext\.?)[:： ]*(\d{1,6})$", re.IGNORECASE)
_DASHED_EXTENSION = re.compile(r"(\d{7,8})[-－—–](\d{1,6})$")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0(?:(?:10|2\d)\d{8}|[3-9]\d{2}\d{7,8})")


def read_phone(text: str) -> str | None:
    """The digits of one number, an extension behind "-"; ``None`` for anything else, "" for nothing.

    ０３５４－２７１ ００００转８０２ as 03542710000-802; +86 138-1234-5678 as 13812345678.
    """
    # "²" would become a 2 below: a sign nobody dials is no digit.
    if any(unicodedata.category(char) == "No" for char in text):
        return None
    folded = unicodedata.normalize("NFKC", text).strip().lstrip("'‘’").strip()
    if not folded:
        return ""
    extension = ""
    if found := _EXTENSION.search(folded) or _dashed(folded):
        extension, folded = found[found.re.groups], folded[: found.start(found.re.groups)]
        folded = re.sub(r"(?:转|轉|分机|#|x|ext\.?|[-－—–])[:： ]*$", "", folded, flags=re.IGNORECASE)
    bare = _COUNTRY.sub("", _SEPARATORS.sub("", folded))
    if not bare.isascii():
        return None
    if _LANDLINE.fullmatch(bare):
        return f"{bare}-{extension}" if extension else bare
    return bare if _MOBILE.fullmatch(bare) and not extension else None


def _dashed(text: str) -> re.Match[str] | None:
    """0354-2710000-802: what follows the subscriber's seven or eight digits."""
    found = _DASHED_EXTENSION.search(text)
    return found if found and text.startswith(("0", "(0", "（0", "+86")) else None


def office_phone(text: str, *, at: str = "phone", label: str = "电话") -> str:
    """A number to be printed and shown, as `shown_phone` writes it; ``InvalidInput`` for no number."""
    number = read_phone(text)
    if number is None:
        raise InvalidInput({at: f"{label}{PHONE_RULE}，请核对。"})
    return shown_phone(number)


def is_mobile(number: str) -> bool:
    """Whether a number read by `read_phone` can take a short message."""
    return _MOBILE.fullmatch(number) is not None


def shown_phone(number: str) -> str:
    """A number read by `read_phone` as posters and lists show it: 0354-2710000转802."""
    digits, _, extension = number.partition("-")
    if not digits.startswith("0"):
        return number
    area = 3 if digits[1] in "12" else 4
    return f"{digits[:area]}-{digits[area:]}" + (f"转{extension}" if extension else "")
