"""State tables: what may happen to a record, and what it then becomes.

A lifecycle is a mapping ``{(state, event): next state}`` and nothing else assigns a state. A record that
moves wrongly is refused in words: where it stands and what is possible now.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Generic, TypeVar

from liaison.words.errors import Refused
from liaison.words.labelled import LabelledEnum

S = TypeVar("S", bound=LabelledEnum)
E = TypeVar("E", bound=LabelledEnum)


class IllegalTransition(Refused):
    """The event is not possible in this state (answered with 409); ``message`` is a Chinese sentence."""

    def __init__(
        self, state: LabelledEnum, event: LabelledEnum, possible: Iterable[LabelledEnum] = ()
    ) -> None:
        self.state = state
        self.event = event
        self.possible = tuple(possible)
        super().__init__(
            f"当前状态为“{state.label}”，不能办理“{event.label}”；{_what_is_possible(self.possible)}"
        )

    def __reduce__(self) -> tuple[type["IllegalTransition"], tuple[object, ...]]:
        # Exceptions are rebuilt from ``args`` by default, which hold the sentence, not the parts.
        return (type(self), (self.state, self.event, self.possible))


def _what_is_possible(events: tuple[LabelledEnum, ...]) -> str:
    if not events:
        return "这条记录已经办结，不能再变更。"
    return "现在可以办理：" + "、".join(event.label for event in events) + "。"


class TransitionTable(Generic[S, E]):
    """One lifecycle; immutable. Plain strings from a database column work as states and events."""

    def __init__(self, start: S, transitions: Mapping[tuple[S, E], S]) -> None:
        """``ValueError`` for an empty table, or one whose start state has no way out."""
        if all(state != start for state, _ in transitions):
            raise ValueError(f"no transition leaves the start state {start!r}")
        self.start = start
        self.transitions: Mapping[tuple[S, E], S] = MappingProxyType(dict(transitions))
        self._state_type = type(start)
        self._event_type = type(next(iter(transitions))[1])

    def next_state(self, state: S | str, event: E | str) -> S:
        """The state after ``event``.

        Raises ``IllegalTransition`` when the table has no such step, ``ValueError`` for a word that is no
        state or event at all.
        """
        here, what = self._state_type(state), self._event_type(event)
        try:
            return self.transitions[here, what]
        except KeyError:
            raise IllegalTransition(here, what, self.events_from(here)) from None

    def can(self, state: S | str, event: E | str) -> bool:
        return (self._state_type(state), self._event_type(event)) in self.transitions

    def events_from(self, state: S | str) -> tuple[E, ...]:
        """What is possible in ``state``, in the order of the table (the natural next step first)."""
        return tuple(event for source, event in self.transitions if source == state)

    def sources_of(self, event: E | str) -> frozenset[S]:
        """The states in which ``event`` is possible, for filters and bulk actions."""
        return frozenset(source for source, what in self.transitions if what == event)

    @property
    def states(self) -> frozenset[S]:
        """The start and every state the table mentions."""
        mentioned = {source for source, _ in self.transitions} | set(self.transitions.values())
        return frozenset(mentioned | {self.start})

    @property
    def events(self) -> frozenset[E]:
        return frozenset(event for _, event in self.transitions)

    @property
    def terminal_states(self) -> frozenset[S]:
        """States no event leaves."""
        return self.states - {source for source, _ in self.transitions}

    @property
    def open_states(self) -> frozenset[S]:
        """States some event leaves; a deadline can only run in one of these."""
        return self.states - self.terminal_states

    def reachable_from(self, state: S | str) -> frozenset[S]:
        """``state`` itself and all that can follow it."""
        found: set[S] = set()
        frontier = {self._state_type(state)}
        while frontier:
            found |= frontier
            after = {target for (source, _), target in self.transitions.items() if source in frontier}
            frontier = after - found
        return frozenset(found)

    def faults(self) -> list[str]:
        """What is wrong with the table as drawn; empty for a sound one (asserted in the tests).

        Checked: every member of both enums is used, every state is reachable from the start, and from
        every state some terminal state can be reached (no record can be caught for ever).
        """
        reachable = self.reachable_from(self.start)
        unused_events = set(self._event_type) - self.events
        stuck = {state for state in self.states if not self.reachable_from(state) & self.terminal_states}
        return (
            [f"unreachable state {state!r}" for state in self._state_type if state not in reachable]
            + [f"unused event {event!r}" for event in self._event_type if event in unused_events]
            + [f"no end can be reached from {state!r}" for state in self._state_type if state in stuck]
        )
