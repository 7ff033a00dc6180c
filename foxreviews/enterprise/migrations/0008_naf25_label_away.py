"""The labels of NAF 2025 stand in reference.naf, all of them, and not in every row: 50 bytes of each company."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("enterprise", "0007_withhold_stored")]

    operations = [
        migrations.RunSQL(
            ["ALTER TABLE enterprise_entreprise DROP COLUMN IF EXISTS naf25_libelle"],
            ["ALTER TABLE enterprise_entreprise ADD COLUMN naf25_libelle varchar(255) DEFAULT '' NOT NULL"],
            state_operations=[migrations.RemoveField("entreprise", "naf25_libelle")],
        )
    ]
