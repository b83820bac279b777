"""What is entered may be withdrawn until the approval; what may be entered; until when one may object."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from assessments import services
from assessments.models import ExtraFact
from assessments.services.entries import enterable_facts, withdraw_extra_fact
from assessments.services.notices import printed_at, settle_objection_periods
from assessments.services.objections import objection_until
from assessments.services.schemes import is_in_use
from liaison.calendar.working import load_year
from liaison.models import AuditEntry
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from tests.assessments.makers import (
    FREEZE,
    PUBLISH,
    again,
    as_,
    deliver,
    issued,
    objectable,
    published,
    reconciled,
    rows,
    sheet_of,
)

if TYPE_CHECKING:
    from assessments.models import Assessment
    from deputies.models import Mandate


@pytest.fixture
def fact(clerk: Actor, assessment: "Assessment", mandates: "list[Mandate]") -> ExtraFact:
    return as_(
        clerk, services.record_extra_fact, assessment_id=assessment.pk, mandate_id=mandates[0].pk,
        fact_code="exempt_illness", basis="市医院诊断证明", happened_on=date(2025, 3, 1), now=FREEZE,
    )  # fmt: skip


class TestWithdrawing:
    def test_the_entry_goes_and_the_trail_keeps_why(self, clerk: Actor, fact: ExtraFact) -> None:
        as_(clerk, withdraw_extra_fact, extra_fact_id=fact.pk, reason="登记错了代表")
        assert rows(ExtraFact) == []
        with acting(system_actor()):
            entry = AuditEntry._plain.get(operation="withdraw_extra_fact", change="delete")
        assert (entry.reason, entry.row_ref) == ("登记错了代表", fact.pk)

    def test_not_without_a_reason(self, clerk: Actor, fact: ExtraFact) -> None:
        with pytest.raises(InvalidInput, match="请写明撤销的理由。"):
            as_(clerk, withdraw_extra_fact, extra_fact_id=fact.pk, reason="  ")
        assert rows(ExtraFact) == [fact]

    def test_not_by_the_neighbour_and_not_by_a_deputy(
        self, other_clerk: Actor, deputy_actor: Actor, fact: ExtraFact
    ) -> None:
        with pytest.raises(OutOfScope):
            as_(other_clerk, withdraw_extra_fact, extra_fact_id=fact.pk, reason="登记错了")
        with pytest.raises(Forbidden):
            as_(deputy_actor, withdraw_extra_fact, extra_fact_id=fact.pk, reason="登记错了")
        assert rows(ExtraFact) == [fact]

    def test_not_after_the_approval(
        self, clerk: Actor, chair: Actor, assessment: "Assessment", fact: ExtraFact
    ) -> None:
        published(clerk, chair, assessment)
        with pytest.raises(Refused, match="结果已经审定，不能再增减事项；确有错误请办理更正。"):
            as_(clerk, withdraw_extra_fact, extra_fact_id=fact.pk, reason="登记错了")
        assert rows(ExtraFact) == [fact]


def test_what_the_records_count_is_not_offered_and_exemptions_come_last(
    clerk: Actor, assessment: "Assessment"
) -> None:
    with acting(clerk):
        offered = enterable_facts(clerk, again(assessment))
    assert {"reception", "public_opinion", "two_unapproved_absences"}.isdisjoint(offered)
    assert offered["commendation"]
    exempt = [code for code in offered if code.startswith("exempt_")]
    assert exempt != []
    assert list(offered)[-len(exempt) :] == exempt
    assert all(offered[code].startswith("不参评：") for code in exempt)


def test_a_scheme_is_in_use_once_a_year_froze_its_data(clerk: Actor, assessment: "Assessment") -> None:
    with acting(clerk):
        assert is_in_use(clerk, assessment.scheme) is False
    as_(clerk, services.freeze_assessment, assessment_id=assessment.pk, now=FREEZE)
    with acting(clerk):
        assert is_in_use(clerk, again(assessment.scheme)) is True


class TestTheLastDayToObject:
    def until(self, clerk: Actor, assessment: "Assessment", mandate: "Mandate") -> date | None:
        sheet = sheet_of(assessment, mandate)
        sheet.assessment = again(assessment)
        with acting(clerk):
            return objection_until(clerk, sheet)

    def test_open_during_the_reconciliation_and_then_a_day(
        self, clerk: Actor, chair: Actor, assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        reconciled(clerk, assessment)
        assert self.until(clerk, assessment, mandates[0]) == date.max

    def test_the_period_before_the_approval_has_its_day(
        self, clerk: Actor, assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        objectable(clerk, assessment)
        assert self.until(clerk, assessment, mandates[0]) == date(2026, 1, 15)

    def test_a_published_sheet_waits_for_its_notice_and_then_for_its_receipt(
        self, clerk: Actor, chair: Actor, assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        notices = issued(clerk, chair, assessment)
        assert self.until(clerk, assessment, mandates[0]) == date.max
        for notice in notices:
            deliver(clerk, notice, PUBLISH)
        # Received on Tuesday 20 January 2026; five working days from the next day on.
        assert self.until(clerk, assessment, mandates[0]) == date(2026, 1, 27)

    def test_without_a_notice_there_is_nothing_to_object_to(
        self, clerk: Actor, chair: Actor, assessment: "Assessment", mandates: "list[Mandate]"
    ) -> None:
        published(clerk, chair, assessment)
        assert self.until(clerk, assessment, mandates[0]) is None


def test_an_estimated_day_of_objection_is_settled_once_its_year_is_known(
    clerk: Actor, chair: Actor, assessment: "Assessment"
) -> None:
    notice = issued(clerk, chair, assessment)[0]
    late = datetime(2027, 2, 2, 2, tzinfo=UTC)
    deliver(clerk, notice, late)
    assert (again(notice).objection_due_on, again(notice).objection_is_provisional) == (
        date(2027, 2, 9),
        True,
    )
    assert as_(system_actor(), settle_objection_periods, now=late) == 0
    with acting(system_actor()):
        load_year(year=2027, holidays={date(2027, 2, 8): "春节"}, makeups={}, source="通知", now=late)
    as_(system_actor(), settle_objection_periods, now=late)
    settled = again(notice)
    assert (settled.objection_due_on, settled.objection_is_provisional) == (date(2027, 2, 10), False)
    assert as_(system_actor(), settle_objection_periods, now=late) == 0


def test_only_the_system_settles_days_of_objection(clerk: Actor) -> None:
    with pytest.raises(Forbidden):
        as_(clerk, settle_objection_periods, now=PUBLISH)


def test_a_document_bears_nine_oclock_of_its_day_in_china() -> None:
    moment = printed_at(date(2026, 1, 20))
    assert moment == datetime(2026, 1, 20, 9, tzinfo=timezone(timedelta(hours=8)))
    assert moment == printed_at(date(2026, 1, 20))
