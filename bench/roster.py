"""A roster of 5,000 rows: read from .xlsx and checked row by row, before anything is written.

Bare limit: openpyxl walking over the same cells. A county has about 1,200 deputies; the rows here are four
times that.
Figures of pure work are CPU time of the process.
"""

import io
from collections.abc import Iterator
from datetime import date

from openpyxl import load_workbook

from bench._tools import Figure, cpu_seconds
from deputies.roster.file import read_roster
from deputies.roster.rules import KnownCongress, check_rows
from liaison.sheets import write_xlsx

ROWS = 5_000
TODAY = date(2026, 3, 2)
HEADING = (
    "序号", "姓名", "性别", "民族", "出生年月", "政治面貌", "文化程度", "工作单位及职务", "选区", "代表小组",
    "小组职务", "联系电话", "通信地址", "当选方式", "当选日期", "是否同时担任上级代表",
    "固定联系选民", "备注",
)  # fmt: skip
_SURNAMES, _GIVEN = "王李张刘陈杨赵黄周吴", "建国秀英志强丽芳海生俊梅"


def run() -> Iterator[Figure]:
    data = roster()
    yield "rows", ROWS, "rows"
    yield "queries", 0, "queries"
    yield "file", len(data) / 1024, "kB"
    reading = cpu_seconds(lambda: read_roster(data), rounds=2)
    yield "read", ROWS / reading, "rows/s"
    rows = read_roster(data).rows
    known = KnownCongress(
        elected_on=date(2021, 4, 18), may_create_constituencies=True, may_create_groups=True
    )
    checking = cpu_seconds(lambda: check_rows(rows, known, TODAY), rounds=2)
    yield "check", ROWS / checking, "rows/s"
    yield "rows read", len(rows), "rows"
    yield "read and check", reading + checking, "s"
    yield (
        "bare limit: openpyxl walking over the cells",
        ROWS / cpu_seconds(lambda: bare(data), rounds=2),
        "rows/s",
    )


def roster() -> bytes:
    return write_xlsx(HEADING, [a_row(number) for number in range(1, ROWS + 1)], title="榆次区代表名册")


def a_row(number: int) -> tuple[str | int, ...]:
    """All in order, no two alike."""
    name = _SURNAMES[number % 10] + _GIVEN[number // 10 % 12] + _GIVEN[number // 120 % 12]
    born = f"{1955 + number // 2 % 40}.{1 + number % 12:02d}"
    place = f"第{1 + number % 400}选区"
    return (
        number, name, "男" if number % 2 else "女", "汉族", born, "群众", "高中", f"第{number}村民小组村民",
        place, f"第{1 + number % 60}代表小组", "", f"139{number:08d}", "东庄村", "换届选举", "2021-04-18",
        "", 5, "",
    )  # fmt: skip


def bare(data: bytes) -> int:
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    rows = book.worksheets[0].iter_rows(values_only=True)
    return sum(cell is not None for row in rows for cell in row)
