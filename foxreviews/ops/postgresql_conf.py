"""The settings that suit a machine, as a commented postgresql.conf, and as ALTER SYSTEM."""

import textwrap
from collections.abc import Iterator

from django.db import ProgrammingError, connection
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from foxreviews.core import files
from foxreviews.core.errors import FoxreviewsError, as_typed
from foxreviews.localdb.machine import GIB, Machine
from foxreviews.ops import psql
from foxreviews.ops.server_settings import LIBRARIES, Advice

WIDTH = 78


class NotAllowedError(FoxreviewsError):
    """The role may not change the server's settings."""


def text(machine: Machine, advised: list[Advice], database: int) -> str:
    """The file; `database` is how many bytes the database has."""
    differing = [each for each in advised if each.differs]
    about = (
        f"PostgreSQL for foxreviews: {machine.memory / GIB:.1f} GiB of memory, {machine.cores} cores, "
        f"{files.format_bytes(machine.free_disk)} of free disk. The database has {files.format_bytes(database)}."
    )
    lines = [_comment(about), _comment(_summary(differing, len(advised)))]
    lines += [f"\n{_comment(each.setting.why)}\n{_line(each)}" for each in advised]
    return "\n".join(lines)


def _summary(differing: list[Advice], of: int) -> str:
    if not differing:
        return f"The server has all {of} of these already."
    restart = sum(each.restart for each in differing)
    return (
        f"{len(differing)} of {of} differ from the server's, {restart} of them need a restart. Put this into "
        "conf.d/foxreviews.conf beside postgresql.conf, or let .venv/bin/python manage.py tune --apply set them."
    )


def _comment(sentence: str) -> str:
    return textwrap.fill(sentence, WIDTH, initial_indent="# ", subsequent_indent="# ")


def _line(each: Advice) -> str:
    quoted = each.wanted.replace("'", "''")
    line = f"{each.name} = '{quoted}'"
    if not each.differs:
        return line if each.now is not None else f"# {line}  # this server does not know it"
    return f"{line}  # now {each.now or 'empty'}{', needs a restart' if each.restart else ''}"


def apply(advised: list[Advice]) -> Iterator[str]:
    """Set what differs; the lines to tell. Raises NotAllowedError, and then nothing was changed."""
    differing = [each for each in advised if each.differs]
    if not differing:
        yield "Nothing to change: the server has all of them already."
        return
    with connection.cursor() as cursor:
        for each in differing:
            try:
                cursor.execute(_alter(each))
            except ProgrammingError as error:
                if not isinstance(error.__cause__, InsufficientPrivilege):
                    raise
                raise NotAllowedError(
                    "Only a superuser of PostgreSQL may change its settings. Let one read them instead: "
                    ".venv/bin/python manage.py tune > /etc/postgresql/15/main/conf.d/foxreviews.conf"
                ) from error
            when = "at the next restart" if each.restart else "now"
            yield f"{each.name:33}{each.now or 'empty'} → {each.wanted}, {when}"
        cursor.execute("SELECT pg_reload_conf()")
    yield ""
    if any(each.restart for each in differing):
        yield f"To restart the server: {_how_to_restart()}"
    yield f"To undo all of it: {_undo(differing)}"


def _alter(each: Advice) -> sql.Composed:
    # A list is several values: as one, "a, b" would be the name of one library.
    values = each.wanted.split(", ") if each.name == LIBRARIES else [each.wanted]
    literals = sql.SQL(", ").join(map(sql.Literal, values))
    return sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(each.name), literals)


def _undo(differing: list[Advice]) -> str:
    """Back to the value that was there: that of the files, or of an earlier ALTER SYSTEM."""
    with connection.cursor():
        session = connection.connection
    words: list[str] = []
    for each in differing:
        back = (
            sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(each.name), sql.Literal(each.now))
            if each.altered
            else sql.SQL("ALTER SYSTEM RESET {}").format(sql.Identifier(each.name))
        )
        words += ["-c", back.as_string(session)]
    return as_typed(psql.typed(*words, "-c", "SELECT pg_reload_conf()"))


def _how_to_restart() -> str:
    if psql.is_own():
        return as_typed("manage.py localdb stop && manage.py localdb start")
    return "sudo systemctl restart postgresql"
