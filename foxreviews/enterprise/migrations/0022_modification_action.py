from django.db import migrations, models


class Migration(migrations.Migration):
    """The trail tells what imports end. The names of actions are not in the database: no table is touched."""

    dependencies = [("enterprise", "0021_categorie_employeur")]

    operations = [
        migrations.AlterField(
            model_name="modification",
            name="action",
            field=models.CharField(
                choices=[
                    ("created", "created by staff"),
                    ("corrected", "corrected by staff"),
                    ("taken-back", "correction taken back by staff"),
                    ("confirmed", "the register says the same now"),
                    ("withheld", "correction ended: the company is not public any more"),
                    ("deleted", "company deleted"),
                ],
                db_collation="C",
                max_length=10,
            ),
        ),
    ]
