"""What must hold of every lifecycle, and the paths of domain.md 3.7 and 4 in each."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments import lifecycle as assessments
from assessments.enums import AssessmentState, NoticeState
from constituents import lifecycle as constituents
from constituents.enums import OpinionState, Satisfaction
from deputies import lifecycle as deputies
from deputies.enums import MandateState
from liaison.words.transitions import IllegalTransition, TransitionTable
from stations.enums import TEN_ONES, ParticipationState
from stations.rules import lifecycle as stations

TABLES = {
    name: table
    for module in (assessments, constituents, deputies, stations)
    for name, table in vars(module).items()
    if isinstance(table, TransitionTable)
}
EACH_TABLE = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


def walk(table, path):
    """The states passed through, from the start, by a list of events written with spaces."""
    states = [table.start]
    for event in path.split():
        states.append(table.next_state(states[-1], event))
    return " ".join(states)


def test_all_eighteen_tables_are_held_to_the_rules():
    assert len(TABLES) == 18


@EACH_TABLE
def test_every_state_and_event_is_used_and_every_record_can_end(table):
    assert table.faults() == []


@EACH_TABLE
def test_nothing_happens_after_the_end(table):
    for state in table.terminal_states:
        assert table.events_from(state) == ()
        for event in table.events:
            with pytest.raises(IllegalTransition):
                table.next_state(state, event)


@EACH_TABLE
def test_every_refusal_names_state_and_event_in_chinese(table):
    for state in table.states:
        for event in table.events - set(table.events_from(state)):
            with pytest.raises(IllegalTransition) as caught:
                table.next_state(state, event)
            message = caught.value.message
            assert f"“{state.label}”" in message
            assert f"“{event.label}”" in message
            assert message.endswith("。")
            assert not re.search("[A-Za-z_]", message.replace(state.label, "").replace(event.label, ""))


@given(st.data())
def test_random_walks_never_leave_the_table(data):
    table = data.draw(st.sampled_from(list(TABLES.values())))
    state = table.start
    for _ in range(30):
        event = data.draw(st.sampled_from(sorted(table.events)))
        if table.can(state, event):
            state = table.next_state(state, event)
        else:
            with pytest.raises(IllegalTransition):
                table.next_state(state, event)
        assert state in table.states
        assert table.reachable_from(state) & table.terminal_states


OPINION_PATHS = [
    (
        "triage assign accept start_handling reply rate_satisfied close_out archive",
        "registered triaged assigned accepted handling replied evaluated closed archived",
    ),
    (
        "triage assign return assign accept start_handling extend reply leave_unrated archive",
        (
            "registered triaged assigned returned assigned accepted handling extended replied closed_unrated"
            " archived"
        ),
    ),
    (
        "triage assign accept start_handling reply rate_dissatisfied reply rate_dissatisfied close_out",
        "registered triaged assigned accepted handling replied redo replied_again presidium_decides closed",
    ),
    (
        "triage answer_on_spot rate_satisfied close_out",
        "registered triaged answered_on_spot evaluated closed",
    ),
    (
        "triage answer_on_spot rate_dissatisfied assign",
        "registered triaged answered_on_spot triaged assigned",
    ),
    ("triage make_suggestion reply rate_satisfied", "registered triaged to_suggestion replied evaluated"),
    ("triage pass_to_upper_deputy close_out", "registered triaged to_upper_deputy closed"),
    ("triage pass_to_12345 return not_accept", "registered triaged to_12345 returned not_accepted"),
    ("triage pass_to_petition close_out archive", "registered triaged to_petition closed archived"),
    ("triage not_accept reopen merge archive", "registered triaged not_accepted triaged merged archived"),
    ("triage merge unmerge assign", "registered triaged merged triaged assigned"),
]


@pytest.mark.parametrize(("path", "states"), OPINION_PATHS)
def test_opinion_paths(path, states):
    assert walk(constituents.OPINION, path) == states


def test_a_dissatisfied_resident_gets_one_redo_and_then_the_presidium():
    once = walk(constituents.OPINION, "triage assign accept start_handling reply rate_dissatisfied reply")
    assert once.endswith("redo replied_again")
    assert not constituents.OPINION.can(OpinionState.PRESIDIUM_DECIDES, "reply")
    assert {"extend", "return"}.isdisjoint(constituents.OPINION.events_from(OpinionState.REDO))


def test_a_deadline_is_extended_once():
    assert not constituents.OPINION.can("extended", "extend")
    assert not constituents.SUGGESTION.can("extended", "extend")


def test_every_satisfaction_is_an_event_of_both_lifecycles():
    for satisfaction in Satisfaction:
        assert constituents.OPINION.can("replied", constituents.OPINION_RATING_EVENTS[satisfaction])
        assert constituents.SUGGESTION.can("replied", constituents.SUGGESTION_RATING_EVENTS[satisfaction])
    basically = constituents.OPINION_RATING_EVENTS[Satisfaction.BASICALLY_SATISFIED]
    assert constituents.OPINION.next_state("replied", basically) is OpinionState.EVALUATED


@pytest.mark.parametrize(
    ("path", "states"),
    [
        (
            "submit check assign accept reply rate_satisfied close_out archive",
            "drafted submitted checked assigned accepted replied evaluated closed archived",
        ),
        ("submit send_back submit not_accept", "drafted submitted drafted submitted not_accepted"),
        (
            "submit check assign return assign accept extend withdraw archive",
            "drafted submitted checked assigned returned assigned accepted extended withdrawn archived",
        ),
        (
            "submit check assign accept reply rate_dissatisfied reply rate_dissatisfied order_redo reply",
            (
                "drafted submitted checked assigned accepted replied redo replied_again"
                " presidium_decides redo replied_again"
            ),
        ),
    ],
)
def test_suggestion_paths(path, states):
    assert walk(constituents.SUGGESTION, path) == states


def test_a_reply_ends_the_right_to_withdraw():
    assert not constituents.SUGGESTION.can("replied", "withdraw")


@pytest.mark.parametrize("part", ["OPINION", "SUGGESTION"])
def test_the_groups_of_states_do_not_overlap(part):
    with_unit = getattr(constituents, f"{part}_WITH_UNIT")
    awaiting = getattr(constituents, f"{part}_AWAITING_RATING")
    done = getattr(constituents, f"{part}_DONE")
    assert len(with_unit | awaiting | done) == len(with_unit) + len(awaiting) + len(done)
    table = TABLES[part]
    assert {s for s in table.states if table.can(s, "leave_unrated")} == awaiting


FULL_CYCLE = (
    "draft frozen self group ballot presidium_review reconcile objection recheck approved circulated"
    " notice_issued rectifying archived"
)


def test_the_assessment_year_passes_every_step_of_the_domain():
    path = (
        "freeze start_self finish_self finish_group finish_ballot finish_review finish_reconcile"
        " start_recheck approve circulate issue_notices start_rectifying archive"
    )
    assert walk(assessments.ASSESSMENT, path) == FULL_CYCLE


def test_optional_steps_are_skipped_by_name_only():
    path = (
        "freeze start_self skip_self skip_group skip_ballot finish_review skip_reconcile"
        " approve_unopposed circulate issue_notices start_rectifying archive"
    )
    assert walk(assessments.ASSESSMENT, path) == FULL_CYCLE.replace(" recheck", "")
    skips = {event for event in assessments.ASSESSMENT.events if event.startswith("skip_")}
    assert skips < assessments.ASSESSMENT_EVENTS_WITH_REASON


def test_no_way_leads_back_from_an_approved_result():
    after = assessments.ASSESSMENT.reachable_from(AssessmentState.APPROVED)
    assert after == assessments.RESULT_STATES


@pytest.mark.parametrize(
    ("path", "states"),
    [
        (
            "deliver report return report accept archive",
            "issued delivered reported returned reported accepted archived",
        ),
        (
            "deliver record_unreported report accept archive",
            "issued delivered unreported reported accepted archived",
        ),
        ("deliver supersede archive", "issued delivered superseded archived"),
        ("excuse archive", "issued excused archived"),
    ],
)
def test_notice_paths(path, states):
    assert walk(assessments.NOTICE, path) == states


def test_no_report_is_owed_once_it_lies_with_the_presidium():
    assert NoticeState.REPORTED not in assessments.REPORT_OWED
    assert all(assessments.NOTICE.can(s, "excuse") for s in assessments.REPORT_OWED)


def test_a_published_sheet_is_never_recomputed():
    assert assessments.SHEET.can("computed", "recompute")
    assert not assessments.SHEET.can("published", "recompute")


@pytest.mark.parametrize(
    ("path", "states"),
    [
        ("confirm", "registered confirmed"),
        ("object uphold", "registered objected upheld"),
        ("object correct", "registered objected corrected"),
        ("confirm object withdraw", "registered confirmed objected withdrawn"),
        ("lapse correct", "registered lapsed_to_presidium corrected"),
    ],
)
def test_participation_paths(path, states):
    assert walk(stations.PARTICIPATION, path) == states


def test_what_counts_is_confirmed_or_settled():
    others = {"registered", "objected", "lapsed_to_presidium", "withdrawn"}
    assert set(ParticipationState) - stations.COUNTED_STATES == others


@pytest.mark.parametrize(
    ("path", "states"),
    [
        ("publish hold", "planned published held"),
        ("publish cancel", "planned published cancelled"),
        ("publish postpone publish hold", "planned published postponed published held"),
    ],
)
def test_reception_day_paths(path, states):
    assert walk(stations.RECEPTION_DAY, path) == states


def test_leave_given_and_taken_back_puts_the_turn_back():
    assert walk(stations.LEAVE, "approve withdraw") == "requested approved withdrawn"
    assert walk(stations.DUTY, "excuse restore attend") == "scheduled on_leave scheduled attended"
    assert walk(stations.DUTY, "miss excuse") == "scheduled absent on_leave"


def test_a_swap_needs_the_other_deputy_and_the_office():
    assert walk(stations.SWAP, "consent approve") == "proposed consented approved"
    assert not stations.SWAP.can("proposed", "approve")


def test_ten_ones_make_fifty_two_a_year():
    assert len(TEN_ONES) == 10
    assert sum(frequency.per_year for frequency in TEN_ONES.values()) == 52


def test_a_mandate_is_suspended_restored_and_ends_in_five_ways():
    assert walk(deputies.MANDATE, "suspend restore end") == "active suspended active ended"
    assert len(deputies.MANDATE.terminal_states) == 5
    assert deputies.MANDATE.terminal_states == deputies.VACANT_STATES
    assert {MandateState.ACTIVE, MandateState.SUSPENDED} == deputies.SEATED_STATES


def test_every_way_out_is_open_to_a_suspended_mandate_too():
    active, suspended = (set(deputies.MANDATE.events_from(s)) for s in ("active", "suspended"))
    assert active - {"suspend"} == suspended - {"restore"}
