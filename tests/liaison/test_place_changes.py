"""Places merged, moved, split, closed: looked at by one person, confirmed by another, carried out at once."""

import time
from collections.abc import Callable
from datetime import date, timedelta
from datetime import time as clock
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from assessments.enums import AssessmentState
from assessments.models import Assessment, Scheme
from constituents.access import visible_opinions
from deputies.access import visible_mandates
from deputies.enums import GroupPost, MandateState, TermState
from deputies.models import Constituency, FixedContact, GroupMembership, Mandate, MandateChange, Person, Term
from liaison.auditing import trail
from liaison.founding import place_changes
from liaison.founding.moving import moving
from liaison.hooks import Moving
from liaison.identity.auth import actor_for
from liaison.models import Account, Appointment, AuditEntry, DocumentCounter, Jurisdiction, PlaceChange
from liaison.tenancy.rls import scoped_model_classes
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import JurisdictionLevel, PlaceAct, Role
from liaison.words.errors import Forbidden, InvalidInput, OutOfScope, Refused
from reports.selectors import missing_steps
from stations.access import visible_stations
from stations.models import ReceptionRule, Station, StationDeputy, UpperDeputy, UpperTurn
from tests.browsing import filled
from tests.constituents.makers import make_unit, register
from tests.factories import (
    NOW,
    World,
    make_account,
    make_deputy_actor,
    make_group,
    make_mandate,
    make_station,
    make_term,
)  # fmt: skip
from tests.stations.makers import make_day, make_upper_turn

pytestmark = pytest.mark.django_db
LIST = "/admin/liaison/placechange/"
BASIS = "市政函〔2026〕12号"
TODAY = date(2026, 1, 20)
# What a merger ends or closes; every other row of the former place stays as it was, to the last byte.
ENDED = {
    "deputies_person", "deputies_mandate", "deputies_mandatechange", "deputies_groupmembership", "deputies_term",
    "deputies_fixedcontact", "stations_upperdeputy", "stations_station", "stations_stationdeputy", "stations_receptionrule",
    "liaison_appointment", "liaison_account", "liaison_auditentry", "liaison_audithead",
}  # fmt: skip


class Merged:
    """庄子乡 with all it needs to go into 长凝镇, and who proposes and decides it."""

    def __init__(self, world: World) -> None:
        self.former, self.successor, self.county = world["庄子乡"], world["长凝镇"], world["榆次区"]
        with acting(system_actor()):
            self.village = make_village(self.former, "东庄村", 1)
            make_village(self.successor, "长凝村", 1)
        self.term, self.next_term = make_term(self.former, seats=20), make_term(self.successor, seats=40)
        self.group = make_group(self.term)
        make_group(self.next_term)
        self.seat = make_mandate(self.term, "王建国", group=self.group)
        self.suspended = make_mandate(self.term, "李小军", state=MandateState.SUSPENDED)
        make_mandate(self.next_term, "赵玉兰")
        self.station = make_station(self.former)
        with acting(system_actor()):
            Station._plain.filter(pk=self.station.pk).update(village=self.village, group=self.group)
            GroupMembership._plain.filter(mandate=self.seat).update(post=GroupPost.LEADER)
            here = {"scope_code": self.former.scope_code}
            UpperDeputy._plain.create(
                station=self.station, name="任县代", name_strokes="", level="county", starts_on=TODAY, **here
            )
            StationDeputy._plain.create(station=self.station, mandate=self.seat, starts_on=TODAY, **here)
            FixedContact._plain.create(
                mandate=self.seat,
                name="张爱民",
                phone="13912345678",
                village=self.village,
                starts_on=TODAY,
                **here,
            )
            ReceptionRule._plain.create(
                station=self.station, rule={"kind": "monthly"}, text="每月10日", starts_at=clock(9),
                ends_at=clock(11), valid_from=date(2025, 1, 1), **here,
            )  # fmt: skip
            DocumentCounter._plain.create(code="庄人主", year=2025, last_number=47, **here)
            MandateChange._plain.create(
                mandate=self.suspended, event="suspend", from_state="active", to_state="suspended",
                effective_on=date(2025, 6, 1), ground="criminal_proceedings", basis="公告〔2025〕3号", recorded_at=NOW, **here,
            )  # fmt: skip
        self.clerk = make_account(self.former, Role.PRESIDIUM_CLERK, name="原秘书")
        self.next_clerk = make_account(self.successor, Role.PRESIDIUM_CLERK, name="新秘书")
        self.deputy = make_deputy_actor(self.seat, Role.GROUP_LEADER)
        self.station_clerk = make_account(self.former, Role.STATION_CLERK, station_ref=self.station.pk)
        self.unit_clerk = make_account(
            self.former, Role.HANDLING_UNIT, unit_ref=make_unit(self.former, "水利站").pk
        )
        self.opinion = register(self.clerk)
        self.keeper = make_account(self.county, Role.SYSTEM_ADMIN, name="赵统")
        self.second = make_account(self.county, Role.COUNTY_COMMITTEE, name="钱工委")

    def merge(self) -> PlaceChange:
        return decided(self.keeper, self.second, **self.facts())

    def facts(self) -> dict[str, Any]:
        return {"act": PlaceAct.MERGE, "place": self.former, "successor": self.successor}


def make_village(place: Jurisdiction, name: str, number: int) -> Jurisdiction:
    code = place.scope_code + number
    return Jurisdiction.objects.create(
        name=f"{place.short_name}{name}", short_name=name, level=JurisdictionLevel.VILLAGE,
        official_code=str(code), scope_code=code, scope_end=code + 1, parent=place,
    )  # fmt: skip


def proposed(keeper: Actor, **facts: Any) -> PlaceChange:
    with acting(keeper):
        change = place_changes.draft_change(actor=keeper, basis=BASIS, now=NOW, **facts)
        return place_changes.propose_change(actor=keeper, change=change, now=NOW)


def decided(keeper: Actor, second: Actor, *, is_confirmed: bool = True, **facts: Any) -> PlaceChange:
    change = proposed(keeper, **facts)
    with acting(second):
        return place_changes.decide_change(
            actor=second, change_id=change.pk, is_confirmed=is_confirmed, now=NOW
        )


def previewed(keeper: Actor, **facts: Any) -> dict[str, Moving]:
    with acting(keeper):
        change = place_changes.draft_change(actor=keeper, basis=BASIS, now=NOW, **facts)
        return {line.what: line for line in moving(change, NOW)}


def digests(place: Jurisdiction, *, without: set[str] = frozenset()) -> dict[str, tuple[int, str]]:  # type: ignore[assignment]
    """Rows and a hash over every byte of them, by table, of all that lies in the interval of a place."""
    found = {}
    with acting(system_actor()), connection.cursor() as cursor:
        for model in scoped_model_classes():
            table = model._meta.db_table
            if table not in without:
                cursor.execute(
                    f"SELECT count(*), md5(coalesce(string_agg(r::text, '|' ORDER BY r::text), '')) FROM {table} AS r "
                    "WHERE scope_code >= %s AND scope_code < %s",
                    [place.scope_code, place.scope_end],
                )
                found[table] = cursor.fetchone()
    return found


@pytest.fixture
def merged(world: World) -> Merged:
    return Merged(world)


def test_a_merger_is_told_whole_before_anything_moves(merged: Merged) -> None:
    before = digests(merged.county)
    lines = previewed(merged.keeper, **merged.facts())
    assert {what: line.count for what, line in lines.items()} == {
        "村（社区）": 1, "在任代表": 2, "代表小组": 1, "固定联系选民": 1, "联络站点": 1, "进站代表": 1, "联系站点的上级代表": 1,
        "联络员的任职": 1, "未办结的群众意见": 1, "承办单位": 1, "工作人员的任职": 1, "代表、组长的任职": 1,
        "承办单位经办人的任职": 1, "账号": 4,
    }  # fmt: skip
    assert not any(line.blocks for line in lines.values())
    assert digests(merged.county) == before


def test_a_merger_leaves_the_history_of_the_former_place_to_the_last_byte(merged: Merged) -> None:
    before = digests(merged.former, without=ENDED)
    with acting(system_actor()) as actor:
        entries = list(AuditEntry.scoped(actor).order_by("pk").values_list("pk", "hash"))
    place = (merged.former.scope_code, merged.former.scope_end, merged.former.name)
    merged.merge()
    assert digests(merged.former, without=ENDED) == before
    now = Jurisdiction.objects.get(pk=merged.former.pk)
    assert (now.scope_code, now.scope_end, now.name) == place
    assert (now.closed_on, now.succeeded_by) == (TODAY, merged.successor)
    with acting(system_actor()) as actor:
        kept = AuditEntry.scoped(actor).filter(pk__lte=entries[-1][0])
        assert list(kept.order_by("pk").values_list("pk", "hash")) == entries
        assert list(trail.verify_chains(actor)) == []


def test_deputies_groups_and_contacts_go_on_in_the_term_of_the_successor(merged: Merged) -> None:
    merged.merge()
    with acting(system_actor()):
        old = Term._plain.get(pk=merged.term.pk)
        assert (old.state, old.ends_on) == (TermState.CLOSED, TODAY)
        seat = Mandate._plain.get(pk=merged.seat.pk)
        assert (seat.state, seat.ended_on) == (MandateState.ENDED, TODAY)
        assert Mandate._plain.filter(term=old).count() == 2
        going_on = Mandate._plain.filter(term=merged.next_term).order_by("list_number")
        assert sorted((row.person.name, row.state) for row in going_on) == [
            ("李小军", MandateState.SUSPENDED), ("王建国", MandateState.ACTIVE), ("赵玉兰", MandateState.ACTIVE),
        ]  # fmt: skip
        assert {row.scope_code for row in going_on} == {merged.successor.scope_code}
        assert Term._plain.get(pk=merged.next_term.pk).seats == 60
        new = going_on.get(person__name="王建国")
        place = new.memberships.get(ends_on__isnull=True)
        assert (place.group.name, place.post) == ("庄子乡第一代表小组", GroupPost.LEADER)
        assert str(new.constituency) == "庄子乡第1选区（东庄村）"
        contact = new.fixed_contacts.get()
        assert (contact.name, contact.phone) == ("张爱民", "13912345678")
        assert contact.village == Jurisdiction.objects.get(parent=merged.successor, short_name="东庄村")
        change = MandateChange._plain.get(mandate__term=merged.next_term)
        assert (change.ground, change.basis) == ("criminal_proceedings", "公告〔2025〕3号")


def test_a_streets_deputies_keep_the_countys_term_under_the_other_street(world: World) -> None:
    street, county = world["新华街道"], world["榆次区"]
    with acting(system_actor()):
        other = Jurisdiction.objects.create(
            name="榆次区锦纶街道", short_name="锦纶街道", level=JurisdictionLevel.STREET, official_code="140702004",
            scope_code=140_702_004_000, scope_end=140_702_005_000, parent=county, organ_name="锦纶街道工作委员会",
        )  # fmt: skip
        term = make_term(county)
        here = {"scope_code": street.scope_code, "scope_end": street.scope_end}
        own = Constituency._plain.create(term=term, name="第9选区", number=9, **here)
    make_account(other, Role.PRESIDIUM_CLERK)
    by_street = make_mandate(term, "白玉梅", scope_code=street.scope_code, constituency=own)
    by_county = make_mandate(term, "任志强", scope_code=street.scope_code)
    with acting(system_actor()):
        Person._plain.filter(mandates__in=[by_street, by_county]).update(scope_code=street.scope_code)
    keeper, second = (make_account(county, role) for role in (Role.SYSTEM_ADMIN, Role.COUNTY_COMMITTEE))
    day = make_day(make_station(world["庄子乡"]), TODAY + timedelta(days=9))
    past = make_upper_turn(day, "白玉梅")
    with acting(system_actor()):
        UpperDeputy._plain.filter(pk=past.upper_deputy_id).update(county_mandate_id=by_street.pk)
        earlier = make_day(day.station, TODAY - timedelta(days=9))
        held = UpperTurn._plain.create(
            scope_code=day.scope_code,
            upper_deputy_id=past.upper_deputy_id,
            reception_day=earlier,
            outcome="attended",
        )
    decided(keeper, second, act=PlaceAct.MERGE, place=street, successor=other)
    with acting(system_actor()):
        # What she did stays with the seat she held; what is planned is the new one's.
        assert UpperTurn._plain.get(pk=held.pk).upper_deputy.county_mandate_id == by_street.pk
        new = Mandate._plain.get(person__name="白玉梅", state=MandateState.ACTIVE)
        assert UpperTurn._plain.get(pk=past.pk).upper_deputy.county_mandate_id == new.pk
    clerk = make_account(other, Role.PRESIDIUM_CHAIR)
    with acting(clerk):
        rows = visible_mandates(clerk).select_related("constituency", "term").order_by("person__name_pinyin")
        assert [(row.person.name, row.term_id, row.constituency.name, row.state) for row in rows] == [
            ("白玉梅", term.pk, "第9选区", MandateState.ACTIVE),
            ("任志强", term.pk, "第1选区（东庄村）", MandateState.ACTIVE),
        ]
    with acting(system_actor()):
        assert Term._plain.get(pk=term.pk).state == TermState.CURRENT
        assert Mandate._plain.filter(scope_code=street.scope_code, state=MandateState.ENDED).count() == 2


def test_stations_go_on_under_the_code_of_their_posters(merged: Merged) -> None:
    code = merged.station.public_code
    merged.merge()
    with acting(system_actor()):
        old, new = Station._plain.get(pk=merged.station.pk), Station._plain.get(public_code=code)
        assert (old.closed_on, old.scope_code) == (TODAY, merged.former.scope_code)
        assert (new.name, new.scope_code, new.closed_on) == (old.name, merged.successor.scope_code, None)
        assert (new.jurisdiction, new.village.parent) == (merged.successor, merged.successor)
        assert new.group is not None
        assert [place.mandate.person.name for place in new.roster.all()] == ["王建国"]
        assert [upper.name for upper in new.upper_deputies.filter(ends_on__isnull=True)] == ["任县代"]
        assert [(rule.text, rule.valid_from) for rule in new.rules.all()] == [("每月10日", TODAY)]
        assert [rule.valid_until for rule in old.rules.all()] == [TODAY]


def test_each_side_sees_its_own_rows_before_and_after_a_merger(merged: Merged) -> None:
    def seen(actor: Actor) -> tuple[int, int, int]:
        with acting(actor):
            return (
                visible_mandates(actor).count(), visible_opinions(actor).count(), visible_stations(actor).count()
            )  # fmt: skip

    assert (seen(merged.clerk), seen(merged.next_clerk)) == ((2, 1, 1), (1, 0, 0))
    merged.merge()
    # Nothing of the former place shows among the successor's rows: the clerk goes there by an own appointment.
    assert seen(merged.next_clerk) == (3, 0, 1)
    with acting(system_actor()):
        held = {
            (each.account_id, each.jurisdiction.short_name): each
            for each in Appointment._plain.filter(ends_on__isnull=True)
        }
        account = Account.objects.get(pk=merged.next_clerk.account_id)
    steward = held[(account.pk, "庄子乡")]
    assert (steward.role, steward.title) == (Role.PRESIDIUM_CLERK, "承接庄子乡事项")
    assert seen(actor_for(account, steward)) == (2, 1, 1)
    with acting(actor_for(account, steward)) as steward_here:
        assert missing_steps(steward_here, today=TODAY) == []
    assert (merged.clerk.account_id, "庄子乡") not in held
    assert held[(merged.deputy.account_id, "长凝镇")].role == Role.GROUP_LEADER
    assert held[(merged.station_clerk.account_id, "长凝镇")].role == Role.STATION_CLERK
    assert held[(merged.unit_clerk.account_id, "庄子乡")].role == Role.HANDLING_UNIT
    with acting(system_actor()):
        assert not Account.objects.filter(scope_code=merged.former.scope_code).exists()


def test_whoever_proposed_never_confirms_and_nothing_is_decided_twice(merged: Merged) -> None:
    change = proposed(merged.keeper, **merged.facts())
    with acting(merged.keeper), pytest.raises(Forbidden):
        place_changes.decide_change(actor=merged.keeper, change_id=change.pk, is_confirmed=True, now=NOW)
    with acting(merged.clerk), pytest.raises(OutOfScope):
        place_changes.decide_change(actor=merged.clerk, change_id=change.pk, is_confirmed=True, now=NOW)
    with pytest.raises(Refused, match="已有一项变更待复核"):
        proposed(merged.keeper, **merged.facts())
    before = digests(merged.former)
    with acting(merged.second):
        place_changes.decide_change(actor=merged.second, change_id=change.pk, is_confirmed=False, now=NOW)
        with pytest.raises(Refused, match="已经复核过"):
            place_changes.decide_change(actor=merged.second, change_id=change.pk, is_confirmed=True, now=NOW)
    assert digests(merged.former) == before


def test_what_has_to_be_settled_first_blocks_and_writes_nothing(merged: Merged) -> None:
    make_day(merged.station, TODAY + timedelta(days=9))
    with acting(system_actor()):
        scheme = Scheme._plain.first()
        Assessment._plain.create(
            scope_code=merged.former.scope_code, jurisdiction=merged.former, term=merged.term, scheme=scheme,
            year=2025, state=AssessmentState.NOTICE_ISSUED, period_starts_on=date(2025, 1, 1),
            period_ends_on=date(2025, 12, 31),
        )  # fmt: skip
    lines = previewed(merged.keeper, **merged.facts())
    assert [line.what for line in lines.values() if line.blocks] == [
        "已公布还没有举行的接待日", "正在进行的年度测评",
    ]  # fmt: skip
    before = digests(merged.former)
    with pytest.raises(Refused, match="还有需要先办结的事项"):
        merged.merge()
    assert digests(merged.former) == before


def test_a_village_moves_with_its_station_and_leaves_seats_and_matters(merged: Merged) -> None:
    with acting(system_actor()):
        make_village(merged.former, "西庄村", 2)
    villages = place_changes.villages_named(merged.former, "东庄村\n东庄村\n")
    facts = {
        "act": PlaceAct.MOVE, "place": merged.former, "successor": merged.successor, "villages": villages
    }  # fmt: skip
    code = merged.station.public_code
    change = decided(merged.keeper, merged.second, **facts)
    assert [line[0] for line in change.outcome] == [
        "村（社区）",
        "联络站点",
        "进站代表",
        "联系站点的上级代表",
        "联络员的任职",
    ]
    old = Jurisdiction.objects.get(pk=merged.village.pk)
    new = Jurisdiction.objects.get(parent=merged.successor, short_name="东庄村")
    assert (old.parent, old.closed_on, old.succeeded_by) == (merged.former, TODAY, new)
    assert (new.name, new.scope_code) == ("长凝镇东庄村", merged.successor.scope_end - 1)
    with acting(system_actor()):
        station = Station._plain.get(public_code=code)
        assert (station.scope_code, station.village) == (merged.successor.scope_code, new)
        assert Mandate._plain.get(pk=merged.seat.pk).state == MandateState.ACTIVE
        clerk = Appointment._plain.get(account_id=merged.station_clerk.account_id, ends_on__isnull=True)
        assert (clerk.jurisdiction, clerk.station_ref) == (merged.successor, station.pk)
        assert clerk.account.scope_code == merged.successor.scope_code
    assert Jurisdiction.objects.get(pk=merged.former.pk).closed_on is None


def test_a_new_township_is_made_of_named_villages(merged: Merged) -> None:
    with acting(system_actor()):
        make_village(merged.former, "西庄村", 2)
    facts = {
        "act": PlaceAct.SPLIT, "place": merged.former, "villages": [merged.village.pk],
        "new_name": "东庄镇", "new_code": "140702105000",
    }  # fmt: skip
    change = decided(merged.keeper, merged.second, **facts)
    town = Jurisdiction.objects.get(short_name="东庄镇")
    assert (town.name, town.scope_code, town.official_code) == ("榆次区东庄镇", 140_702_105_000, "140702105")
    assert (town.organ_name, change.successor) == ("东庄镇人大主席团", town)
    assert [village.short_name for village in town.children.all()] == ["东庄村"]
    with acting(system_actor()):
        assert Station._plain.get(closed_on__isnull=True).jurisdiction == town
    rest = Jurisdiction.objects.open().filter(parent=merged.former)
    assert [village.short_name for village in rest] == ["西庄村"]


def test_only_an_empty_place_is_closed_without_a_successor(merged: Merged) -> None:
    lines = previewed(merged.keeper, act=PlaceAct.CLOSE, place=merged.former)
    assert [line.what for line in lines.values() if line.blocks] == [
        "村（社区）", "没有届满的届", "联络站点", "未办结的群众意见",
    ]  # fmt: skip
    village = previewed(merged.keeper, act=PlaceAct.CLOSE, place=merged.village)
    assert [line.what for line in village.values() if line.blocks] == ["联络站点"]
    with acting(system_actor()):
        empty = make_village(merged.former, "空村", 9)
    decided(merged.keeper, merged.second, act=PlaceAct.CLOSE, place=empty)
    closed = Jurisdiction.objects.get(pk=empty.pk)
    assert (closed.closed_on, closed.succeeded_by) == (TODAY, None)


def test_a_change_that_cannot_be_says_so_at_its_field(merged: Merged, world: World) -> None:
    former, successor, village = merged.former, merged.successor, merged.village.pk
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"act": PlaceAct.MERGE, "successor": None}, "successor"),
        ({"act": PlaceAct.MERGE, "successor": former}, "successor"),
        ({"act": PlaceAct.MERGE, "successor": world["新华街道"]}, "successor"),
        ({"act": PlaceAct.MOVE, "successor": successor, "villages": [village]}, "villages"),
        ({"act": PlaceAct.MOVE, "successor": successor, "villages": []}, "villages"),
        ({"act": PlaceAct.SPLIT, "villages": [village], "new_name": "长凝镇"}, "new_name"),
        ({"act": PlaceAct.SPLIT, "villages": [village], "new_name": "东镇", "new_code": "140728105"}, "new_code"),
        ({"act": PlaceAct.SPLIT, "villages": [village], "new_name": "东镇", "new_code": "140702005"}, "new_code"),
    )  # fmt: skip
    for facts, field in cases:
        with pytest.raises(InvalidInput) as told:
            proposed(merged.keeper, place=former, **facts)
        assert field in told.value.fields, facts
    with pytest.raises(OutOfScope):
        proposed(merged.keeper, act=PlaceAct.MERGE, place=former, successor=world["洪善镇"])
    with pytest.raises(InvalidInput, match="没有这些村（社区）：南庄村"):
        place_changes.villages_named(former, "东庄村\n南庄村")


def test_the_pages_lead_from_the_questions_over_the_preview_to_the_second_person(
    merged: Merged, sign_in: Callable[[Actor], Client]
) -> None:
    first, second = freshly(sign_in(merged.keeper)), freshly(sign_in(merged.second))
    assert [kind.label in first.get(f"{LIST}add/").content.decode() for kind in PlaceAct] == [True] * 4
    page = f"{LIST}add/?act=merge"
    typed = {"place": merged.former.pk, "successor": merged.successor.pk, "basis": BASIS}
    shown = first.post(page, filled(first.get(page), **typed))
    assert ("在任代表" in shown.content.decode(), PlaceChange._plain.count()) == (True, 0)
    back = first.post(page, filled(shown, "basis") | {"edit": "1"})
    assert BASIS in back.content.decode()
    answer = first.post(page, filled(shown, "basis") | {"confirm": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (302, LIST)
    with acting(system_actor()):
        change = PlaceChange._plain.get()
    address = f"{LIST}{change.pk}/change/"
    assert "您是提请人" in first.get(address).content.decode()
    assert first.post(address, {"confirm": "1"}).status_code == 403
    assert "确认，立即生效" in second.get(address).content.decode()
    assert second.post(address, {"confirm": "1"}).status_code == 302
    assert "已确认生效" in second.get(address).content.decode()
    assert Jurisdiction.objects.get(pk=merged.former.pk).succeeded_by == merged.successor
    anybody = Client().get(f"/p/{merged.former.scope_code}/").content.decode()
    assert "撤销" in anybody
    assert f"/p/{merged.successor.scope_code}/" in anybody
    for role in (Role.PRESIDIUM_CLERK, Role.AUDIT_ADMIN):
        outsider = sign_in(make_account(merged.county, role))
        assert (outsider.get(page).status_code, outsider.get(address).status_code) == (403, 404)


def test_the_password_is_asked_again_before_a_change_is_proposed_or_confirmed(
    merged: Merged, sign_in: Callable[[Actor], Client]
) -> None:
    change = proposed(merged.keeper, **merged.facts())
    for client, answer in (
        (merged.keeper, lambda each: each.get(f"{LIST}add/?act=merge")),
        (merged.second, lambda each: each.post(f"{LIST}{change.pk}/change/", {"confirm": "1"})),
    ):
        found = answer(sign_in(client))
        assert (found.status_code, found.headers["Location"].split("?")[0]) == (302, "/account/confirm/")
    assert Jurisdiction.objects.get(pk=merged.former.pk).closed_on is None


def freshly(client: Client) -> Client:
    session = client.session
    session["confirmed_at"] = int(time.time())
    session.save()
    return client
