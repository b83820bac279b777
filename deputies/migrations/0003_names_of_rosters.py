"""What is kept of an imported roster: its name and digest."""

from django.db import migrations, models

import liaison.tenancy.masked_fields


class Migration(migrations.Migration):

    dependencies = [
        ('deputies', '0002_days'),
    ]

    operations = [
        migrations.AddField(
            model_name='rosterimport',
            name='file_name',
            field=liaison.tenancy.masked_fields.MaskedCharField(blank=True, default='', max_length=120, verbose_name='名册文件'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='rosterimport',
            name='file_sha256',
            field=models.CharField(blank=True, default='', max_length=64, verbose_name='文件摘要（SHA-256）'),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='rosterimport',
            name='source',
            field=models.ForeignKey(null=True, on_delete=models.deletion.PROTECT, related_name='+', to='liaison.storedfile', verbose_name='名册文件'),
        ),
    ]
