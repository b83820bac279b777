"""When a station receives: laying a rule down, changing it, ending it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from liaison.auditing import trail
from liaison.calendar.days import require_days
from liaison.calendar.recurrence import Rule, rule_from_data, rule_to_data
from liaison.calendar.recurrence_words import describe
from liaison.calendar.workdays import china_date
from liaison.tenancy.locking import locked
from liaison.tenancy.scope import Actor
from liaison.words.errors import InvalidInput, OutOfScope
from stations.models import ReceptionRule
from stations.rules.wording import day_text
from stations.selectors.work_plans import imagined, is_same_but_for_its_end, is_used
from stations.services.common import open_station_of, require_station


def save_reception_rule(
    *,
    actor: Actor,
    station_id: int,
    rule: Rule | Mapping[str, Any],
    now: datetime,
    rule_id: int | None = None,
) -> ReceptionRule:
    """Lay down or change when a station receives; its text is written by ``recurrence_words.describe``.

    ``InvalidInput`` when the rule could never name a day or gives no opening hours. A rule by which days
    were already announced or held ends the day before the new one begins, so that history keeps its reason.
    """
    station = open_station_of(actor, station_id)
    known = rule if isinstance(rule, Rule) else rule_from_data(rule)
    if not known.opening:
        raise InvalidInput({"opening": "请填写接待的起止时间。"})
    require_days(valid_from=known.valid_from, valid_until=known.valid_until)
    row = locked(ReceptionRule, actor, rule_id) if rule_id is not None else ReceptionRule()
    if row.pk and row.station_id != station.pk:
        raise OutOfScope()
    values = _rule_values(known, china_date(now))
    with trail.operation("save_reception_rule"):
        if row.pk and succeeds(actor, row, known):
            row = _succeed(row, values)
        row.scope_code, row.station = station.scope_code, station
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    return row


def succeeds(actor: Actor, row: ReceptionRule, rule: Rule) -> bool:
    """Whether a changed ``row`` needs a successor: days were held by it, and more than its end changes."""
    return not is_same_but_for_its_end(rule_from_data(row.rule), rule) and is_used(actor, row.pk)


def _rule_values(rule: Rule, today: date) -> dict[str, Any]:
    known = imagined(rule, today)
    return {
        "rule": rule_to_data(rule),
        "text": describe(rule),
        "starts_at": known.starts_at,
        "ends_at": known.ends_at,
        "valid_from": known.valid_from,
        "valid_until": known.valid_until,
    }


def _succeed(row: ReceptionRule, values: Mapping[str, Any]) -> ReceptionRule:
    """End ``row`` the day before its successor begins; a new row takes its place."""
    eve = values["valid_from"] - timedelta(days=1)
    if eve < row.valid_from:
        return row
    row.valid_until = min(row.valid_until or eve, eve)
    row.save(update_fields=["valid_until"])
    return ReceptionRule()


def end_reception_rule(*, actor: Actor, rule_id: int, ends_on: date) -> ReceptionRule:
    """Let a rule hold for the last time on ``ends_on``; doing it twice changes nothing.

    The days planned beyond go when the station is planned again. ``InvalidInput`` for a day before the rule
    began.
    """
    row = locked(ReceptionRule, actor, rule_id, "station")
    require_station(actor, row.station_id)
    require_days(ends_on=ends_on)
    if ends_on < row.valid_from:
        raise InvalidInput({"ends_on": f"规则自{day_text(row.valid_from)}起，截止日期不能更早。"})
    if row.valid_until == ends_on:
        return row
    data = rule_to_data(rule_from_data(row.rule | {"valid_until": ends_on.isoformat()}))
    row.rule, row.valid_until, row.text = data, ends_on, describe(rule_from_data(data))
    with trail.operation("end_reception_rule"):
        row.save(update_fields=["rule", "valid_until", "text"])
    return row
