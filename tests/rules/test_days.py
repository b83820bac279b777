"""Which days can be meant."""

from datetime import date

import pytest

from liaison.calendar.days import (
    WRONG_YEAR,
    bounds,
    is_long_ago,
    numbered_year,
    past_day_fault,
    require_days,
    span_fault,
    years_before,
)
from liaison.words.errors import InvalidInput

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize("day", [date(26, 11, 20), date(1899, 12, 31), date(2100, 1, 1), date(9999, 12, 31)])
def test_a_year_nobody_means_is_refused_in_words(day: date) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_days(starts_on=day, ends_on=None)
    assert refused.value.fields == {"starts_on": "年份请写四位数，如2026。"}


def test_the_edges_of_two_centuries_are_taken() -> None:
    require_days(starts_on=date(1900, 1, 1), ends_on=date(2099, 12, 31))


def test_the_same_day_of_another_year_exists_in_every_year() -> None:
    assert years_before(date(2028, 2, 29), 1) == date(2027, 2, 28)
    assert years_before(date(2028, 2, 29), 4) == date(2024, 2, 29)
    assert years_before(TODAY, -2) == date(2028, 11, 30)


def test_bounds_narrow_from_today() -> None:
    assert bounds(TODAY, years_back=1, years_ahead=0) == (date(2025, 11, 30), TODAY)
    assert bounds(TODAY) == (date(1900, 1, 1), date(2099, 12, 31))


def test_a_day_outside_is_told_where_the_edge_is() -> None:
    assert span_fault(date(2026, 12, 1), TODAY, label="日期", years_ahead=0) == "日期不能晚于今天，请核对。"
    assert (
        span_fault(date(2029, 1, 1), TODAY, label="日期", years_ahead=2)
        == "日期不能晚于2028年11月30日，请核对。"
    )
    assert (
        span_fault(date(2025, 1, 1), TODAY, label="日期", years_back=1)
        == "日期不能早于2025年11月30日，请核对。"
    )
    assert span_fault(date(26, 1, 1), TODAY, label="日期", years_back=1) == WRONG_YEAR
    assert span_fault(TODAY, TODAY, label="日期", years_back=0, years_ahead=0) == ""


def test_what_happened_long_ago_needs_a_second_word() -> None:
    edge, older = date(2021, 11, 30), date(2021, 11, 29)
    assert (is_long_ago(edge, TODAY), is_long_ago(older, TODAY)) == (False, True)
    asked = past_day_fault(older, TODAY, label="反映日期", is_old_day_meant=False)
    assert asked == "反映日期距今已超过5年，请核对年份；确实无误的，勾选“日期无误”后再提交。"
    assert past_day_fault(older, TODAY, label="反映日期", is_old_day_meant=True) == ""
    assert past_day_fault(date(1999, 12, 31), TODAY, label="反映日期", is_old_day_meant=True) == WRONG_YEAR
    assert (
        past_day_fault(date(2026, 12, 1), TODAY, label="反映日期", is_old_day_meant=True)
        == "反映日期不能晚于今天。"
    )


@pytest.mark.parametrize("year", [26, 1999, 2100])
def test_no_number_is_of_another_century(year: int) -> None:
    with pytest.raises(ValueError, match=str(year)):
        numbered_year(year)
