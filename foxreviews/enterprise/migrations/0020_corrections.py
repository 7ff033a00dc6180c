from pathlib import Path

import django.db.models.functions.datetime
import foxreviews.enterprise.fields
from django.db import migrations, models

FOLDER = Path(__file__).parent


class Migration(migrations.Migration):
    """What staff correct, and the trail of it."""

    dependencies = [("enterprise", "0019_comptage")]

    operations = [
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("siren", models.CharField(db_collation="C", max_length=9)),
                ("field", models.CharField(db_collation="C", help_text="The column of the company.", max_length=30)),
                ("value", models.JSONField(help_text="What staff say.", null=True)),
                (
                    "register_value",
                    models.JSONField(
                        help_text="What the register last said, or the directory before it was corrected.", null=True
                    ),
                ),
                ("author", models.CharField(max_length=150)),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                (
                    "corrected_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("siren", "field"), name="enterprise_correction_siren_field_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Modification",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("siren", models.CharField(db_collation="C", max_length=9)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("created", "created by staff"),
                            ("corrected", "corrected by staff"),
                            ("taken-back", "correction taken back by staff"),
                            ("confirmed", "the register says the same now"),
                            ("deleted", "deleted by staff"),
                        ],
                        db_collation="C",
                        max_length=10,
                    ),
                ),
                (
                    "field",
                    models.CharField(
                        blank=True,
                        db_collation="C",
                        default="",
                        help_text="The column; empty: all of them.",
                        max_length=30,
                    ),
                ),
                ("old_value", models.JSONField(null=True)),
                ("new_value", models.JSONField(null=True)),
                ("author", models.CharField(help_text="The account, or the import.", max_length=150)),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                (
                    "changed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    foxreviews.enterprise.fields.BTreeIndex(
                        fields=["siren", "id"], name="enterprise_modification_siren_idx"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            (FOLDER / "0020_corrections.sql").read_text(), (FOLDER / "0020_corrections_away.sql").read_text()
        ),
    ]
