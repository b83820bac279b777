"""Texts with a number planted in them, in every way people write numbers: seeded, so that a find repeats."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_FULL_WIDTH = str.maketrans("0123456789-()+. X", "０１２３４５６７８９－（）＋．　Ｘ")
_HAN = str.maketrans("0123456789", "零一二三四五六七八九")
_HAN_SPOKEN = str.maketrans("0123456789", "〇幺二三四五六七八九")
_JOINERS = ("", " ", "-", ".", "·", "—", "－", "　", " - ", "\u00a0", "_", "/", "‑")
_BEFORE = (
    "我电话",
    "打",
    "他的号码是：",
    "tel",
    "Tel:",
    "微信同号 ",
    "“",
    "2026年11月3日报修，",
    "王大爷家在3组，",
    "（",
    "周一",
    "万一",
    "",
)
_AFTER = (
    "，水管漏水",
    "没人接",
    "abc",
    "。",
    "一直打不通",
    "）",
    "，3户停水",
    "九点以后打",
    "Wang",
    " 或者找村里",
    "",
)
_SENTENCES = (
    "{0}",
    "家里停水三天了。{0}谢谢",
    "第1组\n{0}\n第2组",
    "共12户，欠费1380.50元；{0}，见2026-0287",
)


@dataclass(frozen=True, slots=True)
class Planted:
    """A text, the digits of the number in it, and how the number was written."""

    text: str
    digits: str
    spelling: str


def _grouped(digits: str, sizes: tuple[int, ...], joiner: str) -> str:
    parts, place = [], 0
    for size in sizes:
        parts.append(digits[place : place + size])
        place += size
    return joiner.join(part for part in [*parts, digits[place:]] if part)


def mobile(rng: random.Random) -> str:
    return f"1{rng.randint(3, 9)}{rng.randrange(10**9):09}"


def landline(rng: random.Random) -> str:
    area = rng.choice(("0354", "0351", "010", "021", "0755", "029"))
    return f"{area}{rng.randint(2, 8)}{rng.randrange(10**6):06}{rng.choice(('', '5'))}"


def birthday(rng: random.Random) -> str:
    return f"{rng.randint(1, 12):02}{rng.randint(1, 28):02}"


def identity(rng: random.Random) -> str:
    """Eighteen characters with the right check character (GB 11643)."""
    place = rng.choice(("140702", "110101", "320508", "510104"))
    body = f"{place}{rng.randint(1930, 2020)}{birthday(rng)}{rng.randrange(1000):03}"
    total = sum(int(digit) * (2 ** (17 - at) % 11) for at, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def old_identity(rng: random.Random) -> str:
    return f"140702{rng.randint(30, 99)}{birthday(rng)}{rng.randrange(1000):03}"


def card(rng: random.Random) -> str:
    """Sixteen to nineteen digits with the right check digit (Luhn)."""
    body = "62" + "".join(rng.choices("0123456789", k=rng.randint(13, 16)))
    doubled = sum(sum(divmod(int(digit) * 2, 10)) for digit in body[-1::-2])
    return body + str(-(doubled + sum(int(digit) for digit in body[-2::-2])) % 10)


def _mobiles(rng: random.Random) -> Iterator[tuple[str, str, str]]:
    for sizes in ((3, 4, 4), (3, 8), (7, 4), (4, 3, 4), (5, 6), (3, 3, 5), (1,) * 11):
        for joiner in _JOINERS:
            digits = mobile(rng)
            yield digits, _grouped(digits, sizes, joiner), f"mobile {sizes} {joiner!r}"
    for prefix in (
        "+86",
        "+86 ",
        "+86-",
        "0086",
        "0086-",
        "86",
        "86-",
        "(+86)",
        "（86）",
        "＋86 ",
        "0",
        "17951 ",
    ):
        for joiner in ("", " ", "-"):
            digits = mobile(rng)
            yield digits, prefix + _grouped(digits, (3, 4, 4), joiner), f"mobile {prefix!r} {joiner!r}"
    for left, right in ("()", "（）", "[]", "【】", "〔〕", "<>"):
        digits = mobile(rng)
        yield digits, f"{left}{digits[:3]}{right}{digits[3:]}", f"mobile {left}{right}"
        yield digits, f"{left}{digits[:3]}{right}{digits[3:7]}-{digits[7:]}", f"mobile {left}{right}-"
    for mark in "，、：*":
        digits = mobile(rng)
        yield digits, _grouped(digits, (3, 4, 4), mark), f"mobile {mark!r}"


def _others(rng: random.Random) -> Iterator[tuple[str, str, str]]:
    for joiner in ("", "-", " ", "—", "－", "."):
        digits = landline(rng)
        area = 3 if digits[1] in "12" else 4
        yield digits, f"{digits[:area]}{joiner}{digits[area:]}", f"landline {joiner!r}"
        yield digits, f"（{digits[:area]}）{joiner}{digits[area:]}", f"landline () {joiner!r}"
        yield digits, _grouped(digits, (area, 4), joiner), f"landline in three {joiner!r}"
        yield digits[1:], f"+86{joiner}{digits[1:area]}{joiner}{digits[area:]}", f"landline +86 {joiner!r}"
    for joiner in ("", " ", "-", "."):
        digits = identity(rng)
        yield digits, _grouped(digits, (6, 8), joiner), f"identity 18 {joiner!r}"
        yield digits, _grouped(digits, (6, 4, 4), joiner), f"identity 18 in four {joiner!r}"
        yield digits, _grouped(digits.lower(), (6, 8), joiner), f"identity 18 small x {joiner!r}"
        digits = old_identity(rng)
        yield digits, _grouped(digits, (6, 6), joiner), f"identity 15 {joiner!r}"
        digits = card(rng)
        yield digits, _grouped(digits, (4, 4, 4, 4), joiner), f"card {joiner!r}"


def _scripts(rng: random.Random, spelt: str) -> Iterator[tuple[str, str]]:
    yield spelt, "as typed"
    yield spelt.translate(_FULL_WIDTH), "full width"
    yield spelt.translate(_HAN), "Chinese digits"
    yield spelt.translate(_HAN_SPOKEN), "spoken digits"
    half = len(spelt) // 2
    yield spelt[:half] + spelt[half:].translate(_FULL_WIDTH), "half full width"
    yield spelt[:half] + spelt[half:].translate(_HAN), "half Chinese"


def planted(seed: int = 20261130) -> Iterator[Planted]:
    """Every spelling in every script of digits, in three surroundings each."""
    rng = random.Random(seed)
    kinds: tuple[Callable[[random.Random], Iterator[tuple[str, str, str]]], ...] = (_mobiles, _others)
    for kind in kinds:
        for digits, spelt, spelling in kind(rng):
            for written, script in _scripts(rng, spelt):
                for _ in range(3):
                    said = rng.choice(_BEFORE) + written + rng.choice(_AFTER)
                    yield Planted(rng.choice(_SENTENCES).format(said), digits, f"{spelling}, {script}")
