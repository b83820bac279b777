"""Stations without a reception for a quarter: a question to ask, never a deduction (domain.md 0.9).

A station counts when it is in use, was opened a quarter or longer ago, and has no reception held and
registered in the quarter before the day. New stations are given their quarter, closed ones are left alone,
and so is an activity room that was never meant to receive.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from liaison.templatetags.liaison_ui import cn_date
from liaison.tenancy.scope import Actor
from reports.links import record_url
from stations.enums import PlaceKind, ReceptionDayState
from stations.models import ReceptionDay, ReceptionRule, Station

QUARTER_MONTHS = 3
DEFINITION = (
    "在用满一个季度，而截至统计日（当年为今天，往年为年末）连续一个季度没有开展并登记接待的站点。"
    "启用不满一个季度的、已经停用的和没有接待日规则的代表活动室不计。只作提示过问，不扣分。"
)


@dataclass(frozen=True, slots=True)
class QuarterDay:
    """One reception that was laid down for the quarter and did not take place."""

    day: date
    words: str

    def __str__(self) -> str:
        return f"{self.day.month}月{self.day.day}日{self.words}"


def quarter_before(day: date) -> date:
    """The first day of the quarter that ends with ``day``."""
    return day - relativedelta(months=QUARTER_MONTHS) + relativedelta(days=1)


def silent_stations(actor: Actor, day: date) -> QuerySet[Station]:
    """The stations to ask about on ``day``; one query, whatever is behind them."""
    first = quarter_before(day)
    here = ReceptionDay.scoped(actor).filter(station=OuterRef("pk"))
    rules = ReceptionRule.scoped(actor).filter(station=OuterRef("pk"), valid_from__lte=day)
    rules = rules.exclude(valid_until__lt=first)
    held = here.filter(state=ReceptionDayState.HELD, day__range=(first, day))
    in_use = Station.scoped(actor).filter(opened_on__lte=first).exclude(closed_on__lte=day)
    meant = ~Q(kind=PlaceKind.ACTIVITY_ROOM) | Exists(rules) | Exists(here.filter(day__range=(first, day)))
    return in_use.filter(meant).exclude(Exists(held)).order_by("scope_code", "kind", "name")


def with_record(actor: Actor, stations: QuerySet[Station], day: date) -> QuerySet[Station]:
    """Each with ``last_held_on``, ``next_on`` and ``quarter`` (the days laid down); still one query."""
    here = ReceptionDay.scoped(actor).filter(station=OuterRef("pk")).order_by("day")
    open_states = (ReceptionDayState.PLANNED, ReceptionDayState.PUBLISHED)
    held = here.filter(state=ReceptionDayState.HELD, day__lte=day).order_by("-day")
    coming = here.filter(state__in=open_states, day__gt=day)
    laid_down = here.filter(day__range=(quarter_before(day), day))
    return stations.select_related("jurisdiction").annotate(
        last_held_on=Subquery(held.values("day")[:1]),
        next_on=Subquery(coming.values("day")[:1]),
        quarter=ArraySubquery(laid_down.values(data=JSONObject(day="day", state="state", remark="remark"))),
    )


def quarter_days(row: Any) -> Iterator[QuarterDay]:
    """What became of the days laid down for the quarter, the reasons with those called off."""
    for each in row.quarter:
        state, remark = ReceptionDayState(each["state"]), each["remark"]
        words = {
            ReceptionDayState.CANCELLED: "已取消",
            ReceptionDayState.POSTPONED: "改期待定",
        }.get(state, "没有登记开展")
        yield QuarterDay(date.fromisoformat(each["day"]), f"{words}（{remark}）" if remark else words)


def record_cells(row: Any) -> tuple[str, str, str]:
    """Last reception held, what became of the quarter's days, the next one: in words."""
    days = "；".join(str(each) for each in quarter_days(row))
    return (
        cn_date(row.last_held_on) if row.last_held_on else "从未登记接待",
        days or "没有排定接待日",
        cn_date(row.next_on) if row.next_on else "没有排定",
    )


@dataclass(frozen=True, slots=True)
class SilentLine:
    """One station to ask about, with what is behind it."""

    name: str
    url: str
    last: str
    quarter: list[str]
    coming: str


def silent_lines(actor: Actor, day: date) -> list[SilentLine]:
    """The stations to ask about in the acting office's area, in their usual order; one query."""
    lines = []
    for row in with_record(actor, silent_stations(actor, day), day):
        last, _, coming = record_cells(row)
        days = [str(each) for each in quarter_days(row)]
        lines.append(SilentLine(row.name, record_url("station_rota", row.pk), last, days, coming))
    return lines
