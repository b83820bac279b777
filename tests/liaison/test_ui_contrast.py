"""Every text colour against every ground it stands on, computed from the tokens (WCAG 2.1, 1.4.3)."""

import pytest

from tests.liaison.ui_files import STATIC, tokens

CSS = (STATIC / "liaison.css").read_text(encoding="utf-8")
NORMAL = tokens(CSS, ":root")
MODES = {"normal": NORMAL, "high": NORMAL | tokens(CSS, ".contrast-high")}

TEXT = [
    *[("ink", ground) for ground in ("paper", "card", "sunken")],
    *[("quiet", ground) for ground in ("paper", "card", "sunken")],
    *[("blue", ground) for ground in ("paper", "card", "sunken")],
    *[("ink", f"{tint}-tint") for tint in ("blue", "green", "amber", "red")],
    *[("blue", f"{tint}-tint") for tint in ("green", "amber", "red")],
    *[("quiet", f"{tint}-tint") for tint in ("blue", "green", "amber", "red")],
    *[(light, f"{light}-tint") for light in ("blue", "green", "amber", "red")],
    *[(light, "card") for light in ("green", "amber", "red", "official")],
    *[("red", ground) for ground in ("paper", "sunken")],
    ("on-official", "official"),
    ("on-official-quiet", "official"),
    ("on-official", "official-deep"),
    ("on-official-quiet", "official-deep"),
    ("card", "ink"),
]
EDGES = [("edge", "card"), ("edge", "paper"), ("focus", "card"), ("focus", "paper"), ("focus", "sunken")]


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_known_pairs() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_is_readable(mode: str, text: str, ground: str) -> None:
    found = contrast(MODES[mode][text], MODES[mode][ground])
    assert found >= (7 if mode == "high" else 4.5), f"{text} on {ground}: {found:.2f}"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_of_fields_and_focus_are_seen(mode: str, edge: str, ground: str) -> None:
    assert contrast(MODES[mode][edge], MODES[mode][ground]) >= 3


def test_the_tokens_of_the_design_are_kept() -> None:
    """The values the design fixes; a change of one is a decision, not a slip."""
    fixed = {
        "paper": "#fbfaf7",
        "ink": "#1d2129",
        "quiet": "#5b6470",
        "rule": "#e3e0d8",
        "official": "#a61b1b",
        "blue": "#1f5fa8",
        "green": "#2f7d4f",
        "amber": "#9a6700",
        "red": "#b42318",
        "radius": "6px",
    }
    assert {name: NORMAL[name] for name in fixed} == fixed
