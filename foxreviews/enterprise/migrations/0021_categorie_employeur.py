from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns with defaults that are constants: PostgreSQL notes them, and rewrites no row."""

    dependencies = [("enterprise", "0020_corrections")]

    operations = [
        migrations.AddField(
            model_name="entreprise",
            name="categorie_entreprise",
            field=models.CharField(
                blank=True,
                db_collation="C",
                db_default="",
                default="",
                help_text="PME, ETI or GE: of the whole group that the company is part of.",
                max_length=3,
            ),
        ),
        migrations.AddField(
            model_name="entreprise",
            name="est_employeur",
            field=models.BooleanField(
                blank=True,
                help_text="Whether an open establishment has employees. NULL: the register does not say.",
                null=True,
            ),
        ),
    ]
