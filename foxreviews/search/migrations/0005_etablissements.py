from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent


class Migration(migrations.Migration):
    """A change of an establishment is noted in the change log, as one of its company."""

    dependencies = [("search", "0004_autres_noms"), ("enterprise", "0011_etablissement_triggers")]

    operations = [
        migrations.RunSQL(
            (FOLDER / "0005_etablissements.sql").read_text(), (FOLDER / "0005_etablissements_away.sql").read_text()
        )
    ]
