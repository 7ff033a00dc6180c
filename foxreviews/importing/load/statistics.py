"""The planner's statistics after a load."""

from collections.abc import Mapping

from django.db import connection
from django.db.models import Model

from foxreviews.core import sql
from foxreviews.enterprise.models import Entreprise

# Of the rows, that have changed, as `maintain` and `doctor` have it. Below it the statistics are as good as before, and
# a load of 1,000,000 companies that changes none would take them again in 4.5 of its 21 s.
STALE = 0.05
# Queries compare these, too
COMPARED: Mapping[type[Model], set[str]] = {Entreprise: {"siren", "statut_diffusion", "categorie_juridique"}}
# Names want a large sample, which costs time for each column that is read with them (17 s for all of them).
READ_ALONE: Mapping[type[Model], set[str]] = {Entreprise: {"nom"}}


def refresh(model: type[Model], changed: int, *, rebuilt: bool = False) -> None:
    """Take them where there are none, where many rows have changed, or after a first load."""
    table = model._meta.db_table
    if not rebuilt and _has_statistics(table) and changed <= STALE * sql.estimate(table):
        return
    alone = READ_ALONE.get(model, set())
    with connection.cursor() as cursor:
        for columns in filter(None, (_asked_for(model) - alone, alone)):
            cursor.execute(f"ANALYZE {table} ({', '.join(sorted(columns))})")


def _asked_for(model: type[Model]) -> set[str]:
    """The columns that queries compare or sort by. The planner's statistics of the others can wait for autovacuum."""
    names = {name for index in model._meta.indexes for name in index.fields} | COMPARED.get(model, set())
    return {field.column for field in model._meta.concrete_fields if field.name in names}


def _has_statistics(table: str) -> bool:
    return bool(sql.value("SELECT EXISTS (SELECT FROM pg_stats WHERE tablename = %s)", table))
