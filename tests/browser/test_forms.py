"""The forms of the house in a real Chromium, sent as a browser sends them: with Origin, token and page policy.

Django's test client sends no Origin and is excused from the CSRF check, so a page whose forms no browser can send
passes every other test.
"""

from base64 import b32decode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from django.utils import timezone
from django_otp.oath import totp
from playwright.sync_api import Browser, expect

from constituents.actions.opinions import OPINION_ACTIONS, CaseAction
from constituents.actions.suggestions import SUGGESTION_ACTIONS
from constituents.enums import OpinionState
from constituents.models import Opinion, digest_of_code
from deputies.models import Constituency, Term
from liaison.jobs import services
from liaison.tenancy.scope import acting, system_actor
from liaison.words.enums import Role
from tests.browser.every_form import (
    FormOffice,
    Sender,
    form_office,
    lines,
    listed,
    senders,
    table,
    takes_a_form,
)
from tests.browser.steps import Walker, steps
from tests.factories import PASSWORD

Person = Callable[[Role | None], Sender]
CODE = "kT3mQ8wZ5xB7"
NEW_PASSWORD = "Xin-Mi-Ma-2027"


@pytest.fixture(scope="module")
def office(
    django_db_setup: None,
    database_name: str,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[FormOffice]:
    with form_office(database_name, tmp_path_factory.mktemp("forms"), django_db_blocker.unblock) as found:
        yield found


@pytest.fixture
def person(browser: Browser, office: FormOffice) -> Iterator[Person]:
    """Whoever is asked for, signed in through the page; ``None`` is a resident without an account."""
    with senders(browser, office) as (open_, opened):
        yield open_
        assert [error for each in opened for error in each.errors] == []


class TestTable:
    def test_names_every_address_that_takes_a_form_once(self) -> None:
        assert takes_a_form() - set(listed()) == set(), "send the form in forms.yaml, or say why not"
        assert set(listed()) - takes_a_form() == set(), "these take no form any more: remove them"
        assert [name for name, count in Counter(listed()).items() if count > 1] == []

    @pytest.mark.parametrize(
        ("form", "actions"),
        [
            ("constituents_opinion_action", OPINION_ACTIONS),
            ("constituents_suggestion_action", SUGGESTION_ACTIONS),
        ],
    )
    def test_sends_every_action_on_a_case(self, form: str, actions: Mapping[str, CaseAction]) -> None:
        assert {step.args["code"] for step in steps() if step.send == form} == set(actions)


def test_each_form_of_the_table_is_taken_and_each_step_done(person: Person, office: FormOffice) -> None:
    """In the table's order: what the office settles, a deputy has asked for before."""
    known = cache(person)
    faults, unhandled = [], set()
    for role in table()["sent"]:
        sender = known(Role(role))
        sent = [sender.send(line, office.address(line.page)) for line in lines() if line.role == role]
        faults += [f"{role}: {fault}" for fault in sent if fault]
        unhandled |= sender.unhandled
    walker = Walker(office, known)
    faults += [fault for step in steps() if (fault := walker.take(step))]
    assert faults == [], "\n".join(faults)
    assert unhandled == set(), "closed folds without a handle"


class TestResident:
    def test_looks_up_a_matter_and_rates_it(self, person: Person, office: FormOffice) -> None:
        with acting(system_actor()):
            row = office.nation["own"]["Opinion"]
            Opinion._plain.filter(pk=row.pk).update(
                state=OpinionState.REPLIED, query_code_digest=digest_of_code(CODE), satisfaction="",
                merged_into=None,
            )  # fmt: skip
        resident = person(None)
        resident.go("/opinions/follow/")
        resident.page.fill("input[name=code]", CODE)
        assert resident.press(resident.page.locator("main button[type=submit]")).status == 200
        resident.page.check("input[name=satisfaction][value=satisfied]")
        assert resident.press(resident.page.get_by_role("button", name="提交评价")).status == 302
        query = f"SELECT state, satisfaction FROM constituents_opinion WHERE id = {row.pk}"
        assert office.stack.sql(query) == [("closed", "satisfied")]


class TestWholeRoster:
    def test_is_ordered_left_fetched_and_deleted(self, person: Person, office: FormOffice) -> None:
        clerk = person(Role.PRESIDIUM_CLERK)
        clerk.go("/accounts/give/all/")
        assert clerk.press(clerk.page.get_by_role("button", name="给全部代表开账号")).status == 302
        expect(clerk.page.locator("main")).to_contain_text("等待办理")
        number = int(clerk.page.url.rstrip("/").rpartition("/")[2])
        while services.go_on(number, timezone.now()):
            pass
        # The page looks again by itself.
        fetch = clerk.page.get_by_role("link", name="下载文件")
        expect(fetch).to_be_visible()
        with clerk.page.expect_download() as download:
            fetch.click()
        assert download.value.suggested_filename == "账号口令单.pdf"
        assert clerk.press(clerk.page.get_by_role("button", name="已打印，删除文件")).status == 302
        expect(clerk.page.locator("main")).to_contain_text("已办完")
        expect(clerk.page.get_by_text("文件还没有删除")).to_have_count(0)


class TestCalendarAddress:
    def test_is_made_shown_changed_and_ended(self, person: Person, office: FormOffice) -> None:
        clerk = person(Role.PRESIDIUM_CLERK)
        clerk.go("/stations/calendar/")
        seen = []
        for step in ("create", "show", "replace"):
            button = clerk.page.locator(f"main button[name=step][value={step}]").first
            button.evaluate("b => { const box = b.closest('details'); if (box) { box.open = true; } }")
            assert clerk.press(button).status == 200
            seen.append(clerk.page.input_value("#feed-address"))
        made, shown, changed = seen
        assert made == shown != changed
        button = clerk.page.locator("main button[name=step][value=revoke]").first
        button.evaluate("b => { const box = b.closest('details'); if (box) { box.open = true; } }")
        assert clerk.press(button).status == 302
        assert clerk.page.request.get(changed).status == 404


class TestRoster:
    @pytest.mark.parametrize("door", ["/deputies/import/", "/admin/deputies/rosterimport/add/"])
    def test_of_two_sheets_with_a_strange_heading_is_imported(
        self, door: str, person: Person, office: FormOffice
    ) -> None:
        names = ("平安福", "平安禄") if "admin" in door else ("平安寿", "平安喜")
        clerk = person(Role.PRESIDIUM_CLERK)
        clerk.go(door)
        clerk.page.set_input_files("input[type=file]", _two_sheets(office, names))
        assert clerk.press(clerk.page.locator("main button[type=submit]")).status == 302
        for sheet in names:
            clerk.page.get_by_role("group", name=f"“{sheet}片”").get_by_label("就是一个代表小组").check()
        clerk.page.get_by_label("“片区”").select_option("选区")
        assert clerk.press(clerk.page.get_by_role("button", name="按此核对")).status == 302
        clerk.page.get_by_role("link", name="把未登记的小组列为新建").click()
        clerk.page.get_by_label("同意新建以上代表小组").check()
        row = clerk.page.locator("tr", has_text=names[0])
        row.locator("summary").click()
        expect(row.locator("details li", has_text="民族")).to_have_text("民族：汉 → 汉族")
        assert clerk.press(clerk.page.get_by_role("button", name="确认导入")).status == 302
        query = (
            "SELECT p.name, g.name FROM deputies_person p JOIN deputies_mandate m ON m.person_id = p.id "
            "JOIN deputies_groupmembership s ON s.mandate_id = m.id JOIN deputies_deputygroup g "
            f"ON g.id = s.group_id WHERE p.name IN {names} ORDER BY p.id"
        )
        assert office.stack.sql(query) == [(name, f"{name}片") for name in names]


def _two_sheets(office: FormOffice, names: tuple[str, ...]) -> dict[str, Any]:
    """A workbook with a sheet for each of two people, whose constituencies stand under an unknown heading."""
    with acting(system_actor()):
        term = Term._plain.get(pk=office.nation["own"]["Term"].pk)
        elector = Constituency._plain.filter(term=term).first()
    row = {
        "性别": "女",
        "民族": "汉",
        "出生年月": "1970.03",
        "片区": str(elector),
        "当选日期": str(term.elected_on),
    }
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for name in names:
            sheet = book.add_worksheet(f"{name}片")
            sheet.write_row(0, 0, ["姓名", *row])
            sheet.write_row(1, 0, [name, *row.values()])
    return {"name": "名册.xlsx", "mimeType": "application/octet-stream", "buffer": buffer.getvalue()}


class TestOwnAccount:
    @pytest.mark.parametrize("page", ["/", "/admin/", "/stations/calendar/", "/opinions/add/"])
    def test_signs_out_from_each_kind_of_page(self, page: str, person: Person) -> None:
        clerk = person(Role.STATION_CLERK)
        clerk.go(page)
        form = clerk.page.locator("form[data-sign-out]").first
        form.evaluate("f => { const box = f.closest('details'); if (box) { box.open = true; } }")
        assert clerk.press(form.locator("button")).status == 200
        clerk.go("/")
        assert "/sign-in/" in clerk.page.url

    def test_changes_the_password(self, person: Person, office: FormOffice) -> None:
        keeper = person(Role.AUDIT_ADMIN)
        keeper.go("/account/password/")
        for name, value in (
            ("old_password", PASSWORD),
            ("new_password", NEW_PASSWORD),
            ("repeated", NEW_PASSWORD),
        ):
            keeper.page.fill(f"input[name={name}]", value)
        assert keeper.press(keeper.page.locator("main button[type=submit]")).status == 302

    def test_binds_an_authenticator_and_signs_in_with_a_recovery_code(self, person: Person) -> None:
        keeper = person(Role.SYSTEM_ADMIN)
        keeper.go("/account/second-factor/enrol/")
        assert keeper.press(keeper.page.locator("button[name=begin]")).status == 302
        key = keeper.page.inner_text(".code").replace(" ", "")
        keeper.page.fill("input[name=token]", f"{totp(_bytes_of(key)):06d}")
        assert keeper.press(keeper.page.locator("main button[type=submit]").first).status == 200
        recovery = keeper.page.locator("li.code").first.inner_text()
        keeper.page.context.clear_cookies()
        keeper.sign_in(keeper.username)
        keeper.page.fill("input[name=token]", recovery)
        assert keeper.press(keeper.page.locator("main button[type=submit]").first).status == 302
        assert "/account/second-factor/" not in keeper.page.url


def _bytes_of(key: str) -> bytes:
    """The secret behind the letters a person types into the authenticator."""
    return b32decode(key + "=" * (-len(key) % 8))
