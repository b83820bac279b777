"""Reads of this floor, each a fixed number of queries."""

from stations.norms import Evidence, FactRow
from stations.selectors.facts import group_facts, kinds_in_force, participation_facts
from stations.selectors.matrix import Matrix, ten_ones_matrix
from stations.selectors.public import (
    PublicDay,
    PublicPhoto,
    PublicStation,
    announced_days,
    public_photo,
    public_station,
    public_stations,
)
from stations.selectors.records import (
    StationCounts,
    coming_receptions,
    disputed,
    duties_of,
    eligible_deputies,
    loggable_days,
    open_swaps,
    own_leave,
    records_of,
    staff_counts,
    state_counts,
    todays_receptions,
    turn_counts,
    unconfirmed,
    waiting_leave,
)

__all__ = [
    "Evidence",
    "FactRow",
    "Matrix",
    "PublicDay",
    "PublicPhoto",
    "PublicStation",
    "StationCounts",
    "announced_days",
    "coming_receptions",
    "disputed",
    "duties_of",
    "eligible_deputies",
    "group_facts",
    "kinds_in_force",
    "loggable_days",
    "open_swaps",
    "own_leave",
    "participation_facts",
    "public_photo",
    "public_station",
    "public_stations",
    "records_of",
    "staff_counts",
    "state_counts",
    "ten_ones_matrix",
    "todays_receptions",
    "turn_counts",
    "unconfirmed",
    "waiting_leave",
]
