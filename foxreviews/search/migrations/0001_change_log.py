from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent


class Migration(migrations.Migration):
    """The change log that search indexes follow, and its triggers."""

    dependencies = [("enterprise", "0003_nom_statistics"), ("location", "0001_initial")]

    operations = [
        migrations.RunSQL(
            (FOLDER / "0001_change_log.sql").read_text(), (FOLDER / "0001_change_log_away.sql").read_text()
        )
    ]
