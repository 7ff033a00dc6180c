"""Who took over whom, and whose double a SIREN is: reading, by number."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from foxreviews.enterprise.models import Doublon, Succession

MAX_DOUBLES = 10  # of doubles that are followed


def doublon_de(siren: str) -> str:
    """The SIREN to use instead, "" where this one is no double, or where doubles lead round in a circle."""
    return doublons_de([siren]).get(siren, "")


def doublons_de(sirens: Iterable[str]) -> dict[str, str]:
    """The SIREN to use instead of each that is a double. All are followed at once, a statement for each step."""
    following: dict[str, str] = {}
    steps, wanted = 0, set(asked := [*sirens])
    while wanted and steps <= MAX_DOUBLES:
        found = dict(Doublon.objects.filter(siren__in=wanted).values_list("siren", "doublon_de"))
        following |= found
        steps, wanted = steps + 1, set(found.values()) - following.keys()
    ends = {siren: _end(siren, following) for siren in asked}
    return {siren: end for siren, end in ends.items() if end}


def _end(siren: str, following: Mapping[str, str]) -> str:
    """Where doubles lead to from here; "" where they lead nowhere, round in a circle, or too far."""
    seen = [siren]
    while (last := following.get(seen[-1])) and last not in seen and len(seen) <= MAX_DOUBLES:
        seen.append(last)
    return seen[-1] if last is None and len(seen) > 1 else ""


def of_siret(siret: str) -> Q:
    """The successions in which an establishment took over, or was taken over."""
    return Q(predecesseur=siret) | Q(successeur=siret)


def of_siren(siren: str) -> Any:
    """The successions of a company's establishments, as one query. A SIRET begins with the SIREN: ranges of keys."""
    first, last = f"{siren}00000", f"{siren}99999"
    return Succession.objects.filter(
        Q(predecesseur__range=(first, last)) | Q(successeur__range=(first, last))
    )
