"""Writes of this floor, one transaction and one audit operation each."""

from deputies.services.electing import (
    create_constituency,
    create_electing_unit,
    hold_session,
    update_constituency,
    update_session,
)
from deputies.services.enrolment import correct_deputy, enrol_deputy
from deputies.services.groups import (
    add_fixed_contact,
    create_group,
    end_fixed_contact,
    place_in_group,
    require_contact_keeper,
    set_post,
    update_group,
)
from deputies.services.mandates import change_mandate, register_mandate, update_mandate
from deputies.services.people import (
    give_accounts,
    register_person,
    reveal_phone,
    update_own_contact,
    update_person,
)
from deputies.services.rollover import carry_over, re_elect
from deputies.services.succession import (
    confirm_rollover,
    confirm_undo,
    propose_rollover,
    propose_undo,
    rehearse_rollover,
    withdraw_rollover,
    withdraw_undo,
)
from deputies.services.terms import (
    begin_first_term,
    close_term,
    create_congress,
    open_term,
    prepare_term,
    succeed_term,
    update_term,
)

__all__ = [
    "add_fixed_contact",
    "begin_first_term",
    "carry_over",
    "change_mandate",
    "close_term",
    "confirm_rollover",
    "confirm_undo",
    "correct_deputy",
    "create_congress",
    "create_constituency",
    "create_electing_unit",
    "create_group",
    "end_fixed_contact",
    "enrol_deputy",
    "give_accounts",
    "hold_session",
    "open_term",
    "place_in_group",
    "prepare_term",
    "propose_rollover",
    "propose_undo",
    "re_elect",
    "register_mandate",
    "register_person",
    "rehearse_rollover",
    "require_contact_keeper",
    "reveal_phone",
    "set_post",
    "succeed_term",
    "update_constituency",
    "update_group",
    "update_mandate",
    "update_own_contact",
    "update_person",
    "update_session",
    "update_term",
    "withdraw_rollover",
    "withdraw_undo",
]
