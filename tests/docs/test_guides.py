"""The guides name buttons, pages, pictures and files that exist (no database)."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
GUIDES = sorted((DOCS / "guide").glob("*.md"))
APPS = ("liaison", "deputies", "stations", "constituents", "assessments", "reports")
MOST_BYTES = 120_000
_BUTTON = re.compile(r"【([^】]+)】")
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#]+)(?:#[^)]*)?\)")


@cache
def words_of_the_product() -> str:
    """Everything a page can say: templates whole, Python and the desk's scripts by their text."""
    files = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "desk").glob("*.js")]
    files += [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def links(path: Path) -> list[tuple[bool, str, str]]:
    found = _LINK.findall(path.read_text(encoding="utf-8"))
    return [(bool(mark), label, target) for mark, label, target in found if "://" not in target]


def pictures() -> list[str]:
    return sorted({target for path in GUIDES for is_picture, _, target in links(path) if is_picture})


def test_there_is_a_guide_for_everybody() -> None:
    names = {path.stem for path in GUIDES}
    index = (DOCS / "guide" / "README.md").read_text(encoding="utf-8")
    assert len(names) == 9
    assert all(f"({name}.md)" in index for name in names - {"README"})


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_buttons_and_pages_are_called_as_they_are(path: Path) -> None:
    named = _BUTTON.findall(path.read_text(encoding="utf-8"))
    assert named
    assert not [name for name in named if name not in words_of_the_product()]


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_guide_answers_the_four_questions(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.stem in {"README", "群众"}:
        return
    assert all(heading in text for heading in ("登录", "第一次要做的事", "常见问题"))


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=lambda path: path.stem)
def test_links_lead_somewhere(path: Path) -> None:
    assert not [target for _, _, target in links(path) if not (path.parent / target).exists()]


@pytest.mark.parametrize("target", pictures())
def test_pictures_are_small_and_described(target: str) -> None:
    assert (DOCS / "guide" / target).stat().st_size <= MOST_BYTES
    assert all(
        label for path in GUIDES for is_picture, label, at in links(path) if is_picture and at == target
    )
