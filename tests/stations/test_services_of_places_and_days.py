"""What the office corrects, who answers whose record, what a draft and a choice of norms would change."""

from datetime import UTC, date, datetime, timedelta

import pytest

from deputies.access import own_mandate
from liaison.calendar.working import load_year
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from stations.enums import AnswerState, DutyState, ReceptionDayState, ShippedKind
from stations.models import Invitation, Participation
from stations.rules.norm_sets import NORM_SETS
from stations.rules.rota.snapshot import from_data
from stations.services import (
    adopt_rota_plan,
    make_rota_plan,
    record_visit,
    set_station_roster,
    set_theme,
    update_station,
)
from stations.services.activity_attendance import expected_outcome
from stations.services.common import is_own
from stations.services.confirmations import require_other_side, settle_provisional_confirmations
from stations.services.norms import choose_norm_set, frozen_places, norm_changes
from stations.services.rota import draft_problem
from stations.services.rota_adoption import adoption_of
from tests.factories import make_account
from tests.reports.rows import make_assessment
from tests.stations.conftest import NOW, TODAY
from tests.stations.makers import again, as_, make_day, make_part


class TestAStation:
    def test_only_what_is_given_changes(self, clerk, station):
        before = again(station)
        as_(
            clerk,
            update_station,
            station_id=station.pk,
            name=" 东庄村 联络站 ",
            phone="0354-2461234",
            now=NOW,
        )
        row = again(station)
        assert (row.name, row.phone) == ("东庄村 联络站", "0354-2461234")
        assert (row.address, row.opened_on, row.opening_hours, row.public_code) == (
            before.address,
            before.opened_on,
            before.opening_hours,
            before.public_code,
        )

    def test_it_opens_within_the_year_to_come(self, clerk, station):
        with pytest.raises(InvalidInput) as caught:
            as_(clerk, update_station, station_id=station.pk, opened_on=date(2031, 1, 1), now=NOW)
        assert list(caught.value.fields) == ["opened_on"]
        as_(clerk, update_station, station_id=station.pk, opened_on=date(2026, 4, 1), now=NOW)
        assert again(station).opened_on == date(2026, 4, 1)

    def test_a_village_of_the_next_township_is_none_of_its(self, clerk, world, station):
        with pytest.raises(OutOfScope):
            as_(clerk, update_station, station_id=station.pk, village_id=world["长凝镇"].pk, now=NOW)

    def test_a_column_that_no_entry_holds_is_a_fault_of_the_caller(self, clerk, station):
        with pytest.raises(TypeError, match="unknown value 'public_code'"):
            as_(clerk, update_station, station_id=station.pk, public_code="mine", now=NOW)

    def test_its_own_clerk_corrects_no_entry(self, station_clerk, station):
        with pytest.raises(Forbidden):
            as_(station_clerk, update_station, station_id=station.pk, name="我的联络站", now=NOW)


class TestAThemeDay:
    def test_the_theme_of_a_coming_reception_is_fixed_by_hand(self, station_clerk, station):
        day = make_day(station)
        as_(station_clerk, set_theme, day_id=day.pk, theme=" 饮水安全 ")
        assert (again(day).theme, again(day).is_theme_fixed) == ("饮水安全", True)
        as_(station_clerk, set_theme, day_id=day.pk, theme="")
        assert (again(day).theme, again(day).is_theme_fixed) == ("", True)

    def test_the_same_theme_again_fixes_nothing(self, station_clerk, station):
        day = make_day(station)
        as_(station_clerk, set_theme, day_id=day.pk, theme="")
        assert again(day).is_theme_fixed is False

    def test_a_reception_that_is_over_keeps_its_theme(self, station_clerk, station):
        day = make_day(station, state=ReceptionDayState.HELD)
        words = f"^这次接待{ReceptionDayState.HELD.label}，不能再定主题。$"
        with pytest.raises(Refused, match=words):
            as_(station_clerk, set_theme, day_id=day.pk, theme="饮水安全")


class TestTheOtherSide:
    def row(self, mandate, recorded_by, **facts):
        return make_part(mandate, ShippedKind.TRAINING, TODAY, recorded_by_id=recorded_by.account_id, **facts)

    def test_the_seat_of_a_deputy_is_his_own(self, deputy_actor, mandate, second):
        with acting(deputy_actor):
            assert own_mandate(deputy_actor) == mandate
            assert (is_own(deputy_actor, mandate), is_own(deputy_actor, second)) == (True, False)

    def test_an_office_has_no_seat(self, clerk):
        with acting(clerk), pytest.raises(Forbidden):
            own_mandate(clerk)

    def test_a_deputy_without_a_seat_registers_nothing(self, township, term):
        actor = make_account(township, Role.DEPUTY)
        with (
            acting(actor),
            pytest.raises(Forbidden, match=r"^您在本届没有在任的代表资格，不能办理，请联系人大工作人员。$"),
        ):
            own_mandate(actor)

    def test_the_deputy_answers_what_others_registered_of_him(
        self, clerk, chair, deputy_actor, second_actor, mandate
    ):
        row = self.row(mandate, clerk)
        require_other_side(deputy_actor, row)
        for actor in (chair, second_actor):
            with pytest.raises(Forbidden, match=r"^这条记录由代表本人核对。$"):
                require_other_side(actor, row)
        with pytest.raises(Forbidden, match=r"^登记人不能核对自己登记的记录，请由另一方核对。$"):
            require_other_side(clerk, row)

    def test_the_office_answers_what_a_deputy_registered(self, clerk, deputy_actor, second_actor, mandate):
        row = self.row(mandate, deputy_actor, is_recorded_by_deputy=True)
        require_other_side(clerk, row)
        with pytest.raises(Forbidden, match=r"^代表登记的记录由联络站或者主席团核对。$"):
            require_other_side(second_actor, row)
        with pytest.raises(Forbidden, match=r"^登记人不能核对自己登记的记录，请由另一方核对。$"):
            require_other_side(deputy_actor, row)


def test_an_estimated_day_of_confirmation_is_settled_once_its_year_is_known(deputy_actor, mandate):
    late = datetime(2026, 12, 24, 2, tzinfo=UTC)
    row = as_(deputy_actor, record_visit, day=date(2026, 12, 24), note="走访三户", now=late)
    assert as_(system_actor(), settle_provisional_confirmations) == 0
    with acting(system_actor()):
        load_year(year=2027, holidays={date(2027, 1, 4): "元旦"}, makeups={}, source="通知", now=NOW)
    assert as_(system_actor(), settle_provisional_confirmations) == 1
    assert (again(row).confirm_is_provisional, again(row).confirm_by) == (False, date(2027, 1, 8))


def test_only_the_system_settles_days(clerk):
    with pytest.raises(Forbidden):
        as_(clerk, settle_provisional_confirmations)


@pytest.mark.parametrize(
    ("outcome", "answer", "expected"),
    [
        (DutyState.ABSENT, AnswerState.COMING, DutyState.ABSENT.value),
        (DutyState.SCHEDULED, AnswerState.COMING, DutyState.ATTENDED.value),
        (None, AnswerState.COMING, DutyState.ATTENDED.value),
        (None, AnswerState.WAITING, ""),
        (DutyState.SCHEDULED, None, ""),
        (None, None, ""),
    ],
)
def test_the_register_ticks_what_was_recorded_or_else_answered(outcome, answer, expected):
    part = Participation(outcome=outcome.value) if outcome else None
    invitation = Invitation(answer=answer.value) if answer else None
    assert expected_outcome(part, invitation) == expected


class TestNorms:
    def test_the_preview_lists_the_set_and_then_what_is_dropped(self, clerk):
        with acting(clerk):
            found = norm_changes(clerk, NORM_SETS["eight_ones"], 2027)
            held = norm_changes(clerk, NORM_SETS["ten_ones"], 2027)
        assert [c.code for c in found if c.after is None] == [
            "constituency_visit", "survey", "suggestion", "policy_talk", "deputies_meeting", "exchange", "review",
        ]  # fmt: skip
        assert [c.code for c in found if c.before is None] == [
            "station_visit", "work_diary", "livelihood_project", "work_story", "performance_report",
        ]  # fmt: skip
        assert all(change.is_same for change in held)

    def test_a_chosen_set_changes_nothing_when_previewed_again(self, clerk):
        as_(clerk, choose_norm_set, set_code="eight_ones", year=2027, reason="主席团会议决定", now=NOW)
        with acting(clerk):
            assert all(change.is_same for change in norm_changes(clerk, NORM_SETS["eight_ones"], 2027))

    def test_a_year_whose_data_are_frozen_names_its_places(self, clerk, term):
        with acting(clerk):
            assert frozen_places(clerk, 2025) == []
        make_assessment(term, 2025)
        with acting(clerk):
            assert (frozen_places(clerk, 2025), frozen_places(clerk, 2026)) == (["庄子乡"], [])


class TestADraft:
    @pytest.fixture
    def draft(self, clerk, station, mandate, second):
        facts = {"station_id": station.pk, "mandate_ids": [mandate.pk, second.pk]}
        as_(clerk, set_station_roster, now=NOW - timedelta(days=90), **facts)
        self.day = make_day(station, date(2026, 4, 3), state=ReceptionDayState.PLANNED)
        return as_(
            clerk, make_rota_plan, station_id=station.pk, starts_on=TODAY, ends_on=date(2026, 12, 31), now=NOW
        )

    def test_the_situation_is_read_anew_and_the_draft_as_it_was_kept(self, clerk, draft):
        with acting(clerk):
            problem, stored = draft_problem(clerk, draft, NOW)
        assert stored == from_data(draft.snapshot)
        assert [day.id for day in problem.days] == [self.day.pk]

    def test_adopting_would_add_its_turns_and_then_none(self, clerk, draft, mandate, second):
        with acting(clerk):
            found, against = adoption_of(clerk, draft, NOW)
        assert ({turn.mandate_id for turn in found.added}, found.removed, against) == (
            {mandate.pk, second.pk},
            [],
            [],
        )
        as_(clerk, adopt_rota_plan, plan_id=draft.pk, now=NOW)
        with acting(clerk):
            assert adoption_of(clerk, draft, NOW)[0].added == []

    def test_a_day_planned_after_the_draft_is_counted_as_left_out(self, clerk, station, draft):
        make_day(station, date(2026, 5, 8), state=ReceptionDayState.PLANNED)
        with acting(clerk):
            assert adoption_of(clerk, draft, NOW)[0].days_left_out == 1
