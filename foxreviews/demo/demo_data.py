"""What the demo knows about the data it finds: a note that travels with the table.

The note is the table's comment, so it is there as long as the rows are, however the database is removed
or restored. Rows without a note are a person's: the demo serves them and never touches them.
"""

import re
from dataclasses import dataclass

from django.db import connection

from foxreviews.enterprise.models import Entreprise
from foxreviews.location.models import Ville

DEMO_NOTE = "demo data"
LOADING = f"{DEMO_NOTE}, being loaded"


@dataclass(frozen=True)
class Note:
    """`rows`: the ROWS of the demo that loaded the table; `companies`: its result (None: not yet)."""

    rows: int
    companies: int | None


def read_note() -> Note | None:
    """The note on the table of companies; None where there is none."""
    text = _table_comment()
    if match := re.fullmatch(rf"{LOADING}: ROWS=(\d+)", text):
        return Note(int(match[1]), None)
    if match := re.fullmatch(rf"{DEMO_NOTE}: ROWS=(\d+), (\d+) companies", text):
        return Note(int(match[1]), int(match[2]))
    return None


def must_load(rows: int) -> bool:
    """Whether to load companies: there are none, or only what another demo loaded, wholly or half."""
    if not Entreprise.objects.order_by().exists():
        return True
    note = read_note()
    if note is None:
        return False
    if note.companies is None:
        return True
    return note.rows != rows and Entreprise.objects.count() == note.companies


def begin(rows: int) -> None:
    """Empty the table and note that `rows` are on their way."""
    with connection.cursor() as cursor:
        _write_note(f"{LOADING}: ROWS={rows}")
        cursor.execute(f"TRUNCATE {Entreprise._meta.db_table} RESTART IDENTITY")


def finish(rows: int) -> int:
    """Note that all is loaded; returns the number of companies."""
    companies = Entreprise.objects.count()
    _write_note(f"{DEMO_NOTE}: ROWS={rows}, {companies} companies")
    return companies


def has_towns() -> bool:
    """Whether there are towns: import_villes loads all or none."""
    return Ville.objects.order_by().exists()


def _write_note(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON TABLE {Entreprise._meta.db_table} IS %s", [text])


def _table_comment() -> str:
    """The comment of the table of companies; empty where it has none. A dump and its restore keep it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(obj_description(%s::regclass), '')", [Entreprise._meta.db_table])
        return str(cursor.fetchone()[0])
