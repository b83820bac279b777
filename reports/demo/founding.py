"""The offices of the demo before their first year: places, accounts, rosters, stations, units."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, Self

from constituents.models import HandlingUnit
from constituents.services.units import create_unit
from deputies.enums import ElectionWay
from deputies.models import GroupMembership, Mandate, Term
from deputies.services import (
    create_congress,
    enrol_deputy,
    open_term,
    prepare_term,
)
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from reports.demo import rotas
from reports.demo.clock import at
from reports.demo.content import UNITS
from reports.demo.logins import LINKED_LOGINS, LOGINS, MAKER, make_account, make_login
from reports.demo.places import VILLAGES, build_tree
from reports.demo.roster import bring_roster
from reports.demo.township import Township, draw_character, on_day
from stations.enums import PlaceKind
from stations.models import Station
from stations.services import (
    open_station,
    plan_reception_days,
    save_reception_rule,
    set_station_roster,
)

DATA = Path(__file__).resolve().parent.parent / "demo_data"


def looking_on() -> AbstractContextManager[Actor]:
    """One transaction in which the builder itself reads as the system; every write has its own actor.

    One a month, not one a year: nothing a transaction has outdated can be cleared away before its end.
    """
    return acting(system_actor(name=MAKER))


def looked_on(method: Callable[..., None]) -> Callable[..., None]:
    @wraps(method)
    def inside(*args: Any, **kwargs: Any) -> None:
        with looking_on():
            method(*args, **kwargs)

    return inside


@dataclass(slots=True)
class Founding:
    """The builder of the offices: the places, the staff and the townships found so far."""

    seed: int
    today: date
    report: Callable[[str], None]
    places: dict[str, Jurisdiction]
    actors: dict[str, Actor]
    towns: dict[str, Township]
    neighbours: float = 1.0
    """The share of the months in which the two other offices work: all as shipped, few where nobody looks."""

    @classmethod
    def begin(cls, seed: int, today: date, report: Callable[[str], None], neighbours: float = 1.0) -> Self:
        """Places and the staff's accounts; safe to repeat."""
        now = at(date(2025, 1, 2), 9)
        with acting(system_actor(name=MAKER)):
            places = build_tree()
        staff = [login for login in LOGINS if login not in LINKED_LOGINS]
        actors = {login.username: make_login(login, places[login.place], now) for login in staff}
        return cls(seed, today, report, places, actors, {}, neighbours)

    def _found_everybody(self) -> None:
        self.report("名册：庄子乡")
        self._found_town("庄子乡", 15, date(2021, 4, 18), date(2021, 5, 8), 47, "zz-mishu", "zz-zhuxi")
        self.report("名册：洪善镇")
        self._found_town("洪善镇", 17, date(2021, 4, 22), date(2021, 5, 12), 62, "hs-mishu", "hs-zhuxi")
        self.report("名册：新华街道")
        self._found_street()

    def _found_town(
        self, name: str, number: int, elected: date, first: date, seats: int, clerk: str, chair: str
    ) -> None:
        place, actor, day = self.places[name], self.actors[clerk], date(2025, 1, 6)
        with on_day(actor, day, 9) as now:
            congress = create_congress(actor=actor, jurisdiction_id=place.pk)
            term = prepare_term(
                actor=actor, congress_id=congress.pk, number=number, elected_on=elected, starts_on=first, seats=seats
            )  # fmt: skip
            open_term(actor=actor, term_id=term.pk, now=now)
        with on_day(actor, day, 10) as now:
            bring_roster(actor=actor, term=term, path=DATA / f"{name}代表名册.xlsx", now=now)
        self._remember(name, term, actor, self.actors[chair])

    def _found_street(self) -> None:
        """新华街道 has no congress: its committee looks after county deputies (domain.md section 1)."""
        county, clerk = self.actors["yc-gongwei"], self.actors["xh-gongwei"]
        with on_day(county, date(2025, 1, 6), 9) as now:
            congress = create_congress(actor=county, jurisdiction_id=self.places["榆次区"].pk)
            term = prepare_term(
                actor=county, congress_id=congress.pk, number=6, elected_on=date(2021, 6, 16),
                starts_on=date(2021, 7, 8), seats=240,
            )  # fmt: skip
            open_term(actor=county, term_id=term.pk, now=now)
        self._enrol_street(term, county, clerk)
        self._remember("新华街道", term, clerk, self.actors["xh-zhuren"])

    def _enrol_street(self, term: Term, county: Actor, clerk: Actor) -> None:
        from deputies.services import create_constituency, create_group

        with on_day(county, date(2025, 1, 6), 10) as now:
            constituencies = [
                create_constituency(actor=county, term_id=term.pk, name=f"第{n}选区（{village}）", number=n)
                for n, village in enumerate(VILLAGES["新华街道"], start=31)
            ]
        with on_day(clerk, date(2025, 1, 6), 11) as now:
            group = create_group(actor=clerk, term_id=term.pk, name="新华街道代表小组")
            for position, name in enumerate(_STREET_DEPUTIES):
                enrol_deputy(
                    actor=clerk,
                    term_id=term.pk,
                    person=_street_person(position, name),
                    seat={
                        "election_way": ElectionWay.GENERAL,
                        "elected_on": date(2021, 6, 16),
                        "constituency_id": constituencies[position % len(constituencies)].pk,
                        "fixed_contact_target": 10,
                    },
                    group_id=group.pk,
                    post="leader" if position == 0 else "member",
                    now=now,
                )

    def _remember(self, name: str, term: Term, clerk: Actor, chair: Actor) -> Township:
        """The township as the later stages use it, with an account for every deputy."""
        rng = random.Random(f"{self.seed}-{name}")
        town = Township(self.places[name], term, clerk, chair, rng, VILLAGES[name])
        self.towns[name] = town
        with acting(system_actor(name=MAKER)):
            mandates = list(
                Mandate._plain.filter(term=term, scope_code=town.place.scope_code)
                .select_related("person")
                .order_by("pk")
            )
        for mandate in mandates:
            self.appear(town, mandate)
        return town

    def appear(self, town: Township, mandate: Mandate) -> None:
        """Give a deputy an account (signing in is how records are confirmed) and a character."""
        position = mandate.list_number or mandate.pk
        prefix = {"庄子乡": "zz", "洪善镇": "hs", "新华街道": "xh"}[town.place.short_name]
        role, group_id = _role_of(mandate)
        refs = {"person_ref": mandate.person_id, **({"group_ref": group_id} if group_id else {})}
        actor = make_account(
            f"{prefix}-db{position:02d}", mandate.person.name, town.place, role, at(date(2025, 1, 6), 15), title="人大代表", **refs
        )  # fmt: skip
        town.deputies[mandate.pk] = actor
        town.characters[mandate.pk] = draw_character(
            random.Random(f"{self.seed}-{mandate.person_id}"), position
        )

    def _equip(self, name: str) -> None:
        """Stations, the reception rule of the seed, handling units, the year's days and sessions."""
        town, day = self.towns[name], date(2025, 1, 7)
        with on_day(town.clerk, day, 9) as now:
            for kind, title, village in _STATIONS[name]:
                station = open_station(
                    actor=town.clerk,
                    kind=kind,
                    name=title,
                    address=f"{town.place.name}{village}党群服务中心一层",
                    opened_on=date(2021, 6, 1),
                    village_id=self.places[village].pk if village in self.places else None,
                    opening_hours="接待日 9:00—11:30",
                    phone="0354-2710000",
                    equipment="接待桌椅\n意见箱\n履职公示栏\n打印机",
                    now=now,
                )
                if kind == PlaceKind.LIAISON_STATION:
                    town.stations.append(station)
            for unit, what in UNITS.items():
                town.units[unit] = create_unit(
                    actor=town.clerk, name=unit.replace("乡", town.place.short_name[-1], 1), kind=what
                )
        for station in town.stations:
            self._open_rota(town, station, date(2025, 1, 1), date(2025, 12, 31), day)
        self._appoint_linked(name)

    def _open_rota(self, town: Township, station: Station, first: date, last: date, day: date) -> None:
        with on_day(town.clerk, day, 10) as now:
            if first.year == 2025:
                save_reception_rule(actor=town.clerk, station_id=station.pk, rule=rotas.FIRST_FRIDAY, now=now)
                ids = [m.pk for m in town.seated(day)]
                set_station_roster(actor=town.clerk, station_id=station.pk, mandate_ids=ids, now=now)
            plan_reception_days(actor=town.clerk, station_id=station.pk, start=first, end=last, now=now)

    def _appoint_linked(self, name: str) -> None:
        """The station clerk and the unit's handler: appointed once their station and unit are there."""
        if name != "庄子乡":
            return
        town = self.towns[name]
        links = {
            "zz-zhan": {"station_ref": town.stations[0].pk},
            "zz-shuili": {"unit_ref": town.units["乡水利服务站"].pk},
        }
        for login in LINKED_LOGINS:
            refs = links[login.username]
            self.actors[login.username] = make_login(login, town.place, at(date(2025, 1, 7)), **refs)
        town.unit_actors[town.units["乡水利服务站"].name] = self.actors["zz-shuili"]


_STATIONS: dict[str, tuple[tuple[PlaceKind, str, str], ...]] = {
    "庄子乡": (
        (PlaceKind.LIAISON_STATION, "东庄村人大代表联络站", "东庄村"),
        (PlaceKind.LIAISON_STATION, "河口村人大代表联络站", "河口村"),
        (PlaceKind.LIAISON_STATION, "桥头村人大代表联络站", "桥头村"),
        (PlaceKind.ACTIVITY_ROOM, "庄子乡人大代表活动室", "东庄村"),
    ),
    "洪善镇": (
        (PlaceKind.LIAISON_STATION, "洪善村人大代表联络站", "洪善村"),
        (PlaceKind.LIAISON_STATION, "京陵村人大代表联络站", "京陵村"),
        (PlaceKind.DEPUTIES_HOME, "洪善镇人大代表之家", "洪善村"),
    ),
    "新华街道": (
        (PlaceKind.LIAISON_STATION, "锦绣社区人大代表联络站", "锦绣社区"),
        (PlaceKind.RECEPTION_ROOM, "新华街道选民接待室", "汇通社区"),
    ),
}


_STREET_DEPUTIES = (
    "任荣海", "高丽娟", "孟宪文", "白玉梅", "侯志刚", "欧阳慧", "阎俊杰", "曹桂英", "田晓明", "安爱莲", "韩建军", "范丽萍",
    "阿依古丽·买买提", "宋国强", "秦晓燕", "邢振华", "康秀珍", "申文斌",
)  # fmt: skip


def _street_person(position: int, name: str) -> dict[str, object]:
    return {
        "name": name,
        "sex": "female" if name[-1] in "娟梅慧英莲萍燕珍提" else "male",
        "ethnicity": "维吾尔族" if "·" in name else "汉族",
        "born_on": date(1962 + position * 2 % 31, position % 12 + 1, 1),
        "political_status": "cpc_member" if position % 3 else "masses",
        "education": "college" if position % 2 else "bachelor",
        "occupation": f"{VILLAGES['新华街道'][position % 3]}居民",
        "phone": f"138354{position:05d}",
        "address": f"新华街道{VILLAGES['新华街道'][position % 3]}",
    }


def unit_key(unit: HandlingUnit, name: str) -> str:
    """Units are kept under the name they have in a township: 镇水利服务站 is 乡水利服务站 elsewhere."""
    return "乡" + unit.name[1:] if unit.name[:1] == name[-1] else unit.name


def _role_of(mandate: Mandate) -> tuple[Role, int | None]:
    """Leaders act as 组长 of their group, everybody else as 代表."""
    with acting(system_actor(name=MAKER)):
        place = GroupMembership._plain.filter(mandate=mandate, post="leader", ends_on__isnull=True).first()
    return (Role.GROUP_LEADER, place.group_id) if place else (Role.DEPUTY, None)
