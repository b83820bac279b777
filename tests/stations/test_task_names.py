"""The names tasks act under, as they stand in the log and in the audit trail."""

from stations import tasks


def test_reminders_of_turns_and_of_confirmations_bear_two_names() -> None:
    assert (tasks.REMINDER, tasks.CHASER) == ("值班提醒", "核对提醒")
