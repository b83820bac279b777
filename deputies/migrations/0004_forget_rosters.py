"""Rosters imported before are forgotten: lists of full telephone numbers that nobody needs any more."""

from pathlib import Path

from django.conf import settings
from django.db import migrations, transaction

AS_SYSTEM = """
SELECT set_config('app.lo', '0', true), set_config('app.hi', '1000000000000', true),
  set_config('app.actor', 'system:数据整理', true), set_config('app.operation', 'forget_file', true);
"""
AS_NOBODY = """
SELECT set_config('app.lo', '', true), set_config('app.hi', '', true), set_config('app.actor', '', true),
  set_config('app.operation', '', true);
"""
KEEP = """
UPDATE deputies_rosterimport AS done SET file_name = file.original_name, file_sha256 = file.sha256
FROM liaison_storedfile AS file WHERE file.id = done.source_id;
"""
# The keys are checked at the end of the transaction, when nothing points there any more.
FORGET = """
WITH known AS (SELECT source_id FROM deputies_rosterimport WHERE source_id IS NOT NULL)
DELETE FROM liaison_storedfile WHERE id IN (SELECT source_id FROM known) AND kind = 'sheet' RETURNING path;
"""
LET_GO = "UPDATE deputies_rosterimport SET source_id = NULL WHERE source_id IS NOT NULL"
# Deferred keys look at the rows now, so that the next migration may change the table.
CHECK = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"


def forget(cursor):
    """The paths of the files whose rows are gone; their bytes follow once that is certain."""
    cursor.execute(AS_SYSTEM)
    cursor.execute(KEEP)
    cursor.execute(FORGET)
    paths = [path for (path,) in cursor.fetchall()]
    cursor.execute(LET_GO)
    cursor.execute(CHECK)
    cursor.execute(AS_NOBODY)
    return paths


def forward(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        paths = forget(cursor)
    for path in paths:
        transaction.on_commit(lambda path=path: (Path(settings.MEDIA_ROOT) / path).unlink(missing_ok=True))


class Migration(migrations.Migration):

    dependencies = [
        ('deputies', '0003_names_of_rosters'),
        ('liaison', '0008_move_keys'),
    ]

    operations = [
        migrations.RunPython(forward, migrations.RunPython.noop),
    ]
