"""What stood in clear moves to where it is sealed: keys of authenticators, recovery codes, keys of sessions.

Nobody has to bind a telephone anew, and whoever is signed in stays so; a second factor is asked for once more.
"""

from django.db import migrations

from liaison.tenancy.encryption import EncryptedTextField, lookup_digests

AS_SYSTEM = """
SELECT set_config('app.lo', '0', true), set_config('app.hi', '1000000000000', true),
  set_config('app.actor', 'system:数据整理', true), set_config('app.operation', 'enrol_second_factor', true);
"""
AS_NOBODY = """
SELECT set_config('app.lo', '', true), set_config('app.hi', '', true), set_config('app.actor', '', true),
  set_config('app.operation', '', true);
"""
# The table of the package that kept keys in clear; a new database never had it.
FORMER = "otp_totp_totpdevice"
MARK = """
UPDATE liaison_account AS account SET second_factor = bound.id
FROM (SELECT user_id, max(id) AS id FROM liaison_authenticator WHERE confirmed GROUP BY user_id) AS bound
WHERE bound.user_id = account.id AND account.second_factor IS NULL;
"""
SESSIONS = """
UPDATE django_session SET session_key = left(encode(sha256(session_key::bytea), 'hex'), 40);
"""


def seal(cursor):
    """All three, with the cursor of the owner inside one transaction."""
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [FORMER])
    if cursor.fetchone()[0]:
        _move_keys(cursor)
    cursor.execute("SELECT id, token FROM otp_static_statictoken")
    for pk, code in cursor.fetchall():
        kept = lookup_digests(f"recovery:{code}")[0][:16]
        cursor.execute("UPDATE otp_static_statictoken SET token = %s WHERE id = %s", [kept, pk])
    cursor.execute(SESSIONS)


def _move_keys(cursor):
    cursor.execute(f"SELECT user_id, name, confirmed, key, drift, last_t FROM {FORMER} ORDER BY id")
    sealed = EncryptedTextField()
    for account, name, confirmed, key, drift, last_step in cursor.fetchall():
        cursor.execute(
            "INSERT INTO liaison_authenticator (user_id, name, confirmed, key, drift, last_step, "
            "throttling_failure_count) VALUES (%s, %s, %s, %s, %s, %s, 0)",
            [account, name, confirmed, sealed.get_prep_value(key), drift, last_step],
        )
    for statement in (AS_SYSTEM, MARK, AS_NOBODY, f"DROP TABLE {FORMER}"):
        cursor.execute(statement)


def forward(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        seal(cursor)


class Migration(migrations.Migration):

    dependencies = [
        ('liaison', '0007_sealed_keys'),
        ('otp_static', '0003_add_timestamps'),
        ('sessions', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(forward, migrations.RunPython.noop),
    ]
