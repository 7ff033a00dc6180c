"""The index by which a town is found under its other names and former codes. It may be run again after it was interrupted."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

INDEX = "location_ville_noms_idx"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("location", "0002_former_communes")]

    operations = [
        migrations.RunSQL(
            [
                "SET lock_timeout = 0",
                f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}",
                f"CREATE INDEX CONCURRENTLY {INDEX} ON location_ville USING gin (appellations, codes_anciens)"
                " WITH (fastupdate = off)",
                "RESET lock_timeout",
            ],
            [f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}"],
            state_operations=[
                migrations.AddIndex(
                    model_name="ville",
                    index=GinIndex(fields=["appellations", "codes_anciens"], name=INDEX, fastupdate=False),
                ),
            ],
        ),
    ]
