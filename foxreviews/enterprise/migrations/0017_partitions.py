from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent


class Migration(migrations.Migration):
    """What companies in partitions by département need (manage.py partition_entreprises). One table uses none of it."""

    dependencies = [("enterprise", "0016_room_for_establishments")]

    operations = [
        migrations.RunSQL(
            (FOLDER / "0017_partitions.sql").read_text(), (FOLDER / "0017_partitions_away.sql").read_text()
        )
    ]
