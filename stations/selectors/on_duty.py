"""Who receives on which day, as it is announced: names only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from deputies.enums import CongressLevel
from deputies.selectors import DeputyNames
from liaison.tenancy.scope import Actor
from stations.enums import DutyState
from stations.models import Participation, UpperTurn
from stations.rules.lifecycle import TURNS_OVER
from stations.selectors.leaving import gone_by

NOT_THERE = frozenset({*TURNS_OVER, DutyState.ON_LEAVE})
_LEVELS = MappingProxyType(
    {
        CongressLevel.NATION: "全国",
        CongressLevel.PROVINCE: "省",
        CongressLevel.PREFECTURE: "市",
        CongressLevel.COUNTY: "县级",
    }
)


@dataclass(slots=True)
class OnDuty:
    """Everybody with a place in one reception, and when the last of these places changed."""

    names: list[str] = field(default_factory=list)
    changed_at: datetime | None = None


def on_duty(actor: Actor, day_ids: Iterable[int]) -> dict[int, OnDuty]:
    """By reception: the township's deputies in stroke order, then those of higher levels; three queries.

    Places given up count for the time of change, not for the names; days without a place are left out. Nor
    is named who holds no office on the day, or is suspended by then: at once, whatever becomes of the turn.
    """
    days = list(day_ids)
    found: dict[int, OnDuty] = defaultdict(OnDuty)
    own = Participation.scoped(actor).filter(reception_day__in=days)
    own = own.exclude(gone_by(actor, "reception_day__day"))
    names = DeputyNames(actor)
    for day_id, outcome, changed, name, *seat in own.order_by(
        "mandate__person__name_strokes", "id"
    ).values_list(
        "reception_day_id", "outcome", "changed_at", "mandate__person__name", "mandate__term_id", "mandate_id"
    ):
        _add(found[day_id], outcome, changed, names.named(*seat) or name)
    upper = UpperTurn.scoped(actor).filter(reception_day__in=days)
    for day_id, outcome, changed, name, level in upper.order_by(
        "upper_deputy__name_strokes", "id"
    ).values_list("reception_day_id", "outcome", "changed_at", "upper_deputy__name", "upper_deputy__level"):
        _add(found[day_id], outcome, changed, upper_words(name, level))
    return dict(found)


def upper_words(name: str, level: str) -> str:
    """张三（县级人大代表）."""
    return f"{name}（{_LEVELS[CongressLevel(level)]}人大代表）"


def _add(who: OnDuty, outcome: str, changed: datetime, name: str) -> None:
    who.changed_at = max(changed, who.changed_at or changed)
    if outcome not in NOT_THERE:
        who.names.append(name)
