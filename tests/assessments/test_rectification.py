"""Reports: problems prefilled, drafts kept, two people, returned and handed in again; the year's end."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from assessments import services
from assessments.enums import AssessmentState, NoticeState, TalkState
from assessments.models import FeedbackNotice, RectificationItem, RectificationReport, ReminderTalk
from assessments.services import Measure, TalkRecord
from deputies.enums import GroupPost
from deputies.models import GroupMembership
from liaison.models import Notification
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden, OutOfScope, Refused
from tests.assessments.makers import (
    PUBLISH,
    again,
    as_,
    deliver,
    hand_in,
    issued,
    rows,
    sheet_of,
    vote,
)
from tests.factories import make_account, make_deputy_actor, make_group

if TYPE_CHECKING:
    from assessments.models import Assessment
    from deputies.models import Mandate, Term
    from liaison.tenancy.scope import Actor

LATER = PUBLISH + timedelta(days=5)


@pytest.fixture
def own(mandates: "list[Mandate]") -> "Actor":
    return make_deputy_actor(mandates[0])


@pytest.fixture
def notice(
    clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
) -> FeedbackNotice:
    vote(clerk, assessment, mandates)
    found = next(n for n in issued(clerk, chair, assessment) if n.mandate_id == mandates[0].pk)
    return deliver(clerk, found)


def review(
    actor: "Actor", report: RectificationReport, *, accepted: bool, note: str = "同意"
) -> RectificationReport:
    return as_(actor, services.review_report, report_id=report.pk, is_accepted=accepted, note=note, now=LATER)


class TestDraft:
    def test_one_row_for_each_problem_of_the_notice(
        self, own: "Actor", notice: FeedbackNotice, mandates: "list[Mandate]"
    ) -> None:
        draft = as_(own, services.start_report, notice_id=notice.pk, now=LATER)
        problems = [item.problem for item in rows(RectificationItem, report=draft)]
        assert problems == sheet_of(notice, mandates[0]).problems
        assert as_(own, services.start_report, notice_id=notice.pk, now=LATER).pk == draft.pk

    def test_a_draft_may_be_incomplete_and_is_kept(self, own: "Actor", notice: FeedbackNotice) -> None:
        draft = as_(own, services.start_report, notice_id=notice.pk, now=LATER)
        as_(
            own, services.save_report, report_id=draft.pk, causes="", summary="",
            measures=[Measure(sort=1, measure="每月走访\u202e一次")],
        )  # fmt: skip
        assert rows(RectificationItem, report=draft)[0].measure == "每月走访一次"

    def test_what_is_missing_is_told_item_by_item(
        self, own: "Actor", notice: FeedbackNotice, wrong: Callable[..., dict[str, str]]
    ) -> None:
        draft = as_(own, services.start_report, notice_id=notice.pk, now=LATER)
        found = wrong(as_, own, services.submit_report, report_id=draft.pk, now=LATER)
        assert {"causes", "measure_1", "finish_on_1"} <= set(found)
        assert again(notice).state == NoticeState.DELIVERED

    def test_first_received_then_answered(
        self,
        clerk: "Actor",
        chair: "Actor",
        assessment: "Assessment",
        mandates: "list[Mandate]",
        own: "Actor",
    ) -> None:
        issued(clerk, chair, assessment)
        fresh = next(n for n in rows(FeedbackNotice) if n.mandate_id == mandates[0].pk)
        with pytest.raises(Refused):
            as_(own, services.start_report, notice_id=fresh.pk, now=LATER)

    def test_a_colleague_writes_nothing(self, notice: FeedbackNotice, mandates: "list[Mandate]") -> None:
        with pytest.raises(Forbidden):
            as_(make_deputy_actor(mandates[1]), services.start_report, notice_id=notice.pk, now=LATER)

    def test_the_neighbours_clerk_finds_nothing(self, notice: FeedbackNotice, other_clerk: "Actor") -> None:
        with pytest.raises(OutOfScope):
            as_(other_clerk, services.start_report, notice_id=notice.pk, now=LATER)


class TestReview:
    def test_returned_with_an_opinion_and_handed_in_again(
        self, own: "Actor", clerk: "Actor", notice: FeedbackNotice, wrong: Callable[..., dict[str, str]]
    ) -> None:
        first = hand_in(own, notice)
        assert "review_note" in wrong(review, clerk, first, accepted=False, note="")
        review(clerk, first, accepted=False, note="措施不够具体")
        assert again(notice).state == NoticeState.RETURNED
        second = as_(own, services.start_report, notice_id=notice.pk, now=LATER)
        assert second.submission == 2
        assert rows(RectificationItem, report=second)[0].measure == "每月至少走访一次选区"
        as_(own, services.submit_report, report_id=second.pk, now=LATER)
        review(clerk, second, accepted=True)
        assert again(notice).state == NoticeState.ACCEPTED
        told = [n.title for n in rows(Notification, account_id=own.account_id)]
        assert any("已退回" in title for title in told)
        assert any("已通过审核" in title for title in told)

    def test_handed_in_twice_is_refused(self, own: "Actor", notice: FeedbackNotice) -> None:
        report = hand_in(own, notice)
        with pytest.raises(Refused, match="已经提交"):
            as_(own, services.submit_report, report_id=report.pk, now=LATER)

    def test_who_wrote_it_for_the_deputy_does_not_review_it(
        self, clerk: "Actor", chair: "Actor", notice: FeedbackNotice
    ) -> None:
        report = hand_in(clerk, notice)
        with pytest.raises(Forbidden, match="另一人审核"):
            review(clerk, report, accepted=True)
        assert review(chair, report, accepted=True).is_accepted

    def test_a_deputy_reviews_nothing(self, own: "Actor", notice: FeedbackNotice) -> None:
        report = hand_in(own, notice)
        with pytest.raises(Forbidden):
            review(own, report, accepted=True)

    def test_the_leader_has_a_word_about_the_own_group(
        self, own: "Actor", notice: FeedbackNotice, mandates: "list[Mandate]", term: "Term"
    ) -> None:
        group, other = make_group(term), make_group(term, 2)
        with acting(system_actor()):
            for mandate, post in ((mandates[0], GroupPost.MEMBER), (mandates[1], GroupPost.LEADER)):
                GroupMembership._plain.create(
                    scope_code=mandate.scope_code, group=group, mandate=mandate, post=post,
                    starts_on=date(2021, 5, 8),
                )  # fmt: skip
            GroupMembership._plain.create(
                scope_code=mandates[2].scope_code, group=other, mandate=mandates[2], post=GroupPost.LEADER,
                starts_on=date(2021, 5, 8),
            )  # fmt: skip
        leader = make_deputy_actor(mandates[1], Role.GROUP_LEADER)
        with pytest.raises(Forbidden, match="由代表本人填写"):
            as_(leader, services.start_report, notice_id=notice.pk, now=LATER)
        report = hand_in(own, notice)
        call = {"report_id": report.pk, "opinion": "情况属实"}
        assert as_(leader, services.give_leader_opinion, **call).leader_opinion == "情况属实"
        with pytest.raises(Forbidden):
            as_(make_deputy_actor(mandates[2], Role.GROUP_LEADER), services.give_leader_opinion, **call)


class TestEnd:
    def test_unreported_only_after_the_deadline_and_still_taken_later(
        self, clerk: "Actor", own: "Actor", notice: FeedbackNotice
    ) -> None:
        call = {"notice_id": notice.pk, "note": "三次催交"}
        with pytest.raises(Refused, match="尚未届满"):
            as_(clerk, services.record_unreported, now=PUBLISH.replace(month=2, day=24), **call)
        as_(clerk, services.record_unreported, now=PUBLISH.replace(month=2, day=25), **call)
        assert again(notice).state == NoticeState.UNREPORTED
        hand_in(own, notice, PUBLISH.replace(month=3))
        assert again(notice).state == NoticeState.REPORTED

    def test_excusing_needs_a_reason(
        self, clerk: "Actor", notice: FeedbackNotice, wrong: Callable[..., dict[str, str]]
    ) -> None:
        call = {"notice_id": notice.pk, "now": LATER}
        assert "reason" in wrong(as_, clerk, services.excuse_report, reason="", **call)
        assert as_(clerk, services.excuse_report, reason="住院治疗", **call).state == NoticeState.EXCUSED

    def test_the_year_is_archived_when_nothing_is_owed(
        self, clerk: "Actor", chair: "Actor", notice: FeedbackNotice, assessment: "Assessment"
    ) -> None:
        call = {"assessment_id": assessment.pk, "now": PUBLISH.replace(month=4)}
        with pytest.raises(Refused, match="整改报告没有办结"):
            as_(clerk, services.archive_assessment, **call)
        for row in rows(FeedbackNotice):
            if row.state == NoticeState.ISSUED:
                deliver(clerk, row)
            review(chair, hand_in(clerk, row), accepted=True)
        with pytest.raises(Refused, match="谈话提醒没有办理"):
            as_(clerk, services.archive_assessment, **call)
        for talk in rows(ReminderTalk):
            hold(chair, talk)
        assert as_(clerk, services.archive_assessment, **call).state == AssessmentState.ARCHIVED
        assert {row.state for row in rows(FeedbackNotice)} == {NoticeState.ARCHIVED}


def hold(chair: "Actor", talk: ReminderTalk, **changes: object) -> ReminderTalk:
    facts = {
        "held_at": PUBLISH,
        "place": "主席办公室",
        "talked_by": "王主席",
        "recorder": "李秘书",
        "content": "请按月走访",
        **changes,
    }
    return as_(chair, services.hold_talk, talk_id=talk.pk, record=TalkRecord(**facts), now=LATER)


class TestTalk:
    def test_once_by_two_people(
        self, chair: "Actor", notice: FeedbackNotice, wrong: Callable[..., dict[str, str]]
    ) -> None:
        talk = rows(ReminderTalk)[0]
        assert "recorder" in wrong(hold, chair, talk, talked_by="王主席、李秘书")
        assert "held_at" in wrong(hold, chair, talk, held_at=LATER + timedelta(days=1))
        assert set(wrong(hold, chair, talk, place="", content=" ")) == {"place", "content"}
        assert hold(chair, talk).state == TalkState.DONE
        with pytest.raises(Refused):
            hold(chair, talk)

    def test_cancelled_with_a_reason(
        self, chair: "Actor", notice: FeedbackNotice, wrong: Callable[..., dict[str, str]]
    ) -> None:
        talk = rows(ReminderTalk)[0]
        call = {"talk_id": talk.pk}
        assert "reason" in wrong(as_, chair, services.cancel_talk, reason=" ", **call)
        row = as_(chair, services.cancel_talk, reason="代表资格已经终止", **call)
        assert (row.state, row.content) == (TalkState.CANCELLED, "取消谈话：代表资格已经终止")
        with pytest.raises(Refused):
            hold(chair, talk)

    def test_only_the_presidium_and_the_person(
        self, chair: "Actor", county: "Actor", notice: FeedbackNotice, mandates: "list[Mandate]"
    ) -> None:
        from assessments.access import get_talk

        talk = rows(ReminderTalk)[0]
        person = next(m for m in mandates if m.pk == talk.mandate_id)
        others = [m for m in mandates if m.pk != talk.mandate_id]
        for actor in (chair, make_deputy_actor(person)):
            with acting(actor):
                assert get_talk(actor, talk.pk).pk == talk.pk
        for actor in (county, make_deputy_actor(others[0]), make_deputy_actor(others[1], Role.GROUP_LEADER)):
            with acting(actor), pytest.raises(Forbidden):
                get_talk(actor, talk.pk)


def test_a_deputy_of_the_presidium_is_still_a_deputy(
    notice: FeedbackNotice, mandates: "list[Mandate]", township: object
) -> None:
    """Rights come from the appointment acted in: the same person as station clerk reads no score."""
    from assessments.access import get_notice

    actor = make_account(township, Role.STATION_CLERK, person_ref=mandates[0].person_id)  # type: ignore[arg-type]
    with acting(actor), pytest.raises(Forbidden):
        get_notice(actor, notice.pk)
