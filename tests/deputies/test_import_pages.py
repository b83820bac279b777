"""The two pages of an import: what the check accepts, the confirmation accepts; refusals stand at the field."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
import xlsxwriter
from django.test import Client
from django.urls import reverse

from deputies.models import Mandate, Person, RosterImport, Term
from deputies.roster_import import waiting_file
from liaison.tenancy.scope import Actor, acting, system_actor
from tests.deputies.rosters import BROKEN, HEADING, ROOT, as_csv, line
from tests.deputies.test_views import token_of, uploaded
from tests.liaison.hostile_files import OLE, zipped

SignIn = Callable[[Actor], Client]
OLD = (ROOT / "tests/data/rosters/old-1904-formulas.xls").read_bytes()
TICKS = dict.fromkeys(
    (
        *("constituencies", "groups", "proposes_constituencies", "proposes_groups"),
        *("create_constituencies", "create_groups"),
    ),
    "1",
)


@pytest.fixture
def client(clerk: Actor, sign_in: SignIn) -> Client:
    return sign_in(clerk)


def as_xlsx(*lines: dict[str, object]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("名册")
        sheet.write_row(0, 0, HEADING)
        for number, one in enumerate(lines, 1):
            sheet.write_row(number, 0, [one[name] for name in HEADING])
    return buffer.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    return zipped(parts | {name: content})


def confirmed(client: Client, location: str) -> int:
    return client.post(
        reverse("deputies_import_confirm"), {"upload": token_of(location), **TICKS}
    ).status_code


def stored_name() -> str:
    with acting(system_actor()):
        return str(RosterImport._plain.get().file_name)


NEW = as_xlsx(line(1, "王建国"))


@pytest.mark.parametrize(
    ("name", "data", "kept_as"),
    [
        ("名册.xlsx", NEW, "名册.xlsx"),
        ("名册.et", NEW, "名册.xlsx"),
        ("名册.xls", NEW, "名册.xlsx"),
        ("名册.xlsm", NEW, "名册.xlsx"),
        ("名册", NEW, "名册.xlsx"),
        ("名册.et", OLD, "名册.xls"),
        ("名册.xlsx", OLD, "名册.xls"),
        ("名册.txt", as_csv(line(1, "王建国")), "名册.csv"),
        ("名册.xls", as_csv(line(1, "王建国"), encoding="gb18030"), "名册.csv"),
        ("名册.xls", as_csv(line(1, "王建国"), encoding="utf-16"), "名册.csv"),
        ("名册.csv", as_csv(line(1, "王建国", 联系电话='="13900000001"')), "名册.csv"),
    ],
)
def test_the_content_decides_and_names_the_file(
    client: Client, term: Term, name: str, data: bytes, kept_as: str
) -> None:
    response = uploaded(client, term, data, name)
    assert response.status_code == 302
    assert kept_as in client.get(response["Location"]).content.decode()
    assert confirmed(client, response["Location"]) == 302
    assert stored_name() == kept_as
    with acting(system_actor()):
        assert Person._plain.order_by("pk").first().phone == "13900000001"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (with_part(NEW, "xl/vbaProject.bin", OLE), "不保留宏"),
        (with_part(NEW, "xl/externalLinks/externalLink1.xml", b"<x/>"), "选择性粘贴"),
        (with_part(NEW, "xl/embeddings/oleObject1.bin", OLE), "删去嵌入的文件"),
        (as_csv(line(1, "王建国") | {"序号": "=ROW()-1"}), "表格第2行A列是公式，而 CSV 文件不保存公式的结果"),
        (as_csv(line(1, "王建国", 备注="<b>连任</b>")), "表格第2行R列有网页代码"),
        (BROKEN, "表格第38行B列是公式"),
    ],
    ids=["macros", "links", "embedded", "formula", "markup", "broken"],
)
def test_what_cannot_be_kept_is_refused_at_the_field(
    client: Client, term: Term, data: bytes, words: str
) -> None:
    response = uploaded(client, term, data, "名册")
    assert response.status_code == 200
    (message,) = response.context["form"].errors["file"]
    assert words in message
    assert not list(waiting_file._folder().glob("*"))


def test_an_error_about_the_file_says_so_and_promises_nothing(client: Client, term: Term) -> None:
    title = "榆次区洪善镇第十五届人民代表大会代表名册\n".encode("utf-8-sig")
    response = uploaded(client, term, title + as_csv(line(1, "王建国"), encoding="utf-8"), "名册.csv")
    page = client.get(response["Location"])
    text = re.sub(r"<[^>]+>", "", page.content.decode())
    assert "关于整个文件有1处错误，更正后重新上传" in text
    assert "选错文件" in text
    for word in ("新增", "完全一致", "确认导入</button>", "将新建"):
        assert word not in text
    assert [chip["label"] for chip in page.context["chips"]] == ["全部"]
    assert confirmed(client, response["Location"]) == 200
    with acting(system_actor()):
        assert not Person._plain.exists()


def test_every_row_shows_what_is_to_be_checked(client: Client, term: Term) -> None:
    row = line(
        1, "王建国", 出生年月="1975.10", 政治面貌="中共党员", 工作单位及职务="村委会主任", 小组职务="组长"
    )
    page = client.get(uploaded(client, term, as_csv(row), "名册.csv")["Location"])
    assert page.context["rows"][0]["stated"] == {
        "born_on": "1975.10",
        "political_status": "中共党员",
        "phone": "139****0001",
        "occupation": "村委会主任",
        "constituency": "第1选区（东庄村）",
        "group": "第一代表小组",
        "post": "组长",
    }
    text = page.content.decode()
    for shown in ("1975.10", "中共党员", "139****0001", "村委会主任", "组长"):
        assert shown in text
    assert "13900000001" not in text


def test_blank_cells_of_a_known_deputy_are_not_missed(client: Client, term: Term) -> None:
    first = uploaded(client, term, as_csv(line(1, "王建国"), line(2, "李玉兰", 联系电话="")), "名册.csv")
    assert confirmed(client, first["Location"]) == 302
    blank = {"联系电话": "", "民族": "", "政治面貌": "", "文化程度": "", "代表小组": ""}
    again = as_csv(line(1, "王建国", **blank), line(2, "李玉兰", **blank))
    page = client.get(uploaded(client, term, again, "名册.csv")["Location"])
    wang, li = page.context["found"].report.rows
    assert (wang.messages, wang.state) == ((), "unchanged")
    assert [(m.column, m.severity) for m in li.messages] == [("联系电话", "warning")]
    stated = page.context["rows"][0]["stated"]
    assert (stated["phone"], stated["political_status"]) == ("139****0001（沿用登记）", "群众（沿用登记）")
    assert "名册与现有登记完全一致" in page.content.decode()


def test_a_note_at_every_row_is_said_once(client: Client, term: Term) -> None:
    rows = [line(number, f"王建{name}", 民族="汉") for number, name in enumerate("国民军华", 1)]
    page = client.get(uploaded(client, term, as_csv(*rows), "名册.csv")["Location"])
    assert ("第2、3、4、5行的“民族”：按“汉族”导入。") in [text for *_, text in page.context["file_messages"]]
    assert [row["messages"] for row in page.context["rows"]] == [[]] * 4


def test_dates_of_a_workbook_from_1904_are_written_as_they_were_meant(client: Client, term: Term) -> None:
    response = uploaded(client, term, OLD, "名册.xls")
    assert confirmed(client, response["Location"]) == 302
    with acting(system_actor()):
        born = {p.name: p.born_on for p in Person._plain.all()}
        elected = set(Mandate._plain.values_list("elected_on", flat=True))
    assert born == {
        "王一平": date(1975, 10, 1), "王二平": date(1975, 10, 1), "王三平": date(1970, 3, 1),
        "王四平": date(1975, 10, 1),
    }  # fmt: skip
    assert elected == {date(2021, 4, 18), date(2021, 4, 20)}


def test_the_file_box_offers_what_is_taken(client: Client, term: Term) -> None:
    field = client.get(reverse("deputies_import")).context["form"].fields["file"]
    assert field.widget.attrs["accept"] == ".xlsx,.xls,.xlsm,.et,.csv"
