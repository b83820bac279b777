"""What the migrations do with rows older than a rule, on a copy of the database with the rule taken off."""

import importlib
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

from tests.stack import create_database, drop_database

APPOINTMENTS: Any = importlib.import_module("liaison.migrations.0003_mend_appointments")
UNITS: Any = importlib.import_module("constituents.migrations.0002_unit_kinds")
AT = 140702202000


@pytest.fixture
def older(migrated_template: str) -> Iterator[Any]:
    """A cursor of the superuser on a copy without the checks and keys that came later."""
    name = f"test_liaison_{os.getpid()}_older"
    create_database(name, migrated_template)
    parts = urlsplit(os.environ["DATABASE_ADMIN_URL"])._replace(path=f"/{name}")
    link = psycopg2.connect(urlunsplit(parts))
    try:
        with link.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("ALTER TABLE liaison_appointment DROP CONSTRAINT appointment_whole")
            yield cursor
    finally:
        link.close()
        drop_database(name)


def insert(cursor: Any, table: str, **values: Any) -> int:
    """A row with what it needs to have: ``values``, and blanks for every other required column."""
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s "
        "AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
        [table],
    )
    blanks = {"boolean": False, "date": "2021-05-08", "timestamp with time zone": "2021-05-08"}
    row = {
        name: "" if "char" in kind or kind == "text" else blanks.get(kind, 1)
        for name, kind in cursor.fetchall()
    }
    row |= values
    marks = ", ".join(["%s"] * len(row))
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks}) RETURNING id", list(row.values())
    )
    return int(cursor.fetchone()[0])


def appointment(cursor: Any, account: int, role: str, **more: Any) -> int:
    values = {"account_id": account, "role": role, "scope_code": AT, "starts_on": "2021-05-08"} | more
    return insert(cursor, "liaison_appointment", **values)


def after(cursor: Any, pk: int) -> tuple[Any, ...]:
    cursor.execute(
        "SELECT person_ref, group_ref, ends_on IS NULL FROM liaison_appointment WHERE id = %s", [pk]
    )
    return tuple(cursor.fetchone())


def test_appointments_are_completed_from_the_data_or_ended(older: Any) -> None:
    known = insert(older, "deputies_person", account_id=11, scope_code=AT)
    leader = insert(older, "deputies_person", account_id=12, scope_code=AT)
    seat = insert(older, "deputies_mandate", person_id=leader, constituency_id=1, scope_code=AT)
    insert(older, "deputies_groupmembership", mandate_id=seat, group_id=77, post="leader", scope_code=AT)
    rows = {
        "known": appointment(older, 11, "deputy"),
        "leader": appointment(older, 12, "group_leader"),
        "stranger": appointment(older, 13, "deputy"),
        "clerk": appointment(older, 14, "station_clerk"),
        "whole": appointment(older, 15, "handling_unit", unit_ref=5),
        "office": appointment(older, 16, "presidium_clerk"),
    }
    for statement in (APPOINTMENTS.AS_SYSTEM, APPOINTMENTS.COMPLETE, APPOINTMENTS.END):
        older.execute(statement)
    assert {name: after(older, pk) for name, pk in rows.items()} == {
        "known": (known, None, True),
        "leader": (leader, 77, True),
        "stranger": (None, None, False),
        "clerk": (None, None, False),
        "whole": (None, None, True),
        "office": (None, None, True),
    }


def test_only_names_that_end_in_a_village_are_villages(older: Any) -> None:
    expected = {
        "东庄村": "village", "西村村民委员会": "village", "锦绣社区": "village", "北街居委会": "village",
        "庄子乡农业农村服务中心": "township", "乡村振兴办公室": "township", "社区建设办公室": "township",
    }  # fmt: skip
    for name in expected:
        insert(older, "constituents_handlingunit", name=name, kind="township", scope_code=AT)
    older.execute(UNITS.VILLAGES)
    older.execute("SELECT name, kind FROM constituents_handlingunit")
    assert dict(older.fetchall()) == expected
