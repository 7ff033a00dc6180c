"""Companies and establishments go where their communes go: after a load of towns, into the town that is theirs now."""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from psycopg.sql import Literal

from foxreviews.core import sql
from foxreviews.core.locks import advisory_lock
from foxreviews.enterprise.models import Entreprise, Etablissement
from foxreviews.enterprise.privacy import MASK, PUBLIC
from foxreviews.importing.load import corrections
from foxreviews.importing.models import LOCK
from foxreviews.location.loading import Moved
from foxreviews.location.lookup import VilleLookup

BUSY = "An import of companies is running, and looks up towns. Wait until it has ended, then run import_villes again."
# Pages of a table in a block, 800 MB: the triggers of a statement are given all its rows, before and after.
PAGES = 100_000

Located = type[Entreprise] | type[Etablissement]


def move_companies(**_: Any) -> Moved:
    """Move those whose town is another one now, has another name, or has been found; how many.

    In the transaction of the load of towns. Raises LockedError while companies are imported.
    """
    if not any(model.objects.order_by().exists() for model in (Entreprise, Etablissement)):
        return Moved()
    with advisory_lock(LOCK, message=BUSY):
        corrections.lock_out_staff()
        towns = VilleLookup.load()
        companies = _move(Entreprise, "move_entreprises", towns)
        corrections.follow_towns()
        return Moved(companies, _move(Etablissement, "move_etablissements", towns))


def _move(model: Located, statement: str, towns: VilleLookup) -> int:
    moves = list(_moves(model, towns))
    if not moves:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(sql.load(__file__, "moves"))
        with cursor.copy("COPY importing_move FROM STDIN") as copy:
            for move in moves:
                copy.write_row(move)
        cursor.execute("ANALYZE importing_move")
        pages, size = _pages(model)
        moved = sum(_execute(cursor, statement, page, size) for page in range(0, pages, size))
        cursor.execute("DROP TABLE importing_move")
    return moved


def _pages(model: Located) -> tuple[int, int]:
    """The pages of the table, or of its largest partition, and how many of each are in a block."""
    tables = sql.leaves(model._meta.db_table)
    largest = "SELECT max(pg_relation_size(oid)) FROM unnest(%s::regclass[]) AS oid"
    statement = f"SELECT ({largest}) / current_setting('block_size')::int"
    return int(sql.value(statement, tables)), max(PAGES // len(tables), 1)


def _execute(cursor: Any, statement: str, page: int, size: int) -> int:
    """Move the rows of a block. What it moves is written further on, and has no other move there."""
    bounds = {"first": Literal(f"({page},0)"), "behind": Literal(f"({page + size},0)")}
    parts = {"public": Literal(PUBLIC), "mask": Literal(MASK)}
    cursor.execute(sql.compose(sql.load(__file__, statement), **parts, **bounds))
    return int(cursor.rowcount)


def _moves(model: Located, towns: VilleLookup) -> Iterator[tuple[str, ...]]:
    """Where they are, and where they should be: 4,000,000 companies name some 60,000 distinct places.

    Without a postal code a place was named in some other country, or by nobody.
    """
    columns = ("ville_id", "code_postal", "ville_nom", "departement")
    for code, *written, departement in model.objects.order_by().values_list(*columns).distinct():
        code_postal, ville_nom = written
        place = towns.by_code(code, ville_nom) if code else towns.resolve(code_postal, ville_nom)
        if place is None or not (code or (code_postal and place.code_commune)):
            continue
        now = (place.code_commune, place.ville_nom, place.departement)
        if now != (code, ville_nom, departement):
            yield (code or "", *written, departement, *now, place.localite)
