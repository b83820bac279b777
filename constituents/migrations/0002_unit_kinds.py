"""What a handling unit is stands in a column; so far its name was read."""

from django.db import migrations, models

# Villages and communities are known by how their names end; every other unit is the office's to say.
VILLAGES = """
UPDATE constituents_handlingunit SET kind = 'village'
WHERE name ~ '(村|村委会|村民委员会|社区|居委会|居民委员会)$';
"""
AS_SYSTEM = """
SELECT set_config('app.lo', '0', true), set_config('app.hi', '1000000000000', true),
  set_config('app.actor', 'system:数据整理', true), set_config('app.operation', 'update_unit', true);
"""
AS_NOBODY = """
SELECT set_config('app.lo', '', true), set_config('app.hi', '', true), set_config('app.actor', '', true),
  set_config('app.operation', '', true);
"""


def name_villages(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for statement in (AS_SYSTEM, VILLAGES, AS_NOBODY):
            cursor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('constituents', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='handlingunit',
            name='kind',
            field=models.CharField(choices=[('village', '村（社区）'), ('township', '乡镇（街道）内设机构'), ('station', '站所'), ('county', '县级部门'), ('other', '其他单位')], default='township', max_length=12, verbose_name='类别'),
        ),
        migrations.RunPython(name_villages, migrations.RunPython.noop),
    ]
