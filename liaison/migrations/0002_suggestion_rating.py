"""An installation that already holds the shipped deadlines gets the one for rating a reply, once."""

from django.db import migrations

LAY_DOWN = """
SELECT set_config('app.lo', '0', true), set_config('app.hi', '1000000000000', true),
       set_config('app.actor', 'system:升级', true), set_config('app.operation', 'seed_policies', true);
INSERT INTO liaison_deadlinepolicy (scope_code, scope_end, code, name, length, unit, rolls, basis)
SELECT scope_code, scope_end, 'suggestion_rating', '代表评价答复', 20, 'workdays', true, '参照重庆市办理规定'
FROM liaison_deadlinepolicy WHERE scope_code = 0 AND code = 'suggestion_reply'
ON CONFLICT (scope_code, code) DO NOTHING;
SELECT set_config('app.lo', '', true), set_config('app.hi', '', true),
       set_config('app.actor', '', true), set_config('app.operation', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [('liaison', '0001_initial')]

    operations = [migrations.RunSQL(LAY_DOWN, migrations.RunSQL.noop)]
