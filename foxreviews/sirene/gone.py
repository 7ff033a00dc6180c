"""Who is no longer in the register: companies that an earlier full file had and this one has not.

The register forgets companies that became totally private. They are found before the merge, in its transaction, and
what `--gone` asks for is done after it.
"""

import io
from dataclasses import dataclass, field

import numpy as np
from django.db import connection
from psycopg.sql import SQL, Composable, Literal

from foxreviews.core import sql
from foxreviews.enterprise.privacy import MASK, PARTIAL, PUBLIC, WITHHELD
from foxreviews.importing.clean.siren_bitmap import SirenBitmap, Sirens
from foxreviews.importing.errors import TooManyGone
from foxreviews.importing.load import last_register
from foxreviews.sirene.report import Gone

REPORT, DELETE = "report", "delete"
ACTIONS = (REPORT, "cease", "hide", DELETE)
# Unless a share is asked for, fewer companies are no reason to refuse a file.
MAX_GONE, MIN_GONE = 0.01, 20
PARTS = {
    "mask": Literal(MASK),
    "public": Literal(PUBLIC),
    "partial": Literal(PARTIAL),
    "withheld": SQL(", ").join(map(Literal, WITHHELD)),
}


@dataclass
class Departures:
    """Finds who has gone from the register, and does what is asked for. `max_gone`: of those that it had; None: 1 %."""

    action: str
    max_gone: float | None
    register: SirenBitmap = field(default_factory=SirenBitmap)
    _gone: Sirens = field(default_factory=lambda: last_register.NONE)

    def find(self) -> Gone:
        """Count them. Raises TooManyGone. In the transaction of the merge, or of a dry run.

        The limit is for those whom the last full file had. Who was gone before has been reported, and is let through:
        otherwise whoever forces a report could never act on it.
        """
        missing = last_register.compare(self.register)
        found = Gone(self.action, of=missing.had, since_last=missing.since.size)
        refuse_too_many(missing.since.size, missing.had, self.max_gone)
        self._gone = np.concatenate([missing.since, missing.before])
        if self._gone.size:
            self._stage()
            (row,) = sql.rows(_statement("gone_count"))
            found.companies, found.examples = row[REPORT], row["examples"] or []
            if self.action != REPORT:
                found.changed = row[self.action]
        return found

    def act(self, author: str) -> None:
        """Do it, and remember whom the register has now. `author` does it, in the trail of what staff corrected."""
        if self._gone.size and self.action != REPORT:
            with connection.cursor() as cursor:
                cursor.execute(_statement(f"gone_{self.action}", author=Literal(author)))
        last_register.save(self.register, last_register.NONE if self.action == DELETE else self._gone)

    def _stage(self) -> None:
        lines = io.BytesIO()
        np.savetxt(lines, self._gone, "%09d")
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.sirene_gone")
            cursor.execute('CREATE TEMPORARY TABLE sirene_gone (siren varchar(9) COLLATE "C") ON COMMIT DROP')
        with connection.connection.cursor() as cursor, cursor.copy("COPY sirene_gone FROM STDIN") as stream:
            stream.write(lines.getbuffer())
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE sirene_gone")


def refuse_too_many(gone: int, had: int, max_gone: float | None) -> None:
    """Raise TooManyGone where more of the companies that the register had are gone than --max-gone allows."""
    if max_gone is None:
        if gone < MIN_GONE:
            return
        max_gone = MAX_GONE
    if gone > had * max_gone:
        raise TooManyGone(
            f"{gone:,} of the {had:,} companies that the register had are not in this file ({gone / max(had, 1):.1%}, "
            f"and --max-gone is {max_gone:.0%}). Nothing was merged. Is it the right and whole file? "
            "If so, run the same command with --force."
        )


def _statement(name: str, **parts: Composable) -> str:
    return sql.compose(sql.load(__file__, name), **PARTS, **parts)
