from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent


class Migration(migrations.Migration):
    """What companies in partitions by département need (manage.py partition_entreprises). One table uses none of it."""

    dependencies = [("enterprise", "0017_dataset_change")]

    operations = [
        migrations.RunSQL(
            (FOLDER / "0018_partitions.sql").read_text(), (FOLDER / "0018_partitions_away.sql").read_text()
        )
    ]
