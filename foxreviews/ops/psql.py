"""How psql is typed for the database that the project uses: what mends something must work as it stands."""

import shlex

from django.conf import settings


def typed(*arguments: str) -> str:
    """The command line of psql with these arguments."""
    program = 'psql "$DATABASE_URL"' if settings.DATABASE_URL else "manage.py localdb psql"
    return f"{program} {shlex.join(arguments)}"


def statement(sql: str) -> str:
    """The command line that sends this statement."""
    return typed("-c", sql)


SCALING = "SCALING_4M_ENTREPRISES.sql"


def build_indexes() -> str:
    """The command line that builds the indexes of the directory that are missing or invalid."""
    return typed("-f", SCALING)
