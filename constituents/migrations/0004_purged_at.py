from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('constituents', '0003_words_and_days'),
    ]

    operations = [
        migrations.AddField(
            model_name='opinion',
            name='purged_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='个人信息清除时间'),
        ),
    ]
