import pickle

import pytest

from liaison.words.errors import Refused
from liaison.words.labelled import LabelledEnum
from liaison.words.transitions import IllegalTransition, TransitionTable


class Door(LabelledEnum):
    OPEN = "open", "开着"
    SHUT = "shut", "关着"
    WALLED = "walled", "已封闭"


class Act(LabelledEnum):
    PUSH = "push", "推开"
    PULL = "pull", "拉上"
    WALL = "wall", "封闭"


STEPS = {
    (Door.SHUT, Act.PUSH): Door.OPEN,
    (Door.SHUT, Act.WALL): Door.WALLED,
    (Door.OPEN, Act.PULL): Door.SHUT,
}
DOOR = TransitionTable(Door.SHUT, STEPS)


def test_a_step_of_the_table_is_taken_from_members_and_from_column_text():
    assert DOOR.next_state(Door.SHUT, Act.PUSH) is Door.OPEN
    assert DOOR.next_state("shut", "push") is Door.OPEN


def test_an_illegal_step_says_where_it_stands_and_what_is_possible():
    with pytest.raises(IllegalTransition) as caught:
        DOOR.next_state(Door.SHUT, Act.PULL)
    assert caught.value.message == "当前状态为“关着”，不能办理“拉上”；现在可以办理：推开、封闭。"
    assert (caught.value.state, caught.value.event) == (Door.SHUT, Act.PULL)
    assert caught.value.possible == (Act.PUSH, Act.WALL)
    assert isinstance(caught.value, Refused)
    assert caught.value.status == 409


def test_an_ended_record_says_so():
    with pytest.raises(IllegalTransition, match=r"已封闭.*不能再变更"):
        DOOR.next_state(Door.WALLED, Act.PUSH)


def test_a_refusal_survives_the_way_through_a_queue():
    error = IllegalTransition(Door.SHUT, Act.PULL, (Act.PUSH,))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (again.message, again.state, again.possible) == (error.message, Door.SHUT, (Act.PUSH,))


def test_a_word_that_is_no_state_is_a_programming_error():
    with pytest.raises(ValueError, match="ajar"):
        DOOR.next_state("ajar", Act.PUSH)
    with pytest.raises(ValueError, match="kick"):
        DOOR.can(Door.SHUT, "kick")


def test_what_the_table_tells():
    assert DOOR.events_from("shut") == (Act.PUSH, Act.WALL)
    assert DOOR.events_from(Door.WALLED) == ()
    assert DOOR.sources_of("pull") == {Door.OPEN}
    assert DOOR.terminal_states == {Door.WALLED}
    assert DOOR.open_states == {Door.SHUT, Door.OPEN}
    assert DOOR.can("open", "pull")
    assert not DOOR.can("open", "push")
    assert DOOR.reachable_from(Door.WALLED) == {Door.WALLED}


def test_a_sound_table_has_no_faults_and_is_closed_to_change():
    assert DOOR.faults() == []
    with pytest.raises(TypeError):
        DOOR.transitions[Door.WALLED, Act.PUSH] = Door.OPEN  # type: ignore[index]


def test_faults_are_found():
    without_wall = TransitionTable(
        Door.SHUT, {(Door.SHUT, Act.PUSH): Door.OPEN, (Door.OPEN, Act.PULL): Door.SHUT}
    )
    text = "\n".join(without_wall.faults())
    assert "unreachable state <Door.WALLED" in text
    assert "unused event <Act.WALL" in text
    assert "no end can be reached from <Door.SHUT" in text


def test_a_start_without_a_way_out_is_refused():
    with pytest.raises(ValueError, match="start"):
        TransitionTable(Door.WALLED, STEPS)
