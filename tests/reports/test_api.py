"""The read-only interface: rows and columns per kind of reader, filters that refuse, a document that is true."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import yaml
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openapi_spec_validator import OpenAPIV31SpecValidator

from constituents.models import Opinion, Suggestion, SuggestionSignatory
from deputies.models import GroupMembership, Mandate, Term
from liaison.models import AuditEntry, Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.web.api_base import ActorPermission
from liaison.words.enums import Role
from reports import api
from reports.api_parts import ActorThrottle
from stations.models import Participation, ReceptionDay
from tests.factories import (
    NOW,
    RECEPTION_HOURS,
    World,
    make_account,
    make_deputy_actor,
    make_group,
    make_mandate,
    make_station,
    make_term,
)

pytestmark = pytest.mark.django_db

SignIn = Callable[[Actor], Client]
PHONE = "13812345678"
LISTS = (
    "api_deputies",
    "api_stations",
    "api_reception_days",
    "api_opinions",
    "api_suggestions",
    "api_assessments",
    "api_score_sheets",
)


@pytest.fixture(autouse=True)
def _no_requests_counted() -> None:
    cache.clear()


def make_opinion(place: Jurisdiction, number: int, **extra: Any) -> Opinion:
    values: dict[str, Any] = {
        "scope_code": place.scope_code, "number": f"2026-{number:04d}", "query_code": f"q{place.scope_code}-{number}",
        "received_on": date(2026, 1, number), "contact_way": "face_to_face", "category": "roads",
        "content": f"村口第{number}盏路灯不亮", "state": "handling", "recorded_at": NOW, "resident_name": "张建国",
        "resident_phone": PHONE, "resident_address": "东庄村3号",
    }  # fmt: skip
    with acting(system_actor()):
        return Opinion._plain.create(**{**values, **extra})


def make_suggestion(term: Term, mandate: Mandate, number: int) -> Suggestion:
    scope = {"scope_code": term.scope_code}
    with acting(system_actor()):
        row = Suggestion._plain.create(
            number=f"2026-{number:04d}", term=term, submission_time="intersession", title=f"关于修路的建议之{number}",
            content="请修路。", submitted_on=date(2026, 1, number), state="accepted", recorded_at=NOW, **scope,
        )  # fmt: skip
        SuggestionSignatory._plain.create(suggestion=row, mandate=mandate, is_lead=True, **scope)
    return row


def make_day(place: Jurisdiction, mandate: Mandate, number: int) -> ReceptionDay:
    scope = {"scope_code": place.scope_code}
    station = make_station(place, f"第{number}联络站")
    opens, closes = RECEPTION_HOURS
    with acting(system_actor()):
        day = ReceptionDay._plain.create(
            station=station, day=date(2026, 1, number), nominal_day=date(2026, 1, number), starts_at=opens,
            ends_at=closes, state="published", **scope,
        )  # fmt: skip
        Participation._plain.create(mandate=mandate, reception_day=day, day=day.day, **scope)
    return day


def rows_of(client: Client, name: str, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(reverse(name), query)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()["results"]  # type: ignore[no-any-return]


class TestDeputies:
    def test_the_office_reads_records_with_the_number_masked(
        self, clerk: Actor, term: Term, sign_in: SignIn
    ) -> None:
        mandate = make_mandate(term, "王建国", group=make_group(term))
        (row,) = rows_of(sign_in(clerk), "api_deputies")
        assert (row["name"], row["state_name"], row["groups"][0]["name"]) == (
            "王建国",
            "在任",
            "第一代表小组",
        )
        assert row["phone_masked"] == f"138****{mandate.person.phone[-4:]}"
        assert mandate.person.phone not in str(row)
        assert "address" not in row

    def test_a_station_clerk_reads_the_roster_only(
        self, township: Jurisdiction, term: Term, sign_in: SignIn
    ) -> None:
        make_mandate(term)
        actor = make_account(township, Role.STATION_CLERK, station_ref=make_station(township).pk)
        (row,) = rows_of(sign_in(actor), "api_deputies")
        assert {"phone_masked", "born_on", "education"} & set(row) == set()

    def test_a_deputy_reads_the_own_record_and_is_refused_a_colleagues(
        self, term: Term, sign_in: SignIn
    ) -> None:
        mine, other = make_mandate(term, "王建国"), make_mandate(term, "李二虎")
        client = sign_in(make_deputy_actor(mine))
        assert [row["id"] for row in rows_of(client, "api_deputies")] == [mine.pk]
        refused = client.get(reverse("api_deputy", args=[other.pk]))
        assert (refused.status_code, refused.json()["detail"][-1]) == (403, "。")

    def test_another_township_does_not_exist(self, world: World, clerk: Actor, sign_in: SignIn) -> None:
        foreign = make_mandate(make_term(world["长凝镇"]))
        client = sign_in(clerk)
        answers = [client.get(reverse("api_deputy", args=[pk])) for pk in (foreign.pk, 10**12, 10**30)]
        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert answers[0].content == answers[1].content

    def test_a_refusal_is_on_record(self, term: Term, clerk: Actor, sign_in: SignIn) -> None:
        mine, other = make_mandate(term, "王建国"), make_mandate(term, "李二虎")
        sign_in(make_deputy_actor(mine)).get(reverse("api_deputy", args=[other.pk]))
        with acting(clerk):
            assert AuditEntry.scoped(clerk).filter(operation="denied").count() == 1

    def test_members_of_a_group_once_each(self, clerk: Actor, term: Term, sign_in: SignIn) -> None:
        group = make_group(term)
        make_mandate(term, "李二虎")
        mandate = make_mandate(term, group=group)
        with acting(system_actor()):
            ended = {"starts_on": date(2021, 5, 1), "ends_on": date(2021, 5, 7)}
            GroupMembership._plain.create(
                scope_code=mandate.scope_code, group=group, mandate=mandate, **ended
            )
        found = rows_of(sign_in(clerk), "api_deputies", group=group.pk)
        assert [row["id"] for row in found] == [mandate.pk]


class TestOpinions:
    def test_the_resident_is_masked_for_those_who_took_the_matter_in(
        self, township: Jurisdiction, clerk: Actor, sign_in: SignIn
    ) -> None:
        make_opinion(township, 1)
        (row,) = rows_of(sign_in(clerk), "api_opinions")
        assert (row["resident_name_masked"], row["resident_phone_masked"]) == ("张**", "138****5678")
        assert PHONE not in str(row)
        assert "东庄村3号" not in str(row)

    @pytest.mark.parametrize("role", [Role.HANDLING_UNIT, Role.COUNTY_COMMITTEE])
    def test_unit_and_county_read_the_matter_only(self, role: Role, world: World, sign_in: SignIn) -> None:
        from constituents.models import HandlingUnit

        township = world["庄子乡"]
        with acting(system_actor()):
            unit = HandlingUnit._plain.create(scope_code=township.scope_code, name="水利站")
        make_opinion(township, 1, unit=unit)
        seat = world["榆次区"] if role == Role.COUNTY_COMMITTEE else township
        (row,) = rows_of(sign_in(make_account(seat, role, unit_ref=unit.pk)), "api_opinions")
        assert row["content"] == "村口第1盏路灯不亮"
        assert not [name for name in row if name.startswith("resident")]

    def test_an_anonymous_matter_has_no_resident(
        self, township: Jurisdiction, clerk: Actor, sign_in: SignIn
    ) -> None:
        make_opinion(township, 1, is_anonymous=True)
        (row,) = rows_of(sign_in(clerk), "api_opinions")
        assert (row["resident_name_masked"], row["resident_phone_masked"]) == ("", "")

    def test_filters(self, township: Jurisdiction, clerk: Actor, sign_in: SignIn) -> None:
        for number in (1, 2, 3):
            make_opinion(township, number, state="closed" if number == 3 else "handling")
        client = sign_in(clerk)

        def numbers(**query: Any) -> list[str]:
            return [row["number"][-1] for row in rows_of(client, "api_opinions", **query)]

        assert numbers() == ["3", "2", "1"]
        assert numbers(ordering="received_on") == ["1", "2", "3"]
        assert numbers(state=["closed"]) == ["3"]
        assert numbers(received_from="2026-01-02", received_to="2026-01-02") == ["2"]
        assert numbers(text="第2盏") == ["2"]
        assert numbers(scope_code=township.scope_code + 1) == []

    def test_the_county_narrows_to_a_township(self, world: World, county: Actor, sign_in: SignIn) -> None:
        make_opinion(world["庄子乡"], 1)
        make_opinion(world["长凝镇"], 2)
        client = sign_in(county)
        assert len(rows_of(client, "api_opinions")) == 2
        found = rows_of(client, "api_opinions", scope_code=world["长凝镇"].scope_code)
        assert [row["number"] for row in found] == ["2026-0002"]


class TestOthers:
    def test_a_deputy_finds_the_own_turn(
        self, township: Jurisdiction, term: Term, mandate: Mandate, deputy_actor: Actor, sign_in: SignIn
    ) -> None:
        day = make_day(township, mandate, 9)
        with acting(system_actor()):
            colleague = make_mandate(term, "李二虎")
            Participation._plain.create(
                mandate=colleague, reception_day=day, day=day.day, scope_code=day.scope_code
            )
        (row,) = rows_of(sign_in(deputy_actor), "api_reception_days")
        assert [turn["name"] for turn in row["turns"]] == ["王建国"]

    def test_marks_are_the_presidiums(
        self, term: Term, mandate: Mandate, clerk: Actor, sign_in: SignIn
    ) -> None:
        make_suggestion(term, mandate, 1)
        (kept,) = rows_of(sign_in(clerk), "api_suggestions")
        (own,) = rows_of(sign_in(make_deputy_actor(mandate)), "api_suggestions")
        assert "quality_points" in kept
        assert "quality_points" not in own
        assert own["signatories"] == [{"mandate_id": mandate.pk, "name": "王建国", "is_lead": True}]

    def test_results_are_not_ordered_by_points(self) -> None:
        assert not {"total", "grade"} & set(api.ScoreSheetViewSet.ordering_columns.values())


class TestManners:
    @pytest.mark.parametrize("name", LISTS)
    def test_strangers_are_told_in_chinese(self, name: str) -> None:
        answer = Client().get(reverse(name))
        assert (answer.status_code, answer.json()["detail"]) == (403, "身份认证信息未提供。")

    @pytest.mark.parametrize("name", LISTS)
    def test_who_keeps_the_system_reads_no_record(
        self, name: str, township: Jurisdiction, sign_in: SignIn
    ) -> None:
        answer = sign_in(make_account(township, Role.SYSTEM_ADMIN)).get(reverse(name))
        assert (answer.status_code, answer.json()["detail"]) == (403, ActorPermission.message)

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"stat": "closed"}, "stat"),
            ({"state": "no-such-state"}, "state"),
            ({"received_from": "yesterday"}, "received_from"),
            ({"unit": "1e400"}, "unit"),
            ({"unit": str(10**30)}, "unit"),
            ({"text": "路"}, "text"),
            ({"ordering": "resident_phone"}, "ordering"),
        ],
    )
    def test_a_wrong_parameter_is_named(
        self, query: dict[str, str], field: str, clerk: Actor, sign_in: SignIn
    ) -> None:
        answer = sign_in(clerk).get(reverse("api_opinions"), query)
        assert (answer.status_code, list(answer.json())) == (400, [field])
        assert any("一" <= letter <= "鿿" for letter in answer.json()[field][0])

    def test_an_empty_character_is_refused_before_any_filter(self, clerk: Actor, sign_in: SignIn) -> None:
        answer = sign_in(clerk).get(reverse("api_opinions"), {"text": "a\x00b"})
        assert (answer.status_code, list(answer.json())) == (400, ["detail"])

    def test_pages_do_not_overlap(self, township: Jurisdiction, clerk: Actor, sign_in: SignIn) -> None:
        for number in range(1, 6):
            make_opinion(township, number, received_on=date(2026, 1, 1))
        client = sign_in(clerk)
        seen = [
            row["number"]
            for page in (1, 2, 3)
            for row in rows_of(client, "api_opinions", page=page, page_size=2)
        ]
        assert len(set(seen)) == 5
        assert client.get(reverse("api_opinions"), {"page": 4, "page_size": 2}).status_code == 404

    def test_nothing_is_written(self, clerk: Actor, sign_in: SignIn) -> None:
        client = sign_in(clerk)
        for method in ("post", "put", "patch", "delete"):
            assert getattr(client, method)(reverse("api_opinions")).status_code == 405

    def test_only_json(self, clerk: Actor, sign_in: SignIn) -> None:
        answer = sign_in(clerk).get(reverse("api_opinions"), headers={"accept": "text/html"})
        assert answer.status_code == 406

    def test_too_many_requests(self, clerk: Actor, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ActorThrottle, "THROTTLE_RATES", {"user": "2/min"})
        client = sign_in(clerk)
        answers = [client.get(reverse("api_stations")) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert int(answers[2]["Retry-After"]) > 0

    def test_a_broker_that_is_down_refuses_nobody(
        self, clerk: Actor, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def down(*args: Any) -> None:
            raise ConnectionError("no broker")

        monkeypatch.setattr(ActorThrottle, "get_cache_key", down)
        assert sign_in(clerk).get(reverse("api_stations")).status_code == 200


class TestQueries:
    """Literal counts, equal for one row and for three. Eight belong to every request: session, account,
    appointment, the actor told to the database, savepoints."""

    @pytest.mark.parametrize(
        ("name", "queries"),
        [
            ("api_deputies", 4),
            ("api_stations", 2),
            ("api_reception_days", 4),
            ("api_opinions", 3),
            ("api_suggestions", 6),
        ],
    )
    def test_lists(
        self, name: str, queries: int, township: Jurisdiction, term: Term, clerk: Actor, sign_in: SignIn
    ) -> None:
        client = sign_in(clerk)
        group = make_group(term)
        counts = []
        for number in (1, 2, 3):
            mandate = make_mandate(term, f"王建{number}", group=group)
            make_opinion(township, number, deputy=mandate)
            make_suggestion(term, mandate, number)
            make_day(township, mandate, number)
            if number in (1, 3):
                with CaptureQueriesContext(connection) as seen:
                    assert len(rows_of(client, name)) == number
                counts.append([q["sql"] for q in seen if _is_of_the_page(q["sql"])])
        assert [len(found) for found in counts] == [queries, queries], counts[1]


def _is_of_the_page(sql: str) -> bool:
    shell = (
        "django_session",
        "liaison_account",
        "liaison_appointment",
        "set_config",
        "SAVEPOINT",
        "current_setting",
    )
    return not any(word in sql for word in shell)


class TestDocument:
    @pytest.mark.parametrize(
        "role", [Role.PRESIDIUM_CLERK, Role.DEPUTY, Role.HANDLING_UNIT, Role.SYSTEM_ADMIN]
    )
    def test_is_openapi_31_for_each_reader(self, role: Role, township: Jurisdiction, sign_in: SignIn) -> None:
        document = _document(sign_in(make_account(township, role)))
        assert document["openapi"].startswith("3.1")
        OpenAPIV31SpecValidator(document).validate()

    def test_shows_a_reader_what_he_may_ask_for(self, township: Jurisdiction, sign_in: SignIn) -> None:
        asked = _document(sign_in(make_account(township, Role.HANDLING_UNIT)))["paths"]
        assert {path.split("/")[3] for path in asked} == {"opinions", "suggestions"}
        assert not _document(sign_in(make_account(township, Role.AUDIT_ADMIN))).get("paths")

    def test_speaks_chinese(self, clerk: Actor, sign_in: SignIn) -> None:
        document = _document(sign_in(clerk))
        for path in document["paths"].values():
            assert path["get"]["summary"][0] >= "一"
        for name, component in document["components"]["schemas"].items():
            for field, about in component.get("properties", {}).items():
                title = about.get("title") or about.get("description") or ""
                assert title or field in ("count", "next", "previous", "results", "id"), (name, field)
                assert not title or any(letter >= "一" for letter in title), (name, field, title)
            assert not component.get("description", "一").isascii(), name

    def test_every_status_met_is_written_down(
        self, clerk: Actor, township: Jurisdiction, sign_in: SignIn
    ) -> None:
        client, stranger = sign_in(clerk), Client()
        keeper = sign_in(make_account(township, Role.SYSTEM_ADMIN))
        paths = _document(client)["paths"]
        tried = [
            (client, {}, {}), (client, {"no": "1"}, {}), (client, {"page": "99"}, {}), (stranger, {}, {}), (keeper, {}, {}),
            (client, {}, {"accept": "text/html"}), (client, {"page_size": "x"}, {}), (client, {"ordering": "no"}, {}),
        ]  # fmt: skip
        for path, entry in paths.items():
            written = {int(status) for status in entry["get"]["responses"]}
            for who, query, headers in tried:
                met = who.get(path.replace("{id}", "1"), query, headers=headers).status_code
                assert met in written, (path, met)


def _document(client: Client) -> dict[str, Any]:
    answer = client.get(reverse("api_schema"))
    assert answer.status_code == 200
    return yaml.safe_load(answer.content)  # type: ignore[no-any-return]
