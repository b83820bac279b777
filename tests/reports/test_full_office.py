"""An office where one of everything waits: one line each, every line to its record, every figure its list."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from assessments.models import FeedbackNotice
from constituents.models import Opinion
from deputies.models import Mandate
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, acting
from liaison.web.admin_site import Todo
from liaison.words.enums import Role
from reports.selectors import staff_counts, staff_queue
from reports.selectors.staff import SHOWN
from stations.models import Participation
from stations.selectors import waiting_leave
from tests.factories import make_account, make_deputy_actor, make_station, make_term
from tests.reports.office import NOW, OWN_STATES, TODAY, make_cases, make_office

SignIn = Callable[[Actor], Client]


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def office(township: Jurisdiction, clerk: Actor) -> dict[str, Any]:
    return make_office(township, make_term(township), make_station(township), clerk)


def lines(actor: Actor) -> list[Todo]:
    with acting(actor):
        return list(staff_queue(actor, today=TODAY))


def expected(office: dict[str, Any]) -> set[tuple[str, str, str]]:
    """What each line says, the one thing to do, and the record or list it leads to."""

    def record(model: str, name: str) -> str:
        return reverse(f"admin:{model}_change", args=[office[name].pk])

    def a_list(model: str) -> str:
        return reverse(f"admin:{model}_changelist")

    station, opinion = f"{office['station'].name}接待日", "constituents_opinion"
    actions = dict(zip(OWN_STATES, ("受理", "分流", "重新交办", "研究决定"), strict=True))
    cases = {
        (f"{office[state.value].number} ", action, record(opinion, state.value))
        for state, action in actions.items()
    }
    suggestions = {
        (
            f"代表建议{row.number}《{row.title}》",
            action,
            record("constituents_suggestion", f"suggestion_{state}"),
        )
        for state, action in (("submitted", "审查"), ("checked", "交办"), ("returned", "重新交办"))
        for row in (office[f"suggestion_{state}"],)
    }
    reported, talk = (office[name].mandate.person.name for name in ("reported", "talk"))
    return cases | suggestions | {
        ("1件社情民意已经逾期", "督办", a_list(opinion)),
        (station, "登记到岗", record("stations_receptionday", "overdue_day")),
        (station, "查看安排", record("stations_receptionday", "coming_day")),
        ("1条代表登记的履职记录待核对", "核对", reverse("stations_confirm")),
        ("1条履职记录有异议", "处理异议", a_list("stations_participation")),
        ("1条履职记录逾期未核对，待主席团核定", "核定", a_list("stations_participation")),
        ("1项值班调换待批准", "审批", reverse("stations_swaps")),
        ("1份请假待批准", "审批", reverse("stations_waiting_leave")),
        ("2026年度代表履职测评", "继续办理", record("assessments_assessment", "running")),
        (f"{reported}代表的整改报告", "审核", record("assessments_feedbacknotice", "reported")),
        ("1份整改报告尚未收回", "催交", a_list("assessments_feedbacknotice")),
        (f"与{talk}代表谈话提醒", "登记谈话", record("assessments_remindertalk", "talk")),
    }  # fmt: skip


def test_each_thing_that_waits_is_one_line_and_leads_to_itself(office: dict[str, Any], clerk: Actor) -> None:
    found = [(_said(line), line.action, urlsplit(line.url).path) for line in lines(clerk)]
    assert sorted(found) == sorted(expected(office))
    assert all(line.action_url == line.url for line in lines(clerk))


def _said(line: Todo) -> str:
    """A case goes on with its kind and words; its number says which it is."""
    return line.title.split(" ")[0] + " " if re.match(r"\d{4}-\d{4} ", line.title) else line.title


def test_every_line_opens_what_it_names(office: dict[str, Any], clerk: Actor, sign_in: SignIn) -> None:
    client = sign_in(clerk)
    for line in lines(clerk):
        page = client.get(line.url, follow=True)
        named = re.search(
            r"\d{4}-\d{4}|《.+?》|(?<=与)..(?=代表谈话)|..(?=代表的整改报告)|\d{4}年度", line.title
        )
        assert page.status_code == 200, line.title
        if named:
            assert named[0].strip("《》") in page.content.decode(), line.title


# How many rows a page of its own shows that the office can act on.
ROWS_OF = {
    "stations_confirm": r'name="record" value="\d+"',
    "stations_swaps": r'value="approve"',
    "stations_waiting_leave": r'class="queue__do',
}


def rows_behind(client: Client, url: str) -> int:
    page = client.get(url)
    if "cl" in (page.context or {}):
        return int(page.context["cl"].result_count)
    pattern = next(text for name, text in ROWS_OF.items() if reverse(name) == urlsplit(url).path)
    return len(re.findall(pattern, page.content.decode()))


def test_every_figure_of_the_queue_is_its_list(office: dict[str, Any], clerk: Actor, sign_in: SignIn) -> None:
    client = sign_in(clerk)
    figures = {line.title: line.url for line in lines(clerk) if re.match(r"\d+[件条项份]", line.title)}
    assert len(figures) == 7
    assert {title: rows_behind(client, url) for title, url in figures.items()} == dict.fromkeys(figures, 1)


def test_the_station_clerk_has_the_lines_of_the_own_station(office: dict[str, Any], clerk: Actor) -> None:
    other = make_station(office["station"].jurisdiction, "西庄村联络站")
    make_cases(office["deputies"][1])
    keeper = make_account(
        office["station"].jurisdiction, Role.STATION_CLERK, name="张站长", station_ref=office["station"].pk
    )
    stranger = make_account(
        office["station"].jurisdiction, Role.STATION_CLERK, name="李站长", station_ref=other.pk
    )
    with acting(keeper):
        own_leave = waiting_leave(keeper).count()
    leave = [f"{own_leave}份请假待批准"] if own_leave else []
    day = f"{office['station'].name}接待日"
    records = ["1条代表登记的履职记录待核对", "1项值班调换待批准"]
    assert sorted(line.title for line in lines(keeper)) == sorted([day, day, *records, *leave])
    assert not {line.title for line in lines(stranger)} & {day, *records}


def test_more_than_fit_are_a_line_to_all_of_them(
    office: dict[str, Any], clerk: Actor, sign_in: SignIn
) -> None:
    """Nothing that waits is cut off in silence."""
    for _ in range(SHOWN):
        make_cases(office["deputies"][0])
    more = [line for line in lines(clerk) if line.title.startswith("还有更多")]
    assert [line.title for line in more] == ["还有更多社情民意等待办理"]
    assert rows_behind(sign_in(clerk), more[0].url) == len(OWN_STATES) * (SHOWN + 1)


_DOOR = re.compile(r'<a class="nowrap" href="(/admin/[^"]+)">([^<]*?)(\d+)([^<]*)</a>')


@pytest.mark.parametrize(
    ("role", "figures"),
    [
        (Role.PRESIDIUM_CLERK, {"资格有效3名", "未办结7件", "报告未收回1份"}),
        (Role.STATION_CLERK, {"未办结0件"}),
    ],
)
def test_every_figure_beside_a_door_is_its_list(
    office: dict[str, Any], clerk: Actor, sign_in: SignIn, role: Role, figures: set[str]
) -> None:
    place = office["station"].jurisdiction
    actor = clerk if role == clerk.role else make_account(place, role, station_ref=office["station"].pk)
    client = sign_in(actor)
    found = _DOOR.findall(client.get(reverse("admin:index")).content.decode())
    assert {f"{before}{number}{after}" for _, before, number, after in found} == figures
    for url, before, number, after in found:
        assert rows_behind(client, unescape(url)) == int(number), f"{before}{number}{after}"


def test_the_county_counts_beside_a_door_what_its_list_shows(
    office: dict[str, Any], county: Actor, sign_in: SignIn
) -> None:
    client = sign_in(county)
    with acting(county):
        counts = staff_counts(county, today=TODAY)
    assert set(counts) == {"deputies.mandate", "assessments.feedbacknotice", "constituents.opinion"}
    for label, count in counts.items():
        url = f"{reverse('admin:{}_{}_changelist'.format(*label.split('.')))}?{count.query}"
        assert rows_behind(client, url) == int(re.sub(r"\D", "", count.words)), label


def chips_of(client: Client, model: type[Model], query: str = "") -> list[tuple[str, int, int]]:
    """Of each chip over a list: its word, its count, and the rows it leads to."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    page = client.get(address + query)
    chips = page.context["chips"] if page.status_code == 200 else []
    return [(chip["label"], chip["count"], rows_behind(client, address + chip["url"])) for chip in chips]


def test_every_chip_over_a_list_counts_its_rows(
    office: dict[str, Any], clerk: Actor, sign_in: SignIn
) -> None:
    client = sign_in(clerk)
    with_chips = [model for model, page in admin.site._registry.items() if getattr(page, "state_field", "")]
    chips = [(model, *chip) for model in with_chips for chip in chips_of(client, model)]
    assert len(chips) > 30
    assert [chip for chip in chips if chip[2] != chip[3]] == []


@pytest.mark.parametrize(
    ("model", "query", "total"),
    [(Mandate, "?q=王", 1), (Opinion, "?light=red", 4), (Participation, "?outcome__exact=attended", 5),
     (FeedbackNotice, "?owed=1", 1)],
)  # fmt: skip
def test_chips_count_what_the_list_is_narrowed_to(
    office: dict[str, Any], clerk: Actor, sign_in: SignIn, model: type[Model], query: str, total: int
) -> None:
    chips = chips_of(sign_in(clerk), model, query)
    assert chips[0] == ("全部", total, total)
    assert [chip for chip in chips if chip[1] != chip[2]] == []


def test_every_figure_of_a_deputys_home_is_its_list(
    office: dict[str, Any], clerk: Actor, sign_in: SignIn
) -> None:
    second = office["deputies"][1]
    client = sign_in(make_deputy_actor(second))
    make_cases(second)
    page = client.get("/").content.decode()
    assert "核对1条登记给您的履职记录" in page
    assert "我的意见（7件在办）" in page
    assert rows_behind(client, reverse("stations_confirm")) == 1
    listed = client.get(reverse("constituents_mine")).content.decode()
    assert len(set(re.findall(r"/opinions/(\d+)/", listed))) >= 7
