"""The ground's commands: what they write once, what they find broken, how they end."""

import json
import os
import time
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from liaison.calendar.working import working_calendar
from liaison.files.uploads import store_bytes
from liaison.models import AuditEntry, CalendarDay, CalendarYear, DeadlinePolicy
from liaison.tenancy.scope import Actor, acting, system_actor
from liaison.words.enums import FileKind, Role
from tests.factories import NOW, World, make_account
from tests.liaison.test_audit import TAMPER, superuser, write


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=out)
    return out.getvalue()


class TestSeeding:
    def test_the_calendar_is_loaded_once(self, db: None) -> None:
        with acting(system_actor()):
            CalendarDay.objects.filter(year_id=2025).delete()
            CalendarYear.objects.filter(year=2025).delete()
        assert "2025年。" in run("load_calendar")
        assert "没有需要载入的年份" in run("load_calendar")
        assert working_calendar().add_workdays(NOW.date(), 5)
        assert CalendarYear.objects.get(year=2026).source == "《国务院办公厅关于2026年部分节假日安排的通知》"

    def test_norms_are_written_once_and_restored_on_demand(self, db: None) -> None:
        with acting(system_actor()) as actor:
            DeadlinePolicy.scoped(actor).filter(code="rectification").update(length=99)
        assert "0项" in run("seed_norms")
        with acting(system_actor()) as actor:
            assert DeadlinePolicy.scoped(actor).get(code="rectification").length == 99
        assert "19项" in run("seed_norms", "--reset")
        with acting(system_actor()) as actor:
            assert DeadlinePolicy.scoped(actor).get(code="rectification").length == 30
            # The eighteen that had not changed were not written again.
            assert AuditEntry.scoped(actor).filter(operation="seed_policies").count() == 19 + 1

    def test_an_installation_that_holds_the_norms_gets_a_new_one_once(self, db: None) -> None:
        """The statement of the migration, one row in a furnished house and nothing in an empty one."""
        lay_down = import_module("liaison.migrations.0002_suggestion_rating").LAY_DOWN

        def found() -> list[tuple[int, str]]:
            with connection.cursor() as cursor:
                cursor.execute(lay_down)
            with acting(system_actor()) as actor:
                rows = DeadlinePolicy.scoped(actor).filter(code="suggestion_rating")
                return list(rows.values_list("length", "unit"))

        with acting(system_actor()) as actor:
            DeadlinePolicy.scoped(actor).filter(code="suggestion_rating").delete()
        assert found() == [(20, "workdays")]
        with acting(system_actor()) as actor:
            DeadlinePolicy.scoped(actor).filter(code="suggestion_rating").update(length=15)
        assert found() == [(15, "workdays")]
        with acting(system_actor()) as actor:
            DeadlinePolicy.scoped(actor).delete()
        assert found() == []


class TestVerifyAudit:
    @pytest.fixture
    def place(self, committed: World) -> int:
        write(make_account(committed["庄子乡"], Role.PRESIDIUM_CLERK), 6)
        return committed["庄子乡"].scope_code

    def test_whole_chains_are_counted(self, place: int) -> None:
        with acting(system_actor()) as actor:
            entries = AuditEntry.scoped(actor).count()
        assert f"审计链完整：8条链，{entries}条记录" in run("verify_audit")

    def test_a_changed_entry_is_named_and_the_status_is_one(
        self, place: int, capsys: pytest.CaptureFixture[str]
    ) -> None:
        superuser(
            TAMPER, f"UPDATE liaison_auditentry SET reason = 'x' WHERE scope_code = {place} AND seq = 3"
        )
        out = StringIO()
        with pytest.raises(CommandError, match="1处问题") as caught:
            call_command("verify_audit", stdout=out, stderr=out)
        assert caught.value.returncode == 1
        assert f"管辖代码{place}，第3条：记录内容与哈希不符" in out.getvalue()

    def test_a_chain_rewritten_to_its_end_shows_against_heads_kept_elsewhere(
        self, place: int, tmp_path: Path
    ) -> None:
        kept = tmp_path / "heads.json"
        run("verify_audit", "--heads", str(kept))
        run("verify_audit", "--against", str(kept))
        rewrite(place)
        assert "审计链完整" in run("verify_audit")
        with pytest.raises(CommandError, match="1处问题"):
            run("verify_audit", "--against", str(kept))

    def test_heads_that_were_edited_are_refused(self, place: int, tmp_path: Path) -> None:
        kept = tmp_path / "heads.json"
        run("verify_audit", "--heads", str(kept))
        content = json.loads(kept.read_text())
        content["heads"][str(place)][1] = "0" * 64
        kept.write_text(json.dumps(content))
        with pytest.raises(CommandError, match="自身不完整"):
            run("verify_audit", "--against", str(kept))
        with pytest.raises(CommandError, match="不能读取"):
            run("verify_audit", "--against", str(tmp_path / "absent.json"))

    def test_growth_after_the_heads_were_kept_is_no_fault(self, place: int, tmp_path: Path) -> None:
        kept = tmp_path / "heads.json"
        run("verify_audit", "--heads", str(kept))
        with acting(system_actor()) as actor:
            DeadlinePolicy(
                scope_code=place, scope_end=place + 1000, code="x", name="x", length=1, unit="days"
            ).save()
            assert AuditEntry.scoped(actor).filter(scope_code=place).count() == 10
        run("verify_audit", "--against", str(kept))


def rewrite(place: int) -> None:
    """What an intruder with root and patience does: change an entry and recompute all that follow."""
    from liaison.auditing.trail import ZERO_HASH, entry_hash

    statements = [TAMPER]
    with acting(system_actor()) as actor:
        last = ZERO_HASH
        for entry in AuditEntry.scoped(actor).filter(scope_code=place).order_by("seq"):
            entry.prev_hash = last
            if entry.seq == 3:
                entry.reason = "rewritten"
            last = entry_hash(entry)
            statements.append(
                f"UPDATE liaison_auditentry SET reason = '{entry.reason}', prev_hash = '{entry.prev_hash}', "
                f"hash = '{last}' WHERE id = {entry.pk}"
            )
    superuser(*statements, f"UPDATE liaison_audithead SET hash = '{last}' WHERE scope_code = {place}")


class TestReconcileFiles:
    def keep(self, clerk: Actor, data: bytes = b"%PDF-1.7 x") -> Any:
        with acting(clerk):
            return store_bytes(
                data,
                name="a.pdf",
                kind=FileKind.DOCUMENT,
                content_type="application/pdf",
                scope_code=clerk.lo,
                now=NOW,
            )

    def test_all_in_place(self, clerk: Actor) -> None:
        self.keep(clerk)
        assert "已核对1个文件，没有登记的0个" in run("reconcile_files")

    def test_lost_and_altered_files_are_named(self, clerk: Actor, settings: Any) -> None:
        lost, altered = self.keep(clerk), self.keep(clerk)
        (Path(settings.MEDIA_ROOT) / lost.path).unlink()
        (Path(settings.MEDIA_ROOT) / altered.path).write_bytes(b"other")
        out = StringIO()
        with pytest.raises(CommandError, match="2个文件"):
            call_command("reconcile_files", stdout=out, stderr=out)
        assert f"文件{lost.pk}：" in out.getvalue()
        assert f"文件{altered.pk}：" in out.getvalue()

    def test_strays_are_listed_and_removed_when_asked_but_never_fresh_ones(
        self, clerk: Actor, settings: Any
    ) -> None:
        self.keep(clerk)
        folder = Path(settings.MEDIA_ROOT) / "2026" / "01"
        old, fresh = folder / "stray.pdf", folder / "fresh.part"
        for path in (old, fresh):
            path.write_bytes(b"x")
        long_ago = time.time() - 7200
        os.utime(old, (long_ago, long_ago))
        assert "stray.pdf" in run("reconcile_files")
        assert old.exists()
        run("reconcile_files", "--remove-unregistered")
        assert (old.exists(), fresh.exists()) == (False, True)
