"""Successions, doubles and former names: from their files into tables, in the transaction that merges the companies.

Each table becomes what its file says. A row that is there already is not written.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, cast

import polars as pl
from django.db import connection, transaction
from django.db.models import Model
from psycopg.sql import SQL, Identifier, Literal

from foxreviews.core import sql
from foxreviews.enterprise.by_siren import ACCENTED, PLAIN
from foxreviews.enterprise.models import AncienNom, Doublon, Succession
from foxreviews.enterprise.privacy import HIDDEN_SQL, MASK
from foxreviews.importing.clean.cleaning import Cleaned, Step
from foxreviews.importing.clean.not_known import loaded
from foxreviews.importing.clean.places import Places
from foxreviews.importing.clean.siren_bitmap import SirenBitmap
from foxreviews.importing.load import staging
from foxreviews.importing.load.merge import JOIN_MEMORY
from foxreviews.importing.load.staging import JOINED_COMPANIES, Staging
from foxreviews.importing.run import Run
from foxreviews.reading.blocks import Input
from foxreviews.sirene import layout, links
from foxreviews.sirene.layout import Layout
from foxreviews.sirene.report import Links
from foxreviews.sirene.stock import open_stock


class Kind(NamedTuple):
    """A file, and the table that it fills; `found` and `absent` name statements."""

    name: str
    layout: Layout
    steps: tuple[Step, ...]
    model: type[Model]
    table: str  # the staging table
    key: tuple[str, ...]
    found: str = "link_first"
    absent: str = ""
    rows: Callable[[pl.DataFrame], pl.DataFrame] | None = (
        None  # those of a block, where not each record is one
    )


KINDS = {
    "successions": Kind(
        "succession", layout.SUCCESSIONS, links.SUCCESSIONS, Succession, staging.SUCCESSIONS,
        ("predecesseur", "successeur", "date"), absent="absent_successions",
    ),
    "doublons": Kind(
        "doublon", layout.DOUBLES, links.DOUBLES, Doublon, staging.DOUBLES, ("siren",), absent="absent_doubles",
    ),
    "historique": Kind(
        "historique", layout.HISTORY, links.PERIODS, AncienNom, staging.FORMER_NAMES, ("siren", "nature", "nom"),
        found="former_names", rows=links.former_names,
    ),
}  # fmt: skip


@dataclass
class Link:
    """A file that is open, its staged rows, and its counts."""

    kind: Kind
    stock: Input
    staging: Staging
    counts: Links = field(default_factory=Links)

    def stage(self, run: Run, places: Places, units: SirenBitmap) -> None:
        """Stage the records; of history those of the units that are loaded. Raises TooManyRejects."""
        counts, kind = self.counts, self.kind

        def stage(cleaned: Cleaned) -> None:
            rejects = [replace(each, reason=f"{kind.name}-{each.reason}") for each in cleaned.rejects()]
            if kind.rows:  # a record of history that cannot be read may name a person, too
                rejects = [replace(each, raw=MASK) for each in rejects]
            run.ledger.reject(rejects, counts)
            rows = good = cleaned.good
            if kind.rows:
                rows = good.filter(pl.Series(units.has(good["siren"].cast(pl.Int64).to_numpy())))
                counts.without_unit += good.height - rows.height
            counts.records += cleaned.block.records
            counts.accepted += rows.height
            counts.blank += cleaned.blank
            self.staging.add(kind.rows(rows) if kind.rows else rows)

        self.staging.create()
        run.each_block(kind.name.capitalize(), self.stock, self.stock.blocks(None), kind.steps, places, stage)
        counts.refuse_too_many_rejects(run.options.max_reject_rate)

    def compare(self) -> None:
        """Count what a merge would do, against the companies that are staged: it is done, and undone."""
        with transaction.atomic():
            self._merge(companies=JOINED_COMPANIES, partial=False)
            transaction.set_rollback(True)
        self.staging.drop()

    def merge(self, *, partial: bool) -> None:
        """Bring the table to what is staged. `partial`: of some companies only, so nothing is removed."""
        self._merge(companies="enterprise_entreprise", partial=partial)
        if self.counts.written:
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {self.kind.model._meta.db_table}")
        self.staging.drop()

    def _merge(self, companies: str, *, partial: bool) -> None:
        counts = self.counts
        with connection.cursor() as cursor:
            cursor.execute(JOIN_MEMORY)
        self._run(self.kind.found, companies=Identifier(companies))
        if not partial or not self.kind.rows:
            counts.removed = self._run("link_remove")
        counts.written = self._run("link_insert")
        counts.unchanged = int(sql.value("SELECT count(*) FROM importing_link")) - counts.written
        if self.kind.absent:
            counts.absent = sql.rows(sql.load(__file__, self.kind.absent))[0]
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE importing_link")

    def _run(self, name: str, **parts: Any) -> int:
        key, columns = self.kind.key, self.staging.columns
        others = [column for column in columns if column not in key]
        statement = sql.compose(
            sql.load(__file__, name),
            table=Identifier(self.kind.model._meta.db_table),
            staging=Identifier(self.staging.name),
            columns=sql.columns(columns),
            key=sql.columns(key),
            kept_key=sql.columns(key, "kept"),
            found_key=sql.columns(key, "found"),
            kept_others=sql.columns(others, "kept"),
            found_others=sql.columns(others, "found"),
            accented=Literal(ACCENTED),
            plain=Literal(PLAIN),
            hidden=SQL(cast("Any", HIDDEN_SQL)),
            **parts,
        )
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return int(cursor.rowcount)


def opened(stack: ExitStack, files: Any, *, dry_run: bool) -> list[Link]:
    """Those of the files that are given, open until the stack closes. Raises UnreadableSource, WrongColumns."""
    found = []
    for name, kind in KINDS.items():
        if path := getattr(files, name):
            stock = stack.enter_context(open_stock(path, kind.layout))
            table = Staging(loaded(kind.model), temporary=dry_run, name=kind.table, model=kind.model)
            found.append(Link(kind, stock, table))
    return found
