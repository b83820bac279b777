"""The audit trail: every write in it, no personal data in it, nobody can change it, tampering is named."""

import json
import os
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction

from constituents.models import Opinion
from liaison.auditing import trail
from liaison.auditing.trail import Break, verify_chains
from liaison.models import AuditEntry, AuditHead, Notification
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from liaison.words.errors import ScopeRequired
from tests.factories import NOW, World, make_account, make_mandate, make_term
from tests.liaison.rows import PLANTED_NAME, PLANTED_PHONE, make_opinion


def superuser(*statements: str) -> None:
    """Past every wall, in the database Django is connected to: what an intruder with root could do."""
    parts = urlsplit(os.environ["DATABASE_ADMIN_URL"])
    url = urlunsplit(parts._replace(path="/" + connection.settings_dict["NAME"]))
    link = psycopg2.connect(url)
    try:
        with link, link.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        link.close()


def run(statement: str) -> None:
    """As the application does, in a transaction of its own that may fail."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def broken() -> list[Break]:
    with acting(system_actor()) as actor:
        return list(verify_chains(actor))


def write(actor: Actor, number: int = 1) -> None:
    with acting(actor):
        for at in range(number):
            row = Notification(account_id=actor.account_id, scope_code=actor.lo, title="x", created_at=NOW)
            row.dedupe_key = f"k{at}"
            row.save(force_insert=True)


class TestWriting:
    def test_a_reason_holds_no_telephone_number(self, clerk: Actor) -> None:
        with acting(clerk), trail.operation("read_notifications", reason="核对13800001234的来电"):
            Notification(
                account_id=clerk.account_id, scope_code=clerk.lo, title="甲", dedupe_key="k", created_at=NOW
            ).save(force_insert=True)
        with acting(clerk):
            entry = AuditEntry.scoped(clerk).get(operation="read_notifications")
        assert entry.reason == "核对138****1234的来电"

    def test_a_change_is_written_with_who_what_and_why(self, clerk: Actor) -> None:
        write(clerk)
        with acting(clerk):
            with trail.operation("read_notifications", reason="逐条核对"):
                Notification.scoped(clerk).update(read_at=NOW)
            entry = AuditEntry.scoped(clerk).latest("seq")
        assert (entry.operation, entry.reason, entry.change) == ("read_notifications", "逐条核对", "update")
        assert entry.actor == "presidium_clerk:李秘书"
        assert (entry.account_ref, entry.appointment_ref) == (clerk.account_id, clerk.appointment_id)
        assert (entry.table_name, json.loads(entry.detail)) == ("liaison_notification", {"read_at": None})

    def test_bulk_statements_and_raw_sql_are_written_too(self, clerk: Actor) -> None:
        write(clerk, 3)
        with acting(clerk):
            before = AuditEntry.scoped(clerk).count()
            Notification.scoped(clerk).update(title="y")
            run("UPDATE liaison_notification SET title = 'z'")
            Notification.scoped(clerk).filter(title="z").delete()
            assert AuditEntry.scoped(clerk).count() == before + 9

    def test_what_changes_nothing_is_not_written(self, clerk: Actor) -> None:
        write(clerk)
        with acting(clerk):
            before = AuditEntry.scoped(clerk).count()
            Notification.scoped(clerk).update(title="x")
            assert AuditEntry.scoped(clerk).count() == before

    def test_inner_names_hold_inside_only(self, clerk: Actor) -> None:
        with acting(clerk):
            with trail.operation("outer", reason="外"):
                with trail.operation("inner"):
                    write(clerk)
                Notification.scoped(clerk).update(title="y")
            Notification.scoped(clerk).update(title="z")
            found = AuditEntry.scoped(clerk).filter(table_name="liaison_notification").order_by("seq")
            assert [(e.operation, e.reason) for e in found] == [
                ("inner", ""),
                ("outer", "外"),
                ("update", ""),
            ]

    def test_nobody_acting_writes_nothing(self, clerk: Actor) -> None:
        with pytest.raises(ScopeRequired), trail.operation("x"):
            pass
        scope = "SELECT set_config('app.lo', '0', true), set_config('app.hi', '1000000000000', true)"
        with pytest.raises(DatabaseError, match="without an actor"):
            run(f"{scope}; UPDATE liaison_account SET email = 'x@example.com'")

    def test_a_rolled_back_change_leaves_no_entry(self, clerk: Actor) -> None:
        with acting(clerk):
            before = AuditEntry.scoped(clerk).count()
            with transaction.atomic():
                write(clerk)
                transaction.set_rollback(True)
            assert AuditEntry.scoped(clerk).count() == before
        assert broken() == []

    def test_a_note_carries_its_detail(self, clerk: Actor) -> None:
        with acting(clerk):
            trail.note(
                "open_file", scope_code=clerk.lo, table="t", row_id=7, detail={"rows": 2, "page": "甲"}
            )
            entry = AuditEntry.scoped(clerk).get(operation="open_file")
        assert (entry.detail, entry.change, entry.row_ref) == ('{"page": "甲", "rows": 2}', "note", 7)


class TestPrivacy:
    def test_no_phone_name_or_address_enters_the_trail(self, world: World, clerk: Actor) -> None:
        opinion = make_opinion(world["庄子乡"], resident_address="东庄村三排五号")
        mandate = make_mandate(make_term(world["庄子乡"]))
        with acting(clerk):
            opinion.resident_name, opinion.content = "李雷", f"改为{PLANTED_PHONE}"
            opinion.save(update_fields=["resident_name", "content"])
            Opinion.scoped(clerk).filter(pk=opinion.pk).delete()
            entries = list(AuditEntry.scoped(clerk))
        text = " ".join(f"{e.actor}{e.operation}{e.reason}{e.detail}{e.digest}" for e in entries)
        person = mandate.person
        for secret in (
            PLANTED_PHONE,
            PLANTED_NAME,
            "李雷",
            "三排五号",
            person.phone,
            person.name,
            person.address,
        ):
            assert secret not in text
        (update,) = (e for e in entries if (e.table_name, e.change) == ("constituents_opinion", "update"))
        assert json.loads(update.detail) == {"resident_name": None, "content": None}

    def test_equal_rows_of_two_systems_have_unlike_digests(self, clerk: Actor) -> None:
        """The digest is salted: a phone number cannot be found by trying all of them."""
        write(clerk)
        with acting(clerk):
            entry = AuditEntry.scoped(clerk).latest("seq")
        with pytest.raises(DatabaseError, match="permission denied"):
            run("SELECT salt FROM liaison_auditsalt")
        assert len(entry.digest) == 64


class TestKeeping:
    @pytest.mark.parametrize("table", ["liaison_auditentry", "liaison_audithead"])
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE {} SET hash = ''",
            "DELETE FROM {}",
            "TRUNCATE {}",
            "INSERT INTO {} SELECT * FROM {}",
            "ALTER TABLE {} DISABLE TRIGGER ALL",
            "DROP TABLE {}",
        ],
    )
    def test_the_application_can_only_read_it(self, clerk: Actor, table: str, statement: str) -> None:
        write(clerk)
        with acting(clerk), pytest.raises(DatabaseError, match=r"permission denied|must be owner"):
            run(statement.format(table, table))

    @pytest.mark.parametrize(
        "function", ["liaison_audit_append", "liaison_audit_change", "liaison_audit_seal"]
    )
    def test_the_application_cannot_call_what_writes_it(self, clerk: Actor, function: str) -> None:
        arguments = "'x','t','note','{1}','{1}','{x}','{x}'" if function.endswith("append") else ""
        with acting(clerk), pytest.raises(DatabaseError, match="permission denied"):
            run(f"SELECT {function}({arguments})")

    def test_even_its_owner_is_stopped_by_the_trigger(self, committed: World) -> None:
        make_account(committed["庄子乡"], Role.PRESIDIUM_CLERK)
        for statement in ("UPDATE liaison_auditentry SET reason = 'x'", "DELETE FROM liaison_auditentry"):
            with pytest.raises(psycopg2.Error, match="append-only"):
                superuser(statement)
        with pytest.raises(psycopg2.Error, match="append-only"):
            superuser("TRUNCATE liaison_auditentry")


TAMPER = "ALTER TABLE liaison_auditentry DISABLE TRIGGER audit_keep"


class TestTampering:
    """As a superuser with the trigger switched off; each time the place is named."""

    @pytest.fixture
    def place(self, committed: World) -> int:
        write(make_account(committed["庄子乡"], Role.PRESIDIUM_CLERK), 6)
        write(make_account(committed["长凝镇"], Role.PRESIDIUM_CLERK), 2)
        assert broken() == []
        return committed["庄子乡"].scope_code

    @pytest.mark.parametrize(
        "column",
        [
            "at = at + interval '1 microsecond'",
            "actor = 'system:x'",
            "account_ref = 1",
            "appointment_ref = 1",
            "operation = 'x'",
            "reason = 'x'",
            "table_name = 'x'",
            "row_ref = 0",
            "change = 'note'",
            "detail = detail || ' '",
            "digest = repeat('0', 64)",
            "hash = repeat('0', 64)",
        ],
    )
    def test_any_column_of_any_entry(self, place: int, column: str) -> None:
        superuser(TAMPER, f"UPDATE liaison_auditentry SET {column} WHERE scope_code = {place} AND seq = 4")
        assert (place, 4) in {(each.scope_code, each.seq) for each in broken()}
        assert {each.scope_code for each in broken()} == {place}

    def test_an_entry_taken_out(self, place: int) -> None:
        superuser(TAMPER, f"DELETE FROM liaison_auditentry WHERE scope_code = {place} AND seq = 4")
        assert next((each.seq, each.problem[:5]) for each in broken()) == (5, "序号不连续")

    def test_the_last_entries_cut_off(self, place: int) -> None:
        superuser(TAMPER, f"DELETE FROM liaison_auditentry WHERE scope_code = {place} AND seq > 5")
        (found,) = broken()
        assert "末尾记录" in found.problem

    def test_an_entry_added_behind_the_head(self, place: int) -> None:
        columns = ", ".join(f.column for f in AuditEntry._meta.fields if f.name not in ("id", "seq"))
        superuser(
            f"INSERT INTO liaison_auditentry (seq, {columns}) SELECT seq + 1, {columns} "
            f"FROM liaison_auditentry WHERE scope_code = {place} ORDER BY seq DESC LIMIT 1"
        )
        assert "末尾记录可能是添加的" in [each.problem for each in broken()][-1]

    def test_two_entries_exchanged(self, place: int) -> None:
        superuser(
            TAMPER,
            f"UPDATE liaison_auditentry SET seq = -seq WHERE scope_code = {place} AND seq IN (3, 4)",
            f"UPDATE liaison_auditentry SET seq = 7 + seq WHERE scope_code = {place} AND seq < 0",
        )
        assert {3, 4} <= {each.seq for each in broken()}

    def test_a_whole_chain_removed_with_all_its_entries(self, place: int) -> None:
        superuser(TAMPER, f"DELETE FROM liaison_auditentry WHERE scope_code = {place}")
        (found,) = broken()
        assert found.scope_code == place


def test_what_others_write_during_the_walk_is_no_break(
    committed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = make_account(committed["庄子乡"], Role.PRESIDIUM_CLERK)
    other = make_account(committed["庄子乡"], Role.PRESIDIUM_CLERK)
    write(clerk)
    read = trail._heads

    def reading_then_somebody_writes(actor: Actor) -> dict[int, tuple[int, str]]:
        found = read(actor)
        monkeypatch.setattr(trail, "_heads", read)
        write(other)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS audit_seal IMMEDIATE; SET CONSTRAINTS audit_seal DEFERRED")
        return found

    monkeypatch.setattr(trail, "_heads", reading_then_somebody_writes)
    assert broken() == []


def test_eight_writers_make_one_unbroken_chain(
    committed: World, at_once: Callable[[int, Callable[[int], None]], list[None]]
) -> None:
    actors = [make_account(committed["庄子乡"], Role.PRESIDIUM_CLERK) for _ in range(8)]
    at_once(8, lambda number: write(actors[number], 10))
    assert broken() == []
    with acting(system_actor()) as actor:
        head = AuditHead.scoped(actor).get(scope_code=committed["庄子乡"].scope_code)
        assert head.seq == AuditEntry.scoped(actor).filter(scope_code=head.scope_code).count()
        assert AuditEntry.scoped(actor).filter(table_name="liaison_notification").count() == 80
