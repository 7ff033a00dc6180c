"""The description that is shown: the endpoint's where there is one for exactly these facts, else the one by rule."""

from django.conf import settings

from foxreviews.core import sql
from foxreviews.descriptions.facts import Facts
from foxreviews.descriptions.sentences import describe

RULES, MODEL = "rules", "model"
SOURCES = (
    (RULES, "sentences made by rule"),
    (MODEL, "a language model's wording, checked against the facts"),
)
KEPT = (
    "SELECT text FROM descriptions_description"
    " WHERE kind = %(kind)s AND key = %(key)s AND facts = %(facts)s AND refused = ''"
)


def description(facts: Facts) -> dict[str, str]:
    """`description` and its `description_source`. No endpoint is asked, and where there is none nothing is read."""
    if settings.DESCRIPTION_URL and facts.may_leave:
        parameters = {"kind": facts.kind, "key": facts.key, "facts": facts.hash}
        for row in sql.rows(KEPT, parameters):
            return {"description": row["text"], "description_source": MODEL}
    return {"description": describe(facts), "description_source": RULES}
