"""The code by which a resident follows a matter: shown once, kept as a digest, made anew on request."""

import secrets
from datetime import datetime

from constituents.access import get_opinion
from constituents.enums import OpinionNote
from constituents.models import OpinionStep, digest_of_code
from liaison.auditing import trail
from liaison.identity.roles import OFFICE
from liaison.tenancy.scope import Actor
from liaison.words.errors import Conflict, Forbidden
from liaison.words.limits import fitted

SHOWN_BEFORE = "查询码只显示一次，已经显示过。群众没有拿到的，请主席团换发。"


def new_query_code() -> str:
    """128 random bits, which nobody guesses."""
    return secrets.token_urlsafe(16)


def show_query_code(*, actor: Actor, opinion_id: int) -> str:
    """The code of a matter just registered, to whoever registered it, once; noted.

    ``Forbidden`` to everybody else, ``Conflict`` the second time.
    """
    opinion = get_opinion(actor, opinion_id, lock=True)
    if opinion.recorded_by_id != actor.account_id:
        raise Forbidden("查询码由登记人交给群众。群众没有拿到的，可以由主席团换发。")
    code = opinion.query_code
    if not code:
        raise Conflict(SHOWN_BEFORE, "shown")
    with trail.operation("show_query_code"):
        opinion.query_code_waiting = ""
        opinion.save(update_fields=["query_code_waiting"])
    return code


def renew_query_code(*, actor: Actor, opinion_id: int, reason: str, now: datetime) -> str:
    """A new code for a resident who has none; the old one ends. The reason stands in trail and timeline.

    The office only. ``InvalidInput`` without a reason, ``Conflict`` once the resident is forgotten.
    """
    actor.require(*OFFICE)
    opinion = get_opinion(actor, opinion_id, lock=True)
    if opinion.purged_at is not None:
        raise Conflict("群众信息已超过保存期限清除，不能再换发查询码。", "purged")
    why = trail.reason_of(reason, least=2, needed="请写明换发理由，如“群众遗失回执，本人到站申请”。")
    code = new_query_code()
    with trail.operation("renew_query_code", reason=why):
        opinion.query_code_digest, opinion.query_code_waiting = digest_of_code(code), ""
        opinion.save(update_fields=["query_code_digest", "query_code_waiting"])
        OpinionStep._plain.create(
            scope_code=opinion.scope_code,
            opinion=opinion,
            event=OpinionNote.RENEW_CODE,
            from_state=opinion.state,
            to_state=opinion.state,
            note=fitted(OpinionStep, "note", why),
            done_by_id=actor.account_id,
            done_at=now,
        )
    return code
