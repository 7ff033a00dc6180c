"""Which codes of its activity a company keeps when a file is merged, as SQL over `staged` and `kept`.

A source gives a code of one nomenclature or of both, and cleaning derives the other where it can. What is derived
overwrites no code that a source gave, and a file of one nomenclature empties no code of the other. A derived code goes
with the one that it was derived from.
"""

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from foxreviews.core.sql import load
from foxreviews.reference.activity import NAF25, REV2

OTHER = {REV2: NAF25, NAF25: REV2}
CODE_OF = {REV2: REV2, "naf_libelle": REV2, NAF25: NAF25}
DERIVED = "naf_derived"
NOTHING_GIVEN = SQL("staged.naf_code = '' AND staged.naf25_code = ''")


def is_kept(column: str, unsaid: Composable) -> Composed:
    """Whether a company keeps its code, and its label; where `unsaid`, the file says nothing of the activity.

    A label that only another source knew stays with the same code.
    """
    code = CODE_OF[column]
    reasons = [SQL("({}) AND {} <> ''").format(unsaid, Identifier("kept", code)), _is_given(code)]
    if column != code:
        reasons.append(
            SQL("{} = '' AND {} = {}").format(
                Identifier("staged", column), Identifier("kept", code), Identifier("staged", code)
            )
        )
    return SQL("({})").format(SQL(" OR ").join(SQL("({})").format(each) for each in reasons))


def derived(unsaid: Composable) -> Composed:
    """Which code of the company is derived."""
    return SQL(
        "CASE WHEN ({}) AND kept.siren IS NOT NULL THEN kept.naf_derived"
        " WHEN ({}) OR ({}) THEN '' ELSE staged.naf_derived END"
    ).format(unsaid, _is_given(REV2), _is_given(NAF25))


def _is_given(code: str) -> Composed:
    """Whether a source gave the company its code of this column, and the file gives the other one only."""
    return SQL(load(__file__, "activity")).format(
        code=Identifier(code), other=Identifier(OTHER[code]), name=Literal(code)
    )
