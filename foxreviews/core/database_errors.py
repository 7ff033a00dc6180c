"""What PostgreSQL refused, as a sentence for the person who typed the command, with what to do."""

from django.db import DatabaseError, OperationalError
from psycopg import errors

NOT_OF_THIS_VERSION = (
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.UndefinedFunction,
    errors.UndefinedObject,
)
NOT_ALLOWED = (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)


def sentence(error: DatabaseError) -> str | None:
    """What happened and what to do; None where it is a defect of the program, whose traceback is wanted."""
    cause = error.__cause__
    said = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    if isinstance(cause, NOT_OF_THIS_VERSION):
        return f"The database is not of this version: {said}. Bring it up to date: manage.py migrate"
    if isinstance(cause, NOT_ALLOWED):
        return (
            f"The database role may not do this: {said}. Let DATABASE_URL name the role that owns the tables."
        )
    if isinstance(cause, errors.QueryCanceled):
        return f"PostgreSQL gave up: {said}."
    if isinstance(error, OperationalError):
        return f"The database does not answer: {str(error).strip()}"
    return None
