"""The matrix as of a day, the records behind a cell, the own row in words, paper and workbook."""

import io
from collections.abc import Callable
from datetime import date

import openpyxl
import pypdf
import pytest
import time_machine
from django.test import Client

from deputies.models import Mandate
from liaison.models import Jurisdiction
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from reports.models import ExportRecord
from stations.enums import DutyState, ParticipationState
from stations.selectors.matrix import lines_behind, ten_ones_matrix
from tests.factories import make_account, make_deputy_actor, make_mandate, make_term
from tests.reports.rows import NOW, YEAR
from tests.stations.makers import make_part

SignIn = Callable[..., Client]
START, END = date(YEAR, 1, 1), date(YEAR, 12, 31)
D, P = DutyState, ParticipationState


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def mandate(township: Jurisdiction) -> Mandate:
    return make_mandate(make_term(township), "王建国")


@pytest.fixture
def training(mandate: Mandate) -> None:
    """Two done, one on leave, one nobody settled, one missed, one withdrawn."""
    make_part(mandate, "training", date(YEAR, 2, 1), title="二月培训")
    make_part(mandate, "training", date(YEAR, 5, 1), title="五月培训")
    make_part(mandate, "training", date(YEAR, 6, 1), D.ON_LEAVE, title="六月培训")
    make_part(mandate, "training", date(YEAR, 7, 1), D.ATTENDED, P.REGISTERED, title="七月培训")
    make_part(mandate, "training", date(YEAR, 8, 1), D.ABSENT, title="八月培训")
    make_part(mandate, "training", date(YEAR, 9, 1), D.ATTENDED, P.WITHDRAWN, title="九月培训")


def cell_of(page, mandate, code):
    number = [column.code for column in page.context["columns"]].index(code)
    row = next(row for row in page.context["deputies"] if row["name"] == mandate.person.name)
    return row["cells"][number]["cell"]


def test_the_matrix_as_of_a_day_counts_nothing_after_it(
    sign_in: SignIn, clerk: Actor, mandate: Mandate, training: None
):
    client = sign_in(clerk)
    whole = cell_of(client.get(f"/matrix/?year={YEAR}"), mandate, "training")
    assert (whole.due, whole.done, whole.excused, whole.remaining, whole.pending) == (4, 2, 1, 2, 1)
    page = client.get(f"/matrix/?year={YEAR}&on={YEAR}-03-31")
    early = cell_of(page, mandate, "training")
    assert (early.due, early.done, early.excused) == (1, 1, 0)
    # What is done alone is due by the months gone by.
    assert cell_of(page, mandate, "constituency_visit").due == 3
    assert f"截至{YEAR}年3月31日" in page.content.decode()
    for nonsense in ("x", "2019-01-01", ""):
        assert cell_of(client.get(f"/matrix/?year={YEAR}&on={nonsense}"), mandate, "training").due == 4


def test_behind_a_cell_stands_every_record_with_what_became_of_it(
    sign_in: SignIn, clerk: Actor, mandate: Mandate, training: None
):
    page = sign_in(clerk).get(f"/matrix/deputy/{mandate.pk}/training/?year={YEAR}")
    records = [(r["what"], r["line"].how) for r in page.context["lines"][0]["records"]]
    assert records == [
        ("二月培训", "计入"),
        ("五月培训", "计入"),
        ("六月培训", "请假，不计"),
        ("七月培训", "待确认，暂不计入"),
        ("八月培训", "缺席"),
        ("九月培训", "已撤销，不计"),
    ]
    assert page.context["excuses"] == [("请假", 1)]


def test_before_a_by_election_nothing_is_due_and_the_page_says_why(
    sign_in: SignIn, clerk: Actor, mandate: Mandate
):
    late = make_mandate(mandate.term, "赵补选", elected_on=date(YEAR, 7, 1))
    make_part(late, "training", date(YEAR, 3, 1))
    page = sign_in(clerk).get(f"/matrix/deputy/{late.pk}/training/?year={YEAR}")
    assert page.context["lines"][0]["records"][0]["line"].how == "补选任职前，不计"
    assert page.context["total"].due == 0


def test_a_deputy_opens_the_own_cells_only(sign_in: SignIn, mandate: Mandate, training: None):
    other = make_mandate(mandate.term, "李秀英")
    phone = sign_in(make_deputy_actor(mandate))
    assert phone.get(f"/matrix/deputy/{mandate.pk}/training/?year={YEAR}").status_code == 200
    assert phone.get(f"/matrix/deputy/{other.pk}/training/?year={YEAR}").status_code == 403
    assert phone.get("/matrix/").status_code == 403


def test_the_own_row_says_in_words_what_is_left(
    sign_in: SignIn, clerk: Actor, mandate: Mandate, training: None
):
    for month in range(1, 11):
        make_part(mandate, "constituency_visit", date(YEAR, month, 9))
    page = sign_in(make_deputy_actor(mandate)).get(f"/matrix/mine/?year={YEAR}")
    assert page.context["words"] == [
        "还差2次：每月走访选区", "还差12次：每月社情民意", "还差2次：每季学习培训", "还差1次：每年代表建议", "还差1次：每年政策宣讲",
    ]  # fmt: skip
    assert "还差2次：每月走访选区" in page.content.decode()


def test_the_workbook_carries_all_figures_and_stands_in_the_register(
    sign_in: SignIn, clerk: Actor, mandate: Mandate, training: None
):
    client = sign_in(clerk)
    session = client.session
    session["confirmed_at"] = int(NOW.timestamp())
    session.save()
    address = f"/matrix/export/?year={YEAR}&term={mandate.term_id}"
    assert "请填写导出用途" in client.post(address, {"reason": ""}).content.decode()
    answer = client.post(address, {"reason": "年度总结"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    heads = next(row for row in rows if "学习培训应完成" in row)
    line = next(row for row in rows if row[0] == "王建国")
    at = heads.index("学习培训应完成")
    assert [int(value) for value in line[at : at + 5]] == [4, 2, 1, 2, 1]
    with acting(system_actor()):
        record = ExportRecord._plain.get()
    assert (record.kind, record.reason, record.row_count) == ("履职对照表", "年度总结", 2)


def test_the_paper_has_a_line_for_each_and_ranks_nobody(
    sign_in: SignIn, clerk: Actor, mandate: Mandate, training: None
):
    make_mandate(mandate.term, "丁一")
    answer = sign_in(clerk).get(f"/matrix/print/?year={YEAR}")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    assert text.index("丁一") < text.index("王建国")
    assert "2/4" in text
    assert "排名" not in text.replace("不排名次", "")


def test_another_place_is_not_there(sign_in: SignIn, other_clerk: Actor, world, mandate: Mandate):
    client = sign_in(other_clerk)
    assert client.get(f"/matrix/deputy/{mandate.pk}/training/").status_code == 404
    assert client.get(f"/matrix/print/?term={mandate.term_id}").status_code == 404
    viewer = make_account(world["榆次区"], Role.CITY_VIEWER)
    assert sign_in(viewer).get("/matrix/print/").status_code == 403


def test_costs_stay_the_same_at_one_and_at_three(
    clerk: Actor, mandate: Mandate, training: None, django_assert_num_queries
):
    def look(mandates):
        found = ten_ones_matrix(clerk, mandate.term, START, END)
        column = next(column for column in found.columns if column.code == "training")
        return lines_behind(clerk, mandates, column, START, END)

    with acting(clerk), django_assert_num_queries(13):
        look([mandate])
    others = [make_mandate(mandate.term, name) for name in ("李秀英", "张爱国")]
    for other in others:
        make_part(other, "training", date(YEAR, 5, 1))
    with acting(clerk), django_assert_num_queries(13):
        assert len(look([mandate, *others])) == 3
