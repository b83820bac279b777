"""Who reaches which rows: by role within the township, and nothing beyond it."""

from datetime import timedelta

import pytest

from liaison.tenancy.scope import acting, public_actor, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, OutOfScope
from stations import access
from stations.enums import ReceptionDayState
from stations.models import Participation
from stations.services import request_leave, set_station_roster
from tests.factories import make_account, make_deputy_actor, make_station
from tests.stations.conftest import NOW, TODAY
from tests.stations.makers import as_, make_day, make_part, make_turn


@pytest.fixture
def rows(station, township, mandate, second, roster):
    """Two stations; a published and a planned day at each; turns and activities of two deputies."""
    other = make_station(township, name="西庄村人大代表联络站")
    days = {}
    for place in (station, other):
        days[place.pk, "published"] = make_day(place, TODAY)
        days[place.pk, "planned"] = make_day(
            place, TODAY + timedelta(days=30), state=ReceptionDayState.PLANNED
        )
    first = make_turn(days[station.pk, "published"], mandate)
    other_turn = make_turn(days[other.pk, "published"], second)
    visit = make_part(mandate, "constituency_visit", TODAY, is_recorded_by_deputy=True)
    training = make_part(second, "training", TODAY)
    return {
        "other": other,
        "days": days,
        "first": first,
        "other_turn": other_turn,
        "visit": visit,
        "training": training,
    }


def seen(actor, function):
    with acting(actor):
        return set(function(actor).values_list("pk", flat=True))


def test_the_whole_township_for_the_office_and_for_the_county(rows, clerk, chair, county):
    for actor in (clerk, chair, county):
        assert len(seen(actor, access.visible_participations)) == 4
        assert len(seen(actor, access.visible_stations)) == 2
        assert len(seen(actor, access.visible_reception_days)) == 4
        assert len(seen(actor, access.visible_activities)) == 2


def test_the_own_station_for_its_clerk(rows, station, station_clerk):
    assert seen(station_clerk, access.visible_stations) == {station.pk}
    assert seen(station_clerk, access.visible_participations) == {rows["first"].pk, rows["visit"].pk}
    days = {rows["days"][station.pk, kind].pk for kind in ("published", "planned")}
    assert seen(station_clerk, access.visible_reception_days) == days
    assert seen(station_clerk, access.visible_activities) == {rows["visit"].activity_id}


def test_own_records_and_published_days_for_a_deputy(rows, station, deputy_actor):
    assert seen(deputy_actor, access.visible_participations) == {rows["first"].pk, rows["visit"].pk}
    published = {rows["days"][place, "published"].pk for place in (station.pk, rows["other"].pk)}
    assert seen(deputy_actor, access.visible_reception_days) == published
    assert len(seen(deputy_actor, access.visible_stations)) == 2
    assert len(seen(deputy_actor, access.visible_rosters)) == 1


def test_the_group_as_well_for_its_leader(rows, township, mandate, group):
    leader = make_account(township, Role.GROUP_LEADER, person_ref=mandate.person_id, group_ref=group.pk)
    assert len(seen(leader, access.visible_participations)) == 4


def test_published_days_and_open_stations_for_the_public(rows, township, station, clerk):
    resident = public_actor(township.scope_code, township.scope_end)
    assert len(seen(resident, access.visible_stations)) == 2
    assert len(seen(resident, access.visible_reception_days)) == 2
    for function in (
        access.visible_participations,
        access.visible_leave,
        access.visible_swaps,
        access.visible_rosters,
    ):
        assert seen(resident, function) == set()


@pytest.mark.parametrize(
    "role", [Role.HANDLING_UNIT, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.CITY_VIEWER]
)
def test_no_records_for_those_without_business_here(rows, township, role):
    actor = make_account(township, role)
    for function in (
        access.visible_participations,
        access.visible_leave,
        access.visible_swaps,
        access.visible_activities,
    ):
        assert seen(actor, function) == set()
    if role != Role.CITY_VIEWER:
        assert seen(actor, access.visible_stations) == set()
        assert seen(actor, access.visible_reception_days) == set()


def test_the_next_township_sees_nothing(rows, other_clerk):
    for function in (
        access.visible_stations,
        access.visible_reception_days,
        access.visible_participations,
        access.visible_activities,
        access.visible_rosters,
        access.visible_rules,
    ):
        assert seen(other_clerk, function) == set()


def test_inside_but_not_allowed_is_another_answer_than_outside(rows, deputy_actor, other_clerk):
    with acting(deputy_actor), pytest.raises(Forbidden):
        access.get_participation(deputy_actor, rows["training"].pk)
    for actor, row_id in ((other_clerk, rows["training"].pk), (deputy_actor, 999_999)):
        with acting(actor), pytest.raises(OutOfScope):
            access.get_participation(actor, row_id)


def test_the_second_wall_holds_where_the_first_is_forgotten(rows, other_clerk):
    with acting(other_clerk):
        assert Participation._plain.count() == 0


def test_leave_is_seen_by_those_it_concerns(rows, station, deputy_actor, second_actor, station_clerk, clerk):
    leave = as_(
        deputy_actor, request_leave, starts_on=TODAY, ends_on=TODAY, kind="personal", reason="家中有事",
        participation_id=rows["first"].pk, now=NOW,
    )  # fmt: skip
    for actor, wanted in (
        (deputy_actor, {leave.pk}),
        (station_clerk, {leave.pk}),
        (clerk, {leave.pk}),
        (second_actor, set()),
    ):
        assert seen(actor, access.visible_leave) == wanted


def test_a_roster_left_today_keeps_no_second_place(clerk, station, mandate, second, roster):
    later = NOW + timedelta(days=3)
    as_(clerk, set_station_roster, station_id=station.pk, mandate_ids=[second.pk], now=later)
    as_(clerk, set_station_roster, station_id=station.pk, mandate_ids=[second.pk], now=later)
    with acting(system_actor()):
        places = {(p.mandate_id, p.ends_on) for p in station.roster.all()}
    assert places == {(mandate.pk, later.date()), (second.pk, None)}


def test_a_deputy_of_the_next_township_is_not_put_on_the_roster(clerk, station, elsewhere):
    with pytest.raises(OutOfScope):
        as_(clerk, set_station_roster, station_id=station.pk, mandate_ids=[elsewhere.pk], now=NOW)
    assert seen(make_deputy_actor(elsewhere), access.visible_stations) == set()
