"""What an actor is asked before a service acts: a role, or to be the system itself."""

import pytest

from liaison.tenancy.scope import Actor, system_actor
from liaison.words.enums import Role
from liaison.words.errors import Forbidden

NOBODY: tuple[Role, ...] = ()
CLERK = Actor(account_id=1, appointment_id=1, role=Role.PRESIDIUM_CLERK, lo=0, hi=1000)


def test_a_role_is_named_or_nothing_is_asked() -> None:
    """An empty question would refuse everybody in words that tell nobody why."""
    with pytest.raises(TypeError):
        CLERK.require()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        CLERK.require(*NOBODY)


def test_one_of_the_roles_is_enough() -> None:
    CLERK.require(Role.PRESIDIUM_CHAIR, Role.PRESIDIUM_CLERK)
    system_actor().require(Role.PRESIDIUM_CHAIR)
    with pytest.raises(Forbidden, match="您当前的职务没有办理此事的权限。"):
        CLERK.require(Role.PRESIDIUM_CHAIR)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SYSTEM])
def test_what_beat_does_is_no_persons(role: Role) -> None:
    person = Actor(account_id=1, appointment_id=1, role=role, lo=0, hi=1000)
    with pytest.raises(Forbidden, match="由系统按期自动办理"):
        person.require_system()


def test_the_system_does_what_beat_does() -> None:
    system_actor().require_system()


@pytest.mark.parametrize(("code", "is_covered"), [(99, False), (100, True), (199, True), (200, False)])
def test_an_interval_holds_its_beginning_and_not_its_end(code: int, is_covered: bool) -> None:
    """The end is the beginning of the next place."""
    assert Actor(1, 1, Role.PRESIDIUM_CLERK, 100, 200).covers(code) is is_covered


@pytest.mark.parametrize(("lo", "hi"), [(99, 200), (100, 201), (99, 201), (0, 150), (150, 10**12)])
def test_an_interval_is_widened_at_neither_end(lo: int, hi: int) -> None:
    actor = Actor(1, 1, Role.PRESIDIUM_CLERK, 100, 200)
    with pytest.raises(Forbidden):
        actor.narrowed(lo, hi)
    assert (actor.narrowed(150, 160).lo, actor.narrowed(100, 200)) == (150, actor)
