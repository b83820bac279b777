"""Numbers and dates of a workbook as the text the office sees in the cell."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

#: Built-in date formats of the Chinese editions, which file readers for other editions do not know.
CHINESE_DATE_FORMATS = {
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    31: 'yyyy"年"m"月"d"日"',
    30: "m-d-yy",
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
}

_DECORATION = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|\s')
_PLAIN_NUMBER = re.compile(r"[#,?]*(0*)(?:\.(0+))?(%?)")


def number_text(value: float, number_format: str = "General") -> str:
    """12.0 as "12"; 1975.1 under the format 0.00 as "1975.10"; never an exponent."""
    plain = _PLAIN_NUMBER.fullmatch(_DECORATION.sub("", number_format.partition(";")[0]))
    if plain and (plain[1] or plain[2]):
        digits, decimals, percent = len(plain[1]), len(plain[2] or ""), plain[3]
        shown = f"{value * 100 if percent else value:.{decimals}f}"
        return shown.zfill(digits + (decimals + 1 if decimals else 0)) + percent
    return format(Decimal(f"{value:.15g}").normalize(), "f")


def date_text(value: dt.datetime | dt.date | dt.time, number_format: str) -> str:
    """ISO text with what the format shows: "1975-10", "1975-10-01" or "2025-06-13 09:30"."""
    if isinstance(value, dt.time):
        return value.strftime("%H:%M")
    tokens = _DECORATION.sub("", number_format.partition(";")[0]).lower()
    if isinstance(value, dt.datetime) and (value.hour or value.minute):
        return value.strftime("%Y-%m-%d %H:%M")
    if "d" in tokens or "m" not in tokens:
        return value.strftime("%Y-%m-%d")
    return value.strftime("%Y-%m")
