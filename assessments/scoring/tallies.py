"""Counts of a secret vote: 发出、收回、有效 and one number per choice, never a voter (domain.md 3.1)."""

from collections.abc import Iterator, Mapping

from assessments.scoring.params import USUAL_CHOICES, Choice

TOTALS = {"issued": "发出票数", "returned": "收回票数", "valid": "有效票数"}


def tally_errors(tallies: Mapping[str, int], choices: tuple[Choice, ...] = USUAL_CHOICES) -> tuple[str, ...]:
    """Chinese sentences about tallies that cannot be: valid ≤ returned ≤ issued, and the choices add up."""
    return tuple(_errors(tallies, choices))


def _errors(tallies: Mapping[str, int], choices: tuple[Choice, ...]) -> Iterator[str]:
    names = {**TOTALS, **{choice.code: f"{choice.name}票数" for choice in choices}}
    missing = [name for key, name in names.items() if key not in tallies]
    if missing:
        yield f"请填写{'、'.join(missing)}"
        return
    if unknown := sorted(set(tallies) - set(names)):
        yield f"测评票没有这些选项：{'、'.join(unknown)}"
    if negative := [name for key, name in names.items() if tallies[key] < 0]:
        yield f"{'、'.join(negative)}不能为负数"
    if tallies["returned"] > tallies["issued"]:
        yield f"收回{tallies['returned']}张，多于发出的{tallies['issued']}张"
    if tallies["valid"] > tallies["returned"]:
        yield f"有效{tallies['valid']}张，多于收回的{tallies['returned']}张"
    total = sum(tallies[choice.code] for choice in choices)
    if total != tallies["valid"]:
        listed = "、".join(choice.name for choice in choices)
        yield f"{listed}合计{total}张，应等于有效票{tallies['valid']}张"
