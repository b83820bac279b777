"""The scheme as a table of cells: what is typed comes back as the definition, faults at their cell."""

import pytest

from assessments.forms.scheme_editing import addable_items, edited, item_rows, top_cells
from assessments.scheme_data import SHIPPED, shipped_scheme
from assessments.scoring import InvalidScheme, SchemeRules


def definition(code="A"):
    return shipped_scheme(code).to_dict()


def as_typed(data):
    """Every cell of the page, sent back as it was shown."""
    posted = {cell.name: cell.value for cell in top_cells(data, {})}
    for row in item_rows(data, {}):
        for cell in (row.name, row.full, *row.numbers):
            if cell is not None:
                posted[cell.name] = cell.value
    return posted


@pytest.mark.parametrize("code", SHIPPED)
def test_sending_the_page_back_unchanged_changes_nothing(code):
    data = definition(code)
    again = edited(data, as_typed(data), set(), [])
    assert SchemeRules.from_dict(again).digest == shipped_scheme(code).digest
    assert data == definition(code)


def test_what_is_typed_is_what_counts():
    posted = {
        "items.0.full": " １２.5 ",
        "items.1.full": "12.5",
        "items.2.name": "反映社情民意",
        "bonus_cap": "",
    }
    new = SchemeRules.from_dict(edited(definition(), posted, set(), []))
    assert [str(item.full) for item in new.items[:2]] == ["12.5", "12.5"]
    assert new.items[2].name == "反映社情民意"
    assert new.bonus_cap is None


@pytest.mark.parametrize(
    ("posted", "path"),
    [
        ({"items.0.full": "十五"}, "items.0.full"),
        ({"items.0.full": "20"}, "items"),
        ({"items.2.params.cap": "x"}, "items.2.params.cap"),
        ({"items.0.name": ""}, "items.0.name"),
        ({"grades.0.at_least": "70"}, "grades"),
        ({"min_months": "-1"}, "min_months"),
    ],
)
def test_a_fault_stands_at_its_cell(posted, path):
    with pytest.raises(InvalidScheme) as caught:
        SchemeRules.from_dict(edited(definition(), posted, set(), []))
    assert path in caught.value.fields


def test_errors_reach_the_cell_they_are_about():
    errors = {
        "items.0.full": "甲",
        "items.2.params.cap": "乙",
        "items.1.facts": "丙",
        "bonus_cap": "丁",
        "grades": "戊",
    }
    rows = item_rows(definition(), errors)
    assert rows[0].full.error == "甲"
    assert {cell.name: cell.error for cell in rows[2].numbers}["items.2.params.cap"] == "乙"
    assert rows[1].errors == ("丙",)
    assert [cell.error for cell in top_cells(definition(), errors) if cell.error] == ["丁", "戊"]


def test_items_are_dropped_and_added_from_other_schemes():
    codes = [code for code, _ in addable_items(definition())]
    assert "group_review" in codes
    assert "reception" not in codes
    # A scheme for groups offers its items to groups only.
    assert not {"group_speech", "presidium_meeting"} & set(codes)
    new = edited(definition(), {"items.0.full": "0"}, {0}, ["group_review", "no_such_item"])
    assert "reception" not in [item["code"] for item in new["items"]]
    assert new["items"][-1]["code"] == "group_review"
    assert SchemeRules.from_dict(new).base_full == 100


def test_no_path_leads_out_of_the_cells():
    posted = {
        "code": "other",
        "subject": "group",
        "items.0.type": "bonus",
        "items.99.full": "5",
        "open_ended": "1",
    }
    assert edited(definition(), posted, set(), []) == definition()
