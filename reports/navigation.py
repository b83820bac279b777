"""The doors each role finds in the masthead and in the bottom bar of a phone."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from liaison.identity.gates import actor_of
from liaison.identity.roles import DEPUTIES
from liaison.tenancy.scope import Actor
from liaison.words.enums import Role


@dataclass(frozen=True, slots=True)
class Door:
    label: str
    url_name: str
    icon: str = "list"


# 今天、意见、履职、我的: four doors within reach of the thumb (ui.md, phones).
_DEPUTY = (
    Door("今天", "reports_today", "today"),
    Door("意见", "constituents_mine", "opinion"),
    Door("履职", "stations_home", "duty"),
    Door("我的", "reports_me", "me"),
)
_STAFF = (
    Door("今日待办", "home", "today"),
    Door("名册", "deputies_roster"),
    Door("接待与活动", "stations_receptions"),
    Door("履职对照表", "reports_matrix"),
    Door("后台", "admin:index"),
)
_CHAIR_EXTRA = (Door("测评结果", "assessments_results"),)
_STATION = (
    Door("今日待办", "home", "today"),
    Door("接待登记", "reports_desk"),
    Door("接待日", "stations_receptions"),
    Door("后台", "admin:index"),
)
_UNIT = (Door("待办事项", "constituents_unit", "today"),)
_COUNTY = (
    Door("乡镇对比", "reports_compare"),
    Door("名册", "deputies_roster"),
    Door("履职对照表", "reports_matrix"),
    Door("本级代表联系站点", "stations_upper"),
    Door("后台", "admin:index"),
)
_CITY = (Door("汇总对比", "reports_compare"),)
_KEEPER = (Door("后台", "admin:index"),)

_TOP: dict[Role, tuple[Door, ...]] = {
    Role.DEPUTY: _DEPUTY,
    Role.GROUP_LEADER: _DEPUTY,
    Role.PRESIDIUM_CLERK: _STAFF + _CHAIR_EXTRA,
    Role.PRESIDIUM_CHAIR: _STAFF + _CHAIR_EXTRA,
    Role.STATION_CLERK: _STATION,
    Role.HANDLING_UNIT: _UNIT,
    Role.COUNTY_COMMITTEE: _COUNTY,
    Role.CITY_VIEWER: _CITY,
    Role.SYSTEM_ADMIN: _KEEPER,
    Role.SECURITY_ADMIN: _KEEPER,
    Role.AUDIT_ADMIN: _KEEPER,
}


def doors_of(actor: Actor, kind: str) -> tuple[Door, ...]:
    """The doors of a role; the bottom bar is for deputies on the phone, who need no second row on top."""
    is_deputy = actor.role in DEPUTIES
    if kind == "bottom":
        return _DEPUTY if is_deputy else ()
    return _TOP.get(actor.role, ())


# 今天 leads to the desk on a reception day, to the start page otherwise: both are behind this door.
_BEHIND = {"reports_today": ("home", "reports_desk")}


def doors(request: HttpRequest, kind: str) -> list[dict[str, Any]]:
    """``kind`` is "top" or "bottom"; each door is ``{"label", "url", "active", "icon"}``."""
    actor = actor_of(request)
    found = []
    for door in doors_of(actor, kind):
        url = reverse(door.url_name)
        behind = [reverse(name) for name in _BEHIND.get(door.url_name, ())]
        is_active = request.path in (url, *behind)
        found.append({"label": door.label, "url": url, "icon": door.icon, "active": is_active})
    return found
