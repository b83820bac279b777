"""Fetching a calendar like a telephone and reading it back with the icalendar package."""

from django.test import Client
from icalendar import Calendar, Event

from stations.models import CalendarFeed


def path_of(feed: CalendarFeed) -> str:
    return f"/stations/calendar/{feed.key}.ics"


def events_at(feed: CalendarFeed) -> dict[str, Event]:
    answer = Client().get(path_of(feed))
    assert answer.status_code == 200, answer.content
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    found = {str(event["UID"]): event for event in events}
    assert len(found) == len(events)
    return found  # type: ignore[return-value]


def only(feed: CalendarFeed) -> Event:
    (event,) = events_at(feed).values()
    return event


def assert_rose(before: Event, after: Event) -> None:
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert after["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt
    assert after["DTSTAMP"].dt == after["LAST-MODIFIED"].dt
