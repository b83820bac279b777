"""Tries counted in the database, and when an account was last reported for being refused again and again."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('liaison', '0011_keeper_changes'),
    ]

    operations = [
        migrations.CreateModel(
            name='CountedTry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(editable=False, max_length=20, verbose_name='类别')),
                ('subject', models.CharField(editable=False, max_length=32, verbose_name='对象摘要')),
                ('detail', models.CharField(editable=False, max_length=32, verbose_name='区分摘要')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='时间')),
            ],
            options={
                'verbose_name': '尝试计数',
                'verbose_name_plural': '尝试计数',
                'indexes': [models.Index(fields=['kind', 'subject', 'at'], name='counted_try_of'), models.Index(fields=['at'], name='counted_try_at')],
            },
        ),
        migrations.AddField(
            model_name='account',
            name='probed_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='访问异常'),
        ),
    ]
