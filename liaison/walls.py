"""Wall 2: row-level security, grants and audit triggers for every table, applied after each migrate.

Policies are plain intervals over ``scope_code`` (reliability: every other shape costs up to 1,700 times
as much). Nothing here is optional: the catalogue walk in the tests reads the database and fails when a
table is neither scoped nor listed in ``GLOBAL_TABLES`` with a reason.
"""

from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db import connection, models

from liaison.scope_models import InheritedModel, ScopedModel

APP_LABELS = ("liaison", "deputies", "stations", "constituents", "assessments", "reports")
APP_ROLES = ("liaison_web", "liaison_worker")

# Tables without a scope, each with its reason. A stale line fails the catalogue walk.
GLOBAL_TABLES = {
    "liaison_jurisdiction": "公开的行政区划；每页都显示上级名称",
    "liaison_calendaryear": "全国统一的工作日历",
    "liaison_calendarday": "全国统一的工作日历",
    "django_migrations": "Django's own bookkeeping, no business data",
    "django_content_type": "Django's own bookkeeping, no business data",
    "django_session": "read before the scope is known; holds ids only, by unguessable key",
    "auth_permission": "Django's own bookkeeping; permissions come from roles",
    "auth_group": "Django's own bookkeeping; unused",
    "auth_group_permissions": "Django's own bookkeeping; unused",
    "django_admin_log": "required by the admin, never written: history comes from the audit trail",
    "axes_accessattempt": "login attempts, before any scope is known",
    "axes_accessattemptexpiration": "login attempts, before any scope is known",
    "axes_accesslog": "login attempts, before any scope is known",
    "axes_accessfailurelog": "login attempts, before any scope is known",
    "otp_totp_totpdevice": "second factors, read by account id only",
    "otp_static_staticdevice": "recovery codes, read by account id only",
    "otp_static_statictoken": "recovery codes, read by account id only",
}

# The audit trail is read by the application and written by its triggers alone.
READ_ONLY_TABLES = frozenset({"liaison_auditentry", "liaison_audithead"})
# Written by the audit functions themselves; auditing them would never end.
UNAUDITED_TABLES = READ_ONLY_TABLES

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


def _grants(table: str) -> Iterator[str]:
    roles = ", ".join(APP_ROLES)
    yield f"REVOKE ALL ON {table} FROM {roles}"
    rights = "SELECT" if table in READ_ONLY_TABLES else "SELECT, INSERT, UPDATE, DELETE"
    yield f"GRANT {rights} ON {table} TO {roles}"


def _audit_trigger(model: type[models.Model]) -> Iterator[str]:
    table = model._meta.db_table
    yield f"DROP TRIGGER IF EXISTS audit_change ON {table}"
    if table in UNAUDITED_TABLES:
        return
    plain = ",".join(getattr(model, "audit_plain", ()))
    yield (
        f"CREATE TRIGGER audit_change AFTER INSERT OR UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION liaison_audit_change('{plain}')"
    )


def wall_statements(existing: set[str]) -> Iterator[str]:
    """All statements, in order, for the tables that exist in the database."""
    yield Path(__file__).with_name("walls.sql").read_text(encoding="utf-8")
    for role in APP_ROLES:
        yield f"GRANT USAGE ON SCHEMA public TO {role}"
    for table in sorted(existing):
        yield from _grants(table)
    for model in scoped_model_classes():
        if model._meta.db_table in existing and issubclass(model, ScopedModel | models.Model):
            yield from _policies(model)
            yield from _audit_trigger(model)
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {', '.join(APP_ROLES)}"
    yield f"GRANT EXECUTE ON FUNCTION liaison_audit_note(bigint, text, text, bigint, text) TO {', '.join(APP_ROLES)}"


def apply_walls() -> int:
    """Apply every statement; idempotent. Returns how many tables stand behind a policy."""
    with connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
        if "liaison_audithead" not in existing:
            return 0
        for statement in wall_statements(existing):
            cursor.execute(statement)
    return sum(1 for model in scoped_model_classes() if model._meta.db_table in existing)
