"""Fictional companies do not come among real ones, nor real ones among fictional companies or into fictional towns."""

from django.db import connection
from psycopg.sql import SQL, Composable

from foxreviews.importing.load.staging import Staging
from foxreviews.reference.fictional import SAMPLE, are_fictional, refuse_mixing

COMPANIES = SQL("SELECT ville_nom FROM enterprise_entreprise ORDER BY id LIMIT {}")
TOWNS = SQL("SELECT nom FROM location_ville LIMIT {}")


def refuse_mixing_companies(staging: Staging) -> None:
    """Raises FictionalAmongReal. Fictional companies may stand in real towns: they change none."""
    staged = staging.towns(SAMPLE)
    refuse_mixing(staged, _names(COMPANIES.format(SAMPLE)), of_file="companies", of_directory="companies")
    if not are_fictional(staged):
        refuse_mixing(staged, _names(TOWNS.format(SAMPLE)), of_file="companies", of_directory="towns")


def _names(query: Composable) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [name or "" for (name,) in cursor.fetchall()]
