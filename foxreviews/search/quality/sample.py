"""Companies of the directory to make questions from, drawn by PostgreSQL: the others are never read."""

from pathlib import Path

from django.db import connection

from foxreviews.enterprise.privacy import HIDDEN_SQL
from foxreviews.search.quality.questions import Company

SAMPLE = Path(__file__).with_name("sample.sql").read_text().format(hidden=HIDDEN_SQL)


def companies(most: int, seed: int) -> list[Company]:
    """About `most` of the companies that may be shown, the same for the same table and seed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM enterprise_entreprise")
        ((count,),) = cursor.fetchall()
        percent = min(100.0, 100 * most / max(count, 1))
        cursor.execute(SAMPLE, {"percent": percent, "seed": seed})
        return [Company(*row) for row in cursor.fetchall()]
