"""Places that stand already: one person proposes a change of the tree, another one looks at it and confirms.

It takes effect on the day it is confirmed, in one transaction, or not at all.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from liaison.auditing import trail
from liaison.founding import place_codes
from liaison.founding.moving import carry_out
from liaison.founding.places import PLACE_KEEPERS
from liaison.identity.roles import OFFICE
from liaison.messages.outbox import notify_roles
from liaison.models import Jurisdiction, PlaceChange
from liaison.tenancy.scope import Actor, acting
from liaison.words.enums import JurisdictionLevel as Level
from liaison.words.enums import PlaceAct, Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from liaison.words.limits import fitted_line

# Who may be the second person; whoever proposed never is.
DECIDERS = (*PLACE_KEEPERS, Role.SECURITY_ADMIN)
_TOWNS = (Level.TOWNSHIP, Level.STREET)
MOST_VILLAGES = 1000


def visible_place_changes(actor: Actor) -> QuerySet[PlaceChange]:
    """Those proposed at the actor's own place or below it."""
    changes = PlaceChange.scoped(actor).select_related(
        "place__parent", "successor", "proposed_by", "decided_by"
    )
    return changes if actor.role in DECIDERS else changes.none()


def changeable_places(actor: Actor, *levels: Level) -> QuerySet[Jurisdiction]:
    """The open places below the actor's own one, of the levels given."""
    inside = Jurisdiction.objects.open().filter(scope_code__gte=actor.lo, scope_end__lte=actor.hi)
    return inside.exclude(scope_code=actor.lo).filter(level__in=levels or _TOWNS).order_by("scope_code")


def villages_named(place: Jurisdiction, lines: str) -> list[int]:
    """The villages of a place by name or code, one a line; ``InvalidInput`` names those it does not have."""
    below = Jurisdiction.objects.open().filter(parent=place, level=Level.VILLAGE)
    known: dict[str, int] = {}
    for each in below:
        known |= dict.fromkeys(
            (each.short_name, each.name, each.official_code, str(each.scope_code)), each.pk
        )
    known.pop("", None)
    asked = list(dict.fromkeys(line.strip() for line in lines.splitlines() if line.strip()))
    unknown = [line for line in asked if line not in known]
    if unknown:
        words = "、".join(unknown[:5])
        raise InvalidInput({"villages": f"{place.short_name}没有这些村（社区）：{words}。请核对名称。"})
    found = list(dict.fromkeys(known[line] for line in asked))
    if not found:
        raise InvalidInput({"villages": "请填写要划出的村（社区），每行一个。"})
    if len(found) > MOST_VILLAGES:
        raise InvalidInput({"villages": f"一次最多{MOST_VILLAGES}个村（社区）。"})
    return found


def draft_change(
    *,
    actor: Actor,
    act: PlaceAct,
    place: Jurisdiction,
    basis: str,
    now: datetime,
    successor: Jurisdiction | None = None,
    villages: Collection[int] = (),
    new_name: str = "",
    new_code: str = "",
) -> PlaceChange:
    """A change that is whole, not yet written: to be looked at before it is proposed.

    ``InvalidInput`` at the field that does not fit; ``OutOfScope`` for a place that is not the actor's.
    """
    actor.require(*PLACE_KEEPERS)
    change = PlaceChange(
        scope_code=actor.lo, act=act, place=place, successor=successor, villages=list(villages),
        new_name=fitted_line(PlaceChange, "new_name", new_name, label="新设区域名称"),
        new_code=place_codes.bare(new_code.strip()),
        new_level=place.level if act == PlaceAct.SPLIT else "",
        basis=fitted_line(PlaceChange, "basis", basis, label="批准文件", needed=True),
        proposed_by_id=actor.account_id, proposed_at=now,
    )  # fmt: skip
    _check(actor, change)
    return change


def _check(actor: Actor, change: PlaceChange) -> None:
    place, successor = change.place, change.successor
    for each in (place, successor):
        if each is not None and not (actor.lo < each.scope_code and each.scope_end <= actor.hi):
            raise OutOfScope()
    problems = {}
    if place.closed_on is not None:
        problems["place"] = f"{place.short_name}已经撤销。"
    if change.act in (PlaceAct.MERGE, PlaceAct.MOVE):
        if successor is None:
            problems["successor"] = "请选择承接的乡镇（街道）。"
        elif successor.pk == place.pk:
            problems["successor"] = "承接的和划出的是同一个，请重新选择。"
        elif successor.closed_on is not None:
            problems["successor"] = f"{successor.short_name}已经撤销，不能承接。"
        elif successor.parent_id != place.parent_id:
            problems["successor"] = "应属于同一个县（市、区）。"
        elif change.act == PlaceAct.MERGE and successor.level != place.level:
            problems["successor"] = "乡镇只能并入乡镇，街道只能并入街道；乡镇代表请先办理届满归档。"
    if change.act in (PlaceAct.MOVE, PlaceAct.SPLIT):
        _check_villages(change, problems)
    if change.act == PlaceAct.SPLIT:
        _check_new(change, problems)
    if problems:
        raise InvalidInput(problems)


def _check_villages(change: PlaceChange, problems: dict[str, str]) -> None:
    below = Jurisdiction.objects.open().filter(parent=change.place, level=Level.VILLAGE)
    going = below.filter(pk__in=change.villages).count()
    if not change.villages or going != len(change.villages):
        problems["villages"] = "请填写要划出的村（社区），每行一个。"
    elif going == below.count():
        problems["villages"] = "所有的村都划出了，应办理合并。"


def _check_new(change: PlaceChange, problems: dict[str, str]) -> None:
    parent, code = change.place.parent, change.new_code
    if parent is None:
        problems["place"] = "这个区域没有上级，不能拆分。"
        return
    below = Jurisdiction.objects.open().filter(parent=parent)
    if not change.new_name:
        problems["new_name"] = "请填写新设区域的名称。"
    elif below.filter(short_name=change.new_name).exists():
        problems["new_name"] = f"{parent.short_name}已经有{change.new_name}。"
    if code and place_codes.level_of(code) != change.new_level:
        problems["new_code"] = "代码应为9位，第7位是0的为街道，其他的为乡镇。"
    elif code and not code.startswith(place_codes.bare(parent.official_code)):
        problems["new_code"] = f"代码不在{parent.short_name}之内。"
    elif code and below.filter(official_code__startswith=code).exists():
        problems["new_code"] = "这个代码已经登记。"


def propose_change(*, actor: Actor, change: PlaceChange, now: datetime) -> PlaceChange:
    """Lay a drafted change before the second person; the same place is in one open change at a time."""
    actor.require(*PLACE_KEEPERS)
    _check(actor, change)
    list(Jurisdiction.objects.select_for_update(no_key=True).filter(pk=change.place_id))
    open_ones = PlaceChange.scoped(actor).filter(place=change.place, decided_at__isnull=True)
    if open_ones.exists():
        raise Refused(f"{change.place.short_name}已有一项变更待复核，请先办结那一项。")
    with trail.operation("propose_place_change"):
        change.save(force_insert=True)
    notify_roles(
        scope_code=change.scope_code,
        roles=DECIDERS,
        title="有一项区域变更待复核",
        body="请由提请人以外的一名工作人员或者管理员核对后确认，或者不予确认。",
        link=reverse("admin:liaison_placechange_change", args=[change.pk]),
        dedupe_key=f"place-change:{change.pk}",
        now=now,
    )
    return change


def require_decider(actor: Actor, change: PlaceChange) -> None:
    """``Forbidden`` for whoever proposed it, in whichever account."""
    actor.require(*DECIDERS)
    if actor.is_self(change.proposed_by_id):
        raise Forbidden("提请人不能复核自己提请的事项，请由另一人办理。")


def decide_change(*, actor: Actor, change_id: int, is_confirmed: bool, now: datetime) -> PlaceChange:
    """Confirm a change, which is carried out at once and whole, or decline it; ``Refused`` when decided."""
    change = visible_place_changes(actor).select_for_update(of=("self",)).filter(pk=change_id).first()
    if change is None:
        raise OutOfScope()
    require_decider(actor, change)
    if change.decided_at is not None:
        raise Refused("这一项已经复核过。")
    change.decided_by_id, change.decided_at, change.is_confirmed = actor.account_id, now, is_confirmed
    if is_confirmed:
        # Two people agreed: what reaches over several places the house does, with the second one's name.
        with acting(replace(actor, role=Role.SYSTEM)) as system:
            found = carry_out(system, change, now)
            change.outcome = [[line.what, line.count, line.becomes] for line in found]
    with trail.operation("confirm_place_change" if is_confirmed else "decline_place_change"):
        change.save(update_fields=["decided_by", "decided_at", "is_confirmed", "outcome", "successor"])
    if is_confirmed and change.successor is not None:
        _tell_successor(change, now)
    return change


def _tell_successor(change: PlaceChange, now: datetime) -> None:
    place, successor = change.place, change.successor
    if successor is not None and change.act in (PlaceAct.MERGE, PlaceAct.MOVE):
        came = (
            f"{place.short_name}已并入" if change.act == PlaceAct.MERGE else f"{place.short_name}的村已划入"
        )
        notify_roles(
            scope_code=successor.scope_code,
            roles=OFFICE,
            title=f"{came}{successor.short_name}",
            body="请核对名册、联络站点和进站代表，重新打印海报；原单位未办结的事项，切换职务后办理。",
            link=reverse("appointments"),
            dedupe_key=f"place-change-done:{change.pk}",
            now=now,
        )
