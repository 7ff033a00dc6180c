"""The activity of a company: its codes of both nomenclatures, from whatever is given of either."""

from functools import lru_cache
from typing import NamedTuple

from foxreviews.reference import naf
from foxreviews.reference.naf import Nomenclature

REV2, NAF25 = "naf_code", "naf25_code"


class Activity(NamedTuple):
    """Both codes and the label of rév. 2, "" where there is none.

    `naf_derived` names the code that was not given.
    """

    naf_code: str = ""
    naf_label: str = ""
    naf25_code: str = ""
    naf_derived: str = ""


@lru_cache(maxsize=10_000)
def activity_of(naf_code: str, naf25_code: str) -> Activity:
    """The activity that two cells name, in any spelling. A code of neither nomenclature stays in its column."""
    cells = naf.read(naf_code), naf.read(naf25_code)
    of = {naf.nomenclature_of(code): code for code in reversed(cells) if code}  # the first one counts
    rev2, naf25 = (
        of.get(nomenclature, "") or (own if naf.nomenclature_of(own) is None else "")
        for own, nomenclature in zip(cells, (Nomenclature.REV2, Nomenclature.NAF2025), strict=True)
    )
    derived = ""
    if rev2 and not naf25 and (naf25 := naf.successor(rev2)):
        derived = NAF25
    elif naf25 and not rev2 and (rev2 := naf.predecessor(naf25)):
        derived = REV2
    return Activity(rev2, naf.label(rev2), naf25, derived)
