"""Appointments without the record they speak for are completed where the data says it, else ended."""

from django.db import migrations

# A deputy's person is the one whose account it is; the same for a leader, whose group is the one the person
# leads now. Both only where the answer is the only one. The tables of the upper floor are there only on a
# database that is older than this rule: a new one has no appointment to mend.
COMPLETE = """
UPDATE liaison_appointment AS held SET person_ref = person.id
FROM deputies_person AS person
WHERE held.role IN ('deputy', 'group_leader') AND held.person_ref IS NULL
  AND person.account_id = held.account_id AND person.scope_code = held.scope_code;

UPDATE liaison_appointment AS held SET group_ref = led.group_id
FROM (
  SELECT mandate.person_id, min(place.group_id) AS group_id
  FROM deputies_groupmembership AS place JOIN deputies_mandate AS mandate ON mandate.id = place.mandate_id
  WHERE place.ends_on IS NULL AND place.post <> 'member'
  GROUP BY mandate.person_id HAVING count(DISTINCT place.group_id) = 1
) AS led
WHERE held.role = 'group_leader' AND held.group_ref IS NULL AND led.person_id = held.person_ref;
"""
# What a clerk's station or a unit was nobody can tell afterwards: the security administrator appoints anew.
END = """
UPDATE liaison_appointment SET ends_on = greatest(starts_on, (now() AT TIME ZONE 'Asia/Shanghai')::date - 1)
WHERE ends_on IS NULL AND (
  (role = 'deputy' AND person_ref IS NULL)
  OR (role = 'group_leader' AND (person_ref IS NULL OR group_ref IS NULL))
  OR (role = 'station_clerk' AND station_ref IS NULL)
  OR (role = 'handling_unit' AND unit_ref IS NULL)
);
"""
AS_SYSTEM = """
SELECT set_config('app.lo', '0', true), set_config('app.hi', '1000000000000', true),
  set_config('app.actor', 'system:数据整理', true), set_config('app.operation', 'end_appointment', true),
  set_config('app.reason', '任职缺少对应的代表、小组、联络站或承办单位', true);
"""
AS_NOBODY = """
SELECT set_config('app.lo', '', true), set_config('app.hi', '', true), set_config('app.actor', '', true),
  set_config('app.operation', '', true), set_config('app.reason', '', true);
"""


def mend(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('deputies_groupmembership') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return
        for statement in (AS_SYSTEM, COMPLETE, END, AS_NOBODY):
            cursor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('liaison', '0002_suggestion_rating'),
    ]

    operations = [
        migrations.RunPython(mend, migrations.RunPython.noop),
    ]
