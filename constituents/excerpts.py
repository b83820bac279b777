"""What of a resident's words may stand in a list: one line, cut, without numbers that identify; pure."""

import re

from liaison.words.text import clean_line, mask_phone

# Mobile and landline numbers and identity-card numbers that residents say in the middle of a sentence.
_PHONE = re.compile(r"(?<!\d)(1\d{10}|0\d{2,3}[-\s]?\d{7,8})(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")


def masked_words(text: str) -> str:
    """``text`` with telephone numbers as 138****5678 and identity numbers hidden (domain.md section 7)."""
    hidden = _IDENTITY.sub("（证件号已隐去）", text)
    return _PHONE.sub(lambda found: mask_phone(found[0]), hidden)


def excerpt(text: str, length: int = 40) -> str:
    """The beginning of ``text`` on one line, masked; cut after ``length`` characters."""
    line = clean_line(masked_words(text))
    return line if len(line) <= length else f"{line[: length - 1]}…"
