"""Rejected records of those whom the directory hides: kept, printed and logged by their number alone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from foxreviews.enterprise.models import Entreprise
from foxreviews.enterprise.privacy import HIDDEN, MASK
from foxreviews.importing.clean.cleaning import Reject

# A SIREN, or that of a SIRET, in any spacing
NUMBER = re.compile(r"(?<![0-9])([0-9]{3})[ .]?([0-9]{3})[ .]?([0-9]{3})(?: ?[0-9]{5})?(?![0-9])")


def withhold(rejects: Sequence[Reject]) -> list[Reject]:
    """The rejects, the text of those that name a hidden company replaced by its SIREN and `[ND]`. One query."""
    named = [{"".join(parts) for parts in NUMBER.findall(reject.raw)} for reject in rejects]
    sirens = set[str]().union(*named)
    if not sirens:
        return list(rejects)
    hidden = set(Entreprise.objects.filter(HIDDEN, siren__in=sirens).values_list("siren", flat=True))
    return list(_withheld(rejects, named, hidden)) if hidden else list(rejects)


def _withheld(rejects: Sequence[Reject], named: list[set[str]], hidden: set[str]) -> Iterator[Reject]:
    for reject, sirens in zip(rejects, named, strict=True):
        found = sorted(sirens & hidden)
        yield replace(reject, raw=f"{' '.join(found)} {MASK}") if found else reject
