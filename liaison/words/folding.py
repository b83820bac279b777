"""Characters read alike while numbers are looked for: digits of every script, gaps, widths.

One table for each way of reading: a Chinese numeral is a digit among its kind and a word among others.
Pure, standard library only.
"""

import unicodedata

CHINESE = {
    char: str(value)
    for value, chars in enumerate(
        ("〇零○◯", "一幺壹", "二贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for char in chars
}
_KINDS_OF_GAP = {
    "-": "-‐‑‒–—―−－﹣﹘",
    ".": ".．。·•・‧∙",
    "(": "(（[［【〔{｛<＜《「",
    ")": ")）]］】〕}｝>＞》」",
    "/": "/／\\＼|｜_＿",
}
GAP_OF = {char: gap for gap, chars in _KINDS_OF_GAP.items() for char in chars}
_LETTERS = {"ｘ": "X", "Ｘ": "X", "×": "X", "＋": "+"}
# Separators, format characters and marks (the frame of a keycap digit) stand for a blank.
_BLANK_CATEGORIES = ("Z", "Cf", "M")
# What stands where something is taken out: neither digit nor gap.
GONE = "\x01"

ARABIC, HAN, ANY = "arabic", "han", "any"


def script_of(char: str) -> str:
    if unicodedata.decimal(char, None) is not None:
        return ARABIC
    return HAN if char in CHINESE else ANY


class _Folds(dict[int, str]):
    """What stands for each character while digits of one script are read; for `str.translate`."""

    def __init__(self, script: str) -> None:
        super().__init__()
        self.script = script

    def __missing__(self, code: int) -> str:
        self[code] = found = self._folded(chr(code))
        return found

    def _folded(self, char: str) -> str:
        if char in GAP_OF:
            return GAP_OF[char]
        if char in "\t\r\n" or unicodedata.category(char).startswith(_BLANK_CATEGORIES):
            return " "
        return _LETTERS.get(char) or self._digit(char)

    def _digit(self, char: str) -> str:
        value = unicodedata.decimal(char, None)
        if value is not None:
            return "?" if self.script == HAN else str(value)
        if self.script != ARABIC and char in CHINESE:
            return CHINESE[char]
        other = unicodedata.digit(char, None)  # ① ² ⑴
        return str(other) if other is not None and self.script == ANY else char


FOLDS = {script: _Folds(script) for script in (ARABIC, HAN, ANY)}
