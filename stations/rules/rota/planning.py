"""Filling the seats: day by day by the rules in their order, then evened out; what gave way is said."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from typing import Any

from stations.rules.rota.board import Board, Chair
from stations.rules.rota.explaining import Sitting, explain, seated, warnings_of
from stations.rules.rota.problem import Load, Plan, Problem, Seat, SeatKind

# Evening out and parting double turns may undo each other; a few rounds settle what can be settled.
_ROUNDS = 4
_LONGEST_CHAIN = 6


def make_plan(problem: Problem) -> Plan:
    """The plan with its explanations and warnings.

    Hard: nobody on leave, suspended, out of office, busy or twice on one day. Then, in this order: not two
    receptions running, even turns inside the group, a higher level on theme days, the yearly minimum, the
    own constituency, even turns overall, the lot. Kept turns stay.
    """
    board = Board(problem)
    _fill(board)
    for _ in range(_ROUNDS):
        moved = _even_out(board)
        moved |= _part_running(board)
        if not moved:
            break
    while hand_over_running(board):
        pass
    # Whoever was parted from a seat may now come on a day that nobody could.
    _fill(board)
    return plan_of(board)


def rearranged(problem: Problem, sitting: Sitting) -> Plan:
    """The plan as people made it, with its explanations and warnings; nobody is moved."""
    return plan_of(seated(problem, sitting))


def plan_of(board: Board) -> Plan:
    seats = tuple(_seat(board, chair) for chair in board)
    loads = {key: Load(board.turns[key], board.months[key]) for key in board.people}
    return Plan(seats, warnings_of(board), loads)


def _seat(board: Board, chair: Chair) -> Seat:
    why, why_not = explain(board, chair)
    return Seat(chair.day.id, chair.number, chair.kind, chair.key, chair.kept, why, why_not)


def _fill(board: Board) -> None:
    """Every empty seat in order of date; seats of higher levels first, they decide what a theme day lacks."""
    for day in board.days:
        for chair in sorted(
            board.chairs(day.id), key=lambda each: (each.kind != SeatKind.UPPER, each.number)
        ):
            if chair.key is None and chair.is_movable:
                found = min(
                    (key for key in board.people if board.block(key, chair) is None),
                    key=lambda key: rank(board, key, chair),
                    default=None,
                )
                if found is not None:
                    board.put(chair, found)


def rank(board: Board, key: str, chair: Chair) -> tuple[Any, ...]:
    """The rules in their order; the lowest comes first."""
    person = board.people[key]
    return (
        board.running(key, chair) is not None,
        not board.is_fair(key, chair),
        lacks_level(board, chair) and not person.is_higher_level,
        min(board.turns[key] - board.minimum_of(key), 0),
        person.places[chair.day.station].nearness,
        board.pressure(key),
        board.lot(key, chair.day),
    )


def lacks_level(board: Board, chair: Chair) -> bool:
    """A theme day on which nobody of a higher level sits beside this seat."""
    if not chair.day.theme or chair.kind == SeatKind.UPPER:
        return False
    others = (other.key for other in board.chairs(chair.day.id) if other is not chair and other.key)
    return not any(board.people[key].is_higher_level for key in others)


def _even_out(board: Board) -> bool:
    """Pass turns on inside each group until nobody has two more than another who could have taken one."""
    hopeless: set[tuple[str, str]] = set()
    moved = False
    while True:
        pair = _worst_pair(board, hopeless)
        if pair is None:
            return moved
        if _pass_along(board, *pair):
            moved = True
        else:
            hopeless.add(pair)


def _worst_pair(board: Board, hopeless: set[tuple[str, str]]) -> tuple[str, str] | None:
    holders = sorted({chair.key for chair in board if chair.key and chair.is_movable})
    worst: tuple[Fraction, str, str] | None = None
    for over in holders:
        for under in board.mates(over):
            if (over, under) in hopeless or under == over:
                continue
            found = (board.gap(over, under), over, under)
            if found[0] > 0 and (worst is None or found > worst):
                worst = found
    return worst and (worst[1], worst[2])


def _pass_along(board: Board, over: str, under: str) -> bool:
    """A chain of turns from one to the other: each in between gives one up and takes one."""
    came: dict[str, tuple[str, Chair]] = {}
    waiting = deque([(over, 0)])
    while waiting:
        giver, length = waiting.popleft()
        if length >= _LONGEST_CHAIN:
            continue
        for taker, chair in _takers(board, giver):
            if taker == over or taker in came:
                continue
            came[taker] = (giver, chair)
            if taker == under:
                return _carry_out(board, came, over, under)
            waiting.append((taker, length + 1))
    return False


def _takers(board: Board, giver: str) -> Iterator[tuple[str, Chair]]:
    """Who could take one of this deputy's turns without a double turn, nearest first."""
    for chair in board:
        if chair.key != giver or not chair.is_movable:
            continue
        able = [key for key in board.people if key != giver and _may_take(board, key, chair)]
        able.sort(key=partial(_nearest_first, board, chair))
        for key in able:
            yield key, chair


def _may_take(board: Board, key: str, chair: Chair) -> bool:
    return (
        board.block(key, chair) is None
        and board.running(key, chair) is None
        and _level_stays(board, key, chair)
    )


def _level_stays(board: Board, key: str, chair: Chair) -> bool:
    """A theme day's only deputy of a higher level is not passed on to somebody of the own level."""
    if chair.key is None or not board.people[chair.key].is_higher_level or board.people[key].is_higher_level:
        return True
    return not lacks_level(board, chair)


def _nearest_first(board: Board, chair: Chair, key: str) -> tuple[int, str]:
    return _nearness(board, key, chair), board.lot(key, chair.day)


def _rank_at(board: Board, chair: Chair, key: str) -> tuple[Any, ...]:
    return rank(board, key, chair)


def _nearness(board: Board, key: str, chair: Chair) -> int:
    return board.people[key].places[chair.day.station].nearness


def _carry_out(board: Board, came: dict[str, tuple[str, Chair]], over: str, under: str) -> bool:
    """Move the turns from the end of the chain backwards; undo all when one is no longer possible."""
    done: list[tuple[Chair, str]] = []
    taker = under
    while taker != over:
        giver, chair = came[taker]
        board.clear(chair)
        is_possible = board.block(taker, chair) is None and board.running(taker, chair) is None
        board.put(chair, taker if is_possible else giver)
        if not is_possible:
            for moved, former in reversed(done):
                board.clear(moved)
                board.put(moved, former)
            return False
        done.append((chair, giver))
        taker = giver
    return True


def _part_running(board: Board) -> bool:
    """Two receptions running are parted by an exchange of seats, which leaves everybody's count as it is."""
    moved = False
    for chair in list(board):
        if chair.key and chair.is_movable and board.running(chair.key, chair):
            moved |= any(_exchange(board, chair, other) for other in list(board) if other.is_movable)
    return moved


def _exchange(board: Board, one: Chair, two: Chair) -> bool:
    """``True`` when the two seats were exchanged and neither is a double turn now."""
    first, second = one.key, two.key
    if first is None or second is None or first == second or one.kind != two.kind:
        return False
    if not board.running(first, one):
        return False
    levels = {board.people[first].is_higher_level, board.people[second].is_higher_level}
    if len(levels) > 1 and (one.day.theme or two.day.theme):
        return False
    board.clear(one)
    board.clear(two)
    is_possible = _may_take(board, second, one) and _may_take(board, first, two)
    if is_possible:
        board.put(one, second)
        is_possible = board.block(first, two) is None and board.running(first, two) is None
        board.clear(one)
    board.put(one, second if is_possible else first)
    board.put(two, first if is_possible else second)
    return is_possible


def hand_over_running(board: Board) -> bool:
    """A double turn goes to anybody who could come: this rule stands above even turns."""
    for chair in board:
        if chair.key is None or not chair.is_movable or not board.running(chair.key, chair):
            continue
        able = [key for key in board.people if key != chair.key and _may_take(board, key, chair)]
        if able:
            best = min(able, key=partial(_rank_at, board, chair))
            board.clear(chair)
            board.put(chair, best)
            return True
    return False
