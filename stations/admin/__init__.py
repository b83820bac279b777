"""The back office of this floor: states change by actions that call services, never in a form."""

from stations.admin import kinds, places, receptions, records

__all__ = ["kinds", "places", "receptions", "records"]
