"""Equipment and photos of a station: kept by its clerk, shown small, taken down with a reason."""

import io
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from liaison.files.uploads import read_bytes
from liaison.models import AuditEntry, StoredFile
from liaison.tenancy.scope import Actor, acting, public_actor, system_actor
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from stations.models import Station, StationPhoto
from stations.selectors import public_station
from stations.services import add_station_photo, caption_photo, move_photo, remove_photo, set_equipment
from stations.services.photos import MOST_EQUIPMENT, PHOTOS_PER_STATION, PREVIEW_SIDE
from tests.browsing import edit
from tests.factories import make_station
from tests.liaison.hostile_files import GPS_TAG, jpeg
from tests.stations.conftest import NOW, TODAY
from tests.stations.makers import again, as_

Login = Callable[[Actor], Client]
SMALL = 60_000


def upload(size: tuple[int, int] = (1600, 1200), name: str = "门口.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, jpeg(size, quality=95), "image/jpeg")


def add(actor: Actor, station: Station, caption: str = "接待室全景") -> StationPhoto:
    return as_(actor, add_station_photo, file=upload(), caption=caption, station_id=station.pk, now=NOW)


def captions(station: Station) -> list[str]:
    with acting(public_actor(station.scope_code, station.scope_code + 1000)) as anybody:
        return [one.caption for one in public_station(anybody, station.public_code, TODAY).photos]


class TestPhotos:
    def test_a_small_picture_without_anything_of_the_camera_is_made(
        self, station_clerk: Actor, station: Station
    ) -> None:
        exif = Image.Exif()
        exif[GPS_TAG] = {1: "N", 2: (37.0, 41.0, 12.0)}
        data = jpeg((3000, 1500), exif=exif)
        assert GPS_TAG in Image.open(io.BytesIO(data)).getexif()
        row = as_(
            station_clerk, add_station_photo, file=SimpleUploadedFile("a.jpg", data), caption="门口", station_id=station.pk, now=NOW,
        )  # fmt: skip
        small = read_bytes(row.preview)
        picture = Image.open(io.BytesIO(small))
        assert picture.size == (PREVIEW_SIDE, PREVIEW_SIDE // 2)
        assert not picture.getexif()
        assert len(small) < SMALL

    def test_a_station_photo_needs_its_words(self, station_clerk: Actor, station: Station) -> None:
        with acting(station_clerk), pytest.raises(InvalidInput) as refused:
            add_station_photo(actor=station_clerk, file=upload(), caption=" ", station_id=station.pk, now=NOW)
        assert set(refused.value.fields) == {"caption"}

    def test_order_caption_and_removal(self, station_clerk: Actor, station: Station) -> None:
        one, two, three = (add(station_clerk, station, words) for words in ("门口", "接待室", "公示栏"))
        assert captions(station) == ["门口", "接待室", "公示栏"]
        as_(station_clerk, move_photo, photo_id=three.pk, is_up=True)
        assert captions(station) == ["门口", "公示栏", "接待室"]
        as_(station_clerk, move_photo, photo_id=one.pk, is_up=True)
        as_(station_clerk, move_photo, photo_id=two.pk, is_up=False)
        assert captions(station) == ["门口", "公示栏", "接待室"]
        as_(station_clerk, caption_photo, photo_id=one.pk, caption="正门")
        as_(station_clerk, remove_photo, photo_id=three.pk, reason="公示栏已更换", now=NOW)
        assert captions(station) == ["正门", "接待室"]
        gone = again(three)
        assert (gone.removal_reason, gone.removed_at) == ("公示栏已更换", NOW)
        as_(station_clerk, remove_photo, photo_id=three.pk, reason="再次", now=NOW)
        assert again(three).removal_reason == "公示栏已更换"
        with acting(station_clerk), pytest.raises(Refused):
            move_photo(actor=station_clerk, photo_id=three.pk, is_up=True)
        with acting(system_actor()):
            names = set(
                AuditEntry._plain.filter(table_name="stations_stationphoto").values_list(
                    "operation", flat=True
                )
            )
        assert names >= {"add_station_photo", "move_photo", "caption_photo", "remove_photo"}

    def test_a_place_taken_down_is_free_again(self, station_clerk: Actor, station: Station) -> None:
        first = add(station_clerk, station)
        with acting(system_actor()):
            StationPhoto._plain.bulk_create(
                StationPhoto(scope_code=station.scope_code, station=station, file=first.file, position=n) for n in range(2, PHOTOS_PER_STATION + 1)
            )  # fmt: skip
            stored = StoredFile._plain.count()
        with acting(station_clerk), pytest.raises(Refused):
            add_station_photo(
                actor=station_clerk, file=upload(), caption="多", station_id=station.pk, now=NOW
            )
        with acting(system_actor()):
            assert StoredFile._plain.count() == stored
        as_(station_clerk, remove_photo, photo_id=first.pk, reason="旧", now=NOW)
        assert add(station_clerk, station, "新").position == PHOTOS_PER_STATION + 1

    def test_a_reason_is_needed(self, station_clerk: Actor, station: Station) -> None:
        row = add(station_clerk, station)
        with acting(station_clerk), pytest.raises(InvalidInput):
            remove_photo(actor=station_clerk, photo_id=row.pk, reason="  ", now=NOW)

    def test_others_may_not(
        self,
        clerk: Actor,
        station_clerk: Actor,
        station: Station,
        other_clerk: Actor,
        deputy_actor: Actor,
        county: Actor,
        township,
    ) -> None:  # type: ignore[no-untyped-def]
        row = add(clerk, station)
        there = make_station(township, name="西站")
        near = add(clerk, there)
        for actor, photo, error in (
            (other_clerk, row, OutOfScope), (deputy_actor, row, Forbidden), (county, row, Forbidden), (station_clerk, near, Forbidden),
        ):  # fmt: skip
            with acting(actor), pytest.raises(error):
                remove_photo(actor=actor, photo_id=photo.pk, reason="无", now=NOW)


class TestEquipment:
    def test_one_thing_a_line_once(self, station_clerk: Actor, station: Station) -> None:
        as_(
            station_clerk,
            set_equipment,
            station_id=station.pk,
            items=" 饮水机1台\n\n无障碍坡道 \n饮水机1台\n",
        )
        assert again(station).equipment == "饮水机1台\n无障碍坡道"
        with acting(public_actor(station.scope_code, station.scope_code + 1000)) as anybody:
            assert public_station(anybody, station.public_code, TODAY).equipment == [
                "饮水机1台",
                "无障碍坡道",
            ]

    @pytest.mark.parametrize("items", ["长" * 61, "\n".join(f"第{n}件" for n in range(MOST_EQUIPMENT + 1))])
    def test_too_much_is_said_in_words(self, items: str, station_clerk: Actor, station: Station) -> None:
        with acting(station_clerk), pytest.raises(InvalidInput):
            set_equipment(actor=station_clerk, station_id=station.pk, items=items)

    def test_only_the_own_station(
        self, station_clerk: Actor, deputy_actor: Actor, other_clerk: Actor, station: Station, township
    ) -> None:  # type: ignore[no-untyped-def]
        near = make_station(township, name="西站")
        for actor, target, error in (
            (station_clerk, near, Forbidden),
            (deputy_actor, station, Forbidden),
            (other_clerk, station, OutOfScope),
        ):
            with acting(actor), pytest.raises(error):
                set_equipment(actor=actor, station_id=target.pk, items="桌")


class TestPages:
    def test_the_clerk_does_it_all(self, station_clerk: Actor, station: Station, sign_in: Login) -> None:
        client, url = sign_in(station_clerk), f"/stations/place/{station.pk}/"
        assert "还没有照片" in client.get(url).content.decode()
        assert edit(client, url, step="equipment", items="饮水机").status_code == 302
        assert client.post(url, {"step": "photo", "file": upload(), "caption": "门口"}).status_code == 302
        assert (
            client.post(url, {"step": "photo", "file": upload(name="b.jpg"), "caption": "里屋"}).status_code
            == 302
        )
        with acting(system_actor()):
            first, second = StationPhoto._plain.order_by("id")
        page = client.get(url).content.decode()
        assert f"/s/photo/{first.pk}.jpg" in page
        assert "饮水机" in page
        one = f"/stations/photos/{second.pk}/"
        assert client.post(one, {"step": "up"}).status_code == 302
        assert edit(client, one, step="caption", caption="接待室").status_code == 302
        assert captions(station) == ["接待室", "门口"]
        assert client.post(one, {"step": "remove", "reason": "重拍"}).status_code == 302
        assert captions(station) == ["门口"]
        assert "重拍" in client.get(one).content.decode()

    def test_errors_stand_at_the_field_and_nothing_typed_is_lost(
        self, station_clerk: Actor, station: Station, sign_in: Login
    ) -> None:
        client, url = sign_in(station_clerk), f"/stations/place/{station.pk}/"
        page = client.post(url, {"step": "photo", "caption": "门口的照片"}).content.decode()
        assert "请选择照片" in page
        assert "门口的照片" in page
        bad = SimpleUploadedFile("a.jpg", b"<script>alert(1)</script>")
        assert (
            "不能接收这种文件"
            in client.post(url, {"step": "photo", "file": bad, "caption": "门口"}).content.decode()
        )
        assert "超过60个字" in edit(client, url, step="equipment", items="长" * 61).content.decode()
        assert client.post(url, {"step": "x"}).status_code == 400

    def test_a_closed_station_is_no_longer_dressed(
        self, clerk: Actor, station: Station, sign_in: Login
    ) -> None:
        row = add(clerk, station)
        with acting(system_actor()):
            Station._plain.filter(pk=station.pk).update(closed_on=TODAY)
        client = sign_in(clerk)
        assert client.get(f"/stations/place/{station.pk}/").status_code == 409
        assert Client().get(f"/s/photo/{row.pk}.jpg").status_code == 404

    def test_anybody_sees_the_small_picture_until_it_is_taken_down(
        self, station_clerk: Actor, station: Station
    ) -> None:
        row = add(station_clerk, station)
        answer = Client().get(f"/s/photo/{row.pk}.jpg")
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert max(Image.open(io.BytesIO(answer.content)).size) == PREVIEW_SIDE
        assert "sandbox" in answer["Content-Security-Policy"]
        as_(station_clerk, remove_photo, photo_id=row.pk, reason="旧", now=NOW)
        assert Client().get(f"/s/photo/{row.pk}.jpg").status_code == 404
        assert Client().get("/s/photo/987654.jpg").status_code == 404
