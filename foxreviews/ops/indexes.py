"""The indexes of the database as they are, and those that the directory must have."""

from dataclasses import dataclass

from django.db.models import Index

from foxreviews.enterprise.models import Entreprise
from foxreviews.ops import statement

TABLE = Entreprise._meta.db_table


@dataclass(frozen=True)
class FoundIndex:
    """An index that the database has. `bytes_when_new` is what its entries would take if it were just built."""

    name: str
    table: str
    bytes: int
    entries: int
    method: str
    definition: str
    valid: bool
    unique: bool
    being_built: bool
    scans: int
    bytes_when_new: int | None  # None where PostgreSQL knows nothing of the columns, or for another method
    likeness: str

    @property
    def short_name(self) -> str:
        """Without the name of the companies' table; of other tables it is whole, since they have keys of one name."""
        return self.name.removeprefix(f"{TABLE}_")

    @property
    def columns(self) -> str:
        """What stands in the brackets of its definition."""
        return self.definition.partition(" USING ")[2].partition("(")[2].partition(")")[0]


def found() -> list[FoundIndex]:
    """Every index of the schema, the largest first."""
    return [FoundIndex(**row) for row in statement.rows("indexes")]


def of_companies() -> list[FoundIndex]:
    """Those of the companies."""
    return [index for index in found() if index.table == TABLE]


def required() -> dict[str, Index | None]:
    """The names of the indexes that the companies must have; with the Index that SCALING_4M_ENTREPRISES.sql builds."""
    keys = dict.fromkeys((f"{TABLE}_pkey", *(each.name for each in Entreprise._meta.constraints)))
    return {**keys, **{index.name: index for index in Entreprise._meta.indexes}}
