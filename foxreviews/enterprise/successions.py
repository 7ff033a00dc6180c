"""Who took over whom, and whose double a SIREN is: reading, by number."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from foxreviews.enterprise.models import Doublon, Succession

MAX_DOUBLES = 10  # of doubles that are followed


def doublon_de(siren: str) -> str:
    """The SIREN to use instead, "" where this one is no double, or where doubles lead round in a circle."""
    return doublons_de([siren]).get(siren, "")


def doublons_de(sirens: Iterable[str]) -> dict[str, str]:
    """The SIREN to use instead of each that is a double. All are followed at once, a statement for each step."""
    last = {siren: siren for siren in sirens}
    seen = {siren: {siren} for siren in last}
    moving = set(last)
    for _ in range(MAX_DOUBLES + 1):
        if not moving:
            break
        following = dict(
            Doublon.objects.filter(siren__in={last[siren] for siren in moving}).values_list(
                "siren", "doublon_de"
            )
        )
        moving = {siren for siren in moving if last[siren] in following}
        for siren in moving:
            last[siren] = following[last[siren]]
        circling = {siren for siren in moving if last[siren] in seen[siren]}
        last |= {siren: siren for siren in circling}
        moving -= circling
        for siren in moving:
            seen[siren].add(last[siren])
    return {siren: other for siren, other in last.items() if other != siren and siren not in moving}


def of_siret(siret: str) -> Q:
    """The successions in which an establishment took over, or was taken over."""
    return Q(predecesseur=siret) | Q(successeur=siret)


def of_siren(siren: str) -> Any:
    """The successions of a company's establishments, as one query. A SIRET begins with the SIREN: ranges of keys."""
    first, last = f"{siren}00000", f"{siren}99999"
    return Succession.objects.filter(
        Q(predecesseur__range=(first, last)) | Q(successeur__range=(first, last))
    )
