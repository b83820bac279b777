from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('liaison', '0008_move_keys'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='appointment',
            index=models.Index(fields=['person_ref'], name='appointment_person'),
        ),
    ]
