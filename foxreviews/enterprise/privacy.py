"""Privacy: which companies are hidden, and what of them. One rule, in every form that is needed.

INSEE, Sirene, diffusion partielle: the name, the street address and the position of a natural person who
asked for it (statutDiffusion P) are not published, and the person must not be found by them. A legal person
keeps its name. The forms of the rule are `HIDDEN` for the ORM, `HIDDEN_SQL` for a statement, and `is_hidden`
for data frames and rows. A test compares them on every status and legal form.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from foxreviews.reference.register import NATURAL_PERSON

PUBLIC, PARTIAL = "O", "P"  # statutDiffusion
MASK = "[ND]"  # what the register itself writes in the place of a text

HIDDEN_TEXTS = ("nom", "nom_commercial", "adresse", "telephone", "email", "site_web")
HIDDEN_NUMBERS = ("latitude", "longitude")

HIDDEN = Q(statut_diffusion=PARTIAL, categorie_juridique=NATURAL_PERSON)
HIDDEN_SQL = f"(statut_diffusion = '{PARTIAL}' AND categorie_juridique = '{NATURAL_PERSON}')"


def is_hidden(column: Callable[[str], Any]) -> Any:
    """The rule on values by column name: an expression from polars' `pl.col`, a bool from a row's `__getitem__`."""
    return (column("statut_diffusion") == PARTIAL) & (column("categorie_juridique") == NATURAL_PERSON)


def may_be_hidden(column: Callable[[str], Any]) -> Any:
    """Of polars' `pl.col`, whose names an import does not even store: legal form unknown, or any natural person's."""
    form = column("categorie_juridique")
    return (column("statut_diffusion") == PARTIAL) & ((form == "") | form.str.starts_with(NATURAL_PERSON[0]))


def masked(row: dict[str, Any]) -> dict[str, Any]:
    """A row of Entreprise as it may be shown: itself, or a copy without what must stay hidden."""
    if not is_hidden(row.__getitem__):
        return row
    return row | dict.fromkeys(HIDDEN_TEXTS, MASK) | dict.fromkeys(HIDDEN_NUMBERS)
