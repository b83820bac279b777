"""Cases of this floor, brought through the services as far as a test needs them."""

from datetime import UTC, date, datetime
from inspect import signature
from typing import Any

from constituents.enums import (
    ContactWay,
    NotAcceptedReason,
    OpinionCategory,
    ReplyClass,
    Satisfaction,
    UnitKind,
)
from constituents.enums import OpinionEvent as E
from constituents.enums import OpinionState as O
from constituents.models import HandlingUnit, Opinion, Suggestion
from constituents.services.handling import (
    accept_opinion,
    answer_on_spot,
    assign_opinion,
    decide_opinion,
    not_accept_opinion,
    pass_on_opinion,
    rate_opinion,
    reply_opinion,
    return_opinion,
    triage_opinion,
)
from constituents.services.intake import Intake, register_opinion
from constituents.services.suggestions import submit_suggestion
from deputies.models import Mandate
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor

NOW = datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
PHONE = "13912345678"
RESIDENT = "张爱民"


def make_unit(place: Jurisdiction, name: str, kind: UnitKind = UnitKind.STATION) -> HandlingUnit:
    with acting(system_actor()):
        return HandlingUnit._plain.create(scope_code=place.scope_code, name=name, kind=kind.value)


def intake(**changes: Any) -> Intake:
    facts: dict[str, Any] = {
        "content": "村里自来水停了三天，老人挑不动水。",
        "category": OpinionCategory.WATER,
        "contact_way": ContactWay.VISIT,
        "received_on": date(2026, 3, 9),
        "wish": "请尽快修好",
        "resident_name": RESIDENT,
        "resident_phone": PHONE,
        "resident_address": "东庄村三组12号",
    }
    return Intake(**{**facts, **changes})


def as_(actor: Actor, service: Any, **facts: Any) -> Any:
    """Call a service as ``actor``, on the usual day where it asks for one."""
    usual = {"now": NOW} if "now" in signature(service).parameters else {}
    with acting(actor):
        return service(actor=actor, **{**usual, **facts})


def again(row: Any) -> Any:
    """The row as it stands in the database."""
    with acting(system_actor()):
        return type(row)._plain.get(pk=row.pk)


def register(actor: Actor, *, now: datetime = NOW, **changes: Any) -> Opinion:
    return as_(actor, register_opinion, intake=intake(**changes), now=now)


def step_to(clerk: Actor, opinion: Opinion, state: O, unit: HandlingUnit, *, now: datetime = NOW) -> Opinion:
    """Bring a registered opinion to ``state`` through the presidium's clerk."""
    pk = {"opinion_id": opinion.pk, "now": now}

    def rated(verdict: Satisfaction) -> Opinion:
        return as_(clerk, rate_opinion, opinion=opinion, satisfaction=verdict, now=now)

    ways: dict[O, list[Any]] = {
        O.REGISTERED: [],
        O.TRIAGED: ["triage"],
        O.ANSWERED_ON_SPOT: ["triage", "answer"],
        O.NOT_ACCEPTED: ["triage", "refuse"],
        O.TO_12345: ["triage", "hotline"],
        O.TO_PETITION: ["triage", "petition"],
        O.TO_SUGGESTION: ["triage", "suggestion"],
        O.TO_UPPER_DEPUTY: ["triage", "upper"],
        O.ASSIGNED: ["triage", "assign"],
        O.RETURNED: ["triage", "assign", "return"],
        O.HANDLING: ["triage", "assign", "accept"],
        O.REPLIED: ["triage", "assign", "accept", "reply"],
        O.REDO: ["triage", "assign", "accept", "reply", "bad"],
        O.REPLIED_AGAIN: ["triage", "assign", "accept", "reply", "bad", "reply"],
        O.PRESIDIUM_DECIDES: ["triage", "assign", "accept", "reply", "bad", "reply", "bad"],
        O.CLOSED: ["triage", "assign", "accept", "reply", "good"],
        O.ARCHIVED: ["triage", "assign", "accept", "reply", "good", "archive"],
    }
    actions: dict[str, Any] = {
        "triage": lambda: as_(clerk, triage_opinion, **pk),
        "answer": lambda: as_(clerk, answer_on_spot, answer="已解释政策", **pk),
        "assign": lambda: as_(clerk, assign_opinion, unit_id=unit.pk, **pk),
        "accept": lambda: as_(clerk, accept_opinion, **pk),
        "return": lambda: as_(clerk, return_opinion, reason="不属本单位", **pk),
        "reply": lambda: as_(clerk, reply_opinion, reply="水管已修好", reply_class=ReplyClass.A, **pk),
        "good": lambda: rated(Satisfaction.SATISFIED),
        "bad": lambda: rated(Satisfaction.DISSATISFIED),
        "archive": lambda: as_(clerk, decide_opinion, event=E.ARCHIVE, note="年度归档", **pk),
        "hotline": lambda: as_(clerk, pass_on_opinion, event=E.PASS_TO_12345, note="热线已受理", **pk),
        "petition": lambda: as_(clerk, pass_on_opinion, event=E.PASS_TO_PETITION, note="属信访事项", **pk),
        "suggestion": lambda: as_(clerk, pass_on_opinion, event=E.MAKE_SUGGESTION, note="请代表整理", **pk),
        "upper": lambda: as_(clerk, pass_on_opinion, event=E.PASS_TO_UPPER_DEPUTY, note="请县代表反映", **pk),
        "refuse": lambda: as_(
            clerk, not_accept_opinion, reason=NotAcceptedReason.LITIGATION, told_where="区人民法院", **pk
        ),
    }  # fmt: skip
    for name in ways[state]:
        actions[name]()
    return again(opinion)


def case_in(clerk: Actor, state: O, unit: HandlingUnit, **changes: Any) -> Opinion:
    return step_to(clerk, register(clerk, **changes), state, unit)


def suggest(actor: Actor, *mandates: Mandate, now: datetime = NOW, **changes: Any) -> Suggestion:
    facts: dict[str, Any] = {
        "title": "关于改造东庄村饮水管网的建议",
        "content": "管网老化，建议列入明年计划。",
        "submitted_on": date(2026, 3, 9),
    }
    return as_(
        actor, submit_suggestion, mandate_ids=[m.pk for m in mandates], now=now, **{**facts, **changes}
    )
