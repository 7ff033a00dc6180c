"""Filters of a list, and the companies that they let through, in PostgreSQL."""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import cast

from django.db.models import Q, QuerySet

from foxreviews.core.keyset import Row
from foxreviews.enterprise.models import Entreprise


@dataclass(frozen=True)
class Filters:
    """What companies must have, next to what a query asks. An empty field asks nothing."""

    villes: tuple[str, ...] = ()  # INSEE codes: one of them
    ville_noms: tuple[str, ...] = ()  # Entreprise.ville_nom: one of them
    code_postal: str = ""
    departement: str = ""
    naf: tuple[str, ...] = ()  # beginnings of Entreprise.naf_code, with its dot: one of them
    is_active: bool | None = None


def rows(filters: Filters) -> QuerySet[Entreprise, Row]:
    """Whole rows of Entreprise, `code_commune` under the name of its foreign key, `ville_id`."""
    lookups = {
        "ville_id__in": filters.villes,
        "ville_nom__in": filters.ville_noms,
        "code_postal": filters.code_postal,
        "departement": filters.departement,
    }
    found = Entreprise.objects.filter(**{lookup: value for lookup, value in lookups.items() if value})
    if filters.naf:
        found = found.filter(reduce(or_, map(_begins_with, filters.naf)))
    if filters.is_active is not None:
        found = found.filter(is_active=filters.is_active)
    return cast("QuerySet[Entreprise, Row]", found.values())


def _begins_with(beginning: str) -> Q:
    """naf_code LIKE 'beginning%', as the range that it is in collation C.

    PostgreSQL's estimate for LIKE was 20 times the rows there are, and it walked a whole index for them: 557
    ms against 4 ms on 4,000,000 rows.
    """
    if len(beginning) == len("62.01Z"):
        return Q(naf_code=beginning)
    return Q(naf_code__gte=beginning, naf_code__lt=beginning[:-1] + chr(ord(beginning[-1]) + 1))
