"""Beat's way of acting: one jurisdiction at a time, and one's trouble stays its own."""

import logging

import pytest

from liaison.models import DocumentCounter
from liaison.tenancy import beat
from liaison.tenancy.scope import Actor, acting, require_actor, system_actor
from tests.factories import World

NAME = "试验任务"


@pytest.fixture
def places(world: World) -> list[int]:
    """A row in each of three townships, two in the first."""
    codes = [world[name].scope_code for name in ("庄子乡", "长凝镇", "洪善镇")]
    with acting(system_actor()):
        for number, code in enumerate([codes[0], *codes]):
            DocumentCounter._plain.create(scope_code=code, code=f"试{number}", year=2026, last_number=1)
    return sorted(codes)


def test_each_place_is_served_once_and_no_further_than_itself(places: list[int]) -> None:
    seen: list[tuple[int, int, int, str]] = []

    def work(actor: Actor) -> int:
        assert require_actor() == actor
        seen.append((actor.lo, actor.hi, DocumentCounter.scoped(actor).count(), actor.display_name))
        return 10

    assert beat.each_place(NAME, DocumentCounter.scoped, work) == 30
    rows = {places[0]: 1, places[1]: 2, places[2]: 1}
    assert seen == [(code, code + 1, rows[code], NAME) for code in places]


def test_one_places_trouble_is_logged_undone_and_its_own(
    places: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    def work(actor: Actor) -> int:
        changed = int(DocumentCounter.scoped(actor).update(last_number=7))
        if actor.lo == places[1]:
            raise RuntimeError("broken row")
        return changed

    with caplog.at_level(logging.ERROR, logger="liaison.tenancy.beat"):
        assert beat.each_place(NAME, DocumentCounter.scoped, work) == 2
    with acting(system_actor()) as actor:
        untouched = DocumentCounter.scoped(actor).filter(last_number=1).values_list("scope_code", flat=True)
        assert set(untouched) == {places[1]}
    assert str(places[1]) in caplog.text
    assert "broken row" in caplog.text


def test_rows_have_transactions_of_their_own(places: list[int]) -> None:
    def work(actor: Actor, pk: int) -> int:
        row = DocumentCounter.scoped(actor).get(pk=pk)
        if row.code == "试0":
            raise RuntimeError("broken row")
        return int(DocumentCounter.scoped(actor).filter(pk=pk).update(last_number=8))

    assert beat.each_row(NAME, DocumentCounter.scoped, work) == 3
    with acting(system_actor()) as actor:
        left = DocumentCounter.scoped(actor).filter(last_number=1)
        assert [row.code for row in left] == ["试0"]


def test_a_task_cannot_reach_the_next_place(places: list[int]) -> None:
    def work(actor: Actor) -> int:
        return DocumentCounter.scoped(system_actor()).count()

    # Wall 1 is widened on purpose: the database still shows the one jurisdiction.
    assert beat.each_place(NAME, DocumentCounter.scoped, work) == 4
