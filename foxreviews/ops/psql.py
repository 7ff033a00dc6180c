"""How psql is typed for the database that the project uses: a fix must work as it stands."""

import shlex

from django.conf import settings


def is_own() -> bool:
    """Whether the database is in the server that the project runs for itself."""
    return not settings.DATABASE_URL


def typed(*arguments: str) -> str:
    """The command line of psql with these arguments."""
    program = "manage.py localdb psql" if is_own() else 'psql "$DATABASE_URL"'
    return f"{program} {shlex.join(arguments)}"


def statement(sql: str) -> str:
    """The command line that sends this statement."""
    return typed("-c", sql)


SCALING = "SCALING_4M_ENTREPRISES.sql"


def build_indexes() -> str:
    """The command line that builds the indexes of the directory that are missing or invalid."""
    return typed("-f", SCALING)
