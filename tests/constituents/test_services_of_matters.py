"""Photos hang once, a key finds its own record, units are corrected, old residents and scans are found."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from constituents.enums import OpinionState as O
from constituents.enums import SuggestionState as S
from constituents.enums import UnitKind
from constituents.models import HandlingUnit, Opinion, OpinionFile, RegisterScan
from constituents.services.intake import (
    MOST_FILES,
    add_opinion_photos,
    attach_file,
    attach_photos,
    register_opinion,
    registered_before,
)
from constituents.services.notices import tell_suggestion_overdue
from constituents.services.purging import residents_to_forget, scans_to_forget
from constituents.services.reveal import DAILY_REVEALS, take_reveals
from constituents.services.scans import add_scans
from constituents.services.units import update_unit
from liaison.files.uploads import store_upload
from liaison.models import AuditEntry
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import FileKind
from liaison.words.errors import Conflict, Forbidden, InvalidInput, OutOfScope, Refused
from tests.constituents.makers import NOW, again, as_, case_in, intake, make_unit, register, suggest
from tests.constituents.test_suggestions import to_state
from tests.constituents.test_tasks import told

if TYPE_CHECKING:
    from deputies.models import Mandate
    from liaison.models import Jurisdiction
    from stations.models import Station


def photo(shade: int = 1) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (shade * 20, 90, 120)).save(out, "JPEG")
    return SimpleUploadedFile(f"现场{shade}.jpg", out.getvalue(), "image/jpeg")


def hanging(opinion: Opinion) -> int:
    with acting(system_actor()):
        return OpinionFile._plain.filter(opinion=opinion).count()


class TestPhotos:
    def test_a_picture_that_hangs_already_is_not_hung_twice(self, clerk: Actor) -> None:
        row = register(clerk)
        assert as_(clerk, add_opinion_photos, opinion_id=row.pk, photos=[photo(1)]) == (row, 1)
        assert as_(clerk, add_opinion_photos, opinion_id=row.pk, photos=[photo(1), photo(2)]) == (row, 1)
        assert hanging(row) == 2

    def test_the_station_that_registered_may_add_and_another_may_not(
        self, clerk: Actor, station_clerk: Actor, deputy_actor: Actor, mandate: "Mandate", station: "Station"
    ) -> None:
        own = register(station_clerk, station_id=station.pk)
        assert as_(station_clerk, add_opinion_photos, opinion_id=own.pk, photos=[photo()])[1] == 1
        his = register(clerk, deputy_id=mandate.pk)
        with pytest.raises(Forbidden, match="照片由登记人或者主席团补充。"):
            as_(deputy_actor, add_opinion_photos, opinion_id=his.pk, photos=[photo()])
        assert (hanging(own), hanging(his)) == (1, 0)

    def test_not_more_than_nine(self, clerk: Actor) -> None:
        row = register(clerk)
        many = [photo(shade) for shade in range(MOST_FILES + 1)]
        with pytest.raises(InvalidInput, match="一件事最多9张照片。"):
            as_(clerk, add_opinion_photos, opinion_id=row.pk, photos=many)

    def test_a_closed_matter_takes_none_and_says_so(self, clerk: Actor, unit: HandlingUnit) -> None:
        row = case_in(clerk, O.CLOSED, unit)
        with pytest.raises(Conflict, match=f"这件事{O.CLOSED.label}，照片没有添加。"):
            as_(clerk, add_opinion_photos, opinion_id=row.pk, photos=[photo()])
        assert hanging(row) == 0

    def test_a_record_sent_again_gets_the_photos_that_are_missing(self, clerk: Actor) -> None:
        row = register(clerk)
        assert as_(clerk, attach_photos, opinion=row, photos=[photo(1)]) == 1
        assert as_(clerk, attach_photos, opinion=row, photos=[photo(1), photo(2), photo(2)]) == 1
        assert hanging(row) == 2

    def test_a_stored_file_hangs_once(self, clerk: Actor) -> None:
        row = register(clerk)
        with acting(clerk):
            stored = store_upload(photo(), kind=FileKind.PHOTO, scope_code=row.scope_code, now=NOW)
            first = attach_file(actor=clerk, opinion=row, stored=stored)
            assert attach_file(actor=clerk, opinion=row, stored=stored) == first
        assert hanging(row) == 1


class TestKeys:
    def test_a_key_finds_what_its_account_registered(self, clerk: Actor, chair: Actor) -> None:
        row = as_(clerk, register_opinion, intake=intake(), idempotency_key="k1")
        with acting(clerk):
            assert registered_before(actor=clerk, idempotency_key="k1") == row
            assert registered_before(actor=clerk, idempotency_key="k2") is None
        with acting(chair):
            assert registered_before(actor=chair, idempotency_key="k1") is None

    def test_no_key_finds_nothing(self, clerk: Actor) -> None:
        register(clerk)
        with acting(clerk):
            assert registered_before(actor=clerk, idempotency_key="") is None

    def test_a_handling_unit_asks_for_none(self, handler: Actor) -> None:
        with acting(handler), pytest.raises(Forbidden):
            registered_before(actor=handler, idempotency_key="k1")


class TestUnits:
    def correct(self, actor: Actor, unit: HandlingUnit, **values: object) -> HandlingUnit:
        with acting(actor):
            return update_unit(actor=actor, unit_id=unit.pk, **values)

    def test_only_what_is_given_changes(self, clerk: Actor, unit: HandlingUnit) -> None:
        self.correct(clerk, unit, contact_person=" 刘站长 ", phone="0354-2461234")
        row = again(unit)
        assert (row.name, row.kind, row.contact_person, row.phone, row.is_active) == (
            "乡水利站",
            UnitKind.STATION.value,
            "刘站长",
            "0354-2461234",
            True,
        )

    def test_its_kind_is_one_of_the_list(self, clerk: Actor, unit: HandlingUnit) -> None:
        self.correct(clerk, unit, kind=UnitKind.VILLAGE.value)
        assert again(unit).kind == UnitKind.VILLAGE
        with pytest.raises(InvalidInput, match="请选择承办单位的类别。"):
            self.correct(clerk, unit, kind="村")

    def test_two_units_of_one_name_are_refused_and_its_own_name_is_not(
        self, clerk: Actor, unit: HandlingUnit, other_unit: HandlingUnit
    ) -> None:
        self.correct(clerk, unit, name="乡水利站")
        with pytest.raises(InvalidInput, match="已有名为“乡民政办”的承办单位。"):
            self.correct(clerk, unit, name="乡民政办")

    def test_a_switched_off_unit_comes_back(self, clerk: Actor, unit: HandlingUnit) -> None:
        self.correct(clerk, unit, is_active=False)
        assert again(unit).is_active is False
        self.correct(clerk, unit, is_active=True)
        assert again(unit).is_active is True

    def test_the_neighbour_and_the_unit_itself_correct_nothing(
        self, other_clerk: Actor, handler: Actor, unit: HandlingUnit
    ) -> None:
        with pytest.raises(OutOfScope):
            self.correct(other_clerk, unit, name="别名")
        with pytest.raises(Forbidden):
            self.correct(handler, unit, name="别名")

    def test_a_column_that_no_unit_holds_is_a_fault_of_the_caller(
        self, clerk: Actor, unit: HandlingUnit
    ) -> None:
        with pytest.raises(TypeError, match="unknown value 'scope_code'"):
            self.correct(clerk, unit, scope_code=1)


class TestForgetting:
    def test_residents_of_cases_closed_before_the_day(self, clerk: Actor, unit: HandlingUnit) -> None:
        closed, running = case_in(clerk, O.CLOSED, unit), case_in(clerk, O.HANDLING, unit)
        assert again(closed).closed_on == date(2026, 3, 9)
        assert again(running).closed_on is None
        with acting(clerk):
            assert list(residents_to_forget(clerk, date(2026, 3, 9))) == []
            assert list(residents_to_forget(clerk, date(2026, 3, 10))) == [closed]
        with acting(system_actor()):
            Opinion._plain.update(purged_at=NOW)
        with acting(clerk):
            assert list(residents_to_forget(clerk, date(2026, 3, 10))) == []

    def test_scans_of_cases_closed_before_the_day_that_still_exist(
        self, clerk: Actor, unit: HandlingUnit
    ) -> None:
        closed, running = case_in(clerk, O.CLOSED, unit), case_in(clerk, O.HANDLING, unit)
        scans = [as_(clerk, add_scans, files=[photo()], opinion_id=row.pk)[0] for row in (closed, running)]
        with acting(clerk):
            assert list(scans_to_forget(clerk, date(2026, 3, 9))) == []
            assert list(scans_to_forget(clerk, date(2026, 3, 10))) == scans[:1]
        with acting(system_actor()):
            RegisterScan._plain.update(file=None)
        with acting(clerk):
            assert list(scans_to_forget(clerk, date(2026, 3, 10))) == []


class TestSeeingResidents:
    def test_every_row_leaves_its_entry_with_the_reason(self, clerk: Actor) -> None:
        cases = [register(clerk), register(clerk, content="路灯不亮")]
        taken = as_(clerk, take_reveals, operation="print_full_register", rows=cases, reason="归档签字登记表")
        assert taken == 2
        with acting(system_actor()):
            entries = AuditEntry._plain.filter(operation="print_full_register")
            assert sorted(entries.values_list("row_ref", "reason")) == sorted(
                (case.pk, "归档签字登记表") for case in cases
            )

    def test_all_ways_share_one_daily_limit(self, clerk: Actor) -> None:
        case = register(clerk)
        facts = {"reason": "电话回访办理结果", "operation": "open_register_scan"}
        now = datetime.now(UTC)
        as_(clerk, take_reveals, rows=[case] * (DAILY_REVEALS - 1), now=now, **facts)
        with pytest.raises(Refused, match=f"一天内查看群众联系方式已达{DAILY_REVEALS}次上限"):
            as_(clerk, take_reveals, rows=[case] * 2, now=now, **facts)
        last = facts | {"operation": "reveal_resident"}
        assert as_(clerk, take_reveals, rows=[case], now=now, **last) == 1
        with pytest.raises(Refused):
            as_(clerk, take_reveals, rows=[case], now=now, **last)
        assert as_(clerk, take_reveals, rows=[case], now=now + timedelta(days=1, minutes=5), **last) == 1

    def test_not_without_a_reason_and_not_under_a_name_that_does_not_count(self, clerk: Actor) -> None:
        case = register(clerk)
        with pytest.raises(InvalidInput):
            as_(clerk, take_reveals, operation="reveal_resident", rows=[case], reason="")
        with pytest.raises(ValueError, match="look would not count towards the daily limit"):
            as_(clerk, take_reveals, operation="look", rows=[case], reason="电话回访")


def test_a_late_suggestion_is_told_once_a_state_and_day(
    deputy_actor: Actor, mandate: "Mandate", clerk: Actor, handler: Actor, unit: HandlingUnit
) -> None:
    row = to_state(clerk, suggest(deputy_actor, mandate), S.ACCEPTED, unit)
    late = datetime(2026, 5, 11, 2, tzinfo=UTC)
    with acting(system_actor()):
        assert tell_suggestion_overdue(row, late) == 2
        assert tell_suggestion_overdue(row, late + timedelta(days=1)) == 0
    words = f"代表建议{row.number}：已超过答复期限，请尽快办理"
    assert (told(handler).count(words), told(clerk).count(words)) == (1, 1)


def test_a_unit_of_the_neighbour_bears_the_same_name(
    clerk: Actor, world: "dict[str, Jurisdiction]", unit: HandlingUnit
) -> None:
    make_unit(world["长凝镇"], "乡林业站")
    with acting(clerk):
        update_unit(actor=clerk, unit_id=unit.pk, name="乡林业站")
    assert again(unit).name == "乡林业站"
