"""How many establishments there are, by what they have: counted after each import, because no index counts them.

A count is of one moment, which its answers say. Whoever changes establishments otherwise may count again.
"""

import datetime as dt
from collections.abc import Mapping

from django.db import connection, transaction

from foxreviews.core import sql
from foxreviews.enterprise.models import Comptage

NEW_VERSION = "INSERT INTO dataset_change DEFAULT VALUES"  # answers that have counts are others now
COUNT = sql.load(__file__, "count_establishments")
SUMMED = sql.load(__file__, "summed")
MOMENT = "moment"  # the dimension of the one row that says when it was
CHANGED = "changed"  # and of the one that says that it is not of today's establishments

Counts = Mapping[str, Mapping[str, int]]  # of each dimension, how many have each value


def refresh() -> None:
    """Count again. Readers have the last count until it is done."""
    with transaction.atomic(), connection.cursor() as cursor:
        Comptage.objects.all().delete()
        cursor.execute(COUNT)
        now = dt.datetime.now(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        cursor.execute(NEW_VERSION)
        Comptage.objects.create(dimension=MOMENT, departement="", is_active=True, valeur=now, nombre=0)


def note_change() -> None:
    """In the transaction that changes establishments: an import that is killed before it counts leaves word."""
    Comptage.objects.update_or_create(
        dimension=CHANGED, departement="", is_active=True, valeur="", defaults={"nombre": 0}
    )


def is_due() -> bool:
    """Whether an import has changed establishments since the last count, or none was made."""
    return not moment() or Comptage.objects.filter(dimension=CHANGED).exists()


def moment() -> str:
    """When it was counted, "" if never."""
    return Comptage.objects.filter(dimension=MOMENT).values_list("valeur", flat=True).first() or ""


def counted(departements: tuple[str, ...], is_active: bool | None) -> Counts:
    """The last count, of these départements (all: none given) and of this state."""
    asked = {"others": [MOMENT, CHANGED], "departements": list(departements) or None, "is_active": is_active}
    counts: dict[str, dict[str, int]] = {}
    for row in sql.rows(SUMMED, asked):
        counts.setdefault(row["dimension"], {})[row["valeur"]] = row["nombre"]
    return counts
