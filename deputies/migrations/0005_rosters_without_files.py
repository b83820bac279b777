"""An import points at no file any more."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('deputies', '0004_forget_rosters'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='rosterimport',
            name='source',
        ),
    ]
