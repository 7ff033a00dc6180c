"""What the directory takes on disk, beside what the scaling plan reckons with."""

from dataclasses import dataclass

from foxreviews.ops import indexes, statement
from foxreviews.ops.indexes import TABLE

GB = 1_000_000_000
# The plan's table of disk space, for its 4,000,000 companies
PLAN_ROWS = 4_000_000
PLAN = {"table": 4.0 * GB, "B-tree indexes": 2.0 * GB, "trigram index": 1.5 * GB}
PLAN_FREE = 10 * GB
ENOUGH_ROWS = 10_000  # below, half-filled pages are most of it


@dataclass(frozen=True)
class Sizes:
    """Bytes on disk; `rows` as PostgreSQL last counted or estimated them."""

    rows: int
    table: int
    btree: int
    trigram: int

    @property
    def total(self) -> int:
        return self.table + self.btree + self.trigram

    @property
    def parts(self) -> dict[str, int]:
        """Under the names that the plan's have."""
        return dict(zip(PLAN, (self.table, self.btree, self.trigram), strict=True))

    @property
    def is_enough(self) -> bool:
        """Whether there are so many rows that bytes a row mean something."""
        return self.rows >= ENOUGH_ROWS


def planned(part: str, rows: int) -> int:
    """The plan's bytes for so many companies."""
    return round(PLAN[part] * rows / PLAN_ROWS)


def read_sizes(rows: int | None = None) -> Sizes:
    """The sizes now, for `rows` companies; without, for as many as PostgreSQL's statistics have."""
    of_method = {"btree": 0, "gin": 0}
    for index in indexes.of_companies():
        of_method[index.method] = of_method.get(index.method, 0) + index.bytes
    return Sizes(
        rows=estimate(TABLE) if rows is None else rows,
        table=int(statement.value("SELECT pg_table_size(%s::regclass)", TABLE)),
        btree=sum(of_method.values()) - of_method["gin"],
        trigram=of_method["gin"],
    )


def estimate(table: str) -> int:
    """About how many rows a table has: no scan of millions of rows."""
    return max(0, int(statement.value("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", table)))
