"""NAF 2025 costs less: its labels stand in reference.naf, all of them, and its index holds who has a code.

Every statement may be run again after it was interrupted. The build waits as long as it must, because nobody waits for
it.
"""

from django.db import migrations, models

import foxreviews.enterprise.fields

INDEX = "enterprise_entreprise_naf25_idx"
BUILD = f"CREATE INDEX CONCURRENTLY {INDEX} ON enterprise_entreprise (naf25_code, created_at, id)"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("enterprise", "0007_withhold_stored")]

    operations = [
        migrations.RunSQL(
            ["ALTER TABLE enterprise_entreprise DROP COLUMN IF EXISTS naf25_libelle"],
            [
                "ALTER TABLE enterprise_entreprise"
                " ADD COLUMN IF NOT EXISTS naf25_libelle varchar(255) DEFAULT '' NOT NULL"
            ],
            state_operations=[migrations.RemoveField("entreprise", "naf25_libelle")],
        ),
        migrations.RunSQL(
            [
                "SET lock_timeout = 0",
                f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}",
                f"{BUILD} WHERE naf25_code <> ''",
                "RESET lock_timeout",
            ],
            [
                "SET lock_timeout = 0",
                f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}",
                BUILD,
                "RESET lock_timeout",
            ],
            state_operations=[
                migrations.RemoveIndex("entreprise", INDEX),
                migrations.AddIndex(
                    "entreprise",
                    foxreviews.enterprise.fields.BTreeIndex(
                        fields=["naf25_code", "created_at", "id"],
                        condition=models.Q(("naf25_code", ""), _negated=True),
                        name=INDEX,
                    ),
                ),
            ],
        ),
    ]
