"""Writes of this floor: each is one transaction, one locked row, one step in the ledger."""

from assessments.services.closing import archive_assessment, excuse_report, record_unreported
from assessments.services.cycle import (
    advance_assessment,
    approve_results,
    freeze_assessment,
    open_assessment,
)
from assessments.services.entries import (
    Tally,
    enterable_facts,
    record_ballot,
    record_extra_fact,
    withdraw_extra_fact,
)
from assessments.services.notices import (
    deliver_notice,
    issue_notices,
    open_own_notice,
    render_circular,
    render_notice,
    settle_objection_periods,
)
from assessments.services.objections import (
    objection_until,
    raise_objection,
    rule_objection,
    start_recheck,
    withdraw_objection,
)
from assessments.services.rectification import (
    Measure,
    give_leader_opinion,
    review_report,
    save_report,
    start_report,
    submit_report,
)
from assessments.services.reminders import send_reminder
from assessments.services.schemes import adopt_scheme, change_scheme
from assessments.services.sheets import compute_sheets, correct_sheet, publish_assessment
from assessments.services.talks import TalkRecord, cancel_talk, hold_talk

__all__ = [
    "Measure",
    "TalkRecord",
    "Tally",
    "adopt_scheme",
    "advance_assessment",
    "approve_results",
    "archive_assessment",
    "cancel_talk",
    "change_scheme",
    "compute_sheets",
    "correct_sheet",
    "deliver_notice",
    "enterable_facts",
    "excuse_report",
    "freeze_assessment",
    "give_leader_opinion",
    "hold_talk",
    "issue_notices",
    "objection_until",
    "open_assessment",
    "open_own_notice",
    "publish_assessment",
    "raise_objection",
    "record_ballot",
    "record_extra_fact",
    "record_unreported",
    "render_circular",
    "render_notice",
    "review_report",
    "rule_objection",
    "save_report",
    "send_reminder",
    "settle_objection_periods",
    "start_recheck",
    "start_report",
    "submit_report",
    "withdraw_extra_fact",
    "withdraw_objection",
]
