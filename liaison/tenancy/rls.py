"""Wall 2: row-level security, grants and audit triggers for every table, applied after each migrate.

Policies are plain intervals over ``scope_code`` (reliability: every other shape costs up to 1,700 times
as much). Nothing here is optional: the catalogue walk in the tests reads the database and fails when a
table is neither scoped nor listed in ``GLOBAL_TABLES`` with a reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, models

from liaison.tenancy.audited_columns import plain_columns
from liaison.tenancy.models import InheritedModel, ScopedModel

APP_LABELS = ("liaison", "deputies", "stations", "constituents", "assessments", "reports")
APP_ROLES = ("liaison_web", "liaison_worker")

# What web and worker may do with a table.
FULL, READ = ("SELECT", "INSERT", "UPDATE", "DELETE"), ("SELECT",)
ADD_AND_CHANGE = ("SELECT", "INSERT", "UPDATE")


@dataclass(frozen=True, slots=True)
class Unscoped:
    """A table without a scope: why, what the application may do with it, whether its changes bear a name."""

    reason: str
    rights: tuple[str, ...]
    is_audited: bool = False


# A stale line fails the catalogue walk. Nothing is granted to a table that stands in no list: one that
# appears later, the salt of the trail among them, stays shut until somebody decides.
UNSCOPED = {
    "liaison_jurisdiction": Unscoped("公开的行政区划；每页都显示上级名称", ADD_AND_CHANGE, is_audited=True),
    "liaison_calendaryear": Unscoped("全国统一的工作日历", FULL, is_audited=True),
    "liaison_calendarday": Unscoped("全国统一的工作日历", FULL, is_audited=True),
    "liaison_setup": Unscoped(
        "one row, read before anybody has an account; digests of keys only", ADD_AND_CHANGE, is_audited=True
    ),
    "django_migrations": Unscoped("Django's own bookkeeping, no business data", READ),
    "django_content_type": Unscoped("Django's own bookkeeping, no business data", READ),
    "django_session": Unscoped("read before the scope is known; ids only, by a digest of the key", FULL),
    "auth_permission": Unscoped("Django's own bookkeeping; permissions come from roles", READ),
    "auth_group": Unscoped("Django's own bookkeeping; unused", READ),
    "auth_group_permissions": Unscoped("Django's own bookkeeping; unused", READ),
    "django_admin_log": Unscoped(
        "required by the admin, never written: history comes from the audit trail", READ
    ),
    "axes_accessattempt": Unscoped("login attempts, before any scope is known", FULL),
    "axes_accessattemptexpiration": Unscoped("login attempts, before any scope is known", FULL),
    "axes_accesslog": Unscoped("login attempts, before any scope is known", FULL),
    "axes_accessfailurelog": Unscoped("login attempts, before any scope is known", FULL),
    "liaison_countedtry": Unscoped(
        "tries counted for a day, as digests; also before any scope is known", FULL
    ),
    "liaison_authenticator": Unscoped("second factors, sealed, read by account id only", FULL),
    "otp_static_staticdevice": Unscoped("recovery codes, read by account id only", FULL),
    "otp_static_statictoken": Unscoped("keyed digests of recovery codes, read by account id only", FULL),
}
GLOBAL_TABLES = {table: entry.reason for table, entry in UNSCOPED.items()}
AUDITED_GLOBAL_TABLES = tuple(table for table, entry in UNSCOPED.items() if entry.is_audited)

# Foreign keys between scoped rows that need not share a jurisdiction, by target table. Every other one is
# backed by a composite key, so that no row can even point at another jurisdiction's.
CROSS_SCOPE_TARGETS = {
    "liaison_account": "whoever signs, records or decides may be appointed higher up than the record",
}

# The audit trail is read by the application and written by its triggers alone.
READ_ONLY_TABLES = frozenset({"liaison_auditentry", "liaison_audithead"})
# The first are written by the audit functions themselves; auditing them would never end. The key of a form
# stands beside the row the form wrote, and that row is audited.
UNAUDITED_TABLES = READ_ONLY_TABLES | {"liaison_submittedkey"}

_LO = "nullif(current_setting('app.lo', true), '')::bigint"
_HI = "nullif(current_setting('app.hi', true), '')::bigint"
_ACCOUNT = "nullif(current_setting('app.account', true), '')::bigint"
_LOGIN = "nullif(current_setting('app.login', true), '')"
_INSIDE = f"scope_code >= {_LO} AND scope_code < {_HI}"

# Whoever signs in is known by name or id before any interval is.
_ALSO_READABLE = {
    "liaison_account": f"id = {_ACCOUNT} OR username = {_LOGIN}",
    "liaison_appointment": f"account_id = {_ACCOUNT}",
}
_INHERITED = f"scope_code <= {_LO} AND scope_end >= {_HI}"


def scoped_model_classes() -> Iterator[type[models.Model]]:
    """Every model of ours that carries a scope code (Jurisdiction, which is public, aside)."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label not in APP_LABELS or model._meta.db_table in GLOBAL_TABLES:
            continue
        yield model


def _policies(model: type[models.Model]) -> Iterator[str]:
    table = model._meta.db_table
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS scope ON {table}"
    yield f"CREATE POLICY scope ON {table} USING ({_INSIDE}) WITH CHECK ({_INSIDE})"
    also = _INHERITED if issubclass(model, InheritedModel) else _ALSO_READABLE.get(table)
    yield f"DROP POLICY IF EXISTS also_readable ON {table}"
    if also:
        yield f"CREATE POLICY also_readable ON {table} FOR SELECT USING ({also})"


def _is_plainly_scoped(model: type[models.Model]) -> bool:
    return issubclass(model, ScopedModel) and not issubclass(model, InheritedModel)


def same_scope_keys(model: type[models.Model]) -> Iterator[models.ForeignKey[Any, Any]]:
    """The foreign keys of ``model`` whose target must lie in the same jurisdiction."""
    if not _is_plainly_scoped(model):
        return
    for field in model._meta.local_fields:
        if not isinstance(field, models.ForeignKey) or not _is_plainly_scoped(field.related_model):
            continue
        if field.related_model._meta.db_table not in CROSS_SCOPE_TARGETS:
            yield field


def _composite_keys(model: type[models.Model]) -> Iterator[str]:
    """``UNIQUE (scope_code, id)`` on the row and ``(scope_code, fk)`` references to its neighbours.

    A plain foreign key is checked past row-level security and would tell whether a foreign row exists.
    """
    table = model._meta.db_table
    if _is_plainly_scoped(model):
        yield _once(table, f"{table}_scope_id", "UNIQUE (scope_code, id)")


def _neighbour_keys(model: type[models.Model]) -> Iterator[str]:
    table = model._meta.db_table
    for field in same_scope_keys(model):
        target = field.related_model._meta.db_table
        keys = f"FOREIGN KEY (scope_code, {field.column}) REFERENCES {target} (scope_code, id)"
        rule = f"{keys} DEFERRABLE INITIALLY DEFERRED"
        yield _once(table, f"{table}_{field.column}_same"[:63], rule)


def _once(table: str, name: str, rule: str) -> str:
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = '{name}' "
        f"AND conrelid = '{table}'::regclass) THEN "
        f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}; END IF; END $$"
    )


def rights_of(table: str) -> tuple[str, ...]:
    """What web and worker may do with a table of the database; nothing where no model of ours names it."""
    if table in READ_ONLY_TABLES:
        return READ
    if table in UNSCOPED:
        return UNSCOPED[table].rights
    return FULL if any(model._meta.db_table == table for model in scoped_model_classes()) else ()


def _grants(table: str) -> Iterator[str]:
    roles, rights = ", ".join(APP_ROLES), rights_of(table)
    yield f"REVOKE ALL ON {table} FROM PUBLIC, {roles}"
    if rights:
        yield f"GRANT {', '.join(rights)} ON {table} TO {roles}"


def _sequence_grants(model: type[models.Model]) -> Iterator[str]:
    """The numbers of the rows: taken where rows may be added, only looked at where they may be read."""
    table, key = model._meta.db_table, model._meta.pk
    if isinstance(key, models.AutoField | models.BigAutoField) and (rights := rights_of(table)):
        right = "USAGE, SELECT" if "INSERT" in rights else "SELECT"
        grant = f"'GRANT {right} ON SEQUENCE ' || numbers || ' TO {', '.join(APP_ROLES)}'"
        yield (
            f"DO $$ DECLARE numbers text := pg_get_serial_sequence('{table}', '{key.column}'); BEGIN "
            f"IF numbers IS NOT NULL THEN EXECUTE {grant}; END IF; END $$"
        )


# A statement tells its rows as tables of what was and what is; a trigger names those of one event only.
AUDIT_TRIGGERS = {
    "audit_insert": "INSERT ON {} REFERENCING NEW TABLE AS new_rows",
    "audit_update": "UPDATE ON {} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "audit_delete": "DELETE ON {} REFERENCING OLD TABLE AS old_rows",
}


def _audit_triggers(model: type[models.Model]) -> Iterator[str]:
    table = model._meta.db_table
    for name in ("audit_change", *AUDIT_TRIGGERS):
        yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
    if table in UNAUDITED_TABLES:
        return
    plain = ",".join(plain_columns(model))
    for name, event in AUDIT_TRIGGERS.items():
        yield (
            f"CREATE TRIGGER {name} AFTER {event.format(table)} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION liaison_audit_change('{plain}')"
        )


def wall_statements(existing: set[str]) -> Iterator[str]:
    """All statements, in order, for the tables that exist in the database."""
    yield Path(__file__).with_name("walls.sql").read_text(encoding="utf-8")
    for role in APP_ROLES:
        yield f"GRANT USAGE ON SCHEMA public TO {role}"
    for table in sorted(existing):
        yield from _grants(table)
    walled = [model for model in scoped_model_classes() if model._meta.db_table in existing]
    for model in walled:
        yield from _policies(model)
        yield from _audit_triggers(model)
        yield from _composite_keys(model)
    for model in walled:
        yield from _neighbour_keys(model)
    for model in apps.get_models():
        if model._meta.db_table in AUDITED_GLOBAL_TABLES:
            yield from _audit_triggers(model)
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {', '.join(APP_ROLES)}"
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table in existing:
            yield from _sequence_grants(model)
    note = "liaison_audit_note(bigint, text, text, bigint, text)"
    for called in (note, "stations_turns_of_deputies(bigint[], date, date)"):
        yield f"GRANT EXECUTE ON FUNCTION {called} TO {', '.join(APP_ROLES)}"


def apply_walls() -> int:
    """Apply every statement; idempotent. Returns how many tables stand behind a policy."""
    with connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
        if "liaison_audithead" not in existing:
            return 0
        for statement in wall_statements(existing):
            cursor.execute(statement)
    return sum(1 for model in scoped_model_classes() if model._meta.db_table in existing)
