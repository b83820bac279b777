"""Writes of this floor, one transaction and one audit operation each."""

from stations.services.activities import (
    arrange_activity,
    call_off_activity,
    change_activity,
    remind_invitations,
    send_invitations,
)
from stations.services.activity_attendance import register_activity_attendance, save_minutes
from stations.services.announcements import announce_receptions, remind_turns
from stations.services.attendance import log_duty, register_attendance
from stations.services.calendar_feeds import create_feed, replace_feed, revoke_feed, show_feed
from stations.services.common import BulkResult
from stations.services.confirmation_reminders import remind_to_confirm
from stations.services.confirmations import (
    confirm_record,
    confirm_records,
    lapse_records,
    object_to_record,
    settle_objection,
    settle_provisional_confirmations,
    withdraw_record,
)
from stations.services.desk import (
    DESK_ROLES,
    Typed,
    attend_at_desk,
    begin_at_desk,
    end_at_desk,
    log_duty_at_desk,
)
from stations.services.duties import (
    DutyPlan,
    assign_duty,
    consent_to_swap,
    decide_swap,
    propose_swap,
    release_duty,
    substitute_duty,
    withdraw_swap,
)
from stations.services.invitations import answer_invitation
from stations.services.leaves import decide_leave, request_leave, withdraw_leave
from stations.services.norms import choose_norm_set, save_activity_kind
from stations.services.photos import (
    add_station_photo,
    caption_photo,
    move_photo,
    remove_photo,
    set_equipment,
)
from stations.services.places import (
    close_station,
    open_station,
    set_station_roster,
    update_station,
)
from stations.services.planning_ahead import plan_ahead
from stations.services.reception_days import PlanResult, plan_reception_days, settle_provisional_days
from stations.services.reception_rules import end_reception_rule, save_reception_rule
from stations.services.receptions import (
    begin_reception,
    cancel_reception,
    hold_reception,
    postpone_reception,
    publish_reception,
)
from stations.services.records import (
    record_own_activity,
    record_visit,
    register_activity,
    register_session_sitting,
)
from stations.services.rota import SeatChange, change_seat, exchange_seats, make_rota_plan
from stations.services.rota_adoption import Adoption, adopt_rota_plan
from stations.services.upper_deputies import (
    end_upper_deputy,
    link_upper_deputy,
    register_upper_turn,
    set_theme,
)
from stations.services.work_plans import (
    adopt_work_plan,
    archive_work_plan,
    call_off_plan_item,
    copy_work_plan,
    link_activity,
    publish_work_plan,
    remove_plan_item,
    return_work_plan,
    save_plan_item,
    save_work_plan,
    submit_for_adoption,
)

__all__ = [
    "DESK_ROLES",
    "Adoption",
    "BulkResult",
    "DutyPlan",
    "PlanResult",
    "SeatChange",
    "Typed",
    "add_station_photo",
    "adopt_rota_plan",
    "adopt_work_plan",
    "announce_receptions",
    "answer_invitation",
    "archive_work_plan",
    "arrange_activity",
    "assign_duty",
    "attend_at_desk",
    "begin_at_desk",
    "begin_reception",
    "call_off_activity",
    "call_off_plan_item",
    "cancel_reception",
    "caption_photo",
    "change_activity",
    "change_seat",
    "choose_norm_set",
    "close_station",
    "confirm_record",
    "confirm_records",
    "consent_to_swap",
    "copy_work_plan",
    "create_feed",
    "decide_leave",
    "decide_swap",
    "end_at_desk",
    "end_reception_rule",
    "end_upper_deputy",
    "exchange_seats",
    "hold_reception",
    "lapse_records",
    "link_activity",
    "link_upper_deputy",
    "log_duty",
    "log_duty_at_desk",
    "make_rota_plan",
    "move_photo",
    "object_to_record",
    "open_station",
    "plan_ahead",
    "plan_reception_days",
    "postpone_reception",
    "propose_swap",
    "publish_reception",
    "publish_work_plan",
    "record_own_activity",
    "record_visit",
    "register_activity",
    "register_activity_attendance",
    "register_attendance",
    "register_session_sitting",
    "register_upper_turn",
    "release_duty",
    "remind_invitations",
    "remind_to_confirm",
    "remind_turns",
    "remove_photo",
    "remove_plan_item",
    "replace_feed",
    "request_leave",
    "return_work_plan",
    "revoke_feed",
    "save_activity_kind",
    "save_minutes",
    "save_plan_item",
    "save_reception_rule",
    "save_work_plan",
    "send_invitations",
    "set_equipment",
    "set_station_roster",
    "set_theme",
    "settle_objection",
    "settle_provisional_confirmations",
    "settle_provisional_days",
    "show_feed",
    "submit_for_adoption",
    "substitute_duty",
    "update_station",
    "withdraw_leave",
    "withdraw_record",
    "withdraw_swap",
]
