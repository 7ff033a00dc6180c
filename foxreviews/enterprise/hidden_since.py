"""What an index says of a company, checked against its row: who was hidden or removed since is found by no name.

An index follows the database after some time, or never where the process that keeps it has died. What it has of names
is older than the rows, so it is not believed.
"""

from collections.abc import Collection
from functools import cache
from typing import Any

from django.db import connection

from foxreviews.core import sql
from foxreviews.core.keyset import Row
from foxreviews.enterprise import partitions
from foxreviews.enterprise.models import Entreprise
from foxreviews.enterprise.privacy import HIDDEN, is_hidden

NEWLY_HIDDEN = sql.load(__file__, "newly_hidden")
# With the row: a statement of their own takes as long as that for the rows.
FORMER_NAMES = sql.load(__file__, "former_names")
NEWLY = "newly_hidden"
MAX_SIRENS = 10_000  # with more, an index is no help
KEPT_DAYS = 90  # an index that is older was forgotten long before (search.index.changes.MAX_DAYS_AWAY)


class HiddenSince:
    """Those known to have been hidden or removed since an index was at `position`, a snapshot; "" where it has none.

    One for a state of an index, shared by the requests that read it.
    """

    def __init__(self, position: str = "") -> None:
        self.position = position
        self.sirens: set[str] = set()

    @property
    def are_too_many(self) -> bool:
        """Whether the index knows so many by name that it must not be asked."""
        return len(self.sirens) > MAX_SIRENS

    def rows_of(self, sirens: Collection[str]) -> list[Row]:
        """Whole rows of those of the companies that there are and that are not hidden, in no order.

        Each has `anciens_noms`, as enterprise.names reads it.
        What is learnt of hidden ones, these or others, is in `sirens` afterwards: the index is then to be asked again.
        One query, past the ORM, which takes 0.5 ms to spell this one for each page that is found.
        """
        if not sirens:
            self.refresh()
            return []
        found = partitions.by_siren(_by_siren(follows=bool(self.position)), [*sirens], self._parameters)
        if self.position:
            newly = [row.pop(NEWLY) for row in found]
            self.sirens.update(newly[0] or () if newly else ())
        return self.shown(found)

    def shown(self, rows: Collection[Row]) -> list[Row]:
        """The rows that are not hidden. The others are known from now on."""
        self.sirens.update(row["siren"] for row in rows if is_hidden(row))
        return [row for row in rows if not is_hidden(row)]

    def refresh(self) -> None:
        """Learn who was hidden or removed by now."""
        if self.position:
            self.sirens.update(_newly_hidden(self._parameters))

    @property
    def _parameters(self) -> dict[str, Any]:
        return {"position": self.position, "limit": MAX_SIRENS + 1}


def hidden_since(position: str) -> set[str]:
    """Who became hidden since then and is there; of very many only some."""
    found = HiddenSince(position)
    found.refresh()
    if not found.sirens:
        return set()
    rows = Entreprise.objects.filter(HIDDEN, siren__in=found.sirens)
    return set(rows.values_list("siren", flat=True))


def forget_old() -> None:
    """Remove what no index can need any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM enterprise_hidden WHERE hidden_at < now() - make_interval(days => %s)", [KEPT_DAYS]
        )


def _newly_hidden(parameters: dict[str, Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(NEWLY_HIDDEN, parameters)
        found: list[str] | None = cursor.fetchone()[0]
    return found or []


@cache
def _by_siren(*, follows: bool) -> str:
    """The statement, with the columns under the names of their fields; who became hidden since comes with each row."""
    columns = ", ".join(
        f'"{field.column}" AS "{field.attname}"' for field in Entreprise._meta.concrete_fields
    )
    more = f", ({NEWLY_HIDDEN}) AS {NEWLY}" if follows else ""
    table = Entreprise._meta.db_table
    return (
        f"SELECT {columns}, {FORMER_NAMES} AS anciens_noms{more} FROM {table} WHERE siren = ANY(%(sirens)s)"  # noqa: S608
    )
