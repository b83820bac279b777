"""No line of a template, style sheet or script is longer than a reviewer's screen."""

from collections.abc import Iterator

from tests.stack import ROOT

LONGEST = 140
KINDS = ("templates/**/*.html", "static/**/*.css", "static/**/*.js")


def _too_long() -> Iterator[str]:
    for pattern in KINDS:
        for path in sorted(ROOT.glob(pattern)):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if len(line) > LONGEST:
                    yield f"{path.relative_to(ROOT)}:{number}: {len(line)}"


def test_no_line_of_templates_styles_and_scripts_is_longer_than_140_characters() -> None:
    """``{% joined %}`` lets a Chinese sentence stand on several lines."""
    assert list(_too_long()) == []
