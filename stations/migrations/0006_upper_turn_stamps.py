import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stations", "0005_rota")]

    operations = [
        migrations.AddField(
            model_name="upperturn",
            name="changed_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="变动时间"
            ),
        ),
        migrations.RunSQL(
            "CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON stations_upperturn"
            " FOR EACH ROW EXECUTE FUNCTION stations_stamp();",
            "DROP TRIGGER stamp ON stations_upperturn;",
        ),
    ]
