"""What PostgreSQL refuses is a sentence with what to do; a defect of the program is none."""

import pytest
from django.db import DatabaseError, OperationalError, ProgrammingError
from psycopg import errors

from foxreviews.core.database_errors import sentence


def caused_by(error: DatabaseError, cause: Exception) -> DatabaseError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            caused_by(ProgrammingError('relation "x" does not exist\nLINE 1: …'), errors.UndefinedTable()),
            (
                'The database is not of this version: relation "x" does not exist. '
                "Bring it up to date: manage.py migrate"
            ),
        ),
        (
            caused_by(ProgrammingError("permission denied for table x"), errors.InsufficientPrivilege()),
            (
                "The database role may not do this: permission denied for table x. "
                "Let DATABASE_URL name the role that owns the tables."
            ),
        ),
        (
            caused_by(
                OperationalError("canceling statement due to statement timeout"), errors.QueryCanceled()
            ),
            "PostgreSQL gave up: canceling statement due to statement timeout.",
        ),
        (OperationalError("connection refused\n"), "The database does not answer: connection refused"),
        (caused_by(ProgrammingError("syntax error"), errors.SyntaxError()), None),
        (DatabaseError(""), None),
    ],
)
def test_a_refusal_is_a_sentence_and_a_defect_is_not(error: DatabaseError, said: str | None) -> None:
    assert sentence(error) == said
