"""What an installation comes with: there after the migration, never over what an office changed."""

import pytest
from django.db.migrations.executor import MigrationExecutor

from assessments.models import Scheme
from liaison.models import AuditEntry, CalendarYear, DeadlinePolicy
from liaison.shipping import write_shipped
from liaison.tenancy.scope import NATION, acting, system_actor
from stations.models import ActivityKind
from stations.services import shipped_kinds
from tests.factories import NOW

pytestmark = pytest.mark.django_db
SHIPPED = (DeadlinePolicy, ActivityKind, Scheme)


def counts() -> tuple[int, ...]:
    """Rows of the nation by table, then the years of the calendar."""
    with acting(system_actor()):
        rows = [model._plain.filter(scope_code=NATION[0], scope_end=NATION[1]).count() for model in SHIPPED]
        return (*rows, CalendarYear.objects.count())


def test_a_migrated_database_has_deadlines_kinds_schemes_and_years() -> None:
    assert counts() == (19, 20, 5, 3)
    with acting(system_actor()):
        kinds = ActivityKind._plain.filter(scope_code=NATION[0]).values_list("code", flat=True)
        assert set(kinds) == {kind.code for kind in shipped_kinds.shipped_kinds()}
        assert list(Scheme._plain.order_by("code").values_list("code", flat=True)) == list("ABCDE")


def test_the_trail_says_that_the_system_brought_them() -> None:
    with acting(system_actor()) as actor:
        entries = AuditEntry.scoped(actor).filter(table_name=ActivityKind._meta.db_table)
        assert set(entries.values_list("actor", "operation")) == {
            ("system:系统自带数据", "seed_activity_kinds")
        }


def test_a_second_migration_writes_nothing() -> None:
    with acting(system_actor()) as actor:
        before = AuditEntry.scoped(actor).count()
        assert write_shipped(now=NOW)
        assert (AuditEntry.scoped(actor).count(), counts()) == (before, (19, 20, 5, 3))


def test_what_an_office_changed_survives_and_what_is_missing_comes_back() -> None:
    with acting(system_actor()):
        DeadlinePolicy._plain.filter(code="rectification").update(length=45)
        ActivityKind._plain.filter(code="training").update(name="集中学习", due_per_year=6)
        Scheme._plain.filter(code="A").update(name="本县办法")
        CalendarYear.objects.filter(year=2026).update(source="本省通知", revision=2)
        DeadlinePolicy._plain.filter(code="reminder_talk").delete()
    assert write_shipped(now=NOW)
    with acting(system_actor()):
        assert DeadlinePolicy._plain.get(code="rectification").length == 45
        assert ActivityKind._plain.get(code="training").name == "集中学习"
        assert ActivityKind._plain.get(code="training").due_per_year == 6
        assert Scheme._plain.get(code="A").name == "本县办法"
        assert CalendarYear.objects.get(year=2026).revision == 2
    assert counts() == (19, 20, 5, 3)


def test_nothing_is_written_while_a_migration_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    with acting(system_actor()):
        DeadlinePolicy._plain.filter(code="reminder_talk").delete()
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: [("one", False)])
    assert not write_shipped(now=NOW)
    assert counts() == (18, 20, 5, 3)
