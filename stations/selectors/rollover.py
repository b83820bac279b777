"""What a 换届 meets on this floor: stations without rules or turns, open leave, swaps and records."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.http import urlencode

from deputies.lifecycle import SEATED_STATES
from deputies.models import Mandate
from liaison.hooks import Check
from liaison.tenancy.counting import counted
from liaison.tenancy.scope import Actor
from stations.enums import LeaveState, ParticipationState, SwapState
from stations.models import (
    DutySwap,
    Invitation,
    LeaveRequest,
    Participation,
    ReceptionRule,
    Station,
    StationDeputy,
)
from stations.rules.lifecycle import REGISTERED_OUTCOMES
from stations.selectors.leaving import coming_turns, turns_without_person

_UNDECIDED = (
    ParticipationState.REGISTERED,
    ParticipationState.OBJECTED,
    ParticipationState.LAPSED_TO_PRESIDIUM,
)
_OPEN_SWAPS = (SwapState.PROPOSED, SwapState.CONSENTED)


def before_rollover(actor: Actor, former_id: int, term_id: int, today: date) -> list[Check]:
    """Stations and what is open of the deputies of the former term; one query."""
    stations = Station.scoped(actor).filter(closed_on__isnull=True)
    in_force = Q(valid_until__isnull=True) | Q(valid_until__gt=today)
    ruled = ReceptionRule.scoped(actor).filter(in_force, station=OuterRef("pk"))
    seats = Mandate.scoped(actor).filter(term=term_id, state__in=list(SEATED_STATES))
    manned = StationDeputy.scoped(actor).filter(station=OuterRef("pk"), ends_on__isnull=True)
    again = seats.filter(person=OuterRef("mandate__person"))
    records = Participation.scoped(actor).filter(
        mandate__term=former_id, state__in=_UNDECIDED, outcome__in=REGISTERED_OUTCOMES
    )
    swaps = DutySwap.scoped(actor).filter(
        Q(mandate__term=former_id) | Q(offered__mandate__term=former_id), state__in=_OPEN_SWAPS
    )
    turns = coming_turns(actor, today).filter(mandate__term=former_id)
    n = counted(
        stations=stations,
        unruled=stations.filter(~Exists(ruled)),
        unmanned=stations.filter(~Exists(manned.filter(mandate__in=seats))),
        turns=turns,
        leaving=turns.filter(~Exists(again)),
        leave=LeaveRequest.scoped(actor).filter(mandate__term=former_id, state=LeaveState.REQUESTED),
        swaps=swaps,
        records=records,
    )
    lists = reverse("admin:stations_station_changelist")
    undecided = urlencode({"state__in": ",".join(_UNDECIDED)})
    kept = f"{reverse('admin:stations_participation_changelist')}?{undecided}"
    return [
        Check("联络站", 0 if n["stations"] else 1, f"开放的{n['stations']}个", lists, "设立联络站"),
        Check("没有接待日规则的联络站", n["unruled"], f"{n['unruled']}个", lists, "制定规则"),
        Check("没有新一届代表进站的联络站", n["unmanned"], f"{n['unmanned']}个", lists, "确定进站代表"),
        Check(
            "首次会议以后的值班", n["turns"],
            f"{n['turns']}班排的是本届代表，其中{n['leaving']}班的代表没有连任；换届后都须重新安排",
            reverse("stations_rotas"), "重排轮值表",
        ),
        Check("没有审批的请假", n["leave"], f"{n['leave']}件", reverse("stations_waiting_leave"), "审批"),
        Check("没有办结的调换值班", n["swaps"], f"{n['swaps']}件", reverse("stations_swaps"), "办理"),
        Check("没有核对的履职记录", n["records"], f"{n['records']}条", kept, "核对"),
    ]  # fmt: skip


def recorded_in_term(actor: Actor, term_id: int, since: datetime) -> list[Check]:
    """What deputies of a term did, were given or were asked since a moment; one query."""
    own = {"mandate__term": term_id}
    n = counted(
        records=Participation.scoped(actor).filter(changed_at__gte=since, **own),
        leave=LeaveRequest.scoped(actor).filter(requested_at__gte=since, **own),
        swaps=DutySwap.scoped(actor).filter(proposed_at__gte=since, **own),
        invitations=Invitation.scoped(actor).filter(activity__notified_at__gte=since, **own),
        places=StationDeputy.scoped(actor).filter(starts_on__gt=since.date(), **own),
    )
    lists = reverse("admin:stations_station_changelist")
    return [
        Check(
            "新一届代表的值班和履职记录", n["records"], f"{n['records']}条",
            reverse("admin:stations_participation_changelist"), "查看",
        ),
        Check("新一届代表的请假", n["leave"], f"{n['leave']}件", reverse("stations_waiting_leave"), "查看"),
        Check("新一届代表的调换值班", n["swaps"], f"{n['swaps']}件", reverse("stations_swaps"), "查看"),
        Check(
            "新一届代表收到的活动通知", n["invitations"], f"{n['invitations']}份",
            reverse("stations_activities"), "查看",
        ),
        Check("新一届的进站代表", n["places"], f"{n['places']}名", lists, "查看"),
    ]  # fmt: skip


def rollover_figures(actor: Actor, today: date) -> dict[str, int]:
    """Turns still to come, and those of them that lack a person; one query."""
    n = counted(
        turns=coming_turns(actor, today),
        gaps=turns_without_person(actor, today),
        stations=Station.scoped(actor).filter(closed_on__isnull=True),
    )
    return {
        "以后的值班": n["turns"],
        "缺人、转入待办的值班": n["gaps"],
        "开放的联络站": n["stations"],
    }
