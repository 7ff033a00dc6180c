"""The keys of pages in their addresses: a number or code, and for people a name behind it."""

from collections.abc import Mapping
from typing import Any

from foxreviews.enterprise.privacy import MASK, is_hidden
from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.reference.naf import label
from foxreviews.reference.text import fold
from foxreviews.web.language import address

MAX_SLUG = 60  # characters


def slug(name: str) -> str:
    """The words of a name with hyphens, as many as fit: "L'HAŸ & FILS" → "l-hay-fils". "" for other scripts."""
    words = fold(name).lower().replace(" ", "-")
    return words if len(words) <= MAX_SLUG else words[:MAX_SLUG].rpartition("-")[0] or words[:MAX_SLUG]


def key(code: str, name: str) -> str:
    """The code, and the slug of the name where it has one."""
    return "-".join(filter(None, (code, slug(name))))


def code_of(key: str) -> str:
    """The code that a key begins with: "622012748-novergie" → "622012748"."""
    return key.partition("-")[0]


def entreprise(row: Mapping[str, Any]) -> str:
    """The address of a company's page. Of one that is hidden it is the number alone."""
    return of_siren(row["siren"], MASK if is_hidden(row) else row["nom"])


def of_siren(siren: str, nom: str) -> str:
    """The address of the page of a company whose name may be shown."""
    return address("entreprise", key(siren, "" if nom == MASK else nom))


def ville(code_insee: str, slug: str) -> str:
    """The address of a town's page."""
    return address("ville", f"{code_insee}-{slug}")


def activite(code: str) -> str:
    """The address of a trade's page."""
    return address("activite", key(code, label(code)))


def departement(code: str) -> str:
    """The address of a département's page; "" where there is none."""
    return address("departement", key(code, DEPARTEMENTS[code].nom)) if code in DEPARTEMENTS else ""
