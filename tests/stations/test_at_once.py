"""Two people at the same moment, in a database whose commits are real."""

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from liaison.models import Account, Notification
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import LiaisonError, Refused
from stations.enums import DutyState, ParticipationState
from stations.models import Invitation, Participation
from stations.services import (
    announce_receptions,
    answer_invitation,
    arrange_activity,
    assign_duty,
    confirm_record,
    lapse_records,
    record_visit,
    register_attendance,
    remind_to_confirm,
    send_invitations,
)
from tests.browsing import filled
from tests.conftest import connect_as
from tests.factories import (
    World,
    make_account,
    make_deputy_actor,
    make_mandate,
    make_station,
    make_term,
    make_world,
)
from tests.stack import create_database, drop_database
from tests.stations.conftest import NOW, TODAY
from tests.stations.makers import again, as_, held_activity, make_day, make_turn


@pytest.fixture
def committed(django_db_setup: None, database_name: str, django_db_blocker: Any) -> Iterator[World]:
    """A world with its norms in a clone of the test database, outside any test transaction."""
    name = f"test_liaison_{os.getpid()}_stations"
    connections["default"].close()
    create_database(name, database_name)
    connect_as("web", name)
    try:
        with django_db_blocker.unblock():
            world = make_world()
            yield world
    finally:
        connect_as("web", database_name)
        drop_database(name)


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at the same moment, each with a connection of its own; errors come back as values."""
    gate = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return call()
        except LiaisonError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


@pytest.fixture
def cast(committed):
    """A township with a station, its clerk and a deputy with a turn."""
    place = committed["庄子乡"]
    mandate = make_mandate(make_term(place))
    station = make_station(place)
    clerks = [make_account(place, Role.PRESIDIUM_CLERK, name=name) for name in ("李秘书", "王秘书")]
    return {
        "place": place,
        "mandate": mandate,
        "deputy": make_deputy_actor(mandate),
        "station": station,
        "clerks": clerks,
    }


def test_two_confirmations_at_once_are_one(cast):
    row = as_(cast["deputy"], record_visit, day=TODAY, note="走访三户", now=NOW)
    results = together(*[
        lambda clerk=clerk: as_(clerk, confirm_record, participation_id=row.pk, now=NOW) for clerk in cast["clerks"]
    ])  # fmt: skip
    assert {result.state for result in results} == {ParticipationState.CONFIRMED}
    # Whoever came second found it confirmed and left the first one's name.
    assert len({result.settled_by_id for result in results}) == 1
    assert again(row).settled_by_id == results[0].settled_by_id


def test_confirming_while_it_lapses_does_one_of_the_two(cast):
    row = as_(cast["deputy"], record_visit, day=TODAY, note="走访三户", now=NOW)
    with acting(system_actor()):
        Participation._plain.filter(pk=row.pk).update(confirm_by=date(2026, 3, 5))
    together(
        lambda: as_(cast["clerks"][0], confirm_record, participation_id=row.pk, now=NOW),
        lambda: as_(system_actor(), lapse_records, now=NOW),
    )
    assert again(row).state in (ParticipationState.CONFIRMED, ParticipationState.LAPSED_TO_PRESIDIUM)


def test_two_beats_at_once_remind_of_each_record_once(cast):
    rows = [as_(cast["deputy"], record_visit, day=TODAY, note=f"走访第{n}户", now=NOW) for n in range(3)]
    # Three working days before 20 March, when the ten to answer in are over.
    soon = datetime(2026, 3, 17, 2, tzinfo=UTC)
    results = together(*[lambda: as_(system_actor(), remind_to_confirm, now=soon)] * 3)
    assert sum(results) == 3
    assert {again(row).reminded_at for row in rows} == {soon}
    with acting(system_actor()):
        told = Notification.objects.filter(title="有3条履职记录待您确认，最迟3月20日（周五）")
        accounts = sorted(told.values_list("account_id", flat=True))
    assert accounts == sorted(clerk.account_id for clerk in cast["clerks"])


def test_a_form_sent_twice_at_once_is_one_row(cast):
    facts = {"day": TODAY, "note": "走访三户", "idempotency_key": "same", "now": NOW}
    results = together(*[lambda: as_(cast["deputy"], record_visit, **facts)] * 4)
    assert len({result.pk for result in results}) == 1
    with acting(system_actor()):
        assert Participation._plain.count() == 1


def test_two_clerks_registering_one_newcomer_make_one_row(cast):
    day = make_day(cast["station"])
    facts = {"day_id": day.pk, "outcomes": {cast["mandate"].pk: DutyState.ATTENDED}, "now": NOW}
    together(*[lambda clerk=clerk: as_(clerk, register_attendance, **facts) for clerk in cast["clerks"]])
    with acting(system_actor()):
        assert Participation._plain.count() == 1


def test_two_clerks_assigning_one_deputy_give_one_turn(cast):
    day = make_day(cast["station"], date(2026, 4, 3))
    facts = {"day_id": day.pk, "mandate_ids": [cast["mandate"].pk], "now": NOW}
    together(*[lambda clerk=clerk: as_(clerk, assign_duty, **facts) for clerk in cast["clerks"]])
    with acting(system_actor()):
        assert Participation._plain.count() == 1


def test_two_beats_at_once_announce_each_day_once(cast):
    from stations.enums import ReceptionDayState

    for offset in range(3):
        day = make_day(cast["station"], date(2026, 3, 6 + offset), state=ReceptionDayState.PLANNED)
        make_turn(day, cast["mandate"])
    results = together(*[lambda: as_(system_actor(), announce_receptions, now=NOW)] * 2)
    assert sum(results) == 3
    with acting(system_actor()):
        from liaison.models import Notification

        assert Notification.objects.filter(account_id=cast["deputy"].account_id).count() == 3


def test_the_last_place_goes_to_one_of_two_who_press_at_once(cast):
    other = make_mandate(cast["mandate"].term, "李秀英")
    clerk = cast["clerks"][0]
    row = as_(
        clerk,
        arrange_activity,
        kind_code="training",
        title="外出学习",
        starts_on=date(2026, 3, 20),
        capacity=1,
        now=NOW,
    )
    as_(clerk, send_invitations, activity_id=row.pk, now=NOW)
    with acting(system_actor()):
        asked = dict(Invitation._plain.values_list("mandate_id", "pk"))
    people = ((cast["deputy"], cast["mandate"]), (make_deputy_actor(other), other))
    results = together(*[
        lambda actor=actor, seat=seat: as_(
            actor, answer_invitation, invitation_id=asked[seat.pk], is_coming=True, now=NOW
        )
        for actor, seat in people
    ])  # fmt: skip
    assert sum(isinstance(result, Refused) for result in results) == 1
    with acting(system_actor()):
        assert Participation._plain.filter(activity=row).count() == 1


def test_a_notice_sent_by_two_at_once_asks_everybody_once(cast):
    row = as_(
        cast["clerks"][0],
        arrange_activity,
        kind_code="training",
        title="培训",
        starts_on=date(2026, 3, 20),
        now=NOW,
    )
    together(*[lambda c=c: as_(c, send_invitations, activity_id=row.pk, now=NOW) for c in cast["clerks"]])
    with acting(system_actor()):
        assert Participation._plain.filter(activity=row).count() == 1


def signed_in(actor: Actor) -> Client:
    client = Client()
    with acting(system_actor()):
        account = Account.objects.get(pk=actor.account_id)
    client.force_login(account, backend="liaison.identity.auth.ScopedBackend")
    session = client.session
    session["appointment_id"] = actor.appointment_id
    session.save()
    return client


def test_every_acknowledged_edit_of_the_minutes_is_kept(committed):
    """Four at once, twenty edits each: everybody adds a word to what the page showed."""
    place, edits = committed["庄子乡"], 20
    row = held_activity(place)
    clients = [signed_in(make_account(place, Role.PRESIDIUM_CLERK, name=f"秘书{n}")) for n in "甲乙丙丁"]
    address = reverse("stations_minutes", args=[row.pk])

    def edit_often(number: int, client: Client) -> list[tuple[str, int]]:
        answers = []
        for turn in range(edits):
            sent, word = filled(client.get(address), "minutes"), f"[{'甲乙丙丁'[number]}{chr(97 + turn)}]"
            sent["minutes"] += word
            answers.append((word, client.post(address, sent).status_code))
        return answers

    found = together(*(partial(edit_often, number, client) for number, client in enumerate(clients)))
    answers = [answer for each in found for answer in each]
    kept = again(row).minutes
    acknowledged = [word for word, status in answers if status == 302]
    assert len(answers) == len(clients) * edits
    assert sorted(acknowledged) == sorted(re.findall(r"\[..\]", kept))
    assert {status for word, status in answers if word not in acknowledged} == {409}
