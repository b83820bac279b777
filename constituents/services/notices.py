"""Who is told what while a case goes its way. Titles name the matter, never the resident.

A message is keyed by case, state and deadline, so that a retried service or a second task leaves one.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse

from constituents.enums import OpinionState, SuggestionState
from constituents.models import Opinion, Suggestion
from deputies.models import Mandate
from liaison.calendar.workdays import china_date
from liaison.identity.selectors import in_force
from liaison.messages.outbox import notify, notify_roles
from liaison.models import Appointment
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from stations.rules.wording import full_day_text

POSTMAN = "办理提醒"
_KEEPERS = (Role.PRESIDIUM_CLERK,)

_TO_UNIT: Mapping[str, str] = {
    OpinionState.ASSIGNED: "新交办的社情民意，请签收",
    OpinionState.REDO: "群众评价不满意，请重新办理",
    OpinionState.EXTENDED: "已同意延期办理",
}
_TO_KEEPERS: Mapping[str, str] = {
    OpinionState.REGISTERED: "新登记的社情民意，请受理",
    OpinionState.RETURNED: "承办单位退办，请重新交办",
    OpinionState.REPLIED: "已答复，请回访评价",
    OpinionState.REPLIED_AGAIN: "已再次答复，请回访评价",
}
_TO_CHAIR: Mapping[str, str] = {OpinionState.PRESIDIUM_DECIDES: "两次评价不满意，请主席团研究"}
_TO_DEPUTY: Mapping[str, str] = {
    OpinionState.REPLIED: "您反映的社情民意已答复",
    OpinionState.REPLIED_AGAIN: "您反映的社情民意已再次答复",
    OpinionState.NOT_ACCEPTED: "您反映的社情民意不予受理，请查看理由",
    OpinionState.CLOSED: "您反映的社情民意已销号",
}


def tell(opinion: Opinion, now: datetime) -> None:
    """Leave the messages that belong to the state ``opinion`` has just reached."""
    state = str(opinion.state)
    if state in _TO_UNIT and opinion.unit_id:
        _opinion_to(opinion, unit_accounts(opinion.unit_id, now), _TO_UNIT[state], now)
    if state in _TO_KEEPERS:
        _opinion_to_roles(opinion, _KEEPERS, _TO_KEEPERS[state], now)
    if state in _TO_CHAIR:
        _opinion_to_roles(opinion, (*_KEEPERS, Role.PRESIDIUM_CHAIR), _TO_CHAIR[state], now)
    if state in _TO_DEPUTY and opinion.deputy_id:
        _opinion_to(opinion, mandate_accounts([opinion.deputy_id]), _TO_DEPUTY[state], now)


def tell_overdue(opinion: Opinion, now: datetime) -> int:
    """Once per state and deadline: the unit that holds the case, and the presidium; counts new messages."""
    title = f"社情民意{opinion.number}已超过期限"
    body = (
        f"{opinion.get_category_display()}，{opinion.get_state_display()}，期限{_due(opinion)}，请尽快办理。"
    )
    key = f"opinion-overdue-{opinion.pk}-{opinion.state}-{opinion.due_on}"
    facts: dict[str, Any] = {
        "title": title,
        "body": body,
        "link": opinion_link(opinion),
        "dedupe_key": key,
        "now": now,
    }
    holders = unit_accounts(opinion.unit_id, now) if opinion.unit_id else []
    new = sum(notify(account_id=each, scope_code=opinion.scope_code, **facts) for each in holders)
    return new + notify_roles(scope_code=opinion.scope_code, roles=_KEEPERS, **facts)


def tell_suggestion(suggestion: Suggestion, now: datetime) -> None:
    """The messages of a suggestion's state: the unit, the signatories, the presidium."""
    state = str(suggestion.state)
    if state in (SuggestionState.ASSIGNED, SuggestionState.REDO) and suggestion.unit_id:
        words = (
            "新交办的代表建议，请签收" if state == SuggestionState.ASSIGNED else "代表评价不满意，请重新办理"
        )
        _suggestion_to(suggestion, unit_accounts(suggestion.unit_id, now), words, now)
    if state in (SuggestionState.REPLIED, SuggestionState.REPLIED_AGAIN, SuggestionState.NOT_ACCEPTED):
        words = (
            "您的建议不作为建议处理，请查看理由"
            if state == SuggestionState.NOT_ACCEPTED
            else "您的建议已答复，请评价"
        )
        signers = suggestion.signatories.values_list("mandate_id", flat=True)
        _suggestion_to(suggestion, mandate_accounts(signers), words, now)
    if state in (SuggestionState.SUBMITTED, SuggestionState.RETURNED, SuggestionState.PRESIDIUM_DECIDES):
        notify_roles(roles=_KEEPERS, **_suggestion_words(suggestion, suggestion.get_state_display(), now))


def tell_suggestion_overdue(suggestion: Suggestion, now: datetime) -> int:
    """Once per state and deadline, to the unit and the presidium."""
    words = _suggestion_words(suggestion, "已超过答复期限，请尽快办理", now)
    words["dedupe_key"] = f"suggestion-overdue-{suggestion.pk}-{suggestion.state}-{suggestion.due_on}"
    holders = unit_accounts(suggestion.unit_id, now) if suggestion.unit_id else []
    new = sum(notify(account_id=each, **words) for each in holders)
    return new + notify_roles(roles=_KEEPERS, **words)


def _due(opinion: Opinion) -> str:
    return full_day_text(opinion.due_on) if opinion.due_on else ""


def opinion_link(opinion: Opinion) -> str:
    return reverse("constituents_opinion", args=[opinion.pk])


def unit_accounts(unit_id: int, now: datetime) -> list[int]:
    """Active accounts that act for one handling unit today."""
    with acting(system_actor(name=POSTMAN)) as actor:
        held = Appointment.scoped(actor).filter(in_force(china_date(now)), unit_ref=unit_id)
        held = held.filter(role=Role.HANDLING_UNIT)
        return list(held.order_by("account_id").values_list("account_id", flat=True).distinct())


def mandate_accounts(mandate_ids: Iterable[int]) -> list[int]:
    """The accounts of the persons behind these mandates; deputies without an account hear by telephone."""
    with acting(system_actor(name=POSTMAN)) as actor:
        rows = Mandate.scoped(actor).filter(pk__in=list(mandate_ids), person__account_id__isnull=False)
        return list(rows.order_by("pk").values_list("person__account_id", flat=True).distinct())


def _opinion_words(opinion: Opinion, words: str, now: datetime) -> dict[str, Any]:
    due = f"，期限{_due(opinion)}" if opinion.due_on else ""
    return {
        "scope_code": opinion.scope_code,
        "title": f"社情民意{opinion.number}：{words}",
        "body": f"类别：{opinion.get_category_display()}{due}。",
        "link": opinion_link(opinion),
        "dedupe_key": f"opinion-{opinion.pk}-{opinion.state}-{opinion.redo_count}-{now:%Y%m%d%H%M%S}",
        "now": now,
    }


def _opinion_to(opinion: Opinion, accounts: Iterable[int], words: str, now: datetime) -> None:
    facts = _opinion_words(opinion, words, now)
    for account_id in accounts:
        notify(account_id=account_id, **facts)


def _opinion_to_roles(opinion: Opinion, roles: Iterable[Role], words: str, now: datetime) -> None:
    notify_roles(roles=roles, **_opinion_words(opinion, words, now))


def _suggestion_words(suggestion: Suggestion, words: str, now: datetime) -> dict[str, Any]:
    return {
        "scope_code": suggestion.scope_code,
        "title": f"代表建议{suggestion.number}：{words}",
        "body": f"《{suggestion.title}》",
        "link": reverse("constituents_suggestion", args=[suggestion.pk]),
        "dedupe_key": f"suggestion-{suggestion.pk}-{suggestion.state}-{now:%Y%m%d%H%M%S}",
        "now": now,
    }


def _suggestion_to(suggestion: Suggestion, accounts: Iterable[int], words: str, now: datetime) -> None:
    facts = _suggestion_words(suggestion, words, now)
    for account_id in accounts:
        notify(account_id=account_id, **facts)
