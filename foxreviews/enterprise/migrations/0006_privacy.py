from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent


class Migration(migrations.Migration):
    """What is hidden is not stored, whoever writes it: triggers."""

    dependencies = [("enterprise", "0005_naf25")]

    operations = [
        migrations.RunSQL(
            (FOLDER / "0006_privacy.sql").read_text(), (FOLDER / "0006_privacy_away.sql").read_text()
        )
    ]
