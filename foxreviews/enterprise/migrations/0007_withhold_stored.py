from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent


class Migration(migrations.Migration):
    """The rows that were stored before are masked, too; what is gone does not come back."""

    dependencies = [("enterprise", "0006_privacy")]

    operations = [
        migrations.RunSQL((FOLDER / "0007_withhold_stored.sql").read_text(), migrations.RunSQL.noop)
    ]
