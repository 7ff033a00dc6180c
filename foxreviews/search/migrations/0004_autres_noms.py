from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent


class Migration(migrations.Migration):
    """A change of the other names is noted in the change log."""

    dependencies = [("search", "0003_naf25"), ("enterprise", "0009_autres_noms")]

    operations = [
        migrations.RunSQL(
            (FOLDER / "0004_autres_noms.sql").read_text(), (FOLDER / "0004_autres_noms_away.sql").read_text()
        )
    ]
