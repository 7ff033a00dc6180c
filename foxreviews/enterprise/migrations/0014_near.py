"""Establishments of a trade by their cell: what is near is read without the rest of the trade, or of the town.

Every statement may be run again after it was interrupted. The builds wait as long as they must, because nobody waits for
them.
"""

from django.db import migrations, models

import foxreviews.enterprise.fields


def build(column: str) -> migrations.RunSQL:
    name = f"enterprise_etablissement_{column.removesuffix('_code')}_cell_idx"
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {name}"
    has, text = f"{column} <> '' AND cell IS NOT NULL", "CREATE INDEX CONCURRENTLY {} ON enterprise_etablissement ({}, cell)"
    return migrations.RunSQL(
        ["SET lock_timeout = 0", drop, f"{text.format(name, column)} WHERE {has}", "RESET lock_timeout"],
        [drop],
        state_operations=[
            migrations.AddIndex(
                model_name="etablissement",
                index=foxreviews.enterprise.fields.BTreeIndex(
                    fields=[column, "cell"],
                    condition=~models.Q((column, "")) & models.Q(cell__isnull=False),
                    name=name,
                ),
            ),
        ],
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("enterprise", "0013_anciens_noms")]

    operations = [build("naf_code"), build("naf25_code")]
