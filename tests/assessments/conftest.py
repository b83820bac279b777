"""A township with its norms, a term and a few deputies."""

from typing import TYPE_CHECKING

import pytest

from tests.assessments.makers import opened, seat, seed_norms

if TYPE_CHECKING:
    from assessments.models import Assessment
    from deputies.models import Mandate, Term
    from liaison.scope import Actor


@pytest.fixture
def norms(world: object) -> None:
    seed_norms()


@pytest.fixture
def mandates(norms: None, term: "Term") -> "list[Mandate]":
    return seat(term, 3)


@pytest.fixture
def assessment(clerk: "Actor", term: "Term", mandates: "list[Mandate]") -> "Assessment":
    """The year opened with the scheme of ten ones, nothing recorded yet."""
    return opened(clerk, term)
