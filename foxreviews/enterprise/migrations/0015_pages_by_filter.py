"""Companies of a town, département, postal code or trade by name, and of a postal code by date of entry.

Every statement may be run again after it was interrupted. The builds wait as long as they must, because nobody waits for
them.
"""

from django.db import migrations, models

import foxreviews.enterprise.fields


def build(name: str, field: str, order: str = "nom", column: str | None = None) -> migrations.RunSQL:
    index = f"enterprise_entreprise_{name}_idx"
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {index}"
    create = f"CREATE INDEX CONCURRENTLY {index} ON enterprise_entreprise ({column or field}, {order}, id)"
    is_partial = field == "naf25_code"
    where = f" WHERE {field} <> ''" if is_partial else ""
    options = {"condition": ~models.Q((field, ""))} if is_partial else {}
    return migrations.RunSQL(
        ["SET lock_timeout = 0", drop, create + where, "RESET lock_timeout"],
        [drop],
        state_operations=[
            migrations.AddIndex(
                model_name="entreprise",
                index=foxreviews.enterprise.fields.BTreeIndex(fields=[field, order, "id"], name=index, **options),
            ),
        ],
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("enterprise", "0014_near")]

    operations = [
        build("cp_created", "code_postal", "created_at"),
        build("commune_nom", "ville", column="code_commune"),
        build("departement_nom", "departement"),
        build("cp_nom", "code_postal"),
        build("naf_nom", "naf_code"),
        build("naf25_nom", "naf25_code"),
    ]
