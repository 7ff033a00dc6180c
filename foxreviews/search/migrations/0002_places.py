from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent


class Migration(migrations.Migration):
    """Towns are noted in the change log as `places`, where the release before wrote `reperes`."""

    dependencies = [("search", "0001_change_log")]

    operations = [
        migrations.RunSQL((FOLDER / "0002_places.sql").read_text(), (FOLDER / "0002_places_away.sql").read_text())
    ]
