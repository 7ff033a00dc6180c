"""Legal forms: the `categorieJuridique` of the register (INSEE, catégories juridiques, level III)."""

from foxreviews.reference.tables import rows

LEGAL_FORMS: dict[str, str] = {row["code"]: row["libelle"] for row in rows("legal_forms")}
