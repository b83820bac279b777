"""What every script of the product keeps: modules for Chromium 86, nothing typed ever read as markup."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
TEMPLATES = STATIC.parent / "templates"
SCRIPTS = sorted(STATIC.rglob("*.js"))
# The browser starts it apart from every page; there it cannot be a module yet.
WORKER = "worker.js"

BANNED = {
    "var": r"\bvar\s",
    "loose comparison": r"[^=!]==[^=]|!=[^=]",
    "markup from text": r"\b(inner|outer)HTML\b|insertAdjacentHTML|document\.write|createContextualFragment",
    "code from text": r"\beval\(|new Function\(|set(Timeout|Interval)\(\s*[\"'`]",
    "a global": r"\b(window|self|globalThis)\.[A-Za-z_]\w* = ",
    # Newer than Chromium 86, with the version that brought it.
    "at (92)": r"\.at\(-",
    "hasOwn (93)": r"Object\.hasOwn\b",
    "structuredClone (98)": r"structuredClone",
    "findLast (97)": r"\.findLast",
    "top-level await (89)": r"(?m)^(const \w+ = )?await ",
    "static block (94)": r"static \{",
    "private name in (91)": r"#\w+ in ",
    "crypto.randomUUID (92)": r"randomUUID",
    "replaceChildren (86 and later only in part)": r"replaceChildren",
    "array methods that copy (110)": r"\.(toSorted|toReversed|toSpliced|with)\(",
    "groupBy (117)": r"\.groupBy\(",
}


def code(path: Path) -> str:
    """The script without its comments."""
    return re.sub(r"/\*.*?\*/|(?m:^\s*//.*$)", "", path.read_text("utf-8"), flags=re.S)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(STATIC)))
def test_a_script_does_nothing_banned(path: Path) -> None:
    found = {name: match[0] for name, ban in BANNED.items() if (match := re.search(ban, code(path)))}
    assert found == {}


@pytest.mark.parametrize(
    "line",
    [
        "var a = 1;", "if (a == b) {", "if (a != b) {", "box.innerHTML = text;", "eval(text)", "window.Desk = {};",
        'setTimeout("go()", 1)', "list.at(-1)", "const a = await b();", "list.toSorted()",
    ],
)  # fmt: skip
def test_each_ban_bites(line: str) -> None:
    assert any(re.search(ban, line) for ban in BANNED.values())


def test_every_page_loads_its_scripts_as_modules() -> None:
    """Django's own scripts of the admin aside."""
    tags = [
        tag
        for path in TEMPLATES.rglob("*.html")
        for tag in re.findall(r"<script\b[^>]*>", path.read_text("utf-8"))
        if "admin/js/" not in tag and "jsi18n" not in tag
    ]
    assert len(tags) >= 6
    assert [tag for tag in tags if 'type="module"' not in tag] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(STATIC)))
def test_a_module_imports_only_its_neighbours(path: Path) -> None:
    """The names of the stored files carry a digest; only what stands beside a file is renamed with it."""
    imports = re.findall(r"""from ["']([^"']+)["']""", code(path))
    assert imports == [] if path.name == WORKER else all((path.parent / name).is_file() for name in imports)
