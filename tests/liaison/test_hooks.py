"""Who answers what the ground floor asks: an app that forgets to register would only be missed in its figures."""

from typing import Any

from liaison import hooks

LINKED = ("person_ref", "station_ref", "unit_ref", "group_ref")


def answers(question: hooks.Question[Any]) -> list[str]:
    """Module and name of each; a task goes by the name it is sent under."""
    return [
        str(one.name) if hasattr(one, "delay") else f"{one.__module__}.{one.__qualname__}" for one in question
    ]


def test_every_question_is_answered_by_these_and_no_others() -> None:
    questions = {name: found for name, found in vars(hooks).items() if isinstance(found, hooks.Question)}
    assert {name: answers(question) for name, question in questions.items()} == {
        "navigation": ["reports.navigation.doors"],
        "today_queue": ["reports.selectors.staff.staff_queue"],
        "today_counts": ["reports.selectors.staff.staff_counts"],
        "calendar_effects": [
            "stations.selectors.calendar_effects.reception_days",
            "stations.selectors.calendar_effects.confirmations",
            "assessments.selectors.calendar_effects.objection_periods",
        ],
        "calendar_loaded": [
            "stations.tasks.settle_provisional",
            "constituents.tasks.settle_provisional",
            "assessments.tasks.settle_provisional",
        ],
        "held_by": ["stations.selectors.leaving.held_duties", "constituents.selectors.leaving.held_matters"],
        "before_rollover": [
            "stations.selectors.rollover.before_rollover",
            "constituents.selectors.rollover.before_rollover",
            "assessments.selectors.rollover.before_rollover",
        ],
        "recorded_in_term": [
            "stations.selectors.rollover.recorded_in_term",
            "constituents.selectors.rollover.recorded_in_term",
            "assessments.selectors.rollover.recorded_in_term",
        ],
        "rollover_figures": ["stations.selectors.rollover.rollover_figures"],
        "frozen_places": ["assessments.selectors.frozen.frozen_places"],
        "missing_steps": ["reports.selectors.missing.missing_steps"],
        "moving_rows": [
            "deputies.services.passing_over.moving_deputies",
            "stations.services.passing_over.moving_stations",
            "constituents.selectors.moving.moving_matters",
            "assessments.selectors.moving.moving_assessments",
        ],
        "carry_over_places": [
            "deputies.services.passing_over.carry_deputies",
            "stations.services.passing_over.carry_stations",
        ],
        "shipped_data": [
            "stations.services.shipped_kinds.seed",
            "assessments.services.shipped_schemes.seed",
        ],
    }


def test_every_link_of_an_appointment_has_its_records() -> None:
    assert {column: hooks.link_of(column).column for column in LINKED} == {
        column: column for column in LINKED
    }
