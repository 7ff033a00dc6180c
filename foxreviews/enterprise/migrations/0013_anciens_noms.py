from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent


class Migration(migrations.Migration):
    """Who is hidden has no former name, whoever writes: triggers."""

    dependencies = [("enterprise", "0012_successions")]

    operations = [
        migrations.RunSQL(
            (FOLDER / "0013_anciens_noms.sql").read_text(), (FOLDER / "0013_anciens_noms_away.sql").read_text()
        ),
    ]
