"""Small worlds for tests, made as the system and through models (services have tests of their own)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password

from constituents.models import HandlingUnit
from deputies.enums import CongressLevel, Education, ElectionWay, GroupPost, PoliticalStatus, Sex
from deputies.models import Congress, Constituency, DeputyGroup, GroupMembership, Mandate, Person, Term
from liaison.identity.auth import actor_for
from liaison.models import Account, Appointment, Jurisdiction
from liaison.tenancy.encryption import lookup_digest
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import LINKS_OF_ROLE, JurisdictionLevel, Role
from liaison.words.names import pinyin_key, stroke_key
from stations.enums import PlaceKind
from stations.models import Station

NOW = datetime(2026, 1, 20, 2, 0, tzinfo=UTC)
PASSWORD = "Zhuang-Zi-2026"
_serial = count(1)

TREE = (
    # name, short, level, official, scope, width, parent scope, code, organ
    ("中华人民共和国", "全国", JurisdictionLevel.NATION, "", 0, 10**12, None, "", ""),
    (
        "晋中市",
        "晋中市",
        JurisdictionLevel.PREFECTURE,
        "140700",
        140700000000,
        10**8,
        0,
        "市人常",
        "晋中市人大常委会",
    ),
    (
        "榆次区",
        "榆次区",
        JurisdictionLevel.COUNTY,
        "140702",
        140702000000,
        10**6,
        140700000000,
        "榆人常",
        "榆次区人大常委会",
    ),
    (
        "平遥县",
        "平遥县",
        JurisdictionLevel.COUNTY,
        "140728",
        140728000000,
        10**6,
        140700000000,
        "平人常",
        "平遥县人大常委会",
    ),
    (
        "榆次区庄子乡",
        "庄子乡",
        JurisdictionLevel.TOWNSHIP,
        "140702202",
        140702202000,
        10**3,
        140702000000,
        "庄人主",
        "庄子乡人大主席团",
    ),
    (
        "榆次区长凝镇",
        "长凝镇",
        JurisdictionLevel.TOWNSHIP,
        "140702103",
        140702103000,
        10**3,
        140702000000,
        "长人主",
        "长凝镇人大主席团",
    ),
    (
        "榆次区新华街道",
        "新华街道",
        JurisdictionLevel.STREET,
        "140702003",
        140702003000,
        10**3,
        140702000000,
        "新人工",
        "榆次区人大常委会新华街道工作委员会",
    ),
    (
        "平遥县洪善镇",
        "洪善镇",
        JurisdictionLevel.TOWNSHIP,
        "140728103",
        140728103000,
        10**3,
        140728000000,
        "洪人主",
        "洪善镇人大主席团",
    ),
)


@dataclass(frozen=True)
class World:
    """Three townships and a street in two counties of one city."""

    places: dict[str, Jurisdiction]

    def __getitem__(self, short_name: str) -> Jurisdiction:
        return self.places[short_name]


def make_world() -> World:
    with acting(system_actor()):
        return World(_places())


def _places() -> dict[str, Jurisdiction]:
    places: dict[str, Jurisdiction] = {}
    by_scope: dict[int | None, Jurisdiction] = {}
    for name, short, level, official, scope, width, parent, code, organ in TREE:
        place = Jurisdiction.objects.create(
            name=name, short_name=short, level=level, official_code=official, scope_code=scope,
            scope_end=scope + width, parent=by_scope.get(parent), document_code=code, organ_name=organ,
        )  # fmt: skip
        places[short] = by_scope[scope] = place
    return places


# Named by the appointments of tests that do not ask whom they speak for: a record that does not exist.
NOBODY = 2**62


def make_account(
    place: Jurisdiction, role: Role, *, name: str = "测试员", email: str = "", **refs: Any
) -> Actor:
    """An account with one appointment; returns the actor it is. A link that is not given leads nowhere."""
    links = dict.fromkeys(LINKS_OF_ROLE.get(role, ()), NOBODY) | refs
    with acting(system_actor()):
        account = Account.objects.create(
            username=f"u{next(_serial):05d}", display_name=name, email=email, scope_code=place.scope_code,
            must_change_password=False, password=make_password(PASSWORD),
        )  # fmt: skip
        appointment = Appointment._plain.create(
            account=account, jurisdiction=place, role=role.value, starts_on=date(2021, 5, 1),
            scope_code=place.scope_code, **links,
        )  # fmt: skip
    return actor_for(account, appointment)


# Where NOBODY's records are kept: beyond every place of the world.
ELSEWHERE = {"scope_code": 10**12 - 2, "scope_end": 10**12 - 1}


def seat_nobody() -> None:
    """Make what `NOBODY` names: a seat, a post, a station and a unit in office, out of sight of all places.

    For tests that sign in as somebody without asking whom the appointment speaks for.
    """
    if Person._plain.filter(pk=NOBODY).exists():
        return
    nation, here = Jurisdiction.objects.get(level=JurisdictionLevel.NATION), ELSEWHERE["scope_code"]
    congress = Congress._plain.create(
        jurisdiction=nation, name="别处人民代表大会", level=CongressLevel.TOWNSHIP, **ELSEWHERE
    )
    term = Term._plain.create(
        congress=congress,
        number=1,
        elected_on=date(2021, 4, 18),
        starts_on=date(2021, 5, 8),
        seats=1,
        **ELSEWHERE,
    )
    elector = Constituency._plain.create(term=term, name="第1选区", number=1, **ELSEWHERE)
    person = Person._plain.create(
        pk=NOBODY, scope_code=here, name="别处人", name_strokes="", name_pinyin="", sex=Sex.MALE, born_on=date(1970, 3, 1)
    )  # fmt: skip
    seat = Mandate._plain.create(
        scope_code=here, person=person, term=term, constituency=elector, election_way=ElectionWay.GENERAL,
        elected_on=date(2021, 4, 18), list_number=1,
    )  # fmt: skip
    group = DeputyGroup._plain.create(pk=NOBODY, scope_code=here, term=term, number=1, name="别处小组")
    GroupMembership._plain.create(
        scope_code=here, group=group, mandate=seat, post=GroupPost.LEADER, starts_on=date(2021, 5, 8)
    )
    Station._plain.create(
        pk=NOBODY, scope_code=here, kind=PlaceKind.LIAISON_STATION, name="别处联络站", jurisdiction=nation,
        public_code="elsewhere1", opened_on=date(2021, 6, 1),
    )  # fmt: skip
    HandlingUnit._plain.create(pk=NOBODY, scope_code=here, name="别处单位")


def make_term(place: Jurisdiction, *, number: int = 15, seats: int = 47) -> Term:
    level = CongressLevel.COUNTY if place.level == JurisdictionLevel.COUNTY else CongressLevel.TOWNSHIP
    scope = {"scope_code": place.scope_code, "scope_end": place.scope_end}
    with acting(system_actor()):
        congress = Congress._plain.create(
            jurisdiction=place, name=f"{place.name}人民代表大会", level=level, **scope
        )
        return Term._plain.create(
            congress=congress,
            number=number,
            elected_on=date(2021, 4, 18),
            starts_on=date(2021, 5, 8),
            seats=seats,
            **scope,
        )


def make_mandate(
    term: Term,
    name: str = "王建国",
    *,
    group: DeputyGroup | None = None,
    place: Jurisdiction | None = None,
    **extra: Any,
) -> Mandate:
    """A seat in the own place of the congress, or kept by the street ``place``."""
    place = place or term.congress.jurisdiction
    serial = next(_serial)
    phone = f"138{serial:08d}"
    with acting(system_actor()):
        constituency, _ = Constituency._plain.get_or_create(
            term=term,
            name="第1选区（东庄村）",
            number=1,
            scope_code=place.scope_code,
            scope_end=place.scope_end,
        )
        person = Person._plain.create(
            scope_code=place.scope_code, name=name, name_strokes=stroke_key(name), name_pinyin=pinyin_key(name),
            sex=Sex.MALE, born_on=date(1970, 3, 1), political_status=PoliticalStatus.MASSES,
            education=Education.MIDDLE_SCHOOL, phone=phone, phone_digest=lookup_digest(phone), address=f"{place.name}东庄村",
        )  # fmt: skip
        values: dict[str, Any] = {
            "scope_code": place.scope_code, "person": person, "term": term, "constituency": constituency,
            "election_way": ElectionWay.GENERAL, "elected_on": date(2021, 4, 18), "list_number": serial % 30000,
        }  # fmt: skip
        mandate = Mandate._plain.create(**{**values, **extra})
        if group is not None:
            GroupMembership._plain.create(
                scope_code=place.scope_code,
                group=group,
                mandate=mandate,
                post=GroupPost.MEMBER,
                starts_on=date(2021, 5, 8),
            )
    return mandate


def make_group(term: Term, number: int = 1) -> DeputyGroup:
    with acting(system_actor()):
        return DeputyGroup._plain.create(
            scope_code=term.congress.jurisdiction.scope_code,
            term=term,
            number=number,
            name=f"第{'一二三四五六'[number - 1]}代表小组",
        )


def make_deputy_actor(mandate: Mandate, role: Role = Role.DEPUTY) -> Actor:
    """The account of a mandate's person; a leader's appointment names the group the person leads."""
    place = mandate.term.congress.jurisdiction
    links = {"person_ref": mandate.person_id}
    with acting(system_actor()):
        places = GroupMembership._plain.filter(mandate=mandate, ends_on__isnull=True)
        led = places.exclude(post=GroupPost.MEMBER).first()
    if role == Role.GROUP_LEADER and led is not None:
        links["group_ref"] = led.group_id
    actor = make_account(place, role, name=mandate.person.name, **links)
    with acting(system_actor()):
        Person._plain.filter(pk=mandate.person_id).update(account_id=actor.account_id)
    return actor


def make_station(
    place: Jurisdiction, name: str = "东庄村人大代表联络站", kind: PlaceKind = PlaceKind.LIAISON_STATION
) -> Station:
    with acting(system_actor()):
        return Station._plain.create(
            scope_code=place.scope_code, kind=kind, name=name, jurisdiction=place, address=f"{place.name}东庄村",
            public_code=f"test{next(_serial):06d}", opened_on=date(2021, 6, 1), opening_hours="9:00—11:30",
        )  # fmt: skip


RECEPTION_HOURS = (time(9), time(11, 30))


def make_twin(mandate: Mandate) -> Mandate:
    """Another deputy of the same name, from another constituency."""
    term = mandate.term
    with acting(system_actor()):
        second = Constituency._plain.create(
            term=term,
            name="第2选区（西庄村）",
            number=2,
            scope_code=term.scope_code,
            scope_end=term.scope_end,
        )
    return make_mandate(term, mandate.person.name, constituency=second)
