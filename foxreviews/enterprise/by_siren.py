"""Companies by their number: the lookup that must take no longer than its row."""

from collections.abc import Sequence

from foxreviews.core import sql
from foxreviews.core.keyset import Row

STATEMENT = sql.load(__file__, "by_siren")


def companies_by_siren(sirens: Sequence[str]) -> dict[str, Row]:
    """Whole rows of Entreprise by SIREN, with `town_nom` and `town_slug`, None without a Ville. One statement.

    It is written out: Django takes 0.8 ms to compile the same, as long as all else that such an answer costs.
    """
    return {row["siren"]: row for row in sql.rows(STATEMENT, {"sirens": list(sirens)})}
