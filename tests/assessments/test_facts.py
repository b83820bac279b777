"""Facts from records: fair denominators, nothing counted twice, queries that do not grow with deputies."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments import services
from assessments.enums import NotRatedReason
from assessments.models import Assessment
from assessments.scoring import Fact, SubjectFacts
from assessments.selectors.facts import assessed_mandates, collect_facts, recorded_codes
from deputies.enums import ElectionWay, MandateEvent, MandateState
from deputies.models import Mandate, MandateChange, Session
from liaison.tenancy.scope import acting, system_actor
from stations.enums import DutyState, ShippedKind
from tests.assessments.makers import FREEZE, PUBLISH, again, as_, deliver, issued, opened, seat, vote
from tests.factories import make_mandate
from tests.stations.makers import make_part

if TYPE_CHECKING:
    from deputies.models import Term
    from liaison.tenancy.scope import Actor


def facts_of(clerk: "Actor", assessment: Assessment, mandate: Mandate) -> SubjectFacts:
    with acting(clerk):
        return collect_facts(clerk, again(assessment))[mandate.pk]


def fact(subject: SubjectFacts, code: str) -> Fact | None:
    return next((each for each in subject.facts if each.code == code), None)


@pytest.mark.parametrize("count", [1, 3, 47])
def test_as_many_queries_for_forty_seven_as_for_one(count: int, clerk: "Actor", term: "Term") -> None:
    mandates = seat(term, count)
    assessment = opened(clerk, term)
    for mandate in mandates[:5]:
        make_part(mandate, ShippedKind.TRAINING, date(2025, 5, 6))
    vote(clerk, assessment, mandates[:2])
    with acting(clerk):
        row = again(assessment)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert len(collect_facts(clerk, row)) == count
    # One each: mandates, opinions, suggestions, ballots, entries, suspensions, absences, last year's
    # notices, the term; six of the stations floor.
    assert len(captured) == 15


class TestDenominators:
    def test_what_was_scheduled_for_this_deputy_counts(
        self, clerk: "Actor", assessment: Assessment, mandates: list[Mandate]
    ) -> None:
        first, second, _ = mandates
        make_part(first, ShippedKind.TRAINING, date(2025, 3, 6))
        make_part(first, ShippedKind.TRAINING, date(2025, 6, 6), DutyState.ABSENT)
        make_part(second, ShippedKind.TRAINING, date(2025, 3, 6), DutyState.ON_LEAVE)
        training = fact(facts_of(clerk, assessment, first), "training")
        assert training
        assert (training.scheduled, training.excused, training.done) == (2, 0, 1)
        excused = fact(facts_of(clerk, assessment, second), "training")
        assert excused
        assert (excused.scheduled, excused.excused, excused.done) == (1, 1, 0)

    def test_months_before_a_by_election_are_not_due(self, clerk: "Actor", term: "Term") -> None:
        late = make_mandate(term, elected_on=date(2025, 4, 1), election_way=ElectionWay.BY_ELECTION)
        subject = facts_of(clerk, opened(clerk, term), late)
        visits = fact(subject, "constituency_visit")
        assert visits
        assert (visits.scheduled, visits.excused) == (12, 3)
        assert subject.months == 9

    def test_under_six_months_is_not_rated(self, clerk: "Actor", term: "Term") -> None:
        late = make_mandate(term, elected_on=date(2025, 8, 1), election_way=ElectionWay.BY_ELECTION)
        assessment = opened(clerk, term)
        as_(clerk, services.freeze_assessment, assessment_id=assessment.pk, now=FREEZE)
        as_(clerk, services.compute_sheets, assessment_id=assessment.pk, now=FREEZE)
        with acting(clerk):
            sheet = late.sheets.get()
        assert (sheet.grade, sheet.total) == ("not_rated", None)
        assert "任职满5个月" in sheet.not_rated_note

    def test_whoever_left_office_within_the_year_is_not_rated(self, clerk: "Actor", term: "Term") -> None:
        gone = make_mandate(term, ended_on=date(2025, 10, 1), state=MandateState.RESIGNED.value)
        stays = make_mandate(term, "李秀英")
        before = make_mandate(term, "张伟", ended_on=date(2024, 10, 1), state=MandateState.RESIGNED.value)
        assessment = opened(clerk, term)
        exemption = facts_of(clerk, assessment, gone).exemption
        assert exemption
        assert exemption.reason == NotRatedReason.MANDATE_OVER
        assert facts_of(clerk, assessment, stays).exemption is None
        with acting(clerk):
            assert before.pk not in {m.pk for m in assessed_mandates(clerk, again(assessment))}

    def test_an_exemption_is_entered_with_its_basis(
        self, clerk: "Actor", assessment: Assessment, mandates: list[Mandate]
    ) -> None:
        as_(
            clerk, services.record_extra_fact, assessment_id=assessment.pk, mandate_id=mandates[0].pk,
            fact_code="exempt_illness", basis="市医院诊断证明", happened_on=date(2025, 3, 1), now=FREEZE,
        )  # fmt: skip
        exemption = facts_of(clerk, assessment, mandates[0]).exemption
        assert exemption
        assert (exemption.reason, exemption.note) == (NotRatedReason.LONG_ILLNESS, "市医院诊断证明")


def test_a_review_and_its_vote_are_one_fact(
    clerk: "Actor", assessment: Assessment, mandates: list[Mandate]
) -> None:
    make_part(mandates[0], ShippedKind.REVIEW, date(2025, 12, 20))
    vote(clerk, assessment, mandates[:1])
    review = fact(facts_of(clerk, assessment, mandates[0]), "review_ballot")
    assert review
    assert review.tallies["valid"] == 50
    assert {ref.kind for ref in review.evidence} == {"participation", "ballot"}


class TestVetoes:
    def test_a_suspension_within_the_year_is_its_own_evidence(
        self, clerk: "Actor", assessment: Assessment, mandates: list[Mandate]
    ) -> None:
        with acting(system_actor()):
            for mandate, day in ((mandates[0], date(2025, 6, 1)), (mandates[1], date(2024, 6, 1))):
                MandateChange._plain.create(
                    scope_code=mandate.scope_code, mandate=mandate, event=MandateEvent.SUSPEND,
                    from_state=MandateState.ACTIVE, to_state=MandateState.SUSPENDED, effective_on=day,
                    basis="主席团决定", recorded_at=FREEZE,
                )  # fmt: skip
        assert fact(facts_of(clerk, assessment, mandates[0]), "mandate_suspended")
        assert fact(facts_of(clerk, assessment, mandates[1]), "mandate_suspended") is None

    @pytest.mark.parametrize(
        ("missed", "established"),
        [
            ((("A", "absent"), ("A", "absent"), ("B", "absent")), True),
            ((("A", "absent"), ("A", "attended"), ("B", "absent")), False),
            ((("A", "absent"), ("B", "on_leave")), False),
            ((("A", "absent"), ("A", "absent")), False),
        ],
        ids=["two whole sessions", "one half missed", "leave is approved", "one session only"],
    )
    def test_two_unapproved_absences_only_when_established(
        self, missed: Any, established: bool, clerk: "Actor", assessment: Assessment, mandates: list[Mandate],
        term: "Term",
    ) -> None:  # fmt: skip
        days = {"A": date(2025, 1, 15), "B": date(2025, 7, 10)}
        sessions = {}
        with acting(system_actor()):
            for number, (name, day) in enumerate(days.items(), start=1):
                sessions[name] = Session._plain.create(
                    scope_code=term.scope_code, scope_end=term.scope_end, term=term, number=number,
                    starts_on=day, ends_on=day,
                )  # fmt: skip
        for name, outcome in missed:
            part = make_part(mandates[0], ShippedKind.SESSION, days[name], DutyState(outcome))
            with acting(system_actor()):
                type(part.activity)._plain.filter(pk=part.activity_id).update(session=sessions[name])
        found = fact(facts_of(clerk, assessment, mandates[0]), "two_unapproved_absences")
        assert (found is not None) is established

    def test_last_years_report_never_returned(
        self, clerk: "Actor", chair: "Actor", assessment: Assessment, mandates: list[Mandate], term: "Term"
    ) -> None:
        vote(clerk, assessment, mandates)
        notice = issued(clerk, chair, assessment)[0]
        deliver(clerk, notice)
        after = PUBLISH.replace(month=3)
        as_(clerk, services.record_unreported, notice_id=notice.pk, note="三次催交未交", now=after)
        scheme_id = assessment.scheme_id
        later = as_(clerk, services.open_assessment, term=term, year=2026, scheme_id=scheme_id)
        owing = next(m for m in mandates if m.pk == notice.mandate_id)
        others = [m for m in mandates if m.pk != notice.mandate_id]
        found = fact(facts_of(clerk, later, owing), "report_not_returned")
        assert found
        assert found.evidence[0].id == notice.pk
        assert all(fact(facts_of(clerk, later, m), "report_not_returned") is None for m in others)


class TestEntries:
    def enter(self, clerk: "Actor", assessment: Assessment, mandate: Mandate, **facts: Any) -> Any:
        usual = {"basis": "区委表彰决定", "happened_on": date(2025, 7, 1), "now": FREEZE}
        values = {**usual, **facts}
        return as_(
            clerk, services.record_extra_fact, assessment_id=assessment.pk, mandate_id=mandate.pk, **values
        )

    def test_what_the_records_give_is_not_typed_in(
        self,
        clerk: "Actor",
        assessment: Assessment,
        mandates: list[Mandate],
        wrong: Callable[..., dict[str, str]],
    ) -> None:
        for code in ("reception", "public_opinion", "two_unapproved_absences"):
            found = wrong(self.enter, clerk, assessment, mandates[0], fact_code=code)
            assert "自动计入" in found["fact_code"]
        with acting(clerk):
            assert "commendation" not in recorded_codes(clerk, clerk.lo, 2026)

    @pytest.mark.parametrize(
        ("facts", "field"),
        [
            ({"fact_code": "nothing"}, "fact_code"),
            ({"fact_code": "late", "basis": " "}, "basis"),
            ({"fact_code": "late", "happened_on": date(2024, 12, 31)}, "happened_on"),
            ({"fact_code": "late", "happened_on": date(2026, 1, 5)}, "happened_on"),
            ({"fact_code": "commendation", "points": Decimal(9)}, "points"),
        ],
    )
    def test_each_fault_is_told_at_its_field(
        self, facts: Any, field: str, clerk: "Actor", assessment: Assessment, mandates: list[Mandate],
        wrong: Callable[..., dict[str, str]],
    ) -> None:  # fmt: skip
        assert field in wrong(self.enter, clerk, assessment, mandates[0], **facts)

    def test_a_mark_needs_its_number_and_replaces_the_former(
        self, clerk: "Actor", term: "Term", wrong: Callable[..., dict[str, str]]
    ) -> None:
        mandate = seat(term, 1)[0]
        assessment = opened(clerk, term, "E")
        assert "points" in wrong(self.enter, clerk, assessment, mandate, fact_code="group_review")
        assert "points" in wrong(
            self.enter, clerk, assessment, mandate, fact_code="group_review", points=Decimal(101)
        )
        self.enter(clerk, assessment, mandate, fact_code="group_review", points=Decimal(90))
        self.enter(clerk, assessment, mandate, fact_code="group_review", points=Decimal(95))
        found = fact(facts_of(clerk, assessment, mandate), "group_review")
        assert found
        assert found.points == 95
