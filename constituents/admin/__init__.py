"""The back office of opinions, suggestions and handling units."""

from constituents.admin.opinions import OpinionAdmin
from constituents.admin.suggestions import SuggestionAdmin
from constituents.admin.units import HandlingUnitAdmin

__all__ = ["HandlingUnitAdmin", "OpinionAdmin", "SuggestionAdmin"]
