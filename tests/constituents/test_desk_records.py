"""Matters and photos sent by a phone: over HTTP, one record each, with an answer a queue can act on."""

import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from PIL import Image

from constituents.enums import OpinionState
from constituents.models import Opinion, OpinionFile, OpinionStep
from constituents.services.intake import register_opinion
from deputies.models import Mandate
from liaison.identity.throttling import Limit
from liaison.models import AuditEntry
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.web import phone_records
from liaison.web.phone_records import digest_of, owner_of
from stations.enums import ReceptionDayState
from stations.models import Station
from tests.constituents.makers import again, as_, intake
from tests.factories import make_station
from tests.stations.makers import make_day

NOW = datetime(2026, 3, 6, 8, 0, tzinfo=UTC)
TYPED = NOW - timedelta(hours=6)
KEY = "k" * 32
MATTER = {"content": "村东口路灯不亮", "category": "lighting", "typed_at": TYPED.isoformat()}
SignIn = Callable[[Actor], Client]

pytestmark = pytest.mark.usefixtures("at_four")


@pytest.fixture
def at_four() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def post(
    client: Client, actor: Actor, data: Any, path: str = "/opinions/desk/", **more: Any
) -> tuple[int, Any]:
    headers = {"Idempotency-Key": KEY, "X-Desk-Owner": owner_of(actor), **more.pop("headers", {})}
    photos = more.pop("photos", None)
    if photos is not None:
        body: Any = {"record": json.dumps(data), "photo": photos}
        answer = client.post(path, body, headers=headers)
    else:
        body = data if isinstance(data, str | bytes) else json.dumps(data)
        answer = client.post(path, body, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def photo(shade: int = 1) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (shade * 40, 90, 120)).save(out, "JPEG")
    return SimpleUploadedFile("现场.jpg", out.getvalue(), "image/jpeg")


def opinions() -> list[Opinion]:
    with acting(system_actor()):
        return list(Opinion._plain.order_by("pk"))


def files() -> int:
    with acting(system_actor()):
        return OpinionFile._plain.count()


def test_saved_once_with_its_photos_and_its_own_time(
    sign_in: SignIn, station_clerk: Actor, station: Station
) -> None:
    client = sign_in(station_clerk)
    day = make_day(station, date(2026, 3, 6))
    data = {**MATTER, "reception_day": str(day.pk), "resident_name": "张爱民", "people_count": "2"}
    status, answer = post(client, station_clerk, data, photos=[photo(1), photo(2)])
    assert (status, answer["state"], answer["number"]) == (201, "saved", "2026-0001")
    status, answer = post(client, station_clerk, data, photos=[photo(1), photo(2)])
    assert (status, answer["state"], answer["number"]) == (200, "replayed", "2026-0001")
    [row] = opinions()
    assert files() == 2
    assert (row.heard_at, row.recorded_at, row.received_on) == (TYPED, NOW, date(2026, 3, 6))
    assert (row.station_id, row.reception_day_id, row.people_count) == (station.pk, day.pk, 2)
    page = client.get(answer["link"]).content.decode()
    assert "2026年3月6日（周五）10:00" in page
    with acting(system_actor()):
        assert "register_opinion" in set(AuditEntry._plain.values_list("operation", flat=True))


def test_a_matter_of_an_earlier_reception_bears_its_date(
    sign_in: SignIn, station_clerk: Actor, station: Station
) -> None:
    day = make_day(station, date(2026, 3, 4))
    post(sign_in(station_clerk), station_clerk, {**MATTER, "reception_day": day.pk})
    assert [row.received_on for row in opinions()] == [date(2026, 3, 4)]


def test_a_deputy_registers_under_the_own_name(
    sign_in: SignIn, deputy_actor: Actor, mandate: Mandate, station: Station
) -> None:
    day = make_day(station, date(2026, 3, 6))
    status, _ = post(sign_in(deputy_actor), deputy_actor, {**MATTER, "reception_day": day.pk, "deputy": 999})
    assert status == 201
    assert [row.deputy_id for row in opinions()] == [mandate.pk]


def test_a_damaged_photo_keeps_the_whole_record_back(sign_in: SignIn, station_clerk: Actor) -> None:
    bad = SimpleUploadedFile("x.jpg", b"\xff\xd8\xff\xe0 no picture", "image/jpeg")
    status, answer = post(sign_in(station_clerk), station_clerk, MATTER, photos=[photo(), bad])
    assert (status, answer["state"]) == (400, "refused")
    assert "file" in answer["fields"]
    assert (opinions(), files()) == ([], 0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"content": ""}, "content"),
        ({"category": "weather"}, "category"),
        ({"resident_phone": "123"}, "resident_phone"),
        ({"people_count": 9}, "people_count"),
        ({"people_count": -1}, "people_count"),
        ({"people_count": True}, "people_count"),
        ({"village": 999}, "village"),
        ({"deputy": 999}, "deputy"),
        ({"content": ["x"]}, "content"),
        ({"typed_at": "2026-03-06T09:00"}, "typed_at"),
        ({"typed_at": "yesterday"}, "typed_at"),
        ({"typed_at": (NOW + timedelta(minutes=11)).isoformat()}, "typed_at"),
        ({"typed_at": (NOW - timedelta(days=32)).isoformat()}, "typed_at"),
    ],
)
def test_wrong_fields_are_named(
    sign_in: SignIn, station_clerk: Actor, change: dict[str, Any], field: str
) -> None:
    status, answer = post(sign_in(station_clerk), station_clerk, {**MATTER, **change})
    assert (status, answer["state"]) == (400, "refused")
    assert list(answer["fields"]) == [field]
    assert answer["reason"].endswith("。")
    assert opinions() == []


@pytest.mark.parametrize("body", ["", "[]", "{", "null", b"\xff", '{"a":"' + "x" * 70_000 + '"}'])
def test_nonsense_is_answered_in_words(sign_in: SignIn, station_clerk: Actor, body: str | bytes) -> None:
    status, answer = post(sign_in(station_clerk), station_clerk, body)
    assert (status, answer["fields"]) == (400, {"record": "提交的内容格式不正确，请重新填写。"})


@pytest.mark.parametrize("key", ["", "short", "有" * 20, "x" * 41, "a b" * 8])
def test_every_record_needs_a_key(sign_in: SignIn, station_clerk: Actor, key: str) -> None:
    headers = {"Idempotency-Key": key.encode().decode("latin-1")}
    status, answer = post(sign_in(station_clerk), station_clerk, MATTER, headers=headers)
    assert (status, list(answer["fields"])) == (400, ["key"])


def test_what_one_typed_is_never_saved_under_anothers_name(
    sign_in: SignIn, station_clerk: Actor, clerk: Actor
) -> None:
    status, answer = post(sign_in(clerk), station_clerk, MATTER)
    assert (status, list(answer["fields"])) == (400, ["owner"])
    assert opinions() == []


def test_the_same_key_of_two_accounts_is_two_records(
    sign_in: SignIn, station_clerk: Actor, clerk: Actor, station: Station
) -> None:
    assert post(sign_in(station_clerk), station_clerk, MATTER)[0] == 201
    assert post(sign_in(clerk), clerk, {**MATTER, "station": station.pk})[0] == 201
    assert len(opinions()) == 2


def test_a_day_called_off_is_a_conflict_and_nothing_is_kept(
    sign_in: SignIn, station_clerk: Actor, station: Station
) -> None:
    day = make_day(station, date(2026, 3, 6), state=ReceptionDayState.CANCELLED)
    status, answer = post(
        sign_in(station_clerk), station_clerk, {**MATTER, "reception_day": day.pk}, photos=[photo()]
    )
    assert (status, answer["state"], answer["code"]) == (409, "conflict", "day_off")
    assert "已取消" in answer["reason"]
    assert (opinions(), files()) == ([], 0)
    # The same record as a new one without the reception.
    assert post(sign_in(station_clerk), station_clerk, {**MATTER, "reception_day": ""})[0] == 201


def test_another_stations_day_is_not_ones_own(
    sign_in: SignIn, station_clerk: Actor, township: Any, world: Any
) -> None:
    near = make_day(make_station(township, "西庄村人大代表联络站"), date(2026, 3, 6))
    far = make_day(make_station(world["长凝镇"], "长凝镇人大代表联络站"), date(2026, 3, 6))
    client = sign_in(station_clerk)
    assert post(client, station_clerk, {**MATTER, "reception_day": near.pk})[0] == 403
    assert post(client, station_clerk, {**MATTER, "reception_day": far.pk})[0] == 404
    with acting(system_actor()):
        assert AuditEntry._plain.filter(operation="denied").count() == 2


def test_too_many_records_wait(
    sign_in: SignIn, station_clerk: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_records, "SENDING", Limit("phone-records", 2))
    client = sign_in(station_clerk)
    headers = [{"Idempotency-Key": str(number) * 32} for number in range(3)]
    answers = [post(client, station_clerk, MATTER, headers=one) for one in headers]
    assert [status for status, _ in answers] == [201, 201, 429]
    assert "记录仍保存在手机上" in answers[2][1]["reason"]


def named(*photos: SimpleUploadedFile) -> list[str]:
    return [digest_of(one) for one in photos]


class TestPhotosOnABrokenLine:
    def test_the_server_names_the_photos_it_holds(self, sign_in: SignIn, station_clerk: Actor) -> None:
        shots = [photo(1), photo(2)]
        data = {**MATTER, "photos": named(*shots)}
        status, answer = post(sign_in(station_clerk), station_clerk, data, photos=shots)
        assert (status, answer["photos"]) == (201, named(photo(1), photo(2)))

    def test_a_record_that_names_more_photos_than_arrived_is_sent_again(
        self, sign_in: SignIn, station_clerk: Actor
    ) -> None:
        data = {**MATTER, "photos": named(photo(1), photo(2))}
        client = sign_in(station_clerk)
        status, answer = post(client, station_clerk, data, photos=[photo(1)])
        assert (status, answer["code"], opinions(), files()) == (400, "broken", [], 0)
        assert post(client, station_clerk, data)[0] == 400
        assert post(client, station_clerk, data, photos=[photo(1), photo(2)])[0] == 201

    def test_a_replay_brings_the_photos_that_are_missing(self, sign_in: SignIn, station_clerk: Actor) -> None:
        client = sign_in(station_clerk)
        assert post(client, station_clerk, MATTER)[0] == 201
        shots = [photo(1), photo(2)]
        data = {**MATTER, "photos": named(*shots)}
        for _ in range(2):
            status, answer = post(client, station_clerk, data, photos=[photo(1), photo(2)])
            assert (status, answer["state"], answer["photos"]) == (200, "replayed", named(*shots))
            assert files() == 2
        assert len(opinions()) == 1

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
    def test_a_body_that_breaks_off_saves_nothing_and_its_retry_everything(
        self, sign_in: SignIn, station_clerk: Actor, share: float
    ) -> None:
        """As a web server without a buffering proxy hands it on: the announced length, fewer bytes."""
        client = sign_in(station_clerk)
        whole = encode_multipart(BOUNDARY, {"record": json.dumps(MATTER), "photo": photo()})
        headers = {"Idempotency-Key": KEY, "X-Desk-Owner": owner_of(station_clerk)}
        for body, told in ((whole[: int(len(whole) * share)], len(whole)), (whole[:-4], len(whole) - 4)):
            answer = client.generic(
                "POST",
                "/opinions/desk/",
                body,
                content_type=MULTIPART_CONTENT,
                headers=headers,
                CONTENT_LENGTH=str(told),
                **{"wsgi.input": io.BytesIO(body)},
            )
            assert (answer.status_code, opinions(), files()) == (400, [], 0)
            assert "没有传完整，没有保存" in answer.content.decode()
        assert post(client, station_clerk, MATTER, photos=[photo()])[0] == 201
        assert (len(opinions()), files()) == (1, 1)


def test_other_words_under_the_same_key_are_a_conflict_and_the_first_stay(
    sign_in: SignIn, station_clerk: Actor
) -> None:
    client = sign_in(station_clerk)
    assert post(client, station_clerk, MATTER)[0] == 201
    other = {**MATTER, "content": "水泵坏了", "photos": named(photo())}
    status, answer = post(client, station_clerk, other, photos=[photo()])
    assert (status, answer["state"], answer["code"]) == (409, "conflict", "other_content")
    assert ([row.content for row in opinions()], files()) == (["村东口路灯不亮"], 0)


def test_a_refused_record_leaves_its_key_free(sign_in: SignIn, station_clerk: Actor) -> None:
    client = sign_in(station_clerk)
    assert post(client, station_clerk, {**MATTER, "resident_phone": "123"})[0] == 400
    assert post(client, station_clerk, MATTER)[0] == 201


class TestWrongClock:
    """Two days fast, as in a telephone that lost its battery."""

    fast = timedelta(days=2)

    def note(self) -> str:
        with acting(system_actor()):
            return OpinionStep._plain.get().note

    def test_a_clock_still_wrong_at_the_sending_is_put_right_by_its_difference(
        self, sign_in: SignIn, station_clerk: Actor
    ) -> None:
        data = {
            **MATTER,
            "typed_at": (TYPED + self.fast).isoformat(),
            "sent_at": (NOW + self.fast).isoformat(),
        }
        assert post(sign_in(station_clerk), station_clerk, data)[0] == 201
        [row] = opinions()
        assert (row.heard_at, row.received_on) == (TYPED, date(2026, 3, 6))
        assert self.note() == (
            "手机时钟不准：手机上录入时写的是2026年3月8日10:00，已更正为2026年3月6日10:00。"
        )

    def test_a_clock_put_right_in_between_is_settled_by_the_present_moment(
        self, sign_in: SignIn, station_clerk: Actor
    ) -> None:
        client = sign_in(station_clerk)
        told = (NOW + self.fast).isoformat()
        data = {**MATTER, "typed_at": told, "sent_at": NOW.isoformat()}
        status, answer = post(client, station_clerk, data)
        assert (status, answer["code"]) == (400, "clock")
        assert answer["reason"].endswith("手机时间当时不准的，可以按现在的时间发送。")
        again_now = {**data, "typed_at": NOW.isoformat(), "typed_before": told}
        assert post(client, station_clerk, again_now)[0] == 201
        assert [row.heard_at for row in opinions()] == [NOW]
        assert self.note() == (
            "手机时钟不准：手机上录入时写的是2026年3月8日16:00，已更正为2026年3月6日16:00。"
        )

    def test_a_small_difference_is_believed(self, sign_in: SignIn, station_clerk: Actor) -> None:
        data = {**MATTER, "sent_at": (NOW - timedelta(minutes=9)).isoformat()}
        assert post(sign_in(station_clerk), station_clerk, data)[0] == 201
        assert ([row.heard_at for row in opinions()], self.note()) == ([TYPED], "")


class TestPhotos:
    def path(self, row: Opinion) -> str:
        return f"/opinions/desk/{row.pk}/photos/"

    def test_hung_once_whatever_gets_lost(
        self, sign_in: SignIn, station_clerk: Actor, station: Station
    ) -> None:
        row = as_(
            station_clerk,
            register_opinion,
            now=NOW,
            intake=intake(received_on=date(2026, 3, 6), station_id=station.pk),
        )
        client = sign_in(station_clerk)
        data = {"typed_at": TYPED.isoformat()}
        status, _ = post(client, station_clerk, data, self.path(row), photos=[photo(1), photo(2)])
        assert (status, files()) == (201, 2)
        status, answer = post(client, station_clerk, data, self.path(row), photos=[photo(1), photo(2)])
        assert (status, answer["state"], files()) == (200, "replayed", 2)

    def test_a_merged_matter_is_a_conflict_that_leads_on(
        self, sign_in: SignIn, station_clerk: Actor, station: Station
    ) -> None:
        target, row = (
            as_(
                station_clerk,
                register_opinion,
                now=NOW,
                intake=intake(received_on=date(2026, 3, 6), station_id=station.pk),
            )
            for _ in range(2)
        )
        with acting(system_actor()):
            Opinion._plain.filter(pk=row.pk).update(state=OpinionState.MERGED.value, merged_into=target)
        data = {"typed_at": TYPED.isoformat()}
        status, answer = post(sign_in(station_clerk), station_clerk, data, self.path(row), photos=[photo()])
        assert (status, answer["code"], answer["link"]) == (409, "merged", f"/opinions/{target.pk}/")
        assert target.number in answer["reason"]
        assert files() == 0

    def test_by_its_registrar_or_the_office(
        self, sign_in: SignIn, station_clerk: Actor, clerk: Actor, station: Station
    ) -> None:
        row = as_(
            clerk,
            register_opinion,
            now=NOW,
            intake=intake(received_on=date(2026, 3, 6), station_id=station.pk),
        )
        data = {"typed_at": TYPED.isoformat()}
        assert post(sign_in(station_clerk), station_clerk, data, self.path(row), photos=[photo()])[0] == 403
        assert post(sign_in(clerk), clerk, data, self.path(row), photos=[photo()])[0] == 201
        assert again(row).state == OpinionState.REGISTERED

    def test_without_a_photo_there_is_nothing_to_add(self, sign_in: SignIn, clerk: Actor) -> None:
        row = as_(clerk, register_opinion, now=NOW, intake=intake(received_on=date(2026, 3, 6)))
        status, answer = post(sign_in(clerk), clerk, {"typed_at": TYPED.isoformat()}, self.path(row))
        assert (status, list(answer["fields"])) == (400, ["photo"])
