"""Companies go where their communes go: after a load of towns, into the town that is theirs now."""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from psycopg.sql import Literal

from foxreviews.core import sql
from foxreviews.core.locks import advisory_lock
from foxreviews.enterprise.models import Entreprise
from foxreviews.enterprise.privacy import MASK, PUBLIC
from foxreviews.importing.models import LOCK
from foxreviews.location.lookup import VilleLookup

BUSY = "An import of companies is running, and looks up towns. Wait until it has ended, then run import_villes again."


def move_companies(**_: Any) -> int:
    """Move the companies whose town is another one now, has another name, or has been found; how many.

    In the transaction of the load of towns. Raises LockedError while companies are imported.
    """
    if not Entreprise.objects.order_by().exists():
        return 0
    with advisory_lock(LOCK, message=BUSY), connection.cursor() as cursor:
        moves = list(_moves(VilleLookup.load()))
        if not moves:
            return 0
        cursor.execute(sql.load(__file__, "moves"))
        with cursor.copy("COPY importing_move FROM STDIN") as copy:
            for move in moves:
                copy.write_row(move)
        cursor.execute("ANALYZE importing_move")
        parts = {"public": Literal(PUBLIC), "mask": Literal(MASK)}
        cursor.execute(sql.compose(sql.load(__file__, "move"), **parts))
        moved: int = cursor.rowcount
        cursor.execute("DROP TABLE importing_move")
    return moved


def _moves(towns: VilleLookup) -> Iterator[tuple[str, ...]]:
    """Where companies are, and where they should be: 4,000,000 of them name some 60,000 distinct places.

    Without a postal code a place was named in some other country, or by nobody.
    """
    columns = ("ville_id", "code_postal", "ville_nom", "departement")
    for code, *written, departement in Entreprise.objects.order_by().values_list(*columns).distinct():
        code_postal, ville_nom = written
        place = towns.by_code(code, ville_nom) if code else towns.resolve(code_postal, ville_nom)
        if place is None or not (code or (code_postal and place.code_commune)):
            continue
        now = (place.code_commune, place.ville_nom, place.departement)
        if now != (code, ville_nom, departement):
            yield (code or "", *written, departement, *now, place.localite)
