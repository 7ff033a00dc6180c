from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent


class Migration(migrations.Migration):
    """A change of the day of creation is noted in the change log."""

    dependencies = [("search", "0006_anciens_noms"), ("enterprise", "0016_room_for_establishments")]

    operations = [
        migrations.RunSQL(
            (FOLDER / "0007_date_creation.sql").read_text(), (FOLDER / "0007_date_creation_away.sql").read_text()
        )
    ]
