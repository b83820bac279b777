"""Official words of the appraisal: whole or refused, never cut; paragraphs stay."""

from typing import TYPE_CHECKING

import pytest

from assessments import services
from assessments.models import RectificationItem, ScoreLine, ScoreSheet
from liaison.words.errors import InvalidInput
from tests.assessments.makers import OBJECTION, PUBLISH, as_, deliver, issued, objectable, rows, sheet_of
from tests.factories import make_deputy_actor

if TYPE_CHECKING:
    from assessments.models import Assessment
    from deputies.models import Mandate
    from liaison.tenancy.scope import Actor


def refused(call: object) -> dict[str, str]:
    with pytest.raises(InvalidInput) as error:
        call()  # type: ignore[operator]
    return error.value.fields


def test_an_objection_is_taken_whole_or_not_at_all(
    clerk: "Actor", assessment: "Assessment", mandates: "list[Mandate]"
) -> None:
    objectable(clerk, assessment)
    own, sheet = make_deputy_actor(mandates[0]), sheet_of(assessment, mandates[0])

    def object_to(reason: str) -> object:
        return as_(own, services.raise_objection, sheet_id=sheet.pk, reason=reason, now=OBJECTION)

    assert refused(lambda: object_to("字" * 401)) == {"reason": "异议理由最多400个字，现有401个字，请精简。"}
    lines = "一、6月5日接待没有计入。\n二、7月的走访有误。"
    row = object_to(lines.replace("\n", "\r\n"))
    assert row.reason == lines  # type: ignore[attr-defined]


def test_a_report_says_which_measure_is_too_long_and_which_day_too_early(
    clerk: "Actor", chair: "Actor", assessment: "Assessment"
) -> None:
    from datetime import date

    notice = issued(clerk, chair, assessment)[0]
    deliver(clerk, notice)
    draft = as_(clerk, services.start_report, notice_id=notice.pk, now=PUBLISH)

    def save(**facts: object) -> object:
        values = {
            "sort": 1,
            "measure": "每月走访一次",
            "finish_on": date(2026, 6, 30),
            "progress": "",
            **facts,
        }
        return as_(
            clerk, services.save_report, report_id=draft.pk, causes="", summary="",
            measures=[services.Measure(**values)],
        )  # fmt: skip

    too_long = "整改（巩固提升）措施最多400个字，现有401个字，请精简。"
    assert refused(lambda: save(measure="字" * 401)) == {"measure_1": too_long}
    assert list(refused(lambda: save(finish_on=date(2020, 1, 1)))) == ["finish_on_1"]
    assert refused(lambda: save(finish_on=date(26, 6, 30))) == {"finish_on_1": "年份请写四位数，如2026。"}
    lines = "每月走访一次。\n每季接待一次。"
    save(measure=lines)
    assert [item.measure for item in rows(RectificationItem, report=draft, sort=1)] == [lines]


@pytest.mark.parametrize(("model", "names"), [
    (ScoreLine, ("explanation", "deduction_reason", "cap_note")), (ScoreSheet, ("not_rated_note",)),
])  # fmt: skip
def test_what_the_score_says_of_itself_has_no_limit(model: type, names: tuple[str, ...]) -> None:
    assert {model._meta.get_field(name).max_length for name in names} == {None}  # type: ignore[attr-defined]
