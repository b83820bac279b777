"""A township with its norms, a term and a few deputies."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from liaison.words.errors import InvalidInput
from tests.assessments.makers import opened, seat

if TYPE_CHECKING:
    from assessments.models import Assessment
    from deputies.models import Mandate, Term
    from liaison.tenancy.scope import Actor


@pytest.fixture
def mandates(term: "Term") -> "list[Mandate]":
    return seat(term, 3)


@pytest.fixture
def assessment(clerk: "Actor", term: "Term", mandates: "list[Mandate]") -> "Assessment":
    """The year opened with the scheme of ten ones, nothing recorded yet."""
    return opened(clerk, term)


@pytest.fixture
def wrong() -> Callable[..., dict[str, str]]:
    """Call something that must be refused for its input; returns the fields and their messages."""

    def _wrong(call: Callable[..., Any], *args: Any, **facts: Any) -> dict[str, str]:
        with pytest.raises(InvalidInput) as caught:
            call(*args, **facts)
        return caught.value.fields

    return _wrong
