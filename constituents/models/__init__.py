"""Residents, opinions and their handling, deputies' suggestions, handling units, signed paper."""

from constituents.models.cases import (
    HandlingUnit,
    Opinion,
    OpinionFile,
    OpinionStep,
    digest_of_code,
)
from constituents.models.papers import RegisterScan
from constituents.models.suggestions import Suggestion, SuggestionSignatory, SuggestionStep

__all__ = [
    "HandlingUnit",
    "Opinion",
    "OpinionFile",
    "OpinionStep",
    "RegisterScan",
    "Suggestion",
    "SuggestionSignatory",
    "SuggestionStep",
    "digest_of_code",
]
