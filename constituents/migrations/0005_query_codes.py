from django.db import migrations, models
from django.db.models import Q

import liaison.tenancy.encryption

# By the type of the column, not by an update: no row is written, so nobody has to act and no entry is made.
# Slips handed out before stay good; what the column held in clear is gone.
DIGEST = """
ALTER TABLE constituents_opinion ALTER COLUMN query_code TYPE varchar(64)
USING encode(sha256(convert_to(query_code, 'UTF8')), 'hex')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('constituents', '0004_purged_at'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(DIGEST)],
            state_operations=[
                migrations.AlterField(
                    model_name='opinion',
                    name='query_code',
                    field=models.CharField(editable=False, max_length=64, unique=True, verbose_name='查询码摘要'),
                ),
            ],
        ),
        migrations.RenameField(model_name='opinion', old_name='query_code', new_name='query_code_digest'),
        migrations.AddField(
            model_name='opinion',
            name='query_code_waiting',
            field=liaison.tenancy.encryption.EncryptedTextField(
                blank=True, default='', editable=False, verbose_name='待显示的查询码'
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name='opinion',
            constraint=models.CheckConstraint(
                condition=Q(('query_code_digest__regex', '^[0-9a-f]{64}$')), name='opinion_code_digest'
            ),
        ),
        migrations.AlterField(
            model_name='opinionstep',
            name='event',
            field=models.CharField(blank=True, choices=[('triage', '受理'), ('answer_on_spot', '当场答复'), ('assign', '交办'), ('make_suggestion', '转为代表建议'), ('pass_to_upper_deputy', '转上级代表'), ('pass_to_12345', '转12345热线'), ('pass_to_petition', '转信访'), ('not_accept', '不予受理'), ('merge', '并案'), ('unmerge', '撤销并案'), ('accept', '签收'), ('return', '退办'), ('start_handling', '开始办理'), ('extend', '延期'), ('reply', '答复'), ('rate_satisfied', '评价满意或基本满意'), ('rate_dissatisfied', '评价不满意'), ('leave_unrated', '逾期未评价办结'), ('order_redo', '责成再次办理'), ('close_out', '销号'), ('reopen', '重新受理'), ('archive', '归档'), ('renew_code', '换发查询码')], max_length=24, verbose_name='办理环节'),
        ),
    ]
