"""Numbers without a gap, dates across 春节, everything once, corrected by a new letter."""

import io
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction
from pypdf import PdfReader

from assessments import services
from assessments.enums import DeliveryWay, NoticeState, SheetState, TalkState
from assessments.models import Circular, FeedbackNotice, NoticeStep, ReminderTalk, ScoreSheet
from deputies.enums import ElectionWay
from liaison.files.uploads import read_bytes
from liaison.models import Jurisdiction, Notification, StoredFile
from liaison.tenancy.scope import acting, system_actor
from liaison.words.errors import Forbidden, InvalidInput, Refused
from stations.enums import ShippedKind
from tests.assessments.makers import (
    PUBLISH,
    again,
    as_,
    deliver,
    issued,
    opened,
    published,
    rows,
    seat,
    sheet_of,
    vote,
)
from tests.factories import make_deputy_actor, make_mandate
from tests.stations.makers import make_part

if TYPE_CHECKING:
    from assessments.models import Assessment
    from deputies.models import Mandate, Term
    from liaison.tenancy.scope import Actor


def issue(assessment: "Assessment", now: datetime = PUBLISH) -> int:
    return as_(system_actor(), services.issue_notices, assessment_id=assessment.pk, now=now)


def text_of(stored: StoredFile) -> str:
    with acting(system_actor()):
        reader = PdfReader(io.BytesIO(read_bytes(stored)))
    text = "".join(page.extract_text() for page in reader.pages)
    return "".join(text.split())


class TestIssuing:
    def test_forty_seven_numbers_in_stroke_order(self, clerk: "Actor", chair: "Actor", term: "Term") -> None:
        seat(term, 47)
        notices = issued(clerk, chair, opened(clerk, term))
        assert [n.organ_number for n in notices] == list(range(1, 48))
        with acting(system_actor()):
            strokes = list(
                FeedbackNotice._plain.order_by("organ_number").values_list("mandate__person__name_strokes", flat=True)
            )  # fmt: skip
        assert strokes == sorted(strokes)
        assert len(rows(NoticeStep)) == 47
        assert {n.document_number for n in notices} >= {"庄人主〔2026〕1号", "庄人主〔2026〕47号"}

    def test_a_second_call_finds_nothing_to_do(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment"
    ) -> None:
        published(clerk, chair, assessment)
        assert issue(assessment) == 3
        assert issue(assessment) == 0
        assert len(rows(FeedbackNotice)) == 3
        assert len(rows(Circular)) == 1

    def test_not_before_the_publication(self, assessment: "Assessment") -> None:
        with pytest.raises(Refused, match="尚未公布"):
            issue(assessment)

    @pytest.mark.parametrize(
        ("day", "due_on"),
        [
            # 2026-02-15 … 02-23 are off, 02-14 and 02-28 are worked (State Council's notice).
            (date(2026, 1, 20), date(2026, 2, 24)),
            (date(2026, 1, 15), date(2026, 2, 14)),
            (date(2026, 1, 29), date(2026, 2, 28)),
            (date(2026, 1, 30), date(2026, 3, 2)),
        ],
    )
    def test_due_dates_across_spring_festival(
        self, day: date, due_on: date, clerk: "Actor", chair: "Actor", assessment: "Assessment"
    ) -> None:
        published(clerk, chair, assessment)
        issue(assessment, datetime(day.year, day.month, day.day, 2, tzinfo=UTC))
        notice = rows(FeedbackNotice)[0]
        assert (notice.due_on, notice.due_is_provisional) == (due_on, False)
        assert "30日" in notice.due_text

    def test_an_organ_without_a_code_issues_nothing(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment", township: Jurisdiction
    ) -> None:
        published(clerk, chair, assessment)
        with acting(system_actor()):
            Jurisdiction.objects.filter(pk=township.pk).update(document_code="")
        with pytest.raises(Refused, match="机关代字"):
            issue(assessment)
        assert rows(FeedbackNotice) == []
        with acting(system_actor()):
            Jurisdiction.objects.filter(pk=township.pk).update(document_code="庄人主")
        assert issue(assessment) == 3
        assert rows(FeedbackNotice)[0].organ_number == 1

    def test_who_is_not_rated_gets_no_score_to_be_told(
        self, clerk: "Actor", chair: "Actor", term: "Term"
    ) -> None:
        seat(term, 2)
        make_mandate(term, "补选者", elected_on=date(2025, 9, 1), election_way=ElectionWay.BY_ELECTION)
        notices = issued(clerk, chair, opened(clerk, term))
        assert len(notices) == 2
        assert issue(notices_assessment(notices)) == 0

    def test_the_lowest_grade_is_talked_to(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        for code in (ShippedKind.CONSTITUENCY_VISIT, ShippedKind.POLICY_TALK):
            for month in range(1, 13):
                make_part(mandates[0], code, date(2025, month, 8))
        vote(clerk, assessment, mandates)
        issued(clerk, chair, assessment)
        lowest = {s.pk for s in rows(ScoreSheet) if s.grade == "unqualified"}
        talks = rows(ReminderTalk)
        assert {talk.sheet_id for talk in talks} == lowest
        assert lowest
        assert [talk.record_number for talk in talks] == [f"2026-{n:04d}" for n in range(1, len(talks) + 1)]
        # 15 days after 2026-01-20.
        assert {talk.due_on for talk in talks} == {date(2026, 2, 4)}

    def test_every_grade_gets_its_letter_and_only_the_lowest_a_talk(
        self, clerk: "Actor", chair: "Actor", term: "Term"
    ) -> None:
        active, _ = seat(term, 2)
        for day in range(1, 25):
            make_part(active, ShippedKind.CONSTITUENCY_VISIT, date(2025, 3, day))
        notices = issued(clerk, chair, opened(clerk, term, "D"))
        assert sorted(sheet.grade_name for sheet in rows(ScoreSheet)) == ["基本称职", "称职"]
        assert {n.sheet_id for n in notices} == {sheet.pk for sheet in rows(ScoreSheet)}
        assert rows(ReminderTalk) == []

    def test_an_issued_letter_keeps_its_number(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment"
    ) -> None:
        notice = issued(clerk, chair, assessment)[0]
        for change in (
            lambda: FeedbackNotice._plain.filter(pk=notice.pk).update(organ_number=99),
            lambda: FeedbackNotice._plain.filter(pk=notice.pk).update(issued_on=date(2026, 1, 1)),
            lambda: FeedbackNotice._plain.filter(pk=notice.pk)._raw_delete("default"),
            lambda: Circular._plain.update(organ_number=99),
        ):
            with pytest.raises(IntegrityError), acting(system_actor()), transaction.atomic():
                change()


def notices_assessment(notices: list[FeedbackNotice]) -> "Assessment":
    with acting(system_actor()):
        return notices[0].assessment


class TestPrinting:
    def test_once_told_once_the_same_bytes_again(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        deputy = make_deputy_actor(mandates[0])
        notice = next(n for n in issued(clerk, chair, assessment) if n.mandate_id == mandates[0].pk)
        call = {"notice_id": notice.pk, "now": PUBLISH}
        assert as_(system_actor(), services.render_notice, **call)
        assert not as_(system_actor(), services.render_notice, **call)
        assert len(rows(StoredFile)) == 1
        told = [n.title for n in rows(Notification, account_id=deputy.account_id)]
        assert [subject for subject in told if "通知书" in subject] == [
            "您的2025年度履职测评结果反馈通知书已签发"
        ]
        # Lost and made again, hours and many audit entries later: not a byte differs.
        with acting(system_actor()):
            FeedbackNotice._plain.filter(pk=notice.pk).update(rendered_at=None, pdf=None)
        assert as_(system_actor(), services.render_notice, notice_id=notice.pk, now=PUBLISH.replace(hour=9))
        first, second = rows(StoredFile)
        assert first.sha256 == second.sha256

    def test_the_notice_carries_the_head_of_the_audit_chain(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment"
    ) -> None:
        notice = issued(clerk, chair, assessment)[0]
        as_(system_actor(), services.render_notice, notice_id=notice.pk, now=PUBLISH)
        with acting(system_actor()):
            made = FeedbackNotice._plain.select_related("pdf", "sheet").get(pk=notice.pk)
        assert len(made.chain_head) == 64
        assert f"{made.sheet.content_hash[:12]}-{made.chain_head[:8]}" in text_of(made.pdf)

    def test_the_circular_names_by_grade_without_a_score(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        vote(clerk, assessment, mandates)
        issued(clerk, chair, assessment)
        circular = rows(Circular)[0]
        assert as_(system_actor(), services.render_circular, circular_id=circular.pk, now=PUBLISH)
        assert not as_(system_actor(), services.render_circular, circular_id=circular.pk, now=PUBLISH)
        with acting(system_actor()):
            text = text_of(Circular._plain.select_related("pdf").get().pdf)
        assert all(mandate.person.name in text for mandate in mandates)
        assert all(str(sheet.total) not in text for sheet in rows(ScoreSheet))
        assert "庄人主〔2026〕4号" in text


class TestDelivery:
    def test_the_deputys_own_receipt(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        deputy = make_deputy_actor(mandates[0])
        notice = next(n for n in issued(clerk, chair, assessment) if n.mandate_id == mandates[0].pk)
        row = as_(deputy, services.open_own_notice, notice_id=notice.pk, now=PUBLISH)
        assert (row.state, row.delivery_way) == (NoticeState.DELIVERED, DeliveryWay.ONLINE)
        assert row.received_by == deputy.display_name
        later = as_(deputy, services.open_own_notice, notice_id=notice.pk, now=PUBLISH.replace(day=25))
        assert later.read_at == PUBLISH

    def test_only_the_office_delivers_for_others(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        colleague = make_deputy_actor(mandates[1])
        notice = next(n for n in issued(clerk, chair, assessment) if n.mandate_id == mandates[0].pk)
        with pytest.raises(Forbidden):
            as_(colleague, services.open_own_notice, notice_id=notice.pk, now=PUBLISH)
        with pytest.raises(InvalidInput):
            as_(
                clerk,
                services.deliver_notice,
                notice_id=notice.pk,
                way=DeliveryWay.POST,
                received_by=" ",
                now=PUBLISH,
            )
        assert deliver(clerk, notice).delivered_on == date(2026, 1, 20)
        with pytest.raises(Refused, match="不能办理“登记送达”"):
            deliver(clerk, notice)


class TestCorrection:
    def correct(self, chair: "Actor", sheet: ScoreSheet, reason: str = "漏记一次学习培训") -> ScoreSheet:
        return as_(
            chair, services.correct_sheet, sheet_id=sheet.pk, reason=reason, now=PUBLISH.replace(day=26)
        )

    def test_a_new_version_and_a_new_letter(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        notices = issued(clerk, chair, assessment)
        old = sheet_of(assessment, mandates[0])
        make_part(mandates[0], ShippedKind.TRAINING, date(2025, 5, 6))
        new = self.correct(chair, old)
        assert (new.version, new.state, new.correction_reason) == (
            2,
            SheetState.PUBLISHED,
            "漏记一次学习培训",
        )
        assert again(old).state == SheetState.SUPERSEDED
        assert again(old).total == old.total
        former = next(n for n in notices if n.mandate_id == mandates[0].pk)
        assert again(former).state == NoticeState.SUPERSEDED
        # The circular has number 4; the corrected letter gets the next one, and nobody else a second.
        assert issue(assessment, PUBLISH.replace(day=26)) == 1
        letter = rows(FeedbackNotice, sheet=new)[0]
        assert (letter.organ_number, letter.issued_on) == (5, date(2026, 1, 26))
        assert issue(assessment) == 0
        talks = rows(ReminderTalk, mandate=mandates[0])
        assert [talk.state for talk in talks][:1] == [TalkState.CANCELLED]

    def test_without_a_change_or_a_reason_nothing_is_corrected(
        self, clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        issued(clerk, chair, assessment)
        sheet = sheet_of(assessment, mandates[0])
        with pytest.raises(Refused, match="没有变化"):
            self.correct(chair, sheet)
        with pytest.raises(InvalidInput):
            self.correct(chair, sheet, " ")
        with pytest.raises(Forbidden):
            self.correct(clerk, sheet)
        assert len(rows(ScoreSheet)) == 3
