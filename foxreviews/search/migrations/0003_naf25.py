from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent


class Migration(migrations.Migration):
    """A change of the code of NAF 2025 is noted in the change log."""

    dependencies = [("search", "0002_places"), ("enterprise", "0005_naf25")]

    operations = [
        migrations.RunSQL((FOLDER / "0003_naf25.sql").read_text(), (FOLDER / "0003_naf25_away.sql").read_text())
    ]
