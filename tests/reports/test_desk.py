"""The desk's page and what a phone is told: whose it is, its key, today's receptions, and nobody's secrets."""

import base64
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from constituents.services.intake import register_opinion
from deputies.models import Mandate
from liaison.identity.phone_keys import phone_keys
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role
from reports import desk_files
from reports.selectors.desk import desk_state, has_reception
from stations.enums import DutyState, ReceptionDayState
from stations.models import Station
from tests.constituents.makers import intake
from tests.factories import make_account, make_mandate, make_station
from tests.liaison.ui_files import STATIC
from tests.stations.conftest import NOW, TODAY
from tests.stations.makers import as_, make_day, make_turn

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]


@pytest.fixture
def station(township: Any) -> Station:
    return make_station(township)


@pytest.fixture
def runner(township: Any, station: Station) -> Actor:
    return make_account(township, Role.STATION_CLERK, name="刘联络员", station_ref=station.pk)


def told(client: Client) -> dict[str, Any]:
    with time_machine.travel(NOW, tick=False):
        answer = client.get("/desk/state/")
    assert answer["Cache-Control"] == "no-store"
    return answer.json()  # type: ignore[no-any-return]


def test_the_phone_learns_whose_it_is(sign_in: SignIn, runner: Actor) -> None:
    found = told(sign_in(runner))
    assert found["owner"] == f"{runner.account_id}-{runner.appointment_id}"
    assert found["until"] - found["now"] == 12 * 3600 * 1000
    assert len(base64.b64decode(found["keys"][0]["key"])) == 32
    assert len(found["csrf"]) > 30


def test_keys_are_of_one_appointment_and_stay_the_same(runner: Actor, clerk: Actor, settings: Any) -> None:
    mine = phone_keys(runner)
    assert phone_keys(runner) == mine
    assert phone_keys(clerk) != mine
    settings.FIELD_KEYS = ["bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0=", *settings.FIELD_KEYS]
    changed = phone_keys(runner)
    # A new key encrypts, the former one still reads what is on the phone.
    assert changed[0] != mine[0]
    assert changed[1:] == mine


def test_todays_reception_with_who_is_on_duty(runner: Actor, station: Station, mandate: Mandate) -> None:
    day = make_day(station)
    make_turn(day, mandate, DutyState.ATTENDED)
    [shown] = as_(runner, desk_state, today=TODAY)["days"]
    assert (shown["id"], shown["is_today"], shown["may_run"]) == (day.pk, True, True)
    planned = [one for one in shown["deputies"] if one["is_planned"]]
    assert [(one["name"], one["outcome"]) for one in planned] == [("王建国", "attended")]


def test_earlier_ones_stay_until_they_are_registered(runner: Actor, station: Station) -> None:
    make_day(station, TODAY - timedelta(days=3))
    make_day(station, TODAY - timedelta(days=4), state=ReceptionDayState.HELD)
    make_day(station, TODAY - timedelta(days=15))
    make_day(station, TODAY - timedelta(days=1), state=ReceptionDayState.CANCELLED)
    make_day(station, TODAY + timedelta(days=1))
    days = as_(runner, desk_state, today=TODAY)["days"]
    assert [day["day"] for day in days] == [(TODAY - timedelta(days=3)).isoformat()]


def test_a_deputy_sees_names_and_no_outcomes(
    deputy_actor: Actor, station: Station, mandate: Mandate, term: Any
) -> None:
    day = make_day(station)
    make_turn(day, mandate)
    make_turn(day, make_mandate(term, "李秀英"), DutyState.ABSENT)
    [shown] = as_(deputy_actor, desk_state, today=TODAY)["days"]
    assert (shown["own_turn"], shown["may_run"], shown["is_station"]) == ("scheduled", True, False)
    assert {one["outcome"] for one in shown["deputies"]} == {""}
    other = make_day(make_station(station.jurisdiction, "西庄村人大代表联络站"))
    assert other.pk not in {one["id"] for one in as_(deputy_actor, desk_state, today=TODAY)["days"]}


def test_entered_matters_name_no_resident(runner: Actor, station: Station) -> None:
    day = make_day(station)
    facts = intake(
        station_id=station.pk, reception_day_id=day.pk, received_on=TODAY, content="电话13912345678找我"
    )
    as_(runner, register_opinion, intake=facts, now=NOW)
    state = as_(runner, desk_state, today=TODAY)
    [line] = state["entered"]
    assert (line["category"], line["people"], line["is_mine"]) == ("饮水", 1, True)
    whole = json.dumps(state, ensure_ascii=False)
    assert "张爱民" not in whole
    assert "13912345678" not in whole


@pytest.mark.parametrize("rows", [1, 3])
def test_it_costs_the_same_whatever_was_entered(
    runner: Actor, station: Station, term: Any, rows: int
) -> None:
    day = make_day(station)
    for number in range(rows):
        make_turn(day, make_mandate(term, f"代表{number}"))
        facts = intake(station_id=station.pk, reception_day_id=day.pk, received_on=TODAY)
        as_(runner, register_opinion, intake=facts, now=NOW)
    with CaptureQueriesContext(
        connection,
    ) as counted:
        as_(runner, desk_state, today=TODAY)
    asked = [
        one["sql"] for one in counted if one["sql"].startswith("SELECT") and "set_config" not in one["sql"]
    ]
    assert len(asked) == 8, "\n".join(asked)


def test_today_leads_to_the_desk_on_a_reception_day(
    sign_in: SignIn, deputy_actor: Actor, station: Station, mandate: Mandate
) -> None:
    client = sign_in(deputy_actor)
    with time_machine.travel(NOW, tick=False):
        assert client.get("/today/")["Location"] == "/"
        make_turn(make_day(station), mandate)
        assert client.get("/today/")["Location"] == "/desk/"
        assert 'href="/desk/"' in client.get("/").content.decode()


def test_a_turn_given_away_is_no_reception_day(
    deputy_actor: Actor, station: Station, mandate: Mandate
) -> None:
    make_turn(make_day(station), mandate, DutyState.SWAPPED)
    assert not as_(deputy_actor, has_reception, today=TODAY)


def test_without_script_the_plain_forms_are_there(sign_in: SignIn, runner: Actor, station: Station) -> None:
    day = make_day(station)
    with time_machine.travel(NOW, tick=False):
        text = sign_in(runner).get("/desk/").content.decode()
    assert f'href="/stations/receptions/{day.pk}/"' in text
    assert 'href="/opinions/add/"' in text


def test_the_shell_is_the_same_for_everybody_and_names_nobody(sign_in: SignIn, runner: Actor) -> None:
    mine, strangers = sign_in(runner).get("/desk/shell/"), Client().get("/desk/shell/")
    assert mine.content == strangers.content
    assert "刘联络员" not in mine.content.decode()
    assert not strangers.cookies


def test_the_worker_keeps_the_shell_and_its_files_only() -> None:
    answer = Client().get("/desk/worker.js")
    assert answer["Service-Worker-Allowed"] == "/desk/"
    assert answer["Content-Type"].startswith("text/javascript")
    facts = json.loads(answer.content.decode().partition("const DESK = ")[2].partition(";\n")[0])
    assert (facts["page"], facts["shell"]) == ("/desk/", "/desk/shell/")
    assert all(url.startswith("/static/") for url in facts["assets"])
    # Everything the shell loads is kept, or it would open without it.
    shell = Client().get("/desk/shell/").content.decode()
    loaded = set(re.findall(r'(?:src|href)="(/static/[^"#]+)"', shell))
    assert loaded <= set(facts["assets"])


def test_a_changed_file_is_a_new_version(monkeypatch: pytest.MonkeyPatch) -> None:
    desk_files.version.cache_clear()
    before = desk_files.version()
    monkeypatch.setattr(desk_files, "_content", lambda name: b"changed" if name == "desk/desk.js" else b"")
    desk_files.version.cache_clear()
    assert desk_files.version() != before
    desk_files.version.cache_clear()


def test_the_manifest_opens_the_desk() -> None:
    answer = Client().get("/desk/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    facts = json.loads(answer.content)
    assert (facts["start_url"], facts["scope"], facts["lang"]) == ("/desk/", "/desk/", "zh-Hans")


@pytest.mark.parametrize("name", [*desk_files.SCRIPTS, desk_files.WORKER, "desk/leaving.js"])
def test_scripts_write_no_markup_and_fetch_nothing_from_elsewhere(name: str) -> None:
    text = (STATIC.parent / name).read_text(encoding="utf-8")
    assert (
        re.findall(r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write", text)
        == []
    )
    assert re.findall(r"https?://|SpeechRecognition|geolocation|getUserMedia", text) == []
    # Nothing newer than the oldest engine the style sheet spares.
    assert re.findall(r"\?\.\w|\?\?|\breplaceAll\(|\.at\(-|#[a-z]+\s*=", text) == []


def test_keeping_at_sign_out_spares_the_store(sign_in: SignIn, runner: Actor) -> None:
    answer = sign_in(runner).post("/sign-out/", {"keep": "1"})
    assert answer["Clear-Site-Data"] == '"cache"'
    assert "已加密留在这部手机上" in answer.content.decode()
