"""The paper path: blank and filled registers, signed sheets scanned, who may see them and what is noted."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from constituents import tasks
from constituents.access import opinions_of_day
from constituents.documents.papers import day_papers, register_rows
from constituents.enums import OpinionState as O
from constituents.models import HandlingUnit, Opinion, RegisterScan
from constituents.services.purging import forget_scans
from constituents.services.scans import add_scans, open_scan, withdraw_scan
from liaison.models import AuditEntry, StoredFile
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from stations.enums import DutyState, ReceptionDayState
from stations.selectors.records import with_turns
from tests.constituents.makers import NOW, PHONE, RESIDENT, again, as_, case_in, register
from tests.factories import make_mandate, make_station
from tests.liaison.pdf_reading import pages_of, text_of
from tests.stations.makers import make_day, make_turn

if TYPE_CHECKING:
    from deputies.models import Mandate
    from stations.models import ReceptionDay, Station

SignIn = Callable[[Actor], Client]
DAY = date(2026, 3, 6)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(out, "JPEG")
    return out.getvalue()


def sent(name: str = "登记表.jpg", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture() if data is None else data)


@pytest.fixture
def day(station: "Station", mandate: "Mandate") -> "ReceptionDay":
    """A held reception with one deputy there and one on leave."""
    row = make_day(station, DAY, state=ReceptionDayState.HELD)
    make_turn(row, mandate, DutyState.ATTENDED)
    make_turn(row, make_mandate(mandate.term, "李秀英"), DutyState.ON_LEAVE)
    return row


def brought(actor: Actor, day: "ReceptionDay", **changes: Any) -> Opinion:
    facts = {"reception_day_id": day.pk, "station_id": day.station_id, "received_on": day.day}
    return register(actor, **{**facts, **changes})


def notes(operation: str) -> list[AuditEntry]:
    with acting(system_actor()) as actor:
        return list(AuditEntry.scoped(actor).filter(operation=operation).order_by("pk"))


def scanned(actor: Actor, **subject: Any) -> RegisterScan:
    return as_(actor, add_scans, files=[sent()], **subject)[0]


class TestPaper:
    def test_the_blank_sheet_of_a_day_is_prepared_and_leaves_the_rest_to_the_pen(
        self, sign_in: SignIn, clerk: Actor, station_clerk: Actor, deputy_actor: Actor, day: "ReceptionDay"
    ) -> None:
        for actor in (clerk, station_clerk, deputy_actor):
            answer = sign_in(actor).get(reverse("constituents_blank_day_sheet", args=[day.pk]))
            assert answer["Content-Type"] == "application/pdf"
            text = text_of(answer.content).replace(" ", "")
            assert "2026年3月6日" in text
            assert "王建国" in text
            assert "李秀英" not in text
            assert "√" not in text
            assert len(pages_of(answer.content)) == 1

    @pytest.mark.parametrize("count", [0, 1, 12])
    def test_the_register_of_a_day_has_a_summary_and_a_sheet_a_matter(
        self, sign_in: SignIn, clerk: Actor, day: "ReceptionDay", count: int
    ) -> None:
        rows = [brought(clerk, day, content=f"第{number}件事，路灯不亮。") for number in range(1, count + 1)]
        answer = sign_in(clerk).get(reverse("constituents_day_register", args=[day.pk]))
        text = text_of(answer.content).replace(" ", "").replace("\n", "")
        assert text.count("接待选民登记表") >= count
        assert ("本次接待没有登记群众反映的事项" in text) is (count == 0)
        for row in rows:
            assert text.count(row.number) == 2
        assert "李秀英（" in text
        assert PHONE not in text
        assert RESIDENT not in text
        sheets = [
            page for page in pages_of(answer.content) if "选民签字" in page.extract_text().replace(" ", "")
        ]
        assert len(sheets) == count
        assert [note.row_ref for note in notes("print_reception")] == [day.pk]

    def test_a_very_long_matter_goes_on_overleaf_and_loses_nothing(
        self, sign_in: SignIn, clerk: Actor, day: "ReceptionDay"
    ) -> None:
        content = "".join(f"第{number}句说的是东庄村到西庄村的路。" for number in range(1, 101))
        row = brought(clerk, day, content=content)
        answer = sign_in(clerk).get(reverse("constituents_sheet", args=[row.pk]))
        text = text_of(answer.content).replace(" ", "").replace("\n", "")
        assert "第1句" in text
        assert "第100句" in text
        # The words begin on the first sheet instead of leaving it half empty.
        assert "第5句" in pages_of(answer.content)[0].extract_text().replace(" ", "").replace("\n", "")

    def test_what_the_station_noted_that_day_belongs_to_the_day(
        self, clerk: Actor, day: "ReceptionDay", township: Any
    ) -> None:
        mine = brought(clerk, day)
        unnamed = brought(clerk, day, reception_day_id=None)
        brought(clerk, day, reception_day_id=None, received_on=date(2026, 3, 5))
        brought(clerk, day, reception_day_id=None, station_id=make_station(township, "西庄村联络站").pk)
        with acting(clerk):
            assert {row.pk for row in opinions_of_day(clerk, day)} == {mine.pk, unnamed.pk}

    @pytest.mark.parametrize("count", [1, 3])
    def test_papers_cost_the_same_for_one_and_three(
        self, clerk: Actor, day: "ReceptionDay", count: int
    ) -> None:
        for _ in range(count):
            brought(clerk, day)
        with acting(clerk), CaptureQueriesContext(connection) as queries:
            fetched = with_turns(type(day).scoped(clerk)).get(pk=day.pk)
            day_papers(fetched, list(register_rows(opinions_of_day(clerk, fetched))))
        assert len(queries) == 5


class TestInFull:
    def test_one_sheet_shows_the_resident_for_a_reason_that_is_kept(
        self, sign_in: SignIn, clerk: Actor, day: "ReceptionDay"
    ) -> None:
        row = brought(clerk, day)
        client, address = sign_in(clerk), reverse("constituents_full_sheet", args=[row.pk])
        asked = client.get(address)
        assert asked["Content-Type"].startswith("text/html")
        assert RESIDENT not in asked.content.decode()
        assert "请填写打印理由" in client.post(address, {"reason": " "}).content.decode()
        assert notes("print_full_register") == []
        text = text_of(client.post(address, {"reason": "请选民签字"}).content).replace(" ", "")
        assert RESIDENT in text
        assert PHONE in text
        assert "东庄村三组12号" in text
        (note,) = notes("print_full_register")
        assert (note.row_ref, note.reason) == (row.pk, "请选民签字")
        assert RESIDENT not in note.detail + note.reason

    def test_a_day_notes_every_resident_shown_and_no_anonymous_one(
        self, sign_in: SignIn, station_clerk: Actor, clerk: Actor, day: "ReceptionDay"
    ) -> None:
        named = [brought(clerk, day), brought(clerk, day)]
        brought(clerk, day, resident_name="", resident_phone="")
        address = reverse("constituents_full_day_register", args=[day.pk])
        text = text_of(sign_in(station_clerk).post(address, {"reason": "归档"}).content).replace(" ", "")
        assert text.count(PHONE) == 2
        assert {note.row_ref for note in notes("print_full_register")} == {row.pk for row in named}

    def test_all_ways_of_seeing_a_resident_share_one_limit(
        self, sign_in: SignIn, clerk: Actor, day: "ReceptionDay", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("constituents.services.reveal.DAILY_REVEALS", 2)
        first, second = brought(clerk, day), brought(clerk, day)
        client = sign_in(clerk)
        assert (
            client.post(reverse("constituents_reveal", args=[first.pk]), {"reason": "回访"}).status_code
            == 200
        )
        # Two more do not fit under two a day: refused whole, nothing noted.
        address = reverse("constituents_full_day_register", args=[day.pk])
        assert client.post(address, {"reason": "归档"}).status_code == 409
        assert notes("print_full_register") == []
        one = client.post(reverse("constituents_full_sheet", args=[second.pk]), {"reason": "归档"})
        assert one["Content-Type"] == "application/pdf"

    @pytest.mark.parametrize(
        "name", ["constituents_day_register", "constituents_full_day_register", "constituents_day"]
    )
    def test_others_get_no_papers_of_the_day(
        self, sign_in: SignIn, deputy_actor: Actor, county: Actor, handler: Actor, other_clerk: Actor,
        day: "ReceptionDay", name: str,
    ) -> None:  # fmt: skip
        address = reverse(name, args=[day.pk])
        for actor in (deputy_actor, county, handler):
            assert sign_in(actor).get(address).status_code == 403
        assert sign_in(other_clerk).get(address).status_code == 404


class TestScans:
    def test_the_station_attaches_and_everybody_concerned_sees_who_and_when(
        self, sign_in: SignIn, station_clerk: Actor, clerk: Actor, day: "ReceptionDay"
    ) -> None:
        address = reverse("constituents_day", args=[day.pk])
        client = sign_in(station_clerk)
        key = client.get(address).context["form"]["idempotency_key"].value()
        given = {"idempotency_key": key, "files": [sent("第一页.jpg"), sent("第二页.pdf", PDF)]}
        assert client.post(address, given).status_code == 302
        given["files"] = [sent("第一页.jpg"), sent("第二页.pdf", PDF)]
        client.post(address, given)
        with acting(system_actor()):
            assert RegisterScan._plain.filter(reception_day=day).count() == 2
            assert StoredFile._plain.count() == 2
        text = sign_in(clerk).get(address).content.decode()
        for expected in ("第一页.jpg", "第二页.pdf", "刘联络员", "上传"):
            assert expected in text

    def test_an_opinion_page_offers_and_lists_them(
        self, sign_in: SignIn, clerk: Actor, deputy_actor: Actor, mandate: "Mandate", day: "ReceptionDay"
    ) -> None:
        row = brought(clerk, day, deputy_id=mandate.pk)
        page = reverse("constituents_opinion", args=[row.pk])
        client = sign_in(clerk)
        assert reverse("constituents_add_scan", args=[row.pk]) in client.get(page).content.decode()
        form = client.get(reverse("constituents_add_scan", args=[row.pk])).context["form"]
        given = {"idempotency_key": form["idempotency_key"].value(), "files": [sent()]}
        assert client.post(reverse("constituents_add_scan", args=[row.pk]), given)["Location"] == page
        seen = sign_in(deputy_actor).get(page).content.decode()
        assert "登记表.jpg" in seen
        assert "上传签字登记表" not in seen

    @pytest.mark.parametrize(
        ("name", "data", "words"),
        [
            ("登记表.jpg", b"<html><script>alert(1)</script>", "登记表.jpg"),
            ("登记表.pdf", b"MZ\x90\x00 not a document", "登记表.pdf"),
            ("登记表.exe", b"MZ\x90\x00", "PDF"),
            ("空.pdf", b"", "空的"),
        ],
    )
    def test_what_is_no_scan_is_refused_by_its_content_and_name(
        self, sign_in: SignIn, clerk: Actor, day: "ReceptionDay", name: str, data: bytes, words: str
    ) -> None:
        address = reverse("constituents_day", args=[day.pk])
        given = {"idempotency_key": "k" * 32, "files": [sent("好的.jpg"), sent(name, data)]}
        answer = sign_in(clerk).post(address, given)
        assert answer.status_code == 200
        assert words in answer.content.decode()
        with acting(system_actor()):
            assert RegisterScan._plain.count() == 0

    def test_none_and_too_many_are_refused_in_words(
        self, sign_in: SignIn, clerk: Actor, day: "ReceptionDay"
    ) -> None:
        address = reverse("constituents_day", args=[day.pk])
        client = sign_in(clerk)
        assert "请选择要上传的文件" in client.post(address, {"idempotency_key": "k"}).content.decode()
        many = {"idempotency_key": "k", "files": [sent(f"{number}.jpg") for number in range(11)]}
        assert "请选择1至10个文件" in client.post(address, many).content.decode()

    def test_it_is_opened_for_a_reason_that_is_kept(
        self, sign_in: SignIn, clerk: Actor, day: "ReceptionDay"
    ) -> None:
        scan = scanned(clerk, reception_day_id=day.pk)
        client, address = sign_in(clerk), reverse("constituents_scan", args=[scan.pk])
        assert "打开理由" in client.get(address).content.decode()
        assert "请填写打开理由" in client.post(address, {"reason": ""}).content.decode()
        answer = client.post(address, {"reason": "核对签字"})
        assert answer["Content-Type"] == "image/jpeg"
        assert answer.content.startswith(b"\xff\xd8")
        assert answer["Cache-Control"] == "private, no-store"
        (note,) = notes("open_register_scan")
        assert (note.row_ref, note.reason) == (scan.pk, "核对签字")

    def test_the_number_of_the_file_opens_it_for_nobody(
        self, sign_in: SignIn, clerk: Actor, day: "ReceptionDay"
    ) -> None:
        """Else the reason, and the daily limit, could be walked around."""
        scan = scanned(clerk, reception_day_id=day.pk)
        assert sign_in(clerk).get(reverse("file", args=[scan.file_id])).status_code == 403

    def test_who_reaches_the_sheets(
        self, clerk: Actor, station_clerk: Actor, deputy_actor: Actor, mandate: "Mandate", second_deputy: Actor,
        county: Actor, handler: Actor, other_clerk: Actor, unit: HandlingUnit, day: "ReceptionDay",
    ) -> None:  # fmt: skip
        row = case_in(clerk, O.HANDLING, unit, deputy_id=mandate.pk, station_id=day.station_id)
        of_day, of_row = scanned(clerk, reception_day_id=day.pk), scanned(clerk, opinion_id=row.pk)
        opened = {"reason": "核对签字"}
        for actor in (clerk, station_clerk):
            for scan in (of_day, of_row):
                assert as_(actor, open_scan, scan_id=scan.pk, **opened).pk == scan.pk
        assert as_(deputy_actor, open_scan, scan_id=of_row.pk, **opened).pk == of_row.pk
        for actor, scan in [
            (deputy_actor, of_day), (second_deputy, of_row), (county, of_row), (handler, of_row), (other_clerk, of_row),
        ]:  # fmt: skip
            with pytest.raises(OutOfScope):
                as_(actor, open_scan, scan_id=scan.pk, **opened)
        for actor in (deputy_actor, county, handler):
            with pytest.raises(Forbidden):
                as_(actor, add_scans, files=[sent()], opinion_id=row.pk)
            with pytest.raises(Forbidden):
                as_(actor, withdraw_scan, scan_id=of_row.pk, reason="传错了")

    def test_another_station_attaches_nothing(self, township: Any, clerk: Actor, day: "ReceptionDay") -> None:
        from liaison.words.enums import Role
        from tests.factories import make_account

        away = make_station(township, "西庄村联络站")
        stranger = make_account(township, Role.STATION_CLERK, name="孙联络员", station_ref=away.pk)
        with pytest.raises(Forbidden):
            as_(stranger, add_scans, files=[sent()], reception_day_id=day.pk)

    def test_before_the_day_and_on_a_day_called_off_there_is_nothing_to_attach(
        self, clerk: Actor, station: "Station"
    ) -> None:
        coming = make_day(station, date(2026, 4, 3))
        off = make_day(station, date(2026, 2, 6), state=ReceptionDayState.CANCELLED)
        for row in (coming, off):
            with pytest.raises(Refused):
                as_(clerk, add_scans, files=[sent()], reception_day_id=row.pk)

    def test_withdrawn_it_stays_listed_and_is_never_opened(
        self, sign_in: SignIn, clerk: Actor, day: "ReceptionDay"
    ) -> None:
        scan = scanned(clerk, reception_day_id=day.pk)
        client, address = sign_in(clerk), reverse("constituents_withdraw_scan", args=[scan.pk])
        assert "请填写撤下原因" in client.post(address, {"reason": ""}).content.decode()
        assert client.post(address, {"reason": "传错了登记表"}).status_code == 302
        taken = again(scan)
        assert (taken.withdrawn_by_id, taken.withdrawn_reason) == (clerk.account_id, "传错了登记表")
        as_(clerk, withdraw_scan, scan_id=scan.pk, reason="再来一次", now=NOW + timedelta(days=1))
        assert again(scan).withdrawn_at == taken.withdrawn_at
        text = client.get(reverse("constituents_day", args=[day.pk])).content.decode()
        assert "已撤下：传错了登记表（李秘书" in text
        opened = client.post(reverse("constituents_scan", args=[scan.pk]), {"reason": "核对签字"})
        assert opened.status_code == 409
        assert notes("open_register_scan") == []

    def test_forgotten_residents_are_not_shown_by_their_papers(
        self, clerk: Actor, unit: HandlingUnit, day: "ReceptionDay"
    ) -> None:
        closed = case_in(clerk, O.CLOSED, unit, station_id=day.station_id)
        scan = scanned(clerk, opinion_id=closed.pk)
        late = datetime(2029, 3, 9, 2, tzinfo=UTC)
        assert as_(clerk, open_scan, scan_id=scan.pk, reason="核对签字", now=late).pk == scan.pk
        with pytest.raises(Refused, match="保存年限"):
            as_(clerk, open_scan, scan_id=scan.pk, reason="核对签字", now=late + timedelta(days=1))

    def test_they_are_destroyed_with_the_residents_and_the_row_stays(
        self, sign_in: SignIn, clerk: Actor, unit: HandlingUnit, day: "ReceptionDay", settings: Any,
        django_capture_on_commit_callbacks: Any,
    ) -> None:  # fmt: skip
        closed = case_in(clerk, O.CLOSED, unit, station_id=day.station_id)
        open_one = case_in(clerk, O.HANDLING, unit, station_id=day.station_id)
        gone = [scanned(clerk, opinion_id=closed.pk), scanned(clerk, reception_day_id=day.pk)]
        kept = scanned(clerk, opinion_id=open_one.pk)
        paths = [settings.MEDIA_ROOT / again(scan.file).path for scan in (*gone, kept)]
        with django_capture_on_commit_callbacks(execute=True):
            assert tasks.watch(datetime(2029, 3, 6, 2, tzinfo=UTC))["destroyed"] == 0
            assert tasks.watch(datetime(2029, 3, 10, 2, tzinfo=UTC))["destroyed"] == 2
            assert tasks.watch(datetime(2029, 3, 10, 3, tzinfo=UTC))["destroyed"] == 0
        assert [path.exists() for path in paths] == [False, False, True]
        assert [again(scan).file_id for scan in gone] == [None, None]
        assert again(gone[0]).added_by_id == clerk.account_id
        assert again(kept).file_id is not None
        text = sign_in(clerk).get(reverse("constituents_day", args=[day.pk])).content.decode()
        assert "超过个人信息保存年限，已销毁" in text
        assert "登记表.jpg" not in text
        address = reverse("constituents_scan", args=[gone[1].pk])
        assert sign_in(clerk).post(address, {"reason": "核对签字"}).status_code == 409

    def test_only_the_system_destroys(self, clerk: Actor) -> None:
        with pytest.raises(Forbidden):
            as_(clerk, forget_scans, before=DAY)

    def test_a_reason_is_needed_by_the_service_too(self, clerk: Actor, day: "ReceptionDay") -> None:
        scan = scanned(clerk, reception_day_id=day.pk)
        with pytest.raises(InvalidInput):
            as_(clerk, open_scan, scan_id=scan.pk, reason=" ")


def test_the_reception_page_leads_to_its_papers(
    sign_in: SignIn, clerk: Actor, station_clerk: Actor, county: Actor, day: "ReceptionDay"
) -> None:
    page, papers = (reverse(name, args=[day.pk]) for name in ("stations_reception", "constituents_day"))
    for actor in (clerk, station_clerk):
        assert papers in sign_in(actor).get(page).content.decode()
    assert papers not in sign_in(county).get(page).content.decode()


@pytest.fixture
def second_deputy(mandate: "Mandate") -> Actor:
    from tests.factories import make_deputy_actor

    return make_deputy_actor(make_mandate(mandate.term, "张爱国"))
