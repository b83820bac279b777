"""The trail of statements that write many rows, and of transactions that write many statements."""

import json

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from liaison.models import AuditEntry, AuditHead, DocumentCounter
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import Role
from tests.factories import World, make_account
from tests.liaison.test_audit import TAMPER, broken, run, superuser, write

TABLE = DocumentCounter._meta.db_table


def counters(first: int, last: int, *codes: int) -> str:
    """A statement that writes one counter a year for each jurisdiction."""
    places = ", ".join(f"({code})" for code in codes)
    return (
        f"INSERT INTO {TABLE} (scope_code, code, year, last_number) SELECT place, '乡', year, 1 "
        f"FROM generate_series({first}, {last}) AS year, (VALUES {places}) AS places (place)"
    )


def entries(change: str) -> list[AuditEntry]:
    with acting(system_actor()) as actor:
        found = AuditEntry.scoped(actor).filter(table_name=TABLE, change=change)
        return list(found.order_by("scope_code", "seq"))


@pytest.fixture
def places(world: World) -> tuple[int, int]:
    return world["长凝镇"].scope_code, world["庄子乡"].scope_code


class TestStatements:
    def test_each_row_has_its_entry_in_the_chain_of_its_jurisdiction(self, places: tuple[int, int]) -> None:
        with acting(system_actor(name="导入")) as actor:
            run(counters(2001, 2030, *places))
            ids = {
                place: list(
                    DocumentCounter._plain.filter(scope_code=place).order_by("pk").values_list("pk", "year")
                )
                for place in places
            }
            wrong = [e for e in AuditEntry.scoped(actor).filter(table_name=TABLE) if e.actor != "system:导入"]
        written = entries("insert")
        assert wrong == []
        for place in places:
            own = [(e.row_ref, json.loads(e.detail)["year"]) for e in written if e.scope_code == place]
            assert own == ids[place]
            assert len(own) == 30
        assert broken() == []

    def test_only_changed_rows_and_columns_are_written(self, places: tuple[int, int]) -> None:
        with acting(system_actor()):
            run(counters(2001, 2010, *places))
            run(f"UPDATE {TABLE} SET last_number = CASE WHEN year > 2007 THEN year ELSE 1 END")
        found = [(e.scope_code, json.loads(e.detail)) for e in entries("update")]
        assert found == [
            (place, {"last_number": [1, year]}) for place in sorted(places) for year in (2008, 2009, 2010)
        ]
        assert broken() == []

    def test_rows_whose_id_changes_are_paired_with_themselves(self, places: tuple[int, int]) -> None:
        with acting(system_actor()):
            run(counters(2001, 2003, places[0]))
            last = DocumentCounter._plain.latest("pk").pk
            # Turned round, so that pairing by id would find another row.
            run(f"UPDATE {TABLE} SET id = {2 * last} - id + 1, last_number = year")
        found = [(e.row_ref, json.loads(e.detail)) for e in entries("update")]
        assert [detail["last_number"] for _, detail in found] == [[1, 2003], [1, 2002], [1, 2001]]
        assert [ref for ref, _ in found] == [last + 1, last + 2, last + 3]
        assert {frozenset(detail) for _, detail in found} == {frozenset({"id", "last_number"})}

    def test_rows_taken_out_keep_their_plain_values(self, places: tuple[int, int]) -> None:
        with acting(system_actor()):
            run(counters(2001, 2003, places[0]))
            run(f"DELETE FROM {TABLE} WHERE year > 2001")
        assert [json.loads(e.detail)["year"] for e in entries("delete")] == [2002, 2003]
        assert broken() == []

    def test_a_conflict_settled_by_updating_is_written_as_what_it_did(self, places: tuple[int, int]) -> None:
        settled = " ON CONFLICT (scope_code, code, year) DO UPDATE SET last_number = excluded.last_number + 1"
        with acting(system_actor()):
            run(counters(2001, 2002, places[0]))
            run(counters(2002, 2004, places[0]) + settled)
        assert [json.loads(e.detail)["year"] for e in entries("insert")] == [2001, 2002, 2003, 2004]
        assert [json.loads(e.detail) for e in entries("update")] == [{"last_number": [1, 2]}]
        assert broken() == []

    def test_statements_within_a_statement_are_written(self, places: tuple[int, int]) -> None:
        with acting(system_actor()):
            run(counters(2001, 2002, places[0]))
            run(
                f"WITH gone AS (DELETE FROM {TABLE} RETURNING scope_code, code, year) "
                f"INSERT INTO {TABLE} (scope_code, code, year, last_number) SELECT scope_code, code, year + 10, 5 FROM gone"
            )
        assert [json.loads(e.detail)["year"] for e in entries("delete")] == [2001, 2002]
        assert [json.loads(e.detail)["year"] for e in entries("insert")][2:] == [2011, 2012]
        assert broken() == []

    def test_one_without_an_actor_is_refused_whole(self, places: tuple[int, int]) -> None:
        scope = "SELECT set_config('app.lo', '0', true), set_config('app.hi', '1000000000000', true)"
        with pytest.raises(DatabaseError, match="without an actor"):
            run(f"{scope}; {counters(2001, 2050, *places)}")
        assert entries("insert") == []

    def test_five_thousand_rows_fit_into_the_time_a_request_has(self, places: tuple[int, int]) -> None:
        """The web role's own limit of 5 s ends the statement otherwise."""
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("5s",)
        with acting(system_actor()):
            run(
                f"INSERT INTO {TABLE} (scope_code, code, year, last_number) "
                f"SELECT {places[0]}, '乡' || number, 2026, 1 FROM generate_series(1, 5000) AS number"
            )
        assert len(entries("insert")) == 5000


def head_updates() -> int:
    """How often this transaction has written heads so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'liaison_audithead'")
        return int(cursor.fetchone()[0])


class TestTransactions:
    def test_the_head_is_written_once_and_sealed_once(self, clerk: Actor) -> None:
        """A version of the head for every statement would make each next one slower."""
        assert broken() == []
        before = head_updates()
        write(clerk, 40)
        opened = head_updates() - before
        assert broken() == []
        assert (opened, head_updates() - before) == (1, 2)

    def test_a_part_rolled_back_leaves_the_chain_whole(self, clerk: Actor) -> None:
        for is_first in (True, False):
            with acting(clerk), transaction.atomic():
                if not is_first:
                    run(counters(2001, 2002, clerk.lo))
                with transaction.atomic():
                    run(counters(2003, 2004, clerk.lo))
                    transaction.set_rollback(True)
                run(counters(2005 + is_first, 2005 + is_first, clerk.lo))
            assert broken() == []
        assert [json.loads(e.detail)["year"] for e in entries("insert")] == [2006, 2001, 2002, 2005]

    def test_checking_constraints_at_once_does_not_part_head_and_chain(self, clerk: Actor) -> None:
        run("SET CONSTRAINTS ALL IMMEDIATE")
        write(clerk, 3)
        run("SET CONSTRAINTS ALL DEFERRED")
        with acting(clerk):
            run(counters(2001, 2003, clerk.lo))
        assert broken() == []

    def test_after_the_commit_head_and_last_entry_agree(self, committed: World) -> None:
        actor = make_account(committed["庄子乡"], Role.PRESIDIUM_CLERK)
        write(actor, 3)
        with acting(system_actor()) as system:
            head = AuditHead.scoped(system).get(scope_code=actor.lo)
            last = AuditEntry.scoped(system).filter(scope_code=actor.lo).latest("seq")
        assert (head.seq, head.hash, head.is_open) == (last.seq, last.hash, False)


class TestAfterTampering:
    @pytest.fixture
    def actor(self, committed: World) -> Actor:
        actor = make_account(committed["庄子乡"], Role.PRESIDIUM_CLERK)
        write(actor, 4)
        assert broken() == []
        return actor

    def test_later_entries_do_not_hide_that_the_end_was_cut_off(self, actor: Actor) -> None:
        last = chain(actor)[-1]
        superuser(
            TAMPER, f"DELETE FROM liaison_auditentry WHERE scope_code = {actor.lo} AND seq > {last.seq - 2}"
        )
        with acting(actor):
            run(counters(2001, 2002, actor.lo))
        assert (actor.lo, last.seq + 1) in {(each.scope_code, each.seq) for each in broken()}

    def test_an_entry_added_behind_the_head_is_not_gone_on_from(self, actor: Actor) -> None:
        last = chain(actor)[-1]
        superuser(
            "INSERT INTO liaison_auditentry (scope_code, seq, at, actor, operation, reason, request_ref, table_name, "
            "row_ref, change, detail, digest, prev_hash, hash) SELECT scope_code, seq + 1, at, actor, operation, reason, "
            "request_ref, table_name, row_ref, change, detail, digest, hash, repeat('a', 64) FROM liaison_auditentry "
            f"WHERE scope_code = {actor.lo} AND seq = {last.seq}"
        )
        with pytest.raises(IntegrityError), acting(actor):
            run(counters(2001, 2001, actor.lo))
        assert broken() != []


def chain(actor: Actor) -> list[AuditEntry]:
    with acting(actor):
        return list(AuditEntry.scoped(actor).filter(scope_code=actor.lo).order_by("seq"))
