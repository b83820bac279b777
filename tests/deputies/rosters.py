"""The three rosters of the office, and small ones made for a purpose."""

import csv
import io
import json
from datetime import date
from pathlib import Path

from deputies.models import Term
from liaison.tenancy.scope import acting, system_actor
from tests.factories import World, make_term

ROOT = Path(__file__).parents[2]
ZHUANGZI = (ROOT / "reports/demo_data/庄子乡代表名册.xlsx").read_bytes()
HONGSHAN = (ROOT / "reports/demo_data/洪善镇代表名册.xlsx").read_bytes()
BROKEN = (ROOT / "tests/data/长凝镇代表名册（有错误）.csv").read_bytes()
FAULTS = json.loads((ROOT / "tests/data/长凝镇代表名册（有错误）.faults.json").read_text(encoding="utf-8"))

HEADING = [
    "序号", "姓名", "性别", "民族", "出生年月", "政治面貌", "文化程度", "工作单位及职务", "选区",
    "代表小组", "小组职务", "联系电话", "通信地址", "当选方式", "当选日期", "是否同时担任上级代表",
    "固定联系选民", "备注",
]  # fmt: skip


def line(number: int, name: str, **given: object) -> dict[str, object]:
    """One row of a roster with everything in order."""
    return {
        "序号": number, "姓名": name, "性别": "男", "民族": "汉族", "出生年月": "1970.03", "政治面貌": "群众",
        "文化程度": "高中", "工作单位及职务": "村民", "选区": "第1选区（东庄村）", "代表小组": "第一代表小组",
        "小组职务": "", "联系电话": f"139{number:08d}", "通信地址": "东庄村", "当选方式": "换届选举",
        "当选日期": "2021-04-18", "是否同时担任上级代表": "", "固定联系选民": 5, "备注": "",
    } | given  # fmt: skip


def as_csv(*lines: dict[str, object], encoding: str = "utf-8-sig") -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, HEADING)
    writer.writeheader()
    writer.writerows(lines)
    return buffer.getvalue().encode(encoding)


def term_of(world: World, short_name: str, number: int, elected_on: date, seats: int) -> Term:
    """The running term a roster is read into."""
    term = make_term(world[short_name], number=number, seats=seats)
    with acting(system_actor()):
        Term._plain.filter(pk=term.pk).update(elected_on=elected_on)
    term.elected_on = elected_on
    return term
