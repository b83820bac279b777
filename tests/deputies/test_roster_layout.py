"""Rosters of several sheets, and of headings nobody has foreseen: a person says once what is what."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from deputies.models import Constituency, GroupMembership, Mandate, RosterHeading, Term
from deputies.roster.cells import Severity
from deputies.roster.file import NeedsLayout, outlines, read_roster
from deputies.roster.headings import Layout
from deputies.roster.rules import check_rows
from deputies.roster.sheet_rows import row_words, rows_words
from deputies.roster_import.preview import remembered_meanings
from liaison.tenancy.scope import Actor, acting
from liaison.words.errors import Refused
from tests.deputies.rosters import HEADING as ROSTER_HEADING
from tests.deputies.rosters import as_csv as as_roster
from tests.deputies.rosters import line
from tests.deputies.test_roster_file import HEADING, KNOWN, LI, TODAY, WANG, as_csv, as_workbook, names
from tests.deputies.test_views import token_of, uploaded


def _two_sheets() -> bytes:
    def fill(book, sheet) -> None:  # type: ignore[no-untyped-def]
        for name in ("第一小组（1人）", "第二小组"):
            other = book.add_worksheet(name)
            other.write_row("A1", HEADING)
            other.write_row("A2", WANG)

    return as_workbook(fill)


TWO_SHEETS = _two_sheets()


def test_of_several_rosters_a_person_says_which() -> None:
    with pytest.raises(NeedsLayout, match=r"2张名册：“第一小组（1人）”、“第二小组”，请选定读取哪几张"):
        read_roster(TWO_SHEETS)


def test_a_sheet_can_be_a_group_and_every_row_knows_its_sheet() -> None:
    layout = Layout(sheets={"第一小组（1人）": True, "第二小组": False})
    roster = read_roster(TWO_SHEETS, layout)
    assert [(str(row_words(row.number)), row.cells.get("代表小组")) for row in roster.rows] == [
        ("“第一小组（1人）”表第2行", "第一小组"),
        ("“第二小组”表第2行", None),
    ]
    report = check_rows(roster.rows, replace(KNOWN, may_create_groups=True), TODAY)
    (twice,) = [m for m in report.all_messages if m.severity is Severity.ERROR]
    assert twice.text == "与“第一小组（1人）”表第2行是同一人，请删去重复的一行。"
    assert twice.place == "“第二小组”表第2行"


def test_one_sheet_of_several_is_read_as_if_it_were_alone() -> None:
    roster = read_roster(TWO_SHEETS, Layout(sheets={"第二小组": True}))
    assert [(row.number, row.cells["代表小组"]) for row in roster.rows] == [(2, "第二小组")]


def test_a_person_in_two_groups_is_told_of_both() -> None:
    layout = Layout(sheets={"第一小组（1人）": True, "第二小组": True})
    known = replace(KNOWN, may_create_groups=True)
    report = check_rows(read_roster(TWO_SHEETS, layout).rows, known, TODAY)
    (twice,) = [m for m in report.all_messages if m.severity is Severity.ERROR]
    assert "两行的代表小组不同（第一小组、第二小组），请先核对是哪一个" in twice.text


def test_headings_of_any_words_are_read_once_they_are_explained() -> None:
    strange = ["号", "称谓", "男女", "诞辰", "片", "手机"]
    data = as_csv(["某某名单"], strange, WANG)
    with pytest.raises(NeedsLayout):
        read_roster(data)
    (shown,) = outlines(data)
    assert list(shown.columns.items())[-2:] == [("片", ""), ("手机", "联系电话")]
    assert shown.samples["称谓"] == ("王建国",)
    said = {"称谓": "姓名", "男女": "性别", "诞辰": "出生年月", "片": "选区"}
    for roster in (read_roster(data, Layout(columns=said)), read_roster(data, meanings=said)):
        assert names(roster) == ["王建国"]
        assert roster.columns["选区"] == "片"


def test_what_a_person_says_goes_before_the_known_words() -> None:
    heading = [*HEADING[:-1], "电话", "联系电话"]
    data = as_csv(heading, [*WANG[:-1], "0354-2662222", "13800138000"])
    roster = read_roster(data, Layout(columns={"电话": "联系电话", "联系电话": ""}))
    assert roster.rows[0].cells["联系电话"] == "0354-2662222"


def test_columns_without_a_heading_and_headings_that_stand_twice_can_be_told_apart() -> None:
    heading = [*HEADING[:5], "职务", "职务", ""]
    (shown,) = outlines(as_csv(heading, [*WANG[:5], "村主任", "组长", "13800138000"]))
    assert list(shown.columns)[5:] == ["职务", "职务（2）", "无表头（H列）"]
    assert shown.samples["无表头（H列）"] == ("13800138000",)


def test_what_stood_in_the_file_is_kept_beside_what_is_read() -> None:
    roster = read_roster(as_csv(HEADING, WANG, [*LI[:4], "〃", LI[5]]))
    assert roster.rows[1].cells["选区"] == WANG[4]
    assert roster.rows[1].written == {"选区": "〃"}


def test_rows_are_named_by_their_sheets() -> None:
    layout = Layout(sheets={"第一小组（1人）": True, "第二小组": True})
    numbers = [row.number for row in read_roster(TWO_SHEETS, layout).rows]
    assert rows_words(numbers) == "“第一小组（1人）”表第2行，“第二小组”表第2行"
    assert rows_words(range(3, 8), most=3) == "第3、4、5行等5行"


# --- the pages ---------------------------------------------------------------------------------------


@pytest.fixture
def client(clerk: Actor, sign_in: Callable[[Actor], Client]) -> Client:
    return sign_in(clerk)


def _strange(*lines: dict[str, object]) -> bytes:
    """A roster whose office calls its columns otherwise."""
    return as_roster(*lines).replace(b"\xe9\x80\x89\xe5\x8c\xba,", "片区,".encode(), 1)


def _asked(client: Client, term: Term, data: bytes, name: str) -> tuple[str, Any]:
    """The address and the form of the page that asks what is what."""
    page = client.get(uploaded(client, term, data, name)["Location"], follow=True)
    address = page.redirect_chain[-1][0]
    assert address.startswith(reverse("deputies_import_layout"))
    return address, page.context["form"]


def _answers(form: Any, **said: str) -> dict[str, str]:
    """The form as it came, with other answers by the label of a field."""
    by_label = {field.label: name for name, field in form.fields.items()}
    given = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    given |= {by_label[label]: value for label, value in said.items()}
    return {name: "1" if value is True else value for name, value in given.items() if value}


def _confirmed(client: Client, location: str, **answers: str) -> Any:
    ticks = ("proposes_constituencies", "create_constituencies", "proposes_groups", "create_groups")
    chosen = dict.fromkeys(("constituencies", "groups", *ticks), "1")
    return client.post(
        reverse("deputies_import_confirm"), {"upload": token_of(location), **chosen, **answers}
    )


def test_a_heading_explained_once_is_known_the_next_time(client: Client, term: Term, clerk: Actor) -> None:
    address, form = _asked(client, term, _strange(line(1, "王建国")), "名册.csv")
    label = "表头“片区”"
    missing = client.post(address.split("?")[0], _answers(form))
    assert missing.context["form"].non_field_errors() == ["名册缺少“选区”栏，请在下面选定是哪一栏。"]
    twice = client.post(address.split("?")[0], _answers(form, **{label: "姓名"}))
    assert twice.context["form"].errors["column-8"] == ["“姓名”已经选作“姓名”，同一栏目只能选一次。"]
    done = client.post(address.split("?")[0], _answers(form, **{label: "选区"}))
    assert done["Location"].startswith(reverse("deputies_import_preview"))
    with acting(clerk):
        assert not RosterHeading.objects.exists()
    assert client.get(done["Location"]).context["can_confirm"]
    assert _confirmed(client, done["Location"]).status_code == 302
    with acting(clerk):
        assert RosterHeading.objects.get(heading="片区").meaning == "选区"
        assert remembered_meanings(clerk, term)["片区"] == "选区"
    again = client.get(uploaded(client, term, _strange(line(2, "李玉兰")), "名册.csv")["Location"])
    assert [row["name"] for row in again.context["rows"]] == ["李玉兰"]


def test_sheets_become_groups_on_the_page(client: Client, term: Term, clerk: Actor) -> None:
    def fill(book, sheet) -> None:  # type: ignore[no-untyped-def]
        for number, name in enumerate(("东片组", "西片组", "去年"), 1):
            other = book.add_worksheet(name)
            other.write_row(0, 0, ROSTER_HEADING)
            row = line(number, f"王建{'国民军'[number - 1]}", 代表小组="")
            other.write_row(1, 0, [row[column] for column in ROSTER_HEADING])

    address, form = _asked(client, term, as_workbook(fill), "名册.xlsx")
    chosen = {f"工作表“{name}”（1行）": "group" for name in ("东片组", "西片组")}
    unsaid = client.post(address.split("?")[0], _answers(form, **chosen))
    assert unsaid.context["form"].errors["sheet-2"] == ["请选择工作表“去年”（1行）。"]
    sent = _answers(form, **chosen, **{"工作表“去年”（1行）": "skip"})
    done = client.post(address.split("?")[0], sent)
    page = client.get(done["Location"])
    assert [row["place"] for row in page.context["rows"]] == ["东片组 2", "西片组 2"]
    assert _confirmed(client, done["Location"]).status_code == 302
    with acting(clerk):
        placed = GroupMembership.objects.order_by("mandate__list_number")
        assert list(placed.values_list("mandate__person__name", "group__name")) == [
            ("王建国", "东片组"), ("王建民", "西片组"),
        ]  # fmt: skip


def test_a_constituency_written_otherwise_waits_for_an_answer(
    client: Client, term: Term, clerk: Actor
) -> None:
    first = uploaded(client, term, as_roster(line(1, "王建国")), "名册.csv")
    assert _confirmed(client, first["Location"]).status_code == 302
    second = uploaded(client, term, as_roster(line(2, "李玉兰", 选区="一选区")), "名册.csv")
    page = client.get(second["Location"])
    assert "名册写的是“一选区”，是不是“第1选区（东庄村）”？" in page.content.decode()
    assert not page.context["can_confirm"]
    open_still = _confirmed(client, second["Location"])
    assert (open_still.status_code, "没有导入" in open_still.content.decode()) == (200, True)
    another = _confirmed(client, second["Location"], **{"place-一选区": "other"})
    assert another.context["found"].report.rows[0].state == "error"
    assert _confirmed(client, second["Location"], **{"place-一选区": "same"}).status_code == 302
    with acting(clerk):
        seat = Mandate.objects.get(person__name="李玉兰")
        assert seat.constituency is not None
        assert seat.constituency.name == "第1选区（东庄村）"


def test_the_check_refuses_what_a_service_would_refuse_at_the_confirmation(
    client: Client, term: Term, clerk: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create_group(**given: object) -> None:
        raise Refused("本届的小组已经定案。")

    monkeypatch.setattr("deputies.roster_import.write.create_group", create_group)
    location = uploaded(client, term, as_roster(line(1, "王建国")), "名册.csv")["Location"]
    page = client.get(location)
    assert page.context["file_errors"] == 1
    assert "本届的小组已经定案。" in page.content.decode()
    assert "确认导入</button>" not in page.content.decode()
    assert _confirmed(client, location).status_code == 200
    with acting(clerk):
        assert not Mandate.objects.exists()
        assert not Constituency.objects.exists()


def test_every_cell_stands_beside_what_it_becomes(client: Client, term: Term) -> None:
    row = line(1, "王建国同志", 民族="汉", 出生年月="1975年10月", 联系电话="139 0000 0001", 当选日期="")
    page = client.get(uploaded(client, term, as_roster(row), "名册.csv")["Location"])
    cells = {cell["column"]: (cell["written"], cell["becomes"]) for cell in page.context["rows"][0]["cells"]}
    assert list(cells) == ROSTER_HEADING
    assert cells["姓名"] == ("王建国同志", "王建国")
    assert cells["民族"] == ("汉", "汉族")
    assert cells["出生年月"] == ("1975年10月", "1975.10")
    assert cells["联系电话"] == ("139****0001", "139****0001")
    assert cells["当选日期"] == ("", "2021-04-18")
    assert "姓名后的“同志”已去掉，按“王建国”导入。" in page.content.decode()


def test_a_look_at_some_rows_keeps_the_answers(client: Client, term: Term) -> None:
    location = uploaded(client, term, as_roster(line(1, "王建国")), "名册.csv")["Location"]
    page = client.get(f"{location}&decision-2=new&place-一选区=same")
    assert all("decision-2=new" in chip["url"] for chip in page.context["chips"])
