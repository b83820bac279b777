"""Calendars for telephones, written by the icalendar package (RFC 5545); no Django, no clock.

One event a turn or a reception day. Its UID comes from what never changes (the day's own name, for a turn
with the deputy), so planning again, moving, cancelling and swapping back change the event and never double
it. All times are Asia/Shanghai, which has no summer time. There is no METHOD: DTSTAMP is then the moment the
event last changed, and the same plan gives the same bytes.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone, TimezoneStandard, vDuration

SHANGHAI = ZoneInfo("Asia/Shanghai")
CONFIRMED, TENTATIVE, CANCELLED = "CONFIRMED", "TENTATIVE", "CANCELLED"
# How often a telephone is asked to look again; most look once a day whatever they are told.
REFRESH = timedelta(hours=6)
# A whole day begins at midnight: counted back from there, nine o'clock of the day before.
_BEFORE_WHOLE_DAY = timedelta(hours=15)

_NAMES = uuid.UUID("5b0f6c9e-5f0d-4c59-9d0e-6a8f0c1d2e37")
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_OFFSET = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One entry, both days included. Without ``starts_at`` it takes whole days; an end is optional."""

    uid: str
    first_day: date
    last_day: date
    summary: str
    changed_at: datetime
    starts_at: time | None = None
    ends_at: time | None = None
    location: str = ""
    description: str = ""
    status: str = CONFIRMED
    url: str = ""
    # None means no reminder; an entry of whole days reminds at nine the day before, however early this is.
    remind_before: timedelta | None = None

    @property
    def sequence(self) -> int:
        """Seconds since 2020: rises with every change, planning anew included; 32 bits last until 2088."""
        return max(0, int((self.changed_at - _EPOCH).total_seconds()))


def stable_uid(*parts: object) -> str:
    """The same for the same parts on every server and after every re-planning; tells nothing by itself."""
    return f"{uuid.uuid5(_NAMES, ':'.join(str(part) for part in parts))}"


def calendar_bytes(name: str, events: Iterable[FeedEvent]) -> bytes:
    """The file a telephone fetches: CRLF, folded at 75 octets, UTF-8."""
    calendar = Calendar()
    calendar.add("prodid", "-//liaison//reception calendar//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", SHANGHAI.key)
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    calendar.add_component(_zone())
    for event in events:
        calendar.add_component(_component(event))
    return bytes(calendar.to_ical())


def _zone() -> Timezone:
    zone = Timezone()
    zone.add("tzid", SHANGHAI.key)
    standard = TimezoneStandard()
    standard.add("dtstart", datetime(1992, 1, 1))  # noqa: DTZ001  # a VTIMEZONE begins in its own local time
    standard.add("tzoffsetfrom", _OFFSET)
    standard.add("tzoffsetto", _OFFSET)
    standard.add("tzname", "CST")
    zone.add_component(standard)
    return zone


def _component(event: FeedEvent) -> Event:
    changed = event.changed_at.astimezone(UTC).replace(microsecond=0)
    entry = Event()
    entry.add("uid", event.uid)
    entry.add("dtstamp", changed)
    entry.add("last-modified", changed)
    entry.add("sequence", event.sequence)
    _put_times(entry, event)
    entry.add("summary", event.summary)
    entry.add("status", event.status)
    for key in ("location", "description", "url"):
        if value := getattr(event, key):
            entry.add(key, value)
    # A called-off turn leaves the day free in whatever else the telephone plans.
    entry.add("transp", "TRANSPARENT" if event.status == CANCELLED else "OPAQUE")
    if event.remind_before is not None and event.status != CANCELLED:
        before = event.remind_before if event.starts_at is not None else _BEFORE_WHOLE_DAY
        entry.add_component(_alarm(event.summary, before))
    return entry


def _put_times(entry: Event, event: FeedEvent) -> None:
    if event.starts_at is None:
        entry.add("dtstart", event.first_day)
        entry.add("dtend", event.last_day + timedelta(days=1))
        return
    entry.add("dtstart", datetime.combine(event.first_day, event.starts_at, SHANGHAI))
    if event.ends_at is not None:
        entry.add("dtend", datetime.combine(event.last_day, event.ends_at, SHANGHAI))


def _alarm(words: str, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", words)
    alarm.add("trigger", -before)
    return alarm
