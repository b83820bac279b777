"""Why this deputy and not that one, seat by seat; and what had to give way. All in plain Chinese.

Reasons are read off the finished plan: each says what would be wrong, or what decided, if the other deputy
sat there instead. So they hold whatever way the plan was found, and for seats a person has put by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from liaison.calendar.workdays import weekday_name
from stations.rules.rota.board import RAN_BEFORE, Board, Chair
from stations.rules.rota.problem import (
    NEARNESS_WORDS,
    Candidate,
    KeptReason,
    Problem,
    SeatKind,
    Warned,
    WarningKind,
)

# Who sits on which day, by the day's id, each with why the turn is kept as it is (if so).
Sitting = Mapping[int, Sequence[tuple[str, KeptReason | None]]]
_NAMES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Option:
    """Somebody for a seat: ``reason`` why not, or empty; ``is_hard`` when the rules forbid it outright."""

    key: str
    reason: str
    is_hard: bool
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """What a change by hand would mean: ``refused`` is the hard rule it breaks, or empty."""

    refused: str
    warnings: tuple[str, ...]


def seated(problem: Problem, sitting: Sitting) -> Board:
    """The board with everybody where ``sitting`` says; days the problem does not have are left out.

    The problem's own kept turns stand already; who sits there by both counts once.
    """
    board = Board(problem)
    for day in board.days:
        for key, kept in sitting.get(day.id, ()):
            if key in board.people and not any(chair.key == key for chair in board.chairs(day.id)):
                chair = board.empty_chair(day, board.people[key].kind)
                chair.kept = kept
                board.put(chair, key)
    return board


def chair_of(board: Board, day_id: int, holder: str | None, kind: SeatKind) -> Chair:
    """The seat somebody holds on a day, or an empty one of this kind; ``KeyError`` for another day."""
    for chair in board.chairs(day_id):
        if chair.key == holder and (holder is not None or chair.kind == kind):
            return chair
    day = next((each for each in board.days if each.id == day_id), None)
    if day is None or holder is not None:
        raise KeyError((day_id, holder))
    return board.empty_chair(day, kind)


def explain(board: Board, chair: Chair) -> tuple[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    """Why its holder sits there, and for everybody else the first reason against, grouped by reason."""
    found: dict[str, list[str]] = {}
    for key, person in board.people.items():
        if key != chair.key and person.kind == chair.kind:
            found.setdefault(_against(board, key, chair)[0], []).append(key)
    why = () if chair.key is None else tuple(_in_favour(board, chair.key, chair))
    return why, tuple((reason, tuple(keys)) for reason, keys in found.items())


def _in_favour(board: Board, key: str, chair: Chair) -> Iterator[str]:
    """The rules in their order, each as it stands for this deputy in this plan."""
    if chair.kept is not None:
        yield f"保留原来的安排：{chair.kept.label}"
    person = board.people[key]
    reason = board.static_block(key, chair.day)
    yield f"请留意：{reason}" if reason else "当天在任，没有请假，没有其他安排"
    running = board.running(key, chair)
    yield f"请留意：{running}" if running else "上一次、下一次接待日都不值班"
    place = person.places.get(chair.day.station)
    if chair.day.theme:
        yield "主题接待日：上级代表参加" if person.is_higher_level else "主题接待日：本级代表值班"
    if place is not None and person.kind == SeatKind.OWN:
        yield NEARNESS_WORDS[place.nearness]
    yield _turns_words(board, person)


def _turns_words(board: Board, person: Candidate) -> str:
    """本期值班2次（本组各代表2至3次）, and the months when not all of them count."""
    counts = [board.turns[mate] for mate in board.mates(person.key)] or [board.turns[person.key]]
    low, high = min(counts), max(counts)
    group = person.group or "没有编组的代表"
    span = f"{low}次" if low == high else f"{low}至{high}次"
    words = f"本期值班{board.turns[person.key]}次（{group}各代表{span}）"
    expected = max(board.months.values(), default=0)
    if board.months[person.key] < expected:
        words += f"，按可履职的{board.months[person.key]}个月折算"
    return words


def _against(board: Board, key: str, chair: Chair) -> tuple[str, bool]:
    """The first reason that keeps somebody from this seat, and whether it is a hard one."""
    blocked = board.block(key, chair)
    if blocked is not None:
        return blocked, True
    running = board.running(key, chair)
    if running is not None:
        return running, False
    return (_uneven(board, key, chair) or _ranked_lower(board, key, chair)), False


def _uneven(board: Board, key: str, chair: Chair) -> str:
    """What sitting here instead of the holder would do to the turns of the own group."""
    holder = chair.key
    given = holder if holder and board.people[holder].group == board.people[key].group else None
    mine = board.turns[key]
    if given is not None and mine > board.turns[given] and board.weight(key) == board.weight(given):
        return f"本组轮次已多{mine - board.turns[given]}次"
    for mate in board.mates(key):
        extra = -1 if mate == given else 0
        if mate != key and board.pressure(key) > board.pressure(mate, extra):
            return (
                f"本期已有{mine}次，再值班则本组轮次不均" if mine else "再值班则按可履职月数折算本组轮次不均"
            )
    return ""


def _ranked_lower(board: Board, key: str, chair: Chair) -> str:
    """Possible and fair: which rule, or the lot, put the holder first."""
    holder = chair.key
    if holder is None:
        return ""
    return _rule_for_holder(board, key, holder, chair) or _lot_words(board.turns[key])


def _lot_words(turns: int) -> str:
    return f"本期另排了{turns}次值班" if turns else "班次少于人数，本期抽签未排到"


def _rule_for_holder(board: Board, key: str, holder: str, chair: Chair) -> str:
    if chair.kept is not None:
        return f"保留原来的安排（{chair.kept.label}）"
    station = chair.day.station
    person, other = board.people[key], board.people[holder]
    if chair.day.theme and other.is_higher_level and not person.is_higher_level:
        return "主题接待日优先安排上级代表"
    if board.turns[key] > board.turns[holder] and board.turns[holder] <= board.minimum_of(holder):
        return f"本期已有{board.turns[key]}次，先排次数不足的代表"
    # A holder whom the roster no longer names sits there by hand.
    nearness = other.places[station].nearness if station in other.places else None
    if nearness is not None and person.places[station].nearness > nearness:
        return f"优先安排{NEARNESS_WORDS[nearness]}"
    return ""


def options(
    problem: Problem,
    sitting: Sitting,
    day_id: int,
    holder: str | None = None,
    kind: SeatKind = SeatKind.OWN,
) -> list[Option]:
    """Everybody for one seat (``holder`` leaves it): first those no hard rule forbids, as the rules rank
    them; then the others with the rule that does. ``KeyError`` for a seat that does not exist."""
    from stations.rules.rota.planning import rank

    board = seated(problem, sitting)
    chair = chair_of(board, day_id, holder, kind)
    board.clear(chair)
    free: list[tuple[tuple[object, ...], Option]] = []
    others: list[Option] = []
    for key, person in board.people.items():
        if key == holder or person.kind != chair.kind:
            continue
        reason, is_hard = _against(board, key, chair)
        if is_hard:
            others.append(Option(key, reason, True, ()))
        else:
            board.put(chair, key)
            *rules, turns = _in_favour(board, key, chair)
            why = (*rules, f"排上后{turns}")
            board.clear(chair)
            free.append((rank(board, key, chair), Option(key, reason, False, why)))
    free.sort(key=lambda each: each[0])
    return [option for _, option in free] + others


def review(
    problem: Problem,
    sitting: Sitting,
    day_id: int,
    key: str,
    holder: str | None = None,
) -> Review:
    """What putting ``key`` on a day by hand, in place of ``holder``, would break or bend."""
    board = seated(problem, sitting)
    chair = chair_of(board, day_id, holder, board.people[key].kind)
    board.clear(chair)
    return review_on(board, chair, key)


def review_on(board: Board, chair: Chair, key: str) -> Review:
    name = board.people[key].name
    blocked = board.block(key, chair)
    if blocked is not None:
        return Review(f"{day_words(chair.day.day)}不能安排{name}：{blocked}。", ())
    found = []
    running = board.running(key, chair)
    if running is not None:
        found.append(f"{name}{running}，这样安排会连续两次值班。")
    uneven = _uneven(board, key, chair)
    if uneven:
        found.append(f"{name}{uneven}。")
    return Review("", tuple(found))


def conflicts(board: Board) -> list[str]:
    """Seats of coming days that break a hard rule: what keeps a plan from being adopted."""
    found = []
    for chair in board:
        reason = board.block(chair.key, chair) if chair.key and chair.day.is_open else None
        if reason is not None:
            found.append(f"{day_words(chair.day.day)}{board.people[chair.key or ''].name}{reason}")
    return found


def warnings_of(board: Board) -> tuple[Warned, ...]:
    """All that could not be had, by day, then what concerns the whole period."""
    return (
        *_replaced(board),
        *_by_seat(board),
        *_without_higher_level(board),
        *_spread(board),
        *_below_minimum(board),
    )


def _replaced(board: Board) -> Iterator[Warned]:
    for day, key, reason in board.broken:
        text = f"{day_words(day.day)}原定{board.people[key].name}值班，{reason}，已另排。"
        yield Warned(WarningKind.REPLACED, text, day.id)


def _by_seat(board: Board) -> Iterator[Warned]:
    for chair in board:
        if chair.key is None:
            yield Warned(WarningKind.UNFILLED, _unfilled(board, chair), chair.day.id)
            continue
        if not chair.day.is_open:
            continue
        name = board.people[chair.key].name
        running = board.running(chair.key, chair)
        if running == RAN_BEFORE:
            cause = "按保留的安排不变" if chair.kept else "其他代表当天都不能接替"
            yield Warned(
                WarningKind.RUNNING, f"{day_words(chair.day.day)}{name}连续两次值班：{cause}。", chair.day.id
            )
        double = board.block(chair.key, chair)
        if double is not None:
            yield Warned(
                WarningKind.KEPT, f"{day_words(chair.day.day)}{name}{double}，请改排。", chair.day.id
            )


def _unfilled(board: Board, chair: Chair) -> str:
    reasons = Counter(
        board.block(key, chair) or "" for key, person in board.people.items() if person.kind == chair.kind
    )
    what = "、".join(f"{reason}{count}人" for reason, count in sorted(reasons.items()) if reason)
    return f"{day_words(chair.day.day)}还缺1人：{what or '没有可以安排的代表'}。"


def _without_higher_level(board: Board) -> Iterator[Warned]:
    for day in board.days:
        there = [chair for chair in board.chairs(day.id) if chair.key]
        if not day.theme or not day.is_open or any(board.people[c.key or ""].is_higher_level for c in there):
            continue
        text = f"{day_words(day.day)}是主题接待日（{day.theme}），没有可以参加的上级代表。"
        yield Warned(WarningKind.THEME, text, day.id)


def _spread(board: Board) -> Iterator[Warned]:
    """The widest gap of each group between two who count for the same months."""
    groups: dict[str, tuple[int, str, str]] = {}
    for over in sorted({chair.key for chair in board if chair.key and chair.is_movable}):
        for under in board.mates(over):
            if board.gap(over, under) > 0:
                found = (board.turns[over] - board.turns[under], over, under)
                group = board.people[over].group
                groups[group] = max(groups.get(group, found), found)
    for group, (_, over, under) in sorted(groups.items()):
        first, second = board.people[over], board.people[under]
        text = (
            f"{group or '没有编组的代表'}轮次相差超过1次：{first.name}{board.turns[over]}次，"
            f"{second.name}{board.turns[under]}次；{second.name}其余日期请假、有其他安排或者会连续值班。"
        )
        yield Warned(WarningKind.SPREAD, text)


def _below_minimum(board: Board) -> Iterator[Warned]:
    below = [
        person.name
        for key, person in board.people.items()
        if person.kind == SeatKind.OWN and person.places and board.turns[key] < board.minimum_of(key)
    ]
    if below:
        names = "、".join(below[:_NAMES_SHOWN]) + ("等" if len(below) > _NAMES_SHOWN else "")
        seats = sum(chair.kind == SeatKind.OWN for chair in board)
        text = (
            f"有{len(below)}名代表不足每年{board.problem.parameters.minimum}次：{names}。"
            f"本站这一时期共{seats}个班次，可以增加接待日，或者调整每年最少次数。"
        )
        yield Warned(WarningKind.MINIMUM, text)


def day_words(day: date) -> str:
    return f"{day.month}月{day.day}日（{weekday_name(day)}）"
