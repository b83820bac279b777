"""When a reception has to be announced, when again, and in which words: pure rules.

A notice goes out N days ahead (policy ``reception_notice``). What is planned or changed within those days
is announced at once and says so. What was announced and is no longer true is corrected, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from stations.enums import ReceptionDayState
from stations.rules.wording import day_text, full_day_text, short_day_text

_STANDS = "stands"


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What a notice says of a reception. ``state``: it stands, is cancelled, or waits for a new date.

    ``upper`` are deputies of higher levels, by name and level as they are announced.
    """

    day: date
    starts_at: time
    ends_at: time
    theme: str
    state: str
    mandates: tuple[int, ...]
    upper: tuple[str, ...] = ()

    @property
    def stands(self) -> bool:
        return self.state == _STANDS

    def to_data(self) -> dict[str, Any]:
        """Plain JSON data; ``facts_from_data`` reads it back."""
        return {
            "day": self.day.isoformat(),
            "starts_at": self.starts_at.isoformat("minutes"),
            "ends_at": self.ends_at.isoformat("minutes"),
            "theme": self.theme,
            "state": self.state,
            "mandates": list(self.mandates),
            "upper": list(self.upper),
        }


def facts_from_data(data: Mapping[str, Any]) -> NoticeFacts:
    return NoticeFacts(
        date.fromisoformat(data["day"]),
        time.fromisoformat(data["starts_at"]),
        time.fromisoformat(data["ends_at"]),
        str(data["theme"]),
        str(data["state"]),
        tuple(data["mandates"]),
        tuple(data.get("upper", ())),
    )


def state_of(state: ReceptionDayState | str) -> str:
    """What of a day's state concerns the public."""
    if state in (ReceptionDayState.CANCELLED, ReceptionDayState.POSTPONED):
        return str(ReceptionDayState(state))
    return _STANDS


def goes_out_on(day: date, notice_days: int, today: date) -> date:
    """When the notice of a planned day leaves: N days ahead, or today when that is past."""
    return max(day - timedelta(days=notice_days), today)


def late_words(
    day: date, dated_on: date | None, today: date, notice_days: int, *, has_new_date: bool = True
) -> str:
    """Why the notice leaves less than N days ahead; empty when it does not.

    ``dated_on``: since when the reception has this date; ``has_new_date``: whether the date is news.
    """
    if (day - today).days >= notice_days:
        return ""
    if not has_new_date:
        return f"不足{notice_days}日"
    if dated_on is not None and (day - dated_on).days < notice_days:
        return f"不足{notice_days}日：{day_text(dated_on)}才确定这一日期"
    return f"不足{notice_days}日：未能按时发布"


def change_words(before: NoticeFacts, now: NoticeFacts, names: Mapping[int, str]) -> str:
    """接待日期由3月6日（周五）改为3月9日（周一）；值班代表由王建国改为李秀英."""
    if not now.stands:
        return "取消接待" if now.state == ReceptionDayState.CANCELLED else "改期，新的日期另行公告"
    parts = []
    if before.day != now.day:
        parts.append(f"接待日期由{short_day_text(before.day)}改为{short_day_text(now.day)}")
    elif not before.stands:
        parts.append(f"仍于{short_day_text(now.day)}接待")
    if (before.starts_at, before.ends_at) != (now.starts_at, now.ends_at):
        parts.append(f"接待时间由{_hours(before)}改为{_hours(now)}")
    if before.theme != now.theme:
        parts.append(f"主题改为“{now.theme}”" if now.theme else "不再设主题")
    # A day that waited for its new date named nobody.
    if before.stands and (before.mandates, before.upper) != (now.mandates, now.upper):
        parts.append(f"值班代表由{_people(before, names)}改为{_people(now, names)}")
    return "；".join(parts)


def notice_words(now: NoticeFacts, place: str, names: Mapping[int, str]) -> str:
    """2026年3月6日（周五）9:00—11:30，地点，值班代表王建国、李秀英."""
    theme = f"，主题“{now.theme}”" if now.theme else ""
    return f"{full_day_text(now.day)}{_hours(now)}，{place}，值班代表{_people(now, names)}{theme}"


def _hours(facts: NoticeFacts) -> str:
    return f"{_clock(facts.starts_at)}—{_clock(facts.ends_at)}"


def _clock(moment: time) -> str:
    return f"{moment.hour}:{moment.minute:02d}"


def _people(facts: NoticeFacts, names: Mapping[int, str]) -> str:
    own = [names[each] for each in facts.mandates if each in names]
    return "、".join([*own, *facts.upper]) or "待定"
