"""Opinions and suggestions of the demo: registered, routed, answered, rated, some late, some unsettled."""

from datetime import date, timedelta
from decimal import Decimal

from constituents.enums import (
    ContactWay,
    NotAcceptedReason,
    OpinionCategory,
    OpinionEvent,
    OpinionState,
    ReplyClass,
    Satisfaction,
    Urgency,
)
from constituents.models import Opinion
from constituents.services.handling import (
    accept_opinion,
    answer_on_spot,
    assign_opinion,
    not_accept_opinion,
    pass_on_opinion,
    rate_opinion,
    reply_opinion,
    return_opinion,
    triage_opinion,
)
from constituents.services.intake import Intake, register_opinion
from constituents.services.suggestions import (
    accept_suggestion,
    assign_suggestion,
    check_suggestion,
    rate_suggestion,
    reply_suggestion,
    set_quality,
    submit_suggestion,
)
from deputies.models import Mandate
from liaison.models import Jurisdiction
from reports.demo.content import GIVEN_NAMES, MATTERS, SUGGESTIONS, SURNAMES_OF_RESIDENTS, Matter
from reports.demo.township import Township, on_day
from stations.models import ReceptionDay

_ON_THE_SPOT = (OpinionCategory.POLICY_QUESTION, OpinionCategory.DISPUTE, OpinionCategory.EMPLOYMENT)


def bring_matter(
    town: Township, mandate: Mandate, day: date, today: date, reception: ReceptionDay | None = None
) -> Opinion:
    """One resident, one matter, and as much of its way as fits before ``today``."""
    matter = town.rng.choice(MATTERS)
    opinion = _register(town, mandate, matter, day, reception)
    luck = town.rng.random()
    if day + timedelta(days=1) > today:
        return opinion
    with on_day(town.clerk, day + timedelta(days=1), 9) as now:
        triage_opinion(actor=town.clerk, opinion_id=opinion.pk, now=now)
    if luck < 0.03:
        _turn_away(town, opinion, day)
    elif luck < 0.06:
        _pass_to_hotline(town, opinion, day)
    elif matter.category in _ON_THE_SPOT or luck < 0.22:
        _answer_at_once(town, opinion, matter, day, today)
    else:
        _let_unit_handle(town, opinion, matter, day, today)
    return opinion


def _register(
    town: Township, mandate: Mandate, matter: Matter, day: date, reception: ReceptionDay | None
) -> Opinion:
    village, rng = town.village_of(mandate), town.rng
    name = rng.choice(SURNAMES_OF_RESIDENTS) + rng.choice(GIVEN_NAMES)
    is_anonymous = rng.random() < 0.08
    intake = Intake(
        content=matter.words.format(village=village),
        wish=matter.wish.format(village=village),
        category=matter.category,
        urgency=matter.urgency,
        contact_way=ContactWay.FACE_TO_FACE if reception else rng.choice((ContactWay.VISIT, ContactWay.PHONE)),
        received_on=day,
        resident_name="" if is_anonymous else name,
        resident_phone="" if is_anonymous else f"139{rng.randrange(10**8):08d}",
        resident_address="" if is_anonymous else f"{town.place.short_name}{village}",
        village_id=Jurisdiction.objects.filter(short_name=village, parent=town.place).values_list("pk", flat=True).first(),
        station_id=reception.station_id if reception else None,
        reception_day_id=reception.pk if reception else None,
        deputy_id=mandate.pk,
        is_confidential=rng.random() < 0.04,
    )  # fmt: skip
    actor = town.actor_of(mandate)
    with on_day(actor, day, 11) as now:
        return register_opinion(actor=actor, intake=intake, now=now)


def _turn_away(town: Township, opinion: Opinion, day: date) -> None:
    with on_day(town.clerk, day + timedelta(days=1), 10) as now:
        not_accept_opinion(
            actor=town.clerk,
            opinion_id=opinion.pk,
            reason=NotAcceptedReason.LITIGATION,
            told_where="此事已由法院受理，请按诉讼程序向榆次区人民法院反映，诉讼服务热线12368。",
            now=now,
        )


def _pass_to_hotline(town: Township, opinion: Opinion, day: date) -> None:
    with on_day(town.clerk, day + timedelta(days=1), 10) as now:
        pass_on_opinion(
            actor=town.clerk,
            opinion_id=opinion.pk,
            event=OpinionEvent.PASS_TO_12345,
            note="群众已在热线登记，由热线统一办理，不再重复交办。",
            hotline_number=f"JZ{day:%Y%m%d}{opinion.pk % 1000:03d}",
            now=now,
        )


def _answer_at_once(town: Township, opinion: Opinion, matter: Matter, day: date, today: date) -> None:
    with on_day(town.clerk, day + timedelta(days=1), 11) as now:
        answer_on_spot(actor=town.clerk, opinion_id=opinion.pk, answer=matter.reply, now=now)
    later = day + timedelta(days=town.rng.randint(2, 9))
    if _rate(town, opinion, later, today) == OpinionState.TRIAGED:
        # Explained at once and not content with it: a unit takes it up.
        _let_unit_handle(town, opinion, matter, later, today)


def _let_unit_handle(town: Township, opinion: Opinion, matter: Matter, day: date, today: date) -> None:
    rng, assigned = town.rng, day + timedelta(days=2)
    if assigned > today:
        return
    unit = town.units.get(matter.unit) or rng.choice(list(town.units.values()))
    if rng.random() < 0.04:
        wrong = rng.choice(list(town.units.values()))
        with on_day(town.clerk, assigned, 9) as now:
            assign_opinion(actor=town.clerk, opinion_id=opinion.pk, unit_id=wrong.pk, now=now)
            return_opinion(
                actor=town.clerk,
                opinion_id=opinion.pk,
                reason="不属本单位职责，建议转交主管单位办理。",
                now=now,
            )
    with on_day(town.clerk, assigned, 10) as now:
        assign_opinion(actor=town.clerk, opinion_id=opinion.pk, unit_id=unit.pk, now=now)
    accepted = assigned + timedelta(days=1)
    if accepted > today:
        return
    handler = town.unit_actors.get(unit.name, town.clerk)
    with on_day(handler, accepted, 9) as now:
        accept_opinion(actor=handler, opinion_id=opinion.pk, now=now)
    replied = assigned + timedelta(days=rng.choice((2, 4, 6, 8, 11, 14, 17, 26)))
    if matter.urgency == Urgency.URGENT:
        replied = assigned + timedelta(days=rng.choice((1, 2, 2, 3)))
    if replied > today:
        return
    with on_day(handler, replied, 16) as now:
        reply_opinion(
            actor=handler, opinion_id=opinion.pk, reply=matter.reply, reply_class=matter.reply_class, now=now
        )
    _rate(town, opinion, replied + timedelta(days=rng.randint(1, 10)), today)


def _rate(town: Township, opinion: Opinion, day: date, today: date) -> str:
    """Most rate well, some not at all, a few are dissatisfied and get a redo; returns the state after."""
    luck = town.rng.random()
    if day > today or luck < 0.07:
        return ""
    verdict = Satisfaction.SATISFIED if luck < 0.74 else Satisfaction.BASICALLY_SATISFIED
    if luck > 0.95:
        verdict = Satisfaction.DISSATISFIED
    with on_day(town.clerk, day, 15) as now:
        rated = rate_opinion(
            actor=town.clerk, opinion=opinion, satisfaction=verdict, now=now, note="电话回访登记"
        )
    if rated.state == OpinionState.REDO and day + timedelta(days=8) <= today:
        _redo(town, opinion, day)
    return rated.state


def _redo(town: Township, opinion: Opinion, day: date) -> None:
    with on_day(town.clerk, day + timedelta(days=7), 10) as now:
        reply_opinion(
            actor=town.clerk,
            opinion_id=opinion.pk,
            reply="已再次到现场核实并补充整改，向群众当面说明了情况。",
            reply_class=ReplyClass.A,
            now=now,
        )
    with on_day(town.clerk, day + timedelta(days=8), 15) as now:
        rate_opinion(
            actor=town.clerk, opinion=opinion, satisfaction=Satisfaction.BASICALLY_SATISFIED, now=now
        )


def bring_suggestion(town: Township, mandate: Mandate, day: date, today: date, number: int) -> None:
    """One suggestion and its way: checked, assigned, answered within months, evaluated, marked."""
    title, content = SUGGESTIONS[number % len(SUGGESTIONS)]
    village, rng, actor = town.village_of(mandate), town.rng, town.actor_of(mandate)
    with on_day(actor, day, 20) as now:
        row = submit_suggestion(
            actor=actor,
            mandate_ids=[mandate.pk],
            title=title.format(village=village),
            content=content.format(village=village),
            submitted_on=day,
            now=now,
        )
    if day + timedelta(days=4) > today:
        return
    with on_day(town.clerk, day + timedelta(days=3), 10) as now:
        check_suggestion(actor=town.clerk, suggestion_id=row.pk, is_acceptable=True, note="", now=now)
        points = Decimal(rng.choice(("1.0", "1.5", "1.5", "2.0")))
        set_quality(actor=town.clerk, suggestion_id=row.pk, points=points, is_key=rng.random() < 0.08)
    unit = rng.choice(list(town.units.values()))
    with on_day(town.clerk, day + timedelta(days=4), 10) as now:
        assign_suggestion(actor=town.clerk, suggestion_id=row.pk, unit_id=unit.pk, now=now)
    _answer_suggestion(town, mandate, row.pk, unit.name, day, today)


def _answer_suggestion(
    town: Township, mandate: Mandate, suggestion_id: int, unit_name: str, day: date, today: date
) -> None:
    handler = town.unit_actors.get(unit_name, town.clerk)
    accepted, replied = day + timedelta(days=6), day + timedelta(days=town.rng.randint(30, 58))
    if accepted > today:
        return
    with on_day(handler, accepted, 9) as now:
        accept_suggestion(actor=handler, suggestion_id=suggestion_id, now=now)
    if replied > today:
        return
    with on_day(handler, replied, 15) as now:
        reply_suggestion(
            actor=handler,
            suggestion_id=suggestion_id,
            reply="您提出的建议收悉。经现场核查，所反映情况属实，已列入工作计划并落实责任人，进展将及时告知。",
            reply_class=town.rng.choice((ReplyClass.A, ReplyClass.A, ReplyClass.B)),
            now=now,
        )
    if replied + timedelta(days=7) > today:
        return
    actor = town.actor_of(mandate)
    with on_day(actor, replied + timedelta(days=7), 19) as now:
        rate_suggestion(
            actor=actor, suggestion_id=suggestion_id, satisfaction=Satisfaction.SATISFIED, now=now
        )
