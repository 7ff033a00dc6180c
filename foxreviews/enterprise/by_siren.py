"""Companies by their number: the lookups that must take no longer than their row.

They are written out, as rows of `.values()`: Django takes 0.8 ms to compile the same, twice what PostgreSQL needs.
"""

import json
from collections.abc import Sequence

from foxreviews.core import sql
from foxreviews.core.keyset import Row
from foxreviews.enterprise import partitions
from foxreviews.enterprise.privacy import MASK, is_hidden

BY_SIREN = "SELECT * FROM enterprise_entreprise WHERE siren = ANY(%(sirens)s)"
BY_SIRET = "SELECT * FROM enterprise_etablissement WHERE siret = ANY(%(sirets)s)"
NAMES = BY_SIREN.replace("*", "siren, nom, statut_diffusion, categorie_juridique")
BEST_BRANCH = sql.load(__file__, "best_branch")
# French letters, in the capitals that PostgreSQL makes of them in any locale, and small where it leaves them
ACCENTED, PLAIN = "ÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸàâäçéèêëîïôöùûüÿ", "AAACEEEEIIOOUUUYAAACEEEEIIOOUUUY"
WITH_TOWN = sql.load(__file__, "with_town")


def companies_by_siren(sirens: Sequence[str]) -> dict[str, Row]:
    """Whole rows of Entreprise by SIREN. One statement."""
    return {row["siren"]: _named(row) for row in partitions.by_siren(BY_SIREN, sirens)}


def establishments_by_siret(sirets: Sequence[str]) -> dict[str, Row]:
    """Whole rows of Etablissement by SIRET. One statement."""
    return {row["siret"]: _named(row) for row in sql.rows(BY_SIRET, {"sirets": list(sirets)})}


def names_by_siren(sirens: Sequence[str]) -> dict[str, str]:
    """The names of companies as they may be shown. One statement."""
    rows = partitions.by_siren(NAMES, sirens)
    return {row["siren"]: MASK if is_hidden(row) else row["nom"] for row in rows}


def company_with_town(siren: str) -> Row | None:
    """The whole row, with `town_nom` and `town_slug`, None without a Ville, and `anciens_noms`, the latest first.

    `doublon_de` is the SIREN that the register gives, None without one. One statement.
    """
    found = partitions.by_siren(WITH_TOWN, [siren], table="entreprise")
    if not found:
        return None
    return _named(found[0]) | {"anciens_noms": [json.loads(each) for each in found[0]["anciens_noms"]]}


def best_branches(sirens: Sequence[str], towns: Sequence[str], signs: Sequence[str]) -> dict[str, Row]:
    """Of each company the open establishment with the most of the words (capitals) in its town, then its signs.

    A word with a space behind it is whole, another begins one.

    None of a company that has none with any. Each with `siret`, its names, town and postal code. One statement.
    """
    if not sirens:
        return {}
    words = {"towns": list(towns), "signs": list(signs), "accented": ACCENTED, "plain": PLAIN}
    return {row["siren"]: row for row in sql.rows(BEST_BRANCH, words | {"sirens": list(sirens)})}


def _named(row: Row) -> Row:
    """Django calls a column of a foreign key after its field."""
    return row | {"ville_id": row["code_commune"]}
