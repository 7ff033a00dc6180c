"""The note that the demo leaves on the table of companies: they are invented, and real ones should not join them."""

from django.db import connection

from foxreviews.core.progress import Reporter
from foxreviews.enterprise.models import Entreprise

TABLE = Entreprise._meta.db_table
LOADED = "demo data"


def read() -> str:
    """The comment of the table; empty where it has none. It is there as long as the table, whoever restores it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(obj_description(%s::regclass), '')", [TABLE])
        return str(cursor.fetchone()[0])


def warn_of_demo(reporter: Reporter) -> None:
    """Say so where an import would put companies among those that the demo has invented."""
    if read().startswith(f"{LOADED}: ") and Entreprise.objects.order_by().exists():
        reporter.line(
            "This database holds the demo's invented companies, and those of the file will stand among them. "
            "For an empty one: .venv/bin/python manage.py localdb destroy --yes, then migrate."
        )
