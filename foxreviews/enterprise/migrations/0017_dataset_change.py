from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent


class Migration(migrations.Migration):
    """Whatever changes what the directory shows is counted: triggers."""

    dependencies = [
        ("enterprise", "0016_room_for_establishments"),
        ("location", "0003_names_index"),
    ]

    operations = [
        migrations.RunSQL(
            (FOLDER / "0017_dataset_change.sql").read_text(),
            (FOLDER / "0017_dataset_change_away.sql").read_text(),
        ),
    ]
