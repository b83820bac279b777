"""Residents, opinions and their handling, deputies' suggestions, handling units, signed paper."""

from constituents.models.cases import (
    HandlingUnit,
    Opinion,
    OpinionFile,
    OpinionStep,
    Suggestion,
    SuggestionSignatory,
    SuggestionStep,
)
from constituents.models.papers import RegisterScan

__all__ = [
    "HandlingUnit",
    "Opinion",
    "OpinionFile",
    "OpinionStep",
    "RegisterScan",
    "Suggestion",
    "SuggestionSignatory",
    "SuggestionStep",
]
