"""Towns by their INSEE code, written out: Django would compile the same again for each suggestion."""

from collections.abc import Sequence

from foxreviews.core import sql
from foxreviews.core.keyset import Row

NAMES = "SELECT code_insee, nom, departement FROM location_ville WHERE code_insee = ANY(%(codes)s)"


def names_by_code(codes: Sequence[str]) -> dict[str, Row]:
    """`code_insee`, `nom` and `departement` of those of the towns that there are. One statement."""
    if not codes:
        return {}
    return {row["code_insee"]: row for row in sql.rows(NAMES, {"codes": list(codes)})}
