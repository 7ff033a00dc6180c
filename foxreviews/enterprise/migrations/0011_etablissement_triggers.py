from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent


class Migration(migrations.Migration):
    """What is hidden of an establishment is not stored, whoever writes it: triggers."""

    dependencies = [("enterprise", "0010_etablissement")]

    operations = [
        migrations.RunSQL(
            (FOLDER / "0011_etablissement_triggers.sql").read_text(),
            (FOLDER / "0011_etablissement_triggers_away.sql").read_text(),
        ),
    ]
