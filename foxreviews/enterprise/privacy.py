"""Privacy: who is hidden, and what of whom. One rule, in every form that is needed.

INSEE, Sirene, diffusion partielle: name, street address and position of a natural person who asked for it
(statutDiffusion P; N in vintages before 2023) are not published, and the person must not be found by them. Who is not
public and may be a natural person is hidden: legal forms 1xxx, the 2xxx that are named after persons (21xx indivision,
22xx société créée de fait, 23xx société en participation), and a form that is not known. So is a company whose name is
`[ND]`, which is what the register writes in the place of a text. A legal person who is not public keeps its name, and
has no street, position or contact.

It is held at the row, whoever writes it, by the triggers of migrations/0009_autres_noms.sql: what is hidden is not
stored. The other forms are the second line: `HIDDEN` for the ORM, `HIDDEN_SQL` for a statement, `hidden` for data
frames and `is_hidden` for rows. A test compares all of them with the triggers, on every status, legal form and name.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Q

PUBLIC, PARTIAL = "O", "P"  # statutDiffusion
STATUSES = (PUBLIC, PARTIAL, "N")  # as the register writes them; N, in vintages before 2023, is P
MASK = "[ND]"

NAMES = ("nom", "nom_commercial", "autres_noms")
CONTACTS = ("adresse", "telephone", "email", "site_web")
POSITION = ("latitude", "longitude")
# What only the register says of a company that is not public
WITHHELD = (*NAMES, *CONTACTS, *POSITION)
# categorieJuridique: the forms that are named after no natural person
LEGAL_PERSON = "^([03-9][0-9]|2[04-9])[0-9][0-9]$"
# A setting of a transaction: the register's own import may make public again what was hidden.
REGISTER = "SELECT set_config('foxreviews.register', 'on', true)"

HIDDEN = Q(nom=MASK) | (~Q(statut_diffusion=PUBLIC) & ~Q(categorie_juridique__regex=LEGAL_PERSON))
HIDDEN_SQL = (
    f"(nom = '{MASK}' OR (statut_diffusion <> '{PUBLIC}' AND NOT categorie_juridique ~ '{LEGAL_PERSON}'))"
)

_is_legal_person = re.compile(LEGAL_PERSON).fullmatch


def partial(column: Callable[[str], Any]) -> Any:
    """The rows of a data frame that are not public; `column` is polars' `pl.col`, which web processes do not load."""
    return column("statut_diffusion") != PUBLIC


def hidden(column: Callable[[str], Any]) -> Any:
    """The rows of a data frame that are hidden."""
    is_legal_person = column("categorie_juridique").str.contains(LEGAL_PERSON)
    return (column("nom") == MASK) | (partial(column) & ~is_legal_person)


def is_hidden(row: Mapping[str, Any]) -> bool:
    """Whether a row of Entreprise is hidden."""
    return row["nom"] == MASK or (
        row["statut_diffusion"] != PUBLIC and not _is_legal_person(row["categorie_juridique"])
    )


def may_leave(row: Mapping[str, Any]) -> bool:
    """Whether a row of Entreprise may be sent to somebody else's machine: of legal persons that are public alone.

    A sole trader's name, town and trade are those of a person, also where that person is public: the register may show
    them, and no other purpose needs them elsewhere.
    """
    is_legal_person = _is_legal_person(row["categorie_juridique"]) is not None
    return row["statut_diffusion"] == PUBLIC and is_legal_person and row["nom"] != MASK


def masked(row: dict[str, Any]) -> dict[str, Any]:
    """A row of Entreprise as it may be shown: itself, or a copy without what must stay hidden."""
    if is_hidden(row):
        return row | dict.fromkeys((*NAMES, *CONTACTS), MASK) | dict.fromkeys(POSITION)
    if row["statut_diffusion"] != PUBLIC:
        return row | dict.fromkeys(CONTACTS, "") | dict.fromkeys(POSITION)
    return row
