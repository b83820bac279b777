"""Reads of this floor, each a fixed number of queries."""

from stations.norms import Evidence, FactRow
from stations.selectors.facts import group_facts, kinds_in_force, participation_facts

__all__ = ["Evidence", "FactRow", "group_facts", "kinds_in_force", "participation_facts"]
