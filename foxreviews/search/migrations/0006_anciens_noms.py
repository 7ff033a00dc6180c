from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent


class Migration(migrations.Migration):
    """A change of a former name is noted in the change log, as one of its company."""

    dependencies = [("search", "0005_etablissements"), ("enterprise", "0013_anciens_noms")]

    operations = [
        migrations.RunSQL(
            (FOLDER / "0006_anciens_noms.sql").read_text(), (FOLDER / "0006_anciens_noms_away.sql").read_text()
        )
    ]
