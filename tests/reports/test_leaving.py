"""Leaving office reaches everything: said before the button, right at once afterwards, the rest in the queue."""

import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from deputies.enums import ElectionWay
from deputies.models import GroupMembership, Mandate
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from reports.selectors.staff import staff_queue
from stations.enums import AnswerState, DutyState, ReceptionDayState
from stations.models import Activity, ActivityKind, Invitation, Participation, StationDeputy
from stations.selectors.activities import answers_of, coming_activities
from stations.selectors.due import unanswered_invitations
from stations.selectors.on_duty import on_duty
from stations.selectors.posters import days_of_stations
from stations.services.announcements import on_duty as to_announce
from tests.factories import make_group, make_mandate
from tests.reports.rows import NOW, TODAY, PlaceYear, make_opinion, make_place_year
from tests.stations.makers import make_day, make_turn

SignIn = Callable[[Actor], Client]
LATER = date(2026, 4, 3)
FACTS = {"effective_on": TODAY.isoformat(), "basis": "区人大常委会决定"}
SUSPENDED = {**FACTS, "ground": "criminal_proceedings"}


@pytest.fixture(autouse=True)
def _march() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def one(township: Jurisdiction) -> PlaceYear:
    """Both deputies are on duty today and in April, and asked to an inspection in April."""
    year = make_place_year(township, deputies=2)
    for day in (TODAY, LATER):
        reception = make_day(year.station, day)
        year.days.append(reception)
        for mandate in year.mandates:
            make_turn(reception, mandate)
    return year


@pytest.fixture
def activity(one: PlaceYear) -> Activity:
    with acting(system_actor()):
        made = Activity._plain.create(
            scope_code=one.place.scope_code, kind=ActivityKind._plain.filter(scope_code=0).first(),
            title="视察道路", starts_on=LATER, ends_on=LATER, answer_by=TODAY, audience="invited",
            state=ReceptionDayState.PUBLISHED, recorded_at=NOW,
        )  # fmt: skip
        for mandate in one.mandates:
            Invitation._plain.create(
                scope_code=one.place.scope_code, activity=made, mandate=mandate, answer=AnswerState.WAITING
            )
    return made


def page_of(mandate: Mandate, event: str) -> str:
    return f"{reverse('deputies_change', args=[event])}?id={mandate.pk}"


def test_suspending_a_deputy_on_duty_today_reaches_everything_within_the_request(
    one: PlaceYear, activity: Activity, clerk: Actor, sign_in: SignIn
) -> None:
    gone, stays = one.mandates
    make_opinion(gone, TODAY)
    client = sign_in(clerk)
    before = client.get(page_of(gone, "suspend"))
    assert [held.what for held in before.context["held"]] == [
        "王建国1：3月6日（周五）庄子乡联络站接待值班",
        "王建国1：4月3日（周五）庄子乡联络站接待值班",
        "王建国1：4月3日（周五）“视察道路”的通知",
        "经手的社情民意4件还没有办结",
    ]
    assert client.post(page_of(gone, "suspend"), {"id": gone.pk, **SUSPENDED}).status_code == 302

    today, later = one.days[-2:]
    with acting(clerk):
        posters = days_of_stations(clerk, [one.station.pk], TODAY, LATER)
        assert [row.who.names for row in posters] == [["王建国2"], ["王建国2"]]  # type: ignore[attr-defined]
        assert to_announce(clerk, [later.pk]) == {later.pk: [stays.pk]}
        assert on_duty(clerk, [one.days[0].pk])[one.days[0].pk].names == ["王建国1", "王建国2"]
        (coming,) = coming_activities(clerk, TODAY)
        assert (vars(coming)["asked"], vars(coming)["silent"]) == (1, 1)
        assert [line.invitation.mandate_id for line in answers_of(clerk, activity)] == [stays.pk]
        assert [row.mandate_id for row in unanswered_invitations(clerk, TODAY)] == [stays.pk]
        waiting = [line for line in staff_queue(clerk, today=TODAY) if "缺1人" in line.title]
    assert [(line.title, line.detail, line.due_on) for line in waiting] == [
        ("庄子乡联络站3月6日接待缺1人", "王建国1暂停执行代表职务", TODAY),
        ("庄子乡联络站4月3日接待缺1人", "王建国1暂停执行代表职务", LATER),
    ]
    public = Client().get(f"/p/{one.place.scope_code}/").content.decode()
    station = Client().get(f"/s/{one.station.public_code}/").content.decode()
    assert "王建国1" not in re.sub(r"<[^>]+>", "", public + station)
    assert "王建国2" in station

    gap = client.get(waiting[0].action_url)
    assert gap.status_code == 200
    with acting(system_actor()):
        turn = Participation._plain.get(reception_day=today, mandate=gone)
    assert gap.context["form"].initial["turn"] == str(turn.pk)


def test_a_turn_somebody_has_taken_over_waits_no_longer(
    one: PlaceYear, clerk: Actor, sign_in: SignIn
) -> None:
    gone = one.mandates[0]
    sign_in(clerk).post(page_of(gone, "suspend"), {"id": gone.pk, **SUSPENDED})
    with acting(system_actor()):
        Participation._plain.filter(mandate=gone, day=TODAY).update(outcome=DutyState.SWAPPED)
    with acting(clerk):
        waiting = [line.title for line in staff_queue(clerk, today=TODAY) if "缺1人" in line.title]
    assert waiting == ["庄子乡联络站4月3日接待缺1人"]


def test_somebody_who_resigned_leaves_the_same_gap_and_comes_back_nowhere(
    one: PlaceYear, clerk: Actor, sign_in: SignIn
) -> None:
    gone = one.mandates[0]
    client = sign_in(clerk)
    assert client.post(page_of(gone, "resign"), {"id": gone.pk, **FACTS}).status_code == 302
    with acting(clerk):
        waiting = [line.detail for line in staff_queue(clerk, today=TODAY) if "缺1人" in line.title]
        assert on_duty(clerk, [one.days[-1].pk])[one.days[-1].pk].names == ["王建国2"]
    assert waiting == ["王建国1当天已不在任"] * 2


def test_a_restored_deputy_is_on_duty_again(one: PlaceYear, clerk: Actor, sign_in: SignIn) -> None:
    gone = one.mandates[0]
    client = sign_in(clerk)
    client.post(page_of(gone, "suspend"), {"id": gone.pk, **SUSPENDED})
    assert client.get(page_of(gone, "restore")).context["held"] == []
    client.post(page_of(gone, "restore"), {"id": gone.pk, **FACTS})
    with acting(clerk):
        assert on_duty(clerk, [one.days[-1].pk])[one.days[-1].pk].names == ["王建国1", "王建国2"]
        assert not [line for line in staff_queue(clerk, today=TODAY) if "缺1人" in line.title]


def test_a_by_elected_deputy_is_offered_to_a_group_and_a_station(one: PlaceYear, clerk: Actor) -> None:
    group = make_group(one.term)
    added = make_mandate(
        one.term, "李补选", election_way=ElectionWay.BY_ELECTION, elected_on=date(2026, 3, 1)
    )
    with acting(system_actor()):
        StationDeputy._plain.create(
            scope_code=one.place.scope_code, station=one.station, mandate=one.mandates[0], starts_on=TODAY
        )

    def offered() -> list[str]:
        with acting(clerk):
            return [line.title for line in staff_queue(clerk, today=TODAY) if "补选当选" in line.title]

    assert offered() == ["李补选补选当选，还没有编入小组", "李补选补选当选，还没有进站"]
    with acting(system_actor()):
        GroupMembership._plain.create(
            scope_code=one.place.scope_code, group=group, mandate=added, starts_on=TODAY
        )
        StationDeputy._plain.create(
            scope_code=one.place.scope_code, station=one.station, mandate=added, starts_on=TODAY
        )
    assert offered() == []
