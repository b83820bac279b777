"""The place for sealed keys of authenticators, and the mark on the account which of them counts."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import liaison.models.second_factors
import liaison.tenancy.encryption


class Migration(migrations.Migration):

    dependencies = [
        ('liaison', '0006_submitted_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='second_factor',
            field=models.BigIntegerField(editable=False, null=True, verbose_name='手机验证器'),
        ),
        migrations.CreateModel(
            name='Authenticator',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='The human-readable name of this device.', max_length=64)),
                ('confirmed', models.BooleanField(default=True, help_text='Is this device ready for use?')),
                ('throttling_failure_timestamp', models.DateTimeField(blank=True, default=None, help_text='A timestamp of the last failed verification attempt. Null if last attempt succeeded.', null=True)),
                ('throttling_failure_count', models.PositiveIntegerField(default=0, help_text='Number of successive failed attempts.')),
                ('created_at', models.DateTimeField(auto_now_add=True, help_text='The date and time when this device was initially created in the system.', null=True)),
                ('last_used_at', models.DateTimeField(blank=True, help_text='The most recent date and time this device was used.', null=True)),
                ('key', liaison.tenancy.encryption.EncryptedTextField(default=liaison.models.second_factors.new_key, verbose_name='密钥')),
                ('drift', models.SmallIntegerField(default=0, verbose_name='时钟偏差')),
                ('last_step', models.BigIntegerField(default=-1, verbose_name='最近验证码')),
                ('user', models.ForeignKey(help_text='The user that this device belongs to.', on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '手机验证器',
                'verbose_name_plural': '手机验证器',
            },
        ),
    ]
