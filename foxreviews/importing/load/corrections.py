"""What staff have corrected stays as they say when a file is merged (enterprise.corrections).

The corrections are laid over the staged rows before these are compared with the directory: a company that says what
staff say is then unchanged, and the merge knows nothing of them. Without one this is a query of an empty table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import connection
from psycopg.sql import SQL, Identifier, Literal

from foxreviews.core import locks, sql
from foxreviews.enterprise.corrections import FOLLOWING, LOCK, PLACE, group_of
from foxreviews.enterprise.models import Modification
from foxreviews.enterprise.privacy import (
    CONTACTS,
    LEGAL_PERSON,
    MASK,
    NAMES,
    PARTIAL,
    POSITION,
    PUBLIC,
    WITHHELD,
)
from foxreviews.importing.clean import not_known
from foxreviews.importing.load import activities
from foxreviews.importing.load.kept import GROUPS
from foxreviews.importing.load.staging import Staging
from foxreviews.importing.models import RegisterBlock

Action = Modification.Action

MAX_EXAMPLES = 100
PARTS = {column for group in GROUPS for column in group.given}  # a group without one of them is none
# As enterprise/migrations/0011_etablissement_triggers.sql takes them.
ETABLISSEMENT_WITHHELD = (
    "nom_commercial", "autres_noms", "complement_adresse", "numero_voie", "type_voie", "libelle_voie",
    "distribution_speciale", "localite",
)  # fmt: skip
WITHOUT_CONTACTS = dict.fromkeys(CONTACTS, "") | dict.fromkeys(POSITION)
WITHOUT_NAMES = dict.fromkeys(NAMES, "") | {"nom": MASK} | WITHOUT_CONTACTS


@dataclass(frozen=True)
class Corrected:
    """How many values of each column were kept as staff corrected them, though the file says something else.

    `closed` ones are corrections no more: the register says the same. `news` counts those of which the register now
    says something that it did not say before. `withheld` ones end: their companies are not public any more.
    """

    companies: int = 0
    kept: Mapping[str, int] = field(default_factory=dict)
    closed: Mapping[str, int] = field(default_factory=dict)
    withheld: Mapping[str, int] = field(default_factory=dict)
    news: int = 0
    examples: tuple[str, ...] = ()  # siren: columns


NOTHING = Corrected()


def exist() -> bool:
    """Whether there is any."""
    return bool(sql.value("SELECT EXISTS (SELECT FROM enterprise_correction)"))


def lay_over(staging: Staging, *, empty_overwrites: bool, is_register: bool, author: str | None) -> Corrected:
    """Lay them over the staged rows; the caller has locked staff out, or only compares (`author` None).

    What a file lacks or leaves empty is no statement. A correction ends where the register says the same, which is any
    file in a directory that no full register was loaded into. `author` is who says so in the trail.
    """
    if not exist():
        return NOTHING
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.importing_correction")
        closes = is_register or not RegisterBlock.objects.exists()
        flags = {"empty_overwrites": Literal(empty_overwrites), "closes": Literal(closes)}
        cursor.execute(_statement("corrections_said", staging, **flags))
        cursor.execute(_statement("corrections_over", staging, **_hidden()))
        if closes and author is not None:
            cursor.execute(sql.load(__file__, "corrections_news"))
            cursor.execute(sql.load(__file__, "corrections_close"), {"author": author})
    withheld = sql.rows(_statement("corrections_withheld", staging))
    if author is not None:
        Modification.objects.bulk_create(
            Modification(**row, action=Action.WITHHELD, old_value=MASK, new_value=MASK, author=author)
            for row in withheld
        )
    return _counted(withheld)


def withhold_establishments(staging: Staging) -> None:
    """Whom staff have hidden the register has no establishment by name and street of, in a staged table of them."""
    if exist():
        texts = [column for column in ETABLISSEMENT_WITHHELD if column in staging.columns]
        positions = [column for column in POSITION if column in staging.columns]
        statement = sql.compose(
            sql.load(__file__, "corrections_of_establishments"),
            staging=Identifier(staging.name),
            columns=sql.columns((*texts, *positions)),
            values=SQL(", ").join([*[SQL("''")] * len(texts), *[SQL("NULL")] * len(positions)]),
            partial=Literal(PARTIAL),
            public=Literal(PUBLIC),
        )
        with connection.cursor() as cursor:
            cursor.execute(statement)


def follow_towns() -> None:
    """A place that staff corrected goes where its commune goes: the directory's companies have moved."""
    if exist():
        statement = sql.compose(
            sql.load(__file__, "corrections_follow"), place=SQL(", ").join(map(Literal, PLACE))
        )
        with connection.cursor() as cursor:
            cursor.execute(statement)


def withhold() -> None:
    """What is withheld of those who are hidden now is in no correction and in no trail: see the statement."""
    if Modification.objects.order_by().exists():
        statement = sql.compose(
            sql.load(__file__, "corrections_of_hidden"),
            public=Literal(PUBLIC),
            mask=Literal(MASK),
            withheld=SQL(", ").join(map(Literal, WITHHELD)),
        )
        if hidden := [row["siren"] for row in sql.rows(statement)]:
            sql.value("SELECT enterprise_withhold_corrections(%s)", [hidden])


def lock_out_staff() -> None:
    """Nobody corrects anything until the transaction ends. Before any row is locked: see enterprise.corrections."""
    locks.lock_out(LOCK)


def _counted(withheld: Iterable[dict[str, Any]]) -> Corrected:
    rows = sql.rows(
        "SELECT * FROM importing_correction WHERE is_kept OR is_closed OR is_news ORDER BY siren, field"
    )
    kept = [row for row in rows if row["is_kept"]]
    by_company: dict[str, list[str]] = {}
    for row in kept:
        by_company.setdefault(row["siren"], []).append(row["field"])
    return Corrected(
        companies=len(by_company),
        kept=_by_column(kept),
        closed=_by_column(row for row in rows if row["is_closed"]),
        withheld=_by_column(withheld),
        news=sum(row["is_news"] for row in rows),
        examples=tuple(
            f"{siren}: {', '.join(columns)}" for siren, columns in [*by_company.items()][:MAX_EXAMPLES]
        ),
    )


def _by_column(rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["field"]] = counts.get(row["field"], 0) + 1
    return counts


def _hidden() -> dict[str, Literal]:
    """What whom staff have hidden loses, as the row's own triggers would take it."""
    return {
        "partial": Literal(f'"{PARTIAL}"'),
        "legal_person": Literal(LEGAL_PERSON),
        "without_contacts": Literal(orjson.dumps(WITHOUT_CONTACTS).decode()),
        "without_names": Literal(orjson.dumps(WITHOUT_NAMES).decode()),
    }


def _statement(name: str, staging: Staging, **parts: Any) -> str:
    facts = SQL(", ").join(
        SQL("({}, {}::bigint, {}, {}, {}, {}, {}::text)").format(
            Literal(column),
            Literal(bit),
            Literal(group_of(column)[0]),
            Literal(column not in FOLLOWING),
            Literal(column in WITHHELD),
            Literal(column in PARTS),
            Literal(activities.CODE_OF.get(column)),
        )
        for column, bit in not_known.BITS.items()
    )
    return sql.compose(
        sql.load(__file__, name),
        staging=Identifier(staging.name),
        columns=sql.columns(column for column in staging.columns if column != "siren"),
        facts=facts,
        public=Literal(PUBLIC),
        mask=Literal(MASK),
        withheld=SQL(", ").join(map(Literal, WITHHELD)),
        status_bit=Literal(not_known.BITS["statut_diffusion"]),
        **parts,
    )
