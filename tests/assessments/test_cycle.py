"""The cycle: one step at a time, two people, fair periods, schemes locked on first use."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction

from assessments import services
from assessments.enums import AssessmentEvent as Event
from assessments.enums import AssessmentState, SheetState
from assessments.models import AssessmentStep, BallotTally, Scheme, ScoreLine, ScoreObjection, ScoreSheet
from assessments.scheme_data import shipped_scheme
from assessments.services import Tally
from liaison.models import Notification
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, OutOfScope, Refused
from liaison.words.transitions import IllegalTransition
from stations.enums import ShippedKind
from tests.assessments.makers import (
    ALL_SATISFIED,
    FREEZE,
    OBJECTION,
    PUBLISH,
    YEAR,
    adopt,
    again,
    as_,
    objectable,
    opened,
    published,
    reconciled,
    rows,
    sheet_of,
    vote,
)
from tests.factories import make_account, make_deputy_actor, make_term
from tests.stations.makers import make_part

if TYPE_CHECKING:
    from assessments.models import Assessment
    from deputies.models import Mandate, Term
    from liaison.models import Jurisdiction
    from liaison.tenancy.scope import Actor
    from tests.factories import World

MEETING = "庄子乡人大主席团第十二次会议"


def approve(chair: "Actor", assessment: "Assessment", now: datetime = PUBLISH, **words: str) -> "Assessment":
    facts = {"meeting_name": MEETING, "pending_reason": "没有补测", **words}
    return as_(chair, services.approve_results, assessment_id=assessment.pk, now=now, **facts)


class TestSchemes:
    def test_a_second_adoption_is_the_next_version(self, clerk: "Actor") -> None:
        first, second = adopt(clerk), adopt(clerk)
        assert (first.version, second.version) == (1, 2)
        assert first.definition["title"] == "庄子乡人大代表履职测评办法"
        assert (first.scope_code, first.scope_end) == (clerk.lo, clerk.hi)

    def test_locked_on_first_use_and_by_the_database_too(
        self, clerk: "Actor", assessment: "Assessment"
    ) -> None:
        definition = shipped_scheme("B").to_dict()
        scheme_id = assessment.scheme_id
        change = {"scheme_id": scheme_id, "definition": definition}
        assert (
            as_(clerk, services.change_scheme, **change).definition["items"][0]["code"]
            == "session_attendance"
        )
        as_(clerk, services.freeze_assessment, assessment_id=assessment.pk, now=FREEZE)
        with pytest.raises(Refused, match="另存为新版本"):
            as_(clerk, services.change_scheme, **change)
        with pytest.raises(IntegrityError), acting(system_actor()), transaction.atomic():
            Scheme._plain.filter(pk=scheme_id).update(definition={})

    def test_what_was_laid_down_above_is_not_changed_below(self, clerk: "Actor", county: "Actor") -> None:
        above = as_(
            county,
            services.adopt_scheme,
            definition=shipped_scheme("A").to_dict(),
            name="全区办法",
        )
        with pytest.raises(OutOfScope):
            as_(
                clerk, services.change_scheme, scheme_id=above.pk, definition=shipped_scheme("B").to_dict()
            )  # fmt: skip

    def test_faults_are_named_by_their_place(
        self, clerk: "Actor", wrong: Callable[..., dict[str, str]]
    ) -> None:
        definition = shipped_scheme("A").to_dict()
        definition["items"][0]["full"] = "20"
        found = wrong(as_, clerk, services.adopt_scheme, definition=definition, name="办法")
        assert "合计应为100分，现为105分" in found["items"]


class TestOpening:
    def test_twice_is_once(self, clerk: "Actor", term: "Term", assessment: "Assessment") -> None:
        second = as_(clerk, services.open_assessment, term=term, year=YEAR, scheme_id=assessment.scheme_id)
        assert second.pk == assessment.pk

    def test_the_period_is_cut_to_the_term(self, clerk: "Actor", township: "Jurisdiction") -> None:
        term = make_term(township)
        scheme = adopt(clerk)
        first = as_(clerk, services.open_assessment, term=term, year=2021, scheme_id=scheme.pk)
        assert first.period_starts_on == date(2021, 5, 8)

    def test_a_scheme_for_groups_is_refused(
        self, clerk: "Actor", term: "Term", wrong: Callable[..., dict[str, str]]
    ) -> None:
        scheme = adopt(clerk, "C")
        found = wrong(as_, clerk, services.open_assessment, term=term, year=YEAR, scheme_id=scheme.pk)
        assert "代表小组" in found["scheme"]

    def test_only_the_presidium(self, county: "Actor", term: "Term", assessment: "Assessment") -> None:
        with pytest.raises(Forbidden):
            as_(county, services.open_assessment, term=term, year=2024, scheme_id=1)


class TestSteps:
    def test_out_of_order_is_a_conflict_in_words(self, clerk: "Actor", assessment: "Assessment") -> None:
        with pytest.raises(IllegalTransition, match="现在可以办理：截止数据"):
            as_(
                clerk, services.advance_assessment, assessment_id=assessment.pk, event=Event.FINISH_BALLOT, now=FREEZE
            )  # fmt: skip

    def test_skipping_needs_a_reason_and_leaves_a_step(
        self, clerk: "Actor", assessment: "Assessment", wrong: Callable[..., dict[str, str]]
    ) -> None:
        as_(clerk, services.freeze_assessment, assessment_id=assessment.pk, now=FREEZE)
        call = {"assessment_id": assessment.pk, "now": FREEZE}
        as_(clerk, services.advance_assessment, event=Event.START_SELF, **call)
        assert "note" in wrong(as_, clerk, services.advance_assessment, event=Event.SKIP_SELF, **call)
        as_(
            clerk,
            services.advance_assessment,
            event=Event.SKIP_SELF,
            note="本年度集中自评已在会上进行",
            **call,
        )
        step = rows(AssessmentStep)[-1]
        assert (step.event, step.note) == (Event.SKIP_SELF, "本年度集中自评已在会上进行")
        assert step.done_by_id == clerk.account_id

    def test_deputies_get_nothing_to_read_before_it_is_computed(
        self, clerk: "Actor", assessment: "Assessment"
    ) -> None:
        call = {"assessment_id": assessment.pk, "now": FREEZE}
        as_(clerk, services.freeze_assessment, **call)
        for event in (Event.START_SELF, Event.FINISH_SELF, Event.FINISH_GROUP, Event.FINISH_BALLOT):
            as_(clerk, services.advance_assessment, event=event, **call)
        with pytest.raises(Refused, match="计算得分"):
            as_(clerk, services.advance_assessment, event=Event.FINISH_REVIEW, **call)

    def test_deputies_hear_when_to_check_and_until_when_to_object(
        self, clerk: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        deputy = make_deputy_actor(mandates[0])
        objectable(clerk, assessment)
        told = [row.title for row in rows(Notification, account_id=deputy.account_id)]
        assert told == ["2025年度履职得分可以核对", "2025年度履职得分异议期到1月15日"]

    def test_the_objection_period_is_five_working_days(
        self, clerk: "Actor", assessment: "Assessment"
    ) -> None:
        row = objectable(clerk, assessment)
        assert (row.runs_from, row.due_on) == (date(2026, 1, 8), date(2026, 1, 15))
        assert row.state == AssessmentState.OBJECTION


class TestApproval:
    def test_not_before_the_last_day_is_over(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment"
    ) -> None:
        objectable(clerk, assessment)
        with pytest.raises(Refused, match="异议期到2026年1月15日"):
            approve(chair, assessment, datetime(2026, 1, 15, 10, tzinfo=UTC))
        row = approve(chair, assessment, datetime(2026, 1, 15, 17, tzinfo=UTC))
        assert (row.state, row.approved_on) == (AssessmentState.APPROVED, date(2026, 1, 16))

    def test_missing_votes_need_a_reason(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment", wrong: Callable[..., dict[str, str]]
    ) -> None:
        objectable(clerk, assessment)
        found = wrong(approve, chair, assessment, pending_reason="")
        assert "3名代表" in found["pending_reason"]
        approve(chair, assessment, pending_reason="当年没有组织测评")
        assert "当年没有组织测评" in rows(AssessmentStep)[-1].note

    def test_without_missing_votes_no_reason_is_asked(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        vote(clerk, assessment, mandates)
        objectable(clerk, assessment)
        assert approve(chair, assessment, pending_reason="").state == AssessmentState.APPROVED

    def test_the_clerk_may_not_and_the_meeting_is_named(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment", wrong: Callable[..., dict[str, str]]
    ) -> None:
        objectable(clerk, assessment)
        with pytest.raises(Forbidden):
            approve(clerk, assessment)
        assert "meeting_name" in wrong(approve, chair, assessment, meeting_name=" ")

    @pytest.mark.parametrize("action", ["freeze", "compute"])
    def test_two_people(
        self, action: str, clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        freezer, computer = (chair, clerk) if action == "freeze" else (clerk, chair)
        as_(freezer, services.freeze_assessment, assessment_id=assessment.pk, now=FREEZE)
        as_(computer, services.compute_sheets, assessment_id=assessment.pk, now=FREEZE)
        for event in (Event.START_SELF, Event.FINISH_SELF, Event.FINISH_GROUP, Event.FINISH_BALLOT,
                      Event.FINISH_REVIEW, Event.FINISH_RECONCILE):  # fmt: skip
            as_(clerk, services.advance_assessment, assessment_id=assessment.pk, event=event, now=OBJECTION)
        with pytest.raises(Forbidden, match="另一人"):
            approve(chair, assessment)

    def test_not_with_an_objection_open(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        objectable(clerk, assessment)
        deputy = make_deputy_actor(mandates[0])
        sheet = sheet_of(assessment, mandates[0])
        as_(deputy, services.raise_objection, sheet_id=sheet.pk, reason="漏记一次接待", now=OBJECTION)
        with pytest.raises(Refused, match="1件异议没有复核"):
            approve(chair, assessment)


class TestComputing:
    def test_a_second_time_changes_nothing(self, clerk: "Actor", assessment: "Assessment") -> None:
        as_(clerk, services.freeze_assessment, assessment_id=assessment.pk, now=FREEZE)
        assert as_(clerk, services.compute_sheets, assessment_id=assessment.pk, now=FREEZE) == 3
        before = {sheet.pk: sheet.computed_at for sheet in rows(ScoreSheet)}
        assert as_(clerk, services.compute_sheets, assessment_id=assessment.pk, now=PUBLISH) == 0
        assert {sheet.pk: sheet.computed_at for sheet in rows(ScoreSheet)} == before

    def test_only_who_changed_is_written_and_objections_keep_their_line(
        self, clerk: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        reconciled(clerk, assessment)
        sheet = sheet_of(assessment, mandates[0])
        line = rows(ScoreLine, sheet=sheet, item_code="training")[0]
        deputy = make_deputy_actor(mandates[0])
        as_(deputy, services.raise_objection, sheet_id=sheet.pk, line_id=line.pk, reason="漏记", now=FREEZE)
        make_part(mandates[0], ShippedKind.TRAINING, date(2025, 5, 6))
        assert as_(clerk, services.compute_sheets, assessment_id=assessment.pk, now=OBJECTION) == 1
        new = sheet_of(assessment, mandates[0])
        assert (new.pk, new.version) == (sheet.pk, 1)
        assert new.total != sheet.total or new.content_hash != sheet.content_hash
        assert rows(ScoreObjection)[0].line_id == line.pk
        assert again(line).points == again(line).full_points

    def test_the_sum_of_the_lines_is_the_total(self, clerk: "Actor", assessment: "Assessment") -> None:
        reconciled(clerk, assessment)
        for sheet in rows(ScoreSheet):
            assert sum(line.points for line in rows(ScoreLine, sheet=sheet)) == sheet.total

    def test_not_before_the_freeze_and_not_after_the_approval(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment"
    ) -> None:
        with pytest.raises(Refused):
            as_(clerk, services.compute_sheets, assessment_id=assessment.pk, now=FREEZE)
        objectable(clerk, assessment)
        approve(chair, assessment)
        with pytest.raises(Refused):
            as_(clerk, services.compute_sheets, assessment_id=assessment.pk, now=PUBLISH)

    def test_contradicting_facts_name_the_deputy(
        self,
        clerk: "Actor",
        assessment: "Assessment",
        mandates: "list[Mandate]",
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        vote(clerk, assessment, mandates[:1])
        monkeypatch.setattr(
            "assessments.selectors.facts.BallotTally.valid",
            property(lambda self: 51, lambda self, value: None),
            raising=False,
        )
        as_(clerk, services.freeze_assessment, assessment_id=assessment.pk, now=FREEZE)
        with pytest.raises(Refused, match=f"{mandates[0].person.name}代表"):
            as_(clerk, services.compute_sheets, assessment_id=assessment.pk, now=FREEZE)


class TestBallots:
    @pytest.mark.parametrize(
        ("numbers", "told"),
        [
            ((50, 51, 50, 50, 0, 0), "收回51张，多于发出的50张"),
            ((50, 50, 51, 51, 0, 0), "有效51张，多于收回的50张"),
            ((50, 50, 50, 40, 5, 4), "合计49张，应等于有效票50张"),
            ((50, 50, 50, 51, -1, 0), "不能为负数"),
        ],
    )
    def test_impossible_numbers_are_told(
        self, numbers: tuple[int, ...], told: str, clerk: "Actor", assessment: "Assessment",
        mandates: "list[Mandate]", wrong: Callable[..., dict[str, str]],
    ) -> None:  # fmt: skip
        tally = Tally(**dict(zip(Tally.__slots__, numbers, strict=True)))
        assert told in wrong(vote, clerk, assessment, mandates[:1], tally)["tally"]

    def test_entering_again_replaces(
        self, clerk: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        vote(clerk, assessment, mandates[:1])
        fewer = Tally(issued=40, returned=40, valid=40, satisfied=30, basically_satisfied=5, dissatisfied=5)
        vote(clerk, assessment, mandates[:1], fewer)
        assert [tally.valid for tally in rows(BallotTally)] == [40]

    def test_a_stranger_is_no_deputy_of_this_congress(
        self, world: "World", clerk: "Actor", assessment: "Assessment", wrong: Callable[..., dict[str, str]]
    ) -> None:
        from tests.factories import make_mandate

        elsewhere = make_mandate(make_term(world["长凝镇"]))
        assert "mandate" in wrong(vote, clerk, assessment, [elsewhere], ALL_SATISFIED)

    def test_no_more_after_the_approval(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        objectable(clerk, assessment)
        approve(chair, assessment)
        with pytest.raises(Refused, match="已经审定"):
            vote(clerk, assessment, mandates)


class TestPublishing:
    def test_twice_is_once(self, clerk: "Actor", chair: "Actor", assessment: "Assessment") -> None:
        published(clerk, chair, assessment)
        later = PUBLISH.replace(hour=9)
        row = as_(chair, services.publish_assessment, assessment_id=assessment.pk, now=later)
        assert row.published_at == PUBLISH
        assert {sheet.state for sheet in rows(ScoreSheet)} == {SheetState.PUBLISHED}
        assert [step.event for step in rows(AssessmentStep)].count(Event.CIRCULATE) == 1

    def test_what_was_published_stands_in_the_database(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment"
    ) -> None:
        published(clerk, chair, assessment)
        sheet = rows(ScoreSheet)[0]
        line = rows(ScoreLine, sheet=sheet)[0]
        for change in (
            lambda: ScoreSheet._plain.filter(pk=sheet.pk).update(total=100),
            lambda: ScoreSheet._plain.filter(pk=sheet.pk).update(state="computed"),
            lambda: ScoreSheet._plain.filter(pk=sheet.pk).update(state="superseded", grade="excellent"),
            lambda: ScoreLine._plain.filter(pk=line.pk).update(points=1),
            lambda: ScoreLine._plain.filter(pk=line.pk).delete(),
            lambda: ScoreLine._plain.create(
                scope_code=line.scope_code, sheet=sheet, sort=99, item_code="new", name="新", section="bonus",
                full_points=0, points=5, explanation="",
            ),
        ):  # fmt: skip
            with pytest.raises(IntegrityError), acting(system_actor()), transaction.atomic():
                change()
        with acting(system_actor()):
            assert ScoreSheet._plain.filter(pk=sheet.pk).update(state="superseded") == 1

    def test_only_the_chair(self, clerk: "Actor", chair: "Actor", assessment: "Assessment") -> None:
        objectable(clerk, assessment)
        approve(chair, assessment)
        with pytest.raises(Forbidden):
            as_(clerk, services.publish_assessment, assessment_id=assessment.pk, now=PUBLISH)

    def test_the_neighbour_finds_nothing(
        self, world: "World", clerk: "Actor", chair: "Actor", assessment: "Assessment"
    ) -> None:
        stranger = make_account(world["长凝镇"], Role.PRESIDIUM_CHAIR)
        with pytest.raises(OutOfScope):
            as_(stranger, services.publish_assessment, assessment_id=assessment.pk, now=PUBLISH)


def test_another_scheme_has_its_own_grades(clerk: "Actor", term: "Term") -> None:
    from tests.assessments.makers import seat

    seat(term, 2)
    assessment = opened(clerk, term, "D")
    reconciled(clerk, assessment)
    assert {(sheet.grade, sheet.grade_name) for sheet in rows(ScoreSheet)} == {("basic", "基本称职")}
    assert "基本称职" in str(rows(ScoreSheet)[0].grade_name)
