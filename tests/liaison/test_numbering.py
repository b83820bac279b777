"""Document and case numbers: no gap, no repetition, whatever happens at the same moment."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from liaison.documents.numbering import next_number, next_serial
from liaison.models import AuditEntry, DocumentCounter
from liaison.tenancy.scope import Actor, acting, system_actor
from tests.factories import World


def test_counting_begins_at_one_for_each_code_year_and_place(clerk: Actor, other_clerk: Actor) -> None:
    with acting(clerk):
        assert [next_number(scope_code=clerk.lo, code="庄人主", year=2026) for _ in range(3)] == [1, 2, 3]
        assert next_number(scope_code=clerk.lo, code="庄人主", year=2027) == 1
        assert next_number(scope_code=clerk.lo, code="庄人办", year=2026) == 1
    with acting(other_clerk):
        assert next_number(scope_code=other_clerk.lo, code="庄人主", year=2026) == 1


def test_serials_keep_four_figures_and_grow(clerk: Actor) -> None:
    with acting(clerk):
        assert next_serial(scope_code=clerk.lo, code="opinion", year=2025) == "2025-0001"
        DocumentCounter.scoped(clerk).filter(code="opinion").update(last_number=9999)
        assert next_serial(scope_code=clerk.lo, code="opinion", year=2025) == "2025-10000"


@pytest.mark.parametrize("year", [26, 1999, 2100])
def test_no_series_of_numbers_begins_in_another_century(clerk: Actor, year: int) -> None:
    with pytest.raises(ValueError, match=str(year)), acting(clerk):
        next_number(scope_code=clerk.lo, code="庄人主", year=year)
    with acting(clerk), pytest.raises(IntegrityError, match="document_counter_year"), transaction.atomic():
        DocumentCounter.objects.bulk_create([DocumentCounter(scope_code=clerk.lo, code="庄人主", year=year)])


def test_a_rolled_back_document_gives_its_number_back(clerk: Actor) -> None:
    with acting(clerk):
        next_number(scope_code=clerk.lo, code="庄人主", year=2026)
    with acting(clerk):
        assert next_number(scope_code=clerk.lo, code="庄人主", year=2026) == 2
        transaction.set_rollback(True)
    with acting(clerk):
        assert next_number(scope_code=clerk.lo, code="庄人主", year=2026) == 2


def test_issuing_is_audited_with_the_number(clerk: Actor) -> None:
    with acting(clerk):
        next_number(scope_code=clerk.lo, code="庄人主", year=2026)
        entry = AuditEntry.scoped(clerk).filter(operation="issue_number").latest("seq")
    assert '"last_number": [0, 1]' in entry.detail


def test_a_code_that_does_not_fit_is_refused(clerk: Actor) -> None:
    with acting(clerk), pytest.raises(ValueError, match="12"):
        next_number(scope_code=clerk.lo, code="一二三四五六七八九十一二三", year=2026)


def test_eight_at_once_leave_no_gap(
    committed: World, at_once: Callable[[int, Callable[[int], list[int]]], list[list[int]]]
) -> None:
    place = committed["庄子乡"].scope_code

    def twenty(_: int) -> list[int]:
        numbers = []
        for _ in range(20):
            with acting(system_actor()):
                numbers.append(next_number(scope_code=place, code="庄人主", year=2026))
        return numbers

    found = at_once(8, twenty)
    assert sorted(number for numbers in found for number in numbers) == list(range(1, 161))
