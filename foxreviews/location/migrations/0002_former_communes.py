"""What a commune was made of: the codes of its former communes."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("location", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="ville",
            name="codes_anciens",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=5),
                blank=True,
                db_default=[],
                default=list,
                help_text="INSEE codes of the former communes that are part of it.",
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="ville",
            name="appellations",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=100),
                blank=True,
                db_default=[],
                default=list,
                help_text="Keys of its other names: those the post delivers under, those of its former communes.",
                size=None,
            ),
        ),
    ]
