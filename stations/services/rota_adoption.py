"""Adopting a version of the rota: its seats become turns; what it no longer names is taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from deputies.models import Mandate
from liaison.auditing import trail
from liaison.calendar.workdays import china_date
from liaison.messages.outbox import notify
from liaison.tenancy.locking import locked
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.errors import Refused
from stations.enums import DutyEvent, DutyOrigin, DutyState, RotaPlanEvent, RotaPlanState
from stations.models import Participation, ReceptionDay, RotaPlan, UpperDeputy, UpperTurn
from stations.rules.lifecycle import DUTY, ROTA_PLAN
from stations.rules.rota import KeptReason, Parameters, SeatKind, conflicts, seated
from stations.rules.rota.snapshot import Snapshot, from_data
from stations.rules.wording import full_day_text
from stations.selectors.rota_problem import Records, id_of, is_open_day, rota_records
from stations.services.common import open_station_of, require_station

_SHOWN = 5


@dataclass(slots=True)
class Adoption:
    """What adopting does, or did: new turns, turns taken back, and what a clerk should look at."""

    plan: RotaPlan
    added: list[Participation] = field(default_factory=list)
    removed: list[Participation] = field(default_factory=list)
    upper_added: list[UpperTurn] = field(default_factory=list)
    upper_removed: list[UpperTurn] = field(default_factory=list)
    fixed: list[Participation] = field(default_factory=list)
    days: list[ReceptionDay] = field(default_factory=list)
    days_left_out: int = 0

    @property
    def told(self) -> set[int]:
        """Deputies with a change on a day already announced: they get a correction."""
        changed = [*self.added, *self.removed]
        return {t.mandate_id for t in changed if t.reception_day and t.reception_day.announced_at}


def adoption_of(actor: Actor, plan: RotaPlan, now: datetime) -> tuple[Adoption, list[str]]:
    """What adopting this draft now would do, and the conflicts that keep it from being adopted."""
    today = china_date(now)
    parameters = Parameters(plan.seats, plan.minimum)
    records = rota_records(
        actor, plan.station, plan.starts_on, plan.ends_on, parameters, plan.seed, today, keeps=False
    )
    stored = from_data(plan.snapshot)
    found = Adoption(plan)
    open_days = {key: row for key, row in records.days.items() if is_open_day(row, today)}
    found.days = list(open_days.values())
    found.days_left_out = len(open_days.keys() - {day.id for day in stored.days})
    for day in stored.days:
        if day.id in open_days:
            _compare(found, records, open_days[day.id], stored, day.id)
    return found, conflicts(seated(records.problem, stored.sitting))


def _compare(found: Adoption, records: Records, day: ReceptionDay, stored: Snapshot, day_id: int) -> None:
    seats = next(each.seats for each in stored.days if each.id == day_id)
    own = {id_of(s.key): s.kept for s in seats if s.key and s.kind == SeatKind.OWN}
    upper = {id_of(s.key) for s in seats if s.key and s.kind == SeatKind.UPPER}
    turns = [t for t in records.turns.get(day_id, ()) if t.outcome == DutyState.SCHEDULED]
    for turn in turns:
        turn.reception_day = day
        if turn.mandate_id not in own:
            found.removed.append(turn)
        elif own[turn.mandate_id] == KeptReason.HAND and turn.origin == DutyOrigin.PLAN:
            found.fixed.append(turn)
    there = {turn.mandate_id for turn in records.turns.get(day_id, ())}
    found.added += [_turn(day, key, own[key]) for key in own if key not in there]
    uppers = records.upper_turns.get(day_id, ())
    found.upper_removed += [
        t for t in uppers if t.outcome == DutyState.SCHEDULED and t.upper_deputy_id not in upper
    ]
    known = {t.upper_deputy_id for t in uppers}
    found.upper_added += [
        UpperTurn(scope_code=day.scope_code, upper_deputy_id=key, reception_day=day)
        for key in sorted(upper - known)
    ]


def _turn(day: ReceptionDay, mandate_id: int, kept: KeptReason | None) -> Participation:
    origin = DutyOrigin.HAND if kept == KeptReason.HAND else DutyOrigin.PLAN
    return Participation(
        scope_code=day.scope_code,
        mandate_id=mandate_id,
        reception_day=day,
        day=day.day,
        origin=origin,
    )


def adopt_rota_plan(*, actor: Actor, plan_id: int, now: datetime) -> Adoption:
    """Make a draft the station's rota; adopting it again changes nothing.

    ``Refused`` when somebody it names has meanwhile gone on leave, been suspended or been given another
    turn that day. Of days already announced the announcing sends a correction to those concerned; the others
    hear with the announcement. A fixed number of queries, besides messages to
    deputies of the county.
    """
    plan = locked(RotaPlan, actor, plan_id, "station")
    require_station(actor, plan.station_id)
    if plan.state == RotaPlanState.ADOPTED:
        return Adoption(plan)
    state = ROTA_PLAN.next_state(plan.state, RotaPlanEvent.ADOPT)
    open_station_of(actor, plan.station_id)
    found, against = adoption_of(actor, plan, now)
    if against:
        more = "等" if len(against) > _SHOWN else ""
        raise Refused(
            f"第{plan.number}版排出以后情况有变：{'；'.join(against[:_SHOWN])}{more}。请改排这些班次，或者重新排班。"
        )
    with trail.operation("adopt_rota_plan"):
        _carry_out(found, plan.number)
        _supersede_others(actor, plan)
        plan.state, plan.adopted_by_id, plan.adopted_at = state, actor.account_id, now
        plan.save(update_fields=["state", "adopted_by", "adopted_at"])
        _tell_upper_deputies(actor, found, now)
    return found


def _carry_out(found: Adoption, number: int) -> None:
    for turn in found.removed:
        turn.outcome = DUTY.next_state(turn.outcome, DutyEvent.CANCEL)
        turn.note = f"轮值表第{number}版调整"
    for upper in found.upper_removed:
        upper.outcome = DUTY.next_state(upper.outcome, DutyEvent.CANCEL)
    for turn in found.fixed:
        turn.origin = DutyOrigin.HAND
    Participation.objects.bulk_update(found.removed, ["outcome", "note"])
    Participation.objects.bulk_update(found.fixed, ["origin"])
    UpperTurn.objects.bulk_update(found.upper_removed, ["outcome"])
    Participation.objects.bulk_create(found.added)
    UpperTurn.objects.bulk_create(found.upper_added)


def _supersede_others(actor: Actor, plan: RotaPlan) -> None:
    """Versions adopted before for days this one covers."""
    rows = RotaPlan.scoped(actor).filter(station_id=plan.station_id, state=RotaPlanState.ADOPTED)
    rows = rows.filter(starts_on__lte=plan.ends_on, ends_on__gte=plan.starts_on)
    others = list(rows.exclude(pk=plan.pk).select_for_update(of=("self",)))
    for other in others:
        other.state = ROTA_PLAN.next_state(other.state, RotaPlanEvent.SUPERSEDE)
    RotaPlan.objects.bulk_update(others, ["state"])


def _tell_upper_deputies(actor: Actor, found: Adoption, now: datetime) -> None:
    """Deputies of the county with an account here hear at once: they plan their own days elsewhere.

    Their accounts lie above the township, out of its sight, and are asked for as the system.
    """
    changed = [(turn, "请您参加") for turn in found.upper_added]
    changed += [(turn, "您不再参加") for turn in found.upper_removed]
    ids = {turn.upper_deputy_id for turn, _ in changed}
    rows = UpperDeputy.scoped(actor).filter(pk__in=ids, county_mandate_id__isnull=False)
    named = rows.values_list("pk", "county_mandate_id") if ids else ()
    mandates = {pk: mandate_id for pk, mandate_id in named if mandate_id is not None}
    if not mandates:
        return
    with acting(system_actor(name="轮值表")):
        seats = Mandate.objects.filter(pk__in=mandates.values(), person__account__isnull=False)
        accounts = dict(seats.values_list("pk", "person__account_id"))
    days = {day.pk: day for day in found.days}
    for turn, words in changed:
        account_id = accounts.get(mandates.get(turn.upper_deputy_id, 0))
        day = days[turn.reception_day_id]
        if account_id is None:
            continue
        when = f"{full_day_text(day.day)}{day.starts_at:%H:%M}"
        theme = f"（主题：{day.theme}）" if day.theme else ""
        notify(
            account_id=account_id,
            scope_code=turn.scope_code,
            title=f"{words}{full_day_text(day.day)}的接待",
            body=f"{words}{when}在{found.plan.station}的接待{theme}。",
            link=reverse("stations_upper_turn", args=[turn.pk]),
            dedupe_key=f"rota:{found.plan.pk}:upper:{turn.pk}",
            now=now,
        )
