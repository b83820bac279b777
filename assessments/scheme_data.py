"""The schemes shipped with the product, as JSON beside this module (domain.md 3.2 to 3.6).

They are defaults to copy from: a jurisdiction stores and edits its own rows.
"""

import json
from functools import cache
from pathlib import Path

from assessments.scoring import SchemeRules

FOLDER = Path(__file__).parent / "schemes"

# Code → what it is; the file carries the same code.
SHIPPED = {
    "A": "ten_ones.json",
    "B": "forty_sixty.json",
    "C": "group_ledger.json",
    "D": "open_bonus.json",
    "E": "mixed_judges.json",
}


@cache
def shipped_scheme(code: str) -> SchemeRules:
    """One shipped scheme by its letter, ``A`` to ``E``; ``KeyError`` for any other."""
    text = (FOLDER / SHIPPED[code]).read_text(encoding="utf-8")
    return SchemeRules.from_dict(json.loads(text))


def shipped_schemes() -> tuple[SchemeRules, ...]:
    """All shipped schemes in the order of their letters."""
    return tuple(shipped_scheme(code) for code in SHIPPED)
