from pathlib import Path

from django.db import migrations, models

FOLDER = Path(__file__).parent


class Migration(migrations.Migration):
    """The names of a company that have no column of their own. They are withheld as its name is."""

    dependencies = [("enterprise", "0008_naf25_lighter")]

    operations = [
        migrations.AddField(
            model_name="entreprise",
            name="autres_noms",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="Other names, each after its kind and a colon, with tabs between (enterprise.names).",
            ),
        ),
        migrations.RunSQL(
            (FOLDER / "0009_autres_noms.sql").read_text(), (FOLDER / "0009_autres_noms_away.sql").read_text()
        ),
    ]
