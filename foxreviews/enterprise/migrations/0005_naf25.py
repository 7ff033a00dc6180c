"""NAF 2025 next to NAF rév. 2: its label, which of both codes was derived from the other, and the index by it.

Every statement may be run again after it was interrupted. An index that a build was interrupted in is dropped first; the
build waits as long as it must, because nobody waits for it.
"""

from django.db import migrations, models

import foxreviews.enterprise.fields

INDEX = "enterprise_entreprise_naf25_idx"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("enterprise", "0004_room_for_updates")]

    operations = [
        migrations.RunSQL(
            [
                "ALTER TABLE enterprise_entreprise"
                " ADD COLUMN IF NOT EXISTS naf25_libelle varchar(255) DEFAULT '' NOT NULL,"
                " ADD COLUMN IF NOT EXISTS naf_derived varchar(10) COLLATE \"C\" DEFAULT '' NOT NULL",
            ],
            [
                "ALTER TABLE enterprise_entreprise"
                " DROP COLUMN IF EXISTS naf25_libelle, DROP COLUMN IF EXISTS naf_derived",
            ],
            state_operations=[
                migrations.AddField(
                    model_name="entreprise",
                    name="naf25_libelle",
                    field=models.CharField(blank=True, db_default="", default="", max_length=255),
                ),
                migrations.AddField(
                    model_name="entreprise",
                    name="naf_derived",
                    field=models.CharField(
                        blank=True,
                        choices=[("naf_code", "NAF rév. 2"), ("naf25_code", "NAF 2025")],
                        db_collation="C",
                        db_default="",
                        default="",
                        help_text="The code that no source gave: it is the only one that corresponds to the other.",
                        max_length=10,
                    ),
                ),
            ],
        ),
        migrations.RunSQL(
            [
                "SET lock_timeout = 0",
                f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}",
                f"CREATE INDEX CONCURRENTLY {INDEX} ON enterprise_entreprise (naf25_code, created_at, id)",
                "RESET lock_timeout",
            ],
            [f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}"],
            state_operations=[
                migrations.AddIndex(
                    model_name="entreprise",
                    index=foxreviews.enterprise.fields.BTreeIndex(
                        fields=["naf25_code", "created_at", "id"], name=INDEX
                    ),
                ),
            ],
        ),
    ]
