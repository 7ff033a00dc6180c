from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent


class Migration(migrations.Migration):
    """A change of the category, or of whether a company employs people, is noted in the change log."""

    dependencies = [("search", "0007_date_creation"), ("enterprise", "0021_categorie_employeur")]

    operations = [
        migrations.RunSQL(
            (FOLDER / "0008_categorie_employeur.sql").read_text(),
            (FOLDER / "0008_categorie_employeur_away.sql").read_text(),
        )
    ]
