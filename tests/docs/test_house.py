"""The picture of the house in docs/architecture.md is the house as it is."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def house() -> ModuleType:
    spec = importlib.util.spec_from_file_location("house", ROOT / "docs" / "house.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["house"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def _small(folder: Path) -> Path:
    """A house of two floors with one arrow of each kind."""
    for app in ("reports", "assessments", "constituents", "stations", "deputies", "liaison"):
        (folder / app).mkdir()
        (folder / app / "apps.py").write_text("", encoding="utf-8")
        (folder / app / "enums.py").write_text("", encoding="utf-8")
    texts = {
        "deputies/views.py": "from deputies import services\nfrom liaison.words import enums\n",
        "deputies/services/__init__.py": "from ..enums import State\n",
        "deputies/services/terms.py": "def go():\n    import deputies.views\n",
        "liaison/words/enums.py": "NAME = 'deputies.views.home'\n",
        "liaison/words/masker.py": "import deputies.enums\n",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_each_kind_of_arrow_is_found(house: ModuleType, tmp_path: Path) -> None:
    found = house.read(_small(tmp_path))
    assert set(found.arrows) == {
        (("deputies", "views"), ("deputies", "services")),
        (("deputies", "views"), ("liaison", "words")),
        (("deputies", "services"), ("deputies", "enums")),
        (("deputies", "services"), ("deputies", "views")),
        (("liaison", "words"), ("deputies", "enums")),
    }
    assert set(found.rising) == {
        (("deputies", "views"), ("deputies", "services")),
        (("liaison", "words"), ("deputies", "enums")),
    }
    assert found.calls == ((("liaison", "words"), "deputies.views.home"),)


def test_a_house_without_circles_has_no_rising_arrow(house: ModuleType) -> None:
    assert house.closing_circles({("a", "b"), ("b", "c"), ("a", "c")}) == set()


def test_a_circle_is_broken_at_one_arrow(house: ModuleType) -> None:
    assert len(house.closing_circles({("a", "b"), ("b", "c"), ("c", "a"), ("a", "d")})) == 1


@pytest.mark.parametrize("suffix", ["svg", "txt"])
def test_the_picture_shows_the_house_as_it_is(house: ModuleType, suffix: str) -> None:
    """After a new room or arrow run ``.venv/bin/python docs/house.py`` and commit docs/images/house-after.*"""
    found = house.read(ROOT)
    drawn = {"svg": house.draw, "txt": house.listed}[suffix](found)
    assert (ROOT / "docs" / "images" / f"house-after.{suffix}").read_text(encoding="utf-8") == drawn
