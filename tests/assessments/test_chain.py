"""The whole year from the scheme to the talk, through the services only."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from pypdf import PdfReader

from assessments import services
from assessments.enums import AssessmentState, NoticeState, SheetState, TalkState
from assessments.models import Circular, FeedbackNotice, ReminderTalk, ScoreSheet
from liaison.files.uploads import read_bytes
from liaison.models import Notification
from liaison.tenancy.scope import acting, system_actor
from tests.assessments.makers import (
    PUBLISH,
    again,
    as_,
    deliver,
    hand_in,
    issued,
    rows,
    vote,
)
from tests.factories import make_deputy_actor

if TYPE_CHECKING:
    from assessments.models import Assessment
    from deputies.models import Mandate
    from liaison.tenancy.scope import Actor


def text_of(stored: object) -> str:
    reader = PdfReader(io.BytesIO(read_bytes(stored)))
    return "".join(page.extract_text() for page in reader.pages).replace("\n", "")


def test_from_the_scheme_to_the_talk(
    clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
) -> None:
    deputy = make_deputy_actor(mandates[0])
    vote(clerk, assessment, mandates)
    notices = issued(clerk, chair, assessment)

    assert [n.organ_number for n in notices] == [1, 2, 3]
    assert {n.due_on for n in notices} == {date(2026, 2, 24)}
    # 「可于收到之日起5个工作日内」: nobody's days run before the notice is in hand.
    assert {n.objection_due_on for n in notices} == {None}
    assert again(assessment).state == AssessmentState.RECTIFYING

    for notice in notices:
        assert as_(system_actor(), services.render_notice, notice_id=notice.pk, now=PUBLISH) is True
        assert as_(system_actor(), services.render_notice, notice_id=notice.pk, now=PUBLISH) is False
    circular = rows(Circular)[0]
    assert circular.organ_number == 4
    assert as_(system_actor(), services.render_circular, circular_id=circular.pk, now=PUBLISH)

    own = next(n for n in notices if n.mandate_id == mandates[0].pk)
    read = as_(deputy, services.open_own_notice, notice_id=own.pk, now=PUBLISH)
    assert read.state == NoticeState.DELIVERED
    assert again(read).objection_due_on == date(2026, 1, 27)
    for notice in notices:
        if notice.pk != own.pk:
            deliver(clerk, notice)

    overdue = datetime(2026, 2, 27, 1, 0, tzinfo=UTC)
    for notice in notices[1:]:
        as_(system_actor(), services.send_reminder, notice_id=notice.pk, now=overdue)
    with acting(system_actor()):
        titles = set(Notification._plain.filter(account_id=clerk.account_id).values_list("title", flat=True))
    assert any("逾期3日" in title for title in titles)

    report = hand_in(deputy, own)
    as_(
        clerk,
        services.review_report,
        report_id=report.pk,
        is_accepted=False,
        note="措施不够具体",
        now=PUBLISH,
    )
    second = hand_in(deputy, own)
    assert second.submission == 2
    as_(clerk, services.review_report, report_id=second.pk, is_accepted=True, note="", now=PUBLISH)
    assert again(own).state == NoticeState.ACCEPTED

    talks = rows(ReminderTalk)
    lowest = [sheet for sheet in rows(ScoreSheet) if sheet.grade == "unqualified"]
    assert len(talks) == len(lowest)
    if talks:
        record = services.TalkRecord(
            held_at=PUBLISH, place="乡人大办公室", talked_by="王主席", recorder="李秘书", content="请认真履职"
        )
        talk = as_(
            chair, services.hold_talk, talk_id=talks[0].pk, record=record, now=PUBLISH + timedelta(days=1)
        )
        assert talk.state == TalkState.DONE


def test_the_printed_total_is_the_sum_of_the_printed_lines(
    clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
) -> None:
    vote(clerk, assessment, mandates)
    for notice in issued(clerk, chair, assessment):
        as_(system_actor(), services.render_notice, notice_id=notice.pk, now=PUBLISH)
        with acting(system_actor()):
            made = FeedbackNotice._plain.select_related("pdf", "sheet").get(pk=notice.pk)
            points = list(made.sheet.lines.values_list("points", flat=True))
            text = text_of(made.pdf)
        assert made.sheet.state == SheetState.PUBLISHED
        assert sum(points) == made.sheet.total
        assert f"得分为{made.sheet.total}分" in text
        assert f"2026〕{made.organ_number}号" in text
        assert made.sheet.content_hash[:12] in text
