"""Filters of a list, and the companies that they let through, in PostgreSQL."""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import cast

from django.db.models import Q, QuerySet

from foxreviews.core.keyset import Row
from foxreviews.enterprise.models import Entreprise
from foxreviews.reference.naf import Beginnings


@dataclass(frozen=True)
class Filters:
    """What companies must have, next to what a query asks. An empty field asks nothing."""

    villes: tuple[str, ...] = ()  # INSEE codes: one of them
    ville_noms: tuple[str, ...] = ()  # Entreprise.ville_nom: one of them
    code_postal: str = ""
    departement: str = ""
    naf: tuple[Beginnings, ...] = ()  # of the codes of an activity: all of these
    is_active: bool | None = None


EVERYTHING = Filters()


def rows(filters: Filters) -> QuerySet[Entreprise, Row]:
    """Whole rows of Entreprise, `code_commune` under the name of its foreign key, `ville_id`."""
    lookups = {
        "ville_id__in": filters.villes,
        "ville_nom__in": filters.ville_noms,
        "code_postal": filters.code_postal,
        "departement": filters.departement,
    }
    found = Entreprise.objects.filter(**{lookup: value for lookup, value in lookups.items() if value})
    for beginnings in filters.naf:
        found = found.filter(of_activity(beginnings))
    if filters.is_active is not None:
        found = found.filter(is_active=filters.is_active)
    return cast("QuerySet[Entreprise, Row]", found.values())


def of_activity(beginnings: Beginnings) -> Q:
    """What has a code of rév. 2 or of NAF 2025 that begins so. One of them is read by its index."""
    begun = [_begins_with("naf_code", each) for each in beginnings.rev2]
    return reduce(or_, begun + [_begins_with("naf25_code", each) for each in beginnings.naf25])


def _begins_with(column: str, beginning: str) -> Q:
    """column LIKE 'beginning%', as the range that it is in collation C.

    PostgreSQL's estimate for LIKE was 20 times the rows there are, and it walked a whole index for them: 557
    ms against 4 ms on 4,000,000 rows.
    """
    if len(beginning) == len("62.01Z"):
        return Q((column, beginning))
    after = beginning[:-1] + chr(ord(beginning[-1]) + 1)
    return Q((f"{column}__gte", beginning), (f"{column}__lt", after))
