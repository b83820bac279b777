"""Objections: in time, one at a time, ruled on by another person, a published result corrected by version."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from assessments import services
from assessments.enums import DeliveryWay, ObjectionEvent, ObjectionState
from assessments.models import ScoreLine, ScoreObjection, ScoreSheet
from liaison.models import Notification
from liaison.words.errors import Forbidden, Refused
from stations.enums import ShippedKind
from tests.assessments.makers import (
    OBJECTION,
    PUBLISH,
    again,
    as_,
    issued,
    objectable,
    reconciled,
    rows,
    sheet_of,
)
from tests.factories import make_deputy_actor
from tests.stations.makers import make_part

if TYPE_CHECKING:
    from assessments.models import Assessment
    from deputies.models import Mandate
    from liaison.tenancy.scope import Actor


@pytest.fixture
def own(mandates: "list[Mandate]") -> "Actor":
    return make_deputy_actor(mandates[0])


def object_to(
    actor: "Actor", sheet: ScoreSheet, now: datetime = OBJECTION, **facts: object
) -> ScoreObjection:
    values = {"reason": "6月5日接待没有计入", **facts}
    return as_(actor, services.raise_objection, sheet_id=sheet.pk, now=now, **values)


def rule(
    actor: "Actor", row: ScoreObjection, event: ObjectionEvent, ruling: str = "记录无误"
) -> ScoreObjection:
    return as_(actor, services.rule_objection, objection_id=row.pk, event=event, ruling=ruling, now=OBJECTION)


def test_from_the_reconciliation_to_the_last_day(
    clerk: "Actor", assessment: "Assessment", mandates: "list[Mandate]", own: "Actor"
) -> None:
    objectable(clerk, assessment)
    sheet = sheet_of(assessment, mandates[0])
    with pytest.raises(Refused, match="1月15日届满"):
        object_to(own, sheet, datetime(2026, 1, 15, 16, 1, tzinfo=UTC))
    row = object_to(own, sheet, datetime(2026, 1, 15, 15, 59, tzinfo=UTC))
    assert row.state == ObjectionState.RAISED


def test_not_before_the_sheet_may_be_read(
    clerk: "Actor", assessment: "Assessment", mandates: "list[Mandate]", own: "Actor"
) -> None:
    as_(clerk, services.freeze_assessment, assessment_id=assessment.pk, now=OBJECTION)
    as_(clerk, services.compute_sheets, assessment_id=assessment.pk, now=OBJECTION)
    with pytest.raises(Forbidden):
        object_to(own, sheet_of(assessment, mandates[0]))


def test_one_at_a_time_about_ones_own_lines(
    clerk: "Actor", assessment: "Assessment", mandates: "list[Mandate]", own: "Actor",
    wrong: Callable[..., dict[str, str]],
) -> None:  # fmt: skip
    reconciled(clerk, assessment)
    sheet, other = sheet_of(assessment, mandates[0]), sheet_of(assessment, mandates[1])
    foreign = rows(ScoreLine, sheet=other)[0]
    assert "line" in wrong(object_to, own, sheet, line_id=foreign.pk)
    assert "reason" in wrong(object_to, own, sheet, reason=" ")
    with pytest.raises(Forbidden):
        object_to(own, other)
    row = object_to(own, sheet)
    with pytest.raises(Refused, match="正在复核"):
        object_to(own, sheet)
    as_(own, services.withdraw_objection, objection_id=row.pk)
    assert object_to(own, sheet).pk != row.pk


def test_taken_up_in_ten_working_days_and_ruled_by_another(
    clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
) -> None:
    objectable(clerk, assessment)
    row = object_to(clerk, sheet_of(assessment, mandates[0]))
    with pytest.raises(Refused, match="开始复核"):
        rule(chair, row, ObjectionEvent.UPHOLD)
    taken = as_(chair, services.start_recheck, objection_id=row.pk, now=OBJECTION)
    assert taken.due_on == date(2026, 1, 22)
    with pytest.raises(Forbidden, match="另一人"):
        rule(clerk, row, ObjectionEvent.UPHOLD)
    assert rule(chair, row, ObjectionEvent.UPHOLD).state == ObjectionState.UPHELD


def test_the_deputy_hears_the_ruling(
    clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]", own: "Actor",
    wrong: Callable[..., dict[str, str]],
) -> None:  # fmt: skip
    objectable(clerk, assessment)
    row = object_to(own, sheet_of(assessment, mandates[0]))
    as_(clerk, services.start_recheck, objection_id=row.pk, now=OBJECTION)
    assert "ruling" in wrong(rule, clerk, row, ObjectionEvent.UPHOLD, " ")
    rule(clerk, row, ObjectionEvent.UPHOLD, "签到簿没有当日记录")
    told = rows(Notification, account_id=own.account_id)
    assert any(n.body == "签到簿没有当日记录" for n in told)


def test_days_to_object_run_from_the_receipt_not_from_the_issue(
    clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]", own: "Actor"
) -> None:
    """「可于收到之日起5个工作日内书面提出复核」 (domain.md section 5): a late letter takes no day away."""
    notice = next(n for n in issued(clerk, chair, assessment) if n.mandate_id == mandates[0].pk)
    late = PUBLISH + timedelta(days=20)
    delivery = {"way": DeliveryWay.IN_PERSON, "received_by": "王建国"}
    as_(clerk, services.deliver_notice, notice_id=notice.pk, now=late, **delivery)
    # 9 February 2026, a Monday, and five working days across 春节 (15 to 23 off, 14 and 28 worked).
    assert again(notice).objection_due_on == date(2026, 2, 14)
    sheet = sheet_of(assessment, mandates[0])
    with pytest.raises(Refused, match="届满"):
        object_to(own, sheet, late + timedelta(days=6))
    assert object_to(own, sheet, late + timedelta(days=5)).state == ObjectionState.RAISED


def test_a_notice_nobody_received_cuts_no_objection_off(
    clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]", own: "Actor"
) -> None:
    issued(clerk, chair, assessment)
    sheet = sheet_of(assessment, mandates[0])
    assert object_to(own, sheet, PUBLISH + timedelta(days=60)).state == ObjectionState.RAISED


def test_after_the_notice_a_correction_is_a_new_version_by_the_chair(
    clerk: "Actor", chair: "Actor", assessment: "Assessment", mandates: "list[Mandate]", own: "Actor"
) -> None:
    notice = next(n for n in issued(clerk, chair, assessment) if n.mandate_id == mandates[0].pk)
    as_(own, services.open_own_notice, notice_id=notice.pk, now=PUBLISH)
    sheet = sheet_of(assessment, mandates[0])
    with pytest.raises(Refused, match="届满"):
        object_to(own, sheet, PUBLISH + timedelta(days=8))
    row = object_to(own, sheet, PUBLISH + timedelta(days=7))
    as_(clerk, services.start_recheck, objection_id=row.pk, now=PUBLISH)
    make_part(mandates[0], ShippedKind.TRAINING, date(2025, 5, 6))
    with pytest.raises(Forbidden):
        rule(clerk, row, ObjectionEvent.CORRECT)
    assert again(row).state == ObjectionState.RECHECKING
    rule(chair, row, ObjectionEvent.CORRECT, "补计一次学习培训")
    assert sheet_of(assessment, mandates[0]).version == 2
    assert again(row).state == ObjectionState.CORRECTED
