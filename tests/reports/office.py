"""An office where one of everything waits, and beside each the like of it that does not."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from assessments.enums import AssessmentState, NoticeState, TalkState
from assessments.models import Assessment, ReminderTalk
from constituents.enums import OpinionState, Satisfaction, SuggestionState
from constituents.models import Suggestion
from deputies.models import Mandate, Term
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from stations.enums import DutyState, LeaveState, ParticipationState, ReceptionDayState, SwapState
from stations.models import DutySwap, LeaveRequest, Station
from tests.factories import make_mandate
from tests.reports.rows import make_assessment, make_notice, make_opinion, make_sheet, make_suggestion
from tests.stations.makers import make_day, make_turn

NOW = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 6)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
LONG_AGO = date(2026, 1, 9)
# What the office itself does next with a case in such a state; the others wait for somebody else.
OWN_STATES = (
    OpinionState.REGISTERED, OpinionState.TRIAGED, OpinionState.RETURNED, OpinionState.PRESIDIUM_DECIDES,
)  # fmt: skip


def make_cases(mandate: Mandate) -> dict[str, Any]:
    """By name: cases the office has to act on, one late at a unit; and cases that are no line."""
    made = {
        state.value: make_opinion(mandate, LONG_AGO, state=state, due_on=YESTERDAY) for state in OWN_STATES
    }
    made["late"] = make_opinion(mandate, LONG_AGO, state=OpinionState.HANDLING, due_on=YESTERDAY)
    # In time; late in the resident's hands; closed after its day.
    made["in_time"] = make_opinion(mandate, LONG_AGO, state=OpinionState.HANDLING, due_on=TOMORROW)
    made["unrated"] = make_opinion(mandate, LONG_AGO, state=OpinionState.REPLIED, due_on=YESTERDAY)
    made["closed"] = make_opinion(
        mandate, LONG_AGO, state=OpinionState.CLOSED, due_on=YESTERDAY, closed_on=TODAY,
        satisfaction=Satisfaction.SATISFIED,
    )  # fmt: skip
    return made


def make_suggestions(mandate: Mandate) -> dict[str, Suggestion]:
    states = (
        SuggestionState.SUBMITTED, SuggestionState.CHECKED, SuggestionState.RETURNED, SuggestionState.CLOSED,
    )  # fmt: skip
    made = {state.value: make_suggestion(mandate, LONG_AGO, title=f"{state.label}的桥") for state in states}
    with acting(system_actor()):
        for state, row in made.items():
            Suggestion._plain.filter(pk=row.pk).update(state=state)
    return made


def make_records(station: Station, deputies: list[Mandate], clerk: Actor) -> dict[str, Any]:
    """Receptions, and what deputies and offices have to settle about them."""
    one, other = deputies[:2]
    made: dict[str, Any] = {
        "overdue_day": make_day(station, YESTERDAY),
        "coming_day": make_day(station, TOMORROW),
        "far_day": make_day(station, TODAY + timedelta(days=8)),
        "held_day": make_day(station, LONG_AGO, state=ReceptionDayState.HELD),
    }
    held, coming = made["held_day"], made["coming_day"]
    made["unconfirmed"] = make_turn(
        held, one, DutyState.ATTENDED, is_recorded_by_deputy=True, confirm_by=TOMORROW
    )
    made["objected"] = make_turn(held, other, DutyState.ATTENDED, ParticipationState.OBJECTED)
    made["lapsed"] = make_turn(
        made["overdue_day"], one, DutyState.ATTENDED, ParticipationState.LAPSED_TO_PRESIDIUM
    )
    # The deputy's to confirm, and settled long ago.
    made["deputys"] = make_turn(made["overdue_day"], other, DutyState.ATTENDED)
    made["settled"] = make_turn(
        made["far_day"], one, DutyState.ATTENDED, ParticipationState.CONFIRMED, is_recorded_by_deputy=True
    )
    turns = {"swap": make_turn(coming, one), "proposed": make_turn(made["far_day"], other)}
    with acting(system_actor()):
        for name, state in (("swap", SwapState.CONSENTED), ("proposed", SwapState.PROPOSED)):
            made[name] = DutySwap._plain.create(
                scope_code=station.scope_code, offered=turns[name], mandate=deputies[2], reason="出差",
                state=state.value, proposed_at=NOW,
            )  # fmt: skip
        leave = ("leave", LeaveState.REQUESTED, None), ("decided", LeaveState.APPROVED, None)
        for name, state, asked_by in (*leave, ("own_leave", LeaveState.REQUESTED, clerk.account_id)):
            made[name] = LeaveRequest._plain.create(
                scope_code=station.scope_code, mandate=one, starts_on=TOMORROW, ends_on=TOMORROW, reason="出差",
                state=state.value, requested_at=NOW, requested_by_id=asked_by,
            )  # fmt: skip
    return made


def make_years(term: Term, deputies: list[Mandate]) -> dict[str, Any]:
    """One assessment at work, one over; letters and talks of last year in every hand."""
    made: dict[str, Any] = {"over": make_assessment(term, 2025), "running": make_assessment(term, 2026)}
    states = (NoticeState.REPORTED, NoticeState.DELIVERED, NoticeState.ACCEPTED)
    for mandate, state in zip(deputies, states, strict=True):
        made[state.value] = make_notice(make_sheet(made["over"], mandate), state)
    with acting(system_actor()):
        Assessment._plain.filter(pk=made["over"].pk).update(state=AssessmentState.ARCHIVED.value)
        Assessment._plain.filter(pk=made["running"].pk).update(state=AssessmentState.FROZEN.value)
        for name, state, notice in (
            ("talk", TalkState.DUE, "delivered"),
            ("held", TalkState.DONE, "accepted"),
        ):
            made[name] = ReminderTalk._plain.create(
                scope_code=term.scope_code, sheet=made[notice].sheet, mandate=made[notice].mandate, reason="不合格",
                state=state.value, due_on=TOMORROW,
            )  # fmt: skip
    return made


def make_office(place: Jurisdiction, term: Term, station: Station, clerk: Actor) -> dict[str, Any]:
    """Everything above by name; three deputies, 王一, 李二 and 张三."""
    deputies = [make_mandate(term, name) for name in ("王一", "李二", "张三")]
    return {
        "station": station,
        "deputies": deputies,
        **make_cases(deputies[0]),
        **{f"suggestion_{state}": row for state, row in make_suggestions(deputies[0]).items()},
        **make_records(station, deputies, clerk),
        **make_years(term, deputies),
    }
