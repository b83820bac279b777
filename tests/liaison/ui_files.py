"""The files the look is made of, read once for the tests of this folder."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static" / "liaison"

# What is printed by the PDF renderer never reaches a browser and may carry its own styles.
PAPER = ("documents/",)

_COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?endcomment\s*%\}|<!--.*?-->", re.S)


def template_names() -> list[str]:
    """Every template of the project, as the loader names it."""
    return sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))


def page_names() -> list[str]:
    return [name for name in template_names() if not name.startswith(PAPER)]


def source(name: str) -> str:
    """The template's text without comments."""
    return _COMMENT.sub("", (TEMPLATES / name).read_text(encoding="utf-8"))


def tokens(css: str, selector: str) -> dict[str, str]:
    """The CSS variables of the first rule with exactly this selector."""
    rule = re.search(rf"(?m)^{re.escape(selector)} \{{(.*?)^\}}", css, re.S)
    if rule is None:
        raise AssertionError(f"no rule {selector}")
    return dict(re.findall(r"--([a-z-]+):\s*([^;]+);", rule[1]))
