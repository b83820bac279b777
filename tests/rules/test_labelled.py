import copy
import pickle

import pytest

from liaison.words.labelled import LabelledEnum


class Colour(LabelledEnum):
    RED = "red", "红"
    BLUE = "blue", "蓝"


def test_choices_are_plain_strings_in_order():
    assert Colour.choices() == [("red", "红"), ("blue", "蓝")]
    assert all(type(value) is str and type(label) is str for value, label in Colour.choices())
    assert Colour.values() == ["red", "blue"]
    assert Colour.labels() == ["红", "蓝"]


def test_a_member_is_its_value_and_survives_copying():
    assert Colour("red") is Colour.RED
    assert f"{Colour.RED}" == "red"
    assert {Colour.RED: 1}["red"] == 1
    assert pickle.loads(pickle.dumps(Colour.RED)) is Colour.RED  # noqa: S301 - our own bytes
    assert copy.deepcopy(Colour.BLUE) is Colour.BLUE


def test_imported_labels_are_recognised():
    assert Colour.from_label(" 蓝　") is Colour.BLUE
    assert Colour.from_label("绿") is None
    assert Colour.from_label("") is None


def test_templates_do_not_call_the_class():
    assert Colour.do_not_call_in_templates is True
    assert "do_not_call_in_templates" not in Colour.__members__


def test_a_missing_or_doubled_label_is_refused():
    with pytest.raises(TypeError, match="label"):
        LabelledEnum("Unlabelled", {"A": "a"})
    with pytest.raises(TypeError, match="label"):
        LabelledEnum("Doubled", {"A": ("a", "甲"), "B": ("b", "甲")})
