"""Sets of norms: what the two shipped ones ask, and the preview of choosing one."""

from hypothesis import given
from hypothesis import strategies as st

from stations.enums import TEN_ONES, ShippedKind
from stations.rules.norm_sets import (
    EIGHT_ONES_SET,
    NORM_SETS,
    TEN_ONES_SET,
    Norm,
    changes,
    frequency_words,
    remaining_words,
)

norms = st.lists(
    st.builds(
        Norm,
        code=st.sampled_from([kind.value for kind in ShippedKind]),
        name=st.text(min_size=1, max_size=6),
        due_per_year=st.integers(0, 52),
        is_personal=st.booleans(),
    ),
    unique_by=lambda norm: norm.code,
)


def test_ten_ones_are_the_seeds():
    assert TEN_ONES_SET.total == 52
    assert {item.kind: item.frequency for item in TEN_ONES_SET.items} == TEN_ONES


def test_eight_ones_are_four_monthly_and_four_yearly():
    words = [(item.kind.label, item.due_per_year) for item in EIGHT_ONES_SET.items]
    assert words == [
        ("接待选民", 12), ("社情民意", 12), ("进站履职", 12), ("学习培训", 12),
        ("履职日记", 1), ("办民生实事", 1), ("履职故事", 1), ("报告履职情况", 1),
    ]  # fmt: skip
    assert EIGHT_ONES_SET.total == 52


def test_from_ten_to_eight_by_hand():
    held = [
        Norm(item.kind.value, item.kind.label, item.due_per_year, item.is_personal)
        for item in TEN_ONES_SET.items
    ]
    words = {change.name: change.word for change in changes(held, EIGHT_ONES_SET)}
    assert words == {
        "接待选民": "不变", "社情民意": "不变", "进站履职": "新增", "学习培训": "次数改变", "履职日记": "新增",
        "办民生实事": "新增", "履职故事": "新增", "报告履职情况": "新增", "走访选区": "不再要求", "调研视察": "不再要求",
        "代表建议": "不再要求", "政策宣讲": "不再要求", "代表会议": "不再要求", "履职交流": "不再要求", "履职评议": "不再要求",
    }  # fmt: skip


@given(norms, st.sampled_from(list(NORM_SETS.values())))
def test_every_norm_held_and_every_item_chosen_stands_in_the_preview_once(held, norm_set):
    found = changes(held, norm_set)
    codes = [change.code for change in found]
    wanted = {item.kind.value for item in norm_set.items} | {norm.code for norm in held if norm.due_per_year}
    assert sorted(codes) == sorted(wanted)
    assert sum(change.after.due_per_year for change in found if change.after) == norm_set.total
    assert all(change.before or change.after for change in found)


@given(norms, st.sampled_from(list(NORM_SETS.values())))
def test_choosing_what_holds_already_changes_nothing(held, norm_set):
    after = [change.after for change in changes(held, norm_set) if change.after]
    assert {change.word for change in changes(after, norm_set)} == {"不变"}


def test_words_say_how_often_and_what_is_left():
    assert [frequency_words(n) for n in (12, 4, 2, 1, 6)] == ["每月", "每季", "每半年", "每年", "每年6次"]
    lines = [("走访选区", 12, 2), ("代表建议", 1, 0), ("每月走访选区", 12, 1)]
    assert remaining_words(lines) == ["还差2次：每月走访选区", "还差1次：每月走访选区"]
