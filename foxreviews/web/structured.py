"""What a page says to search engines, as JSON-LD in the words of schema.org."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from foxreviews.core.keyset import Row
from foxreviews.reference.identifiers import format_siren
from foxreviews.reference.register import BANDS
from foxreviews.web.wording import trade

ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&\u2028\u2029"}  # none can end the script


def script(*things: Mapping[str, Any]) -> SafeString:
    """The things as the text of a script element."""
    graph = {"@context": "https://schema.org", "@graph": [_filled(thing) for thing in things]}
    return mark_safe(json.dumps(graph, ensure_ascii=False, default=str).translate(ESCAPES))  # noqa: S308


def organization(row: Row, url: str) -> dict[str, Any]:
    """A company, from its row as it may be shown and not hidden."""
    band = BANDS.get(row["tranche_effectif"])
    employees = None
    if band and band.minimum:
        employees = _of("QuantitativeValue", minValue=band.minimum, maxValue=band.maximum)
    other = row["nom_commercial"]
    return _of(
        "Organization",
        **{"@id": url},
        url=url,
        name=row["nom"],
        legalName=row["nom"],
        alternateName=other if other != row["nom"] else "",
        description=trade(row),
        identifier=_of("PropertyValue", propertyID="SIREN", name="SIREN", value=format_siren(row["siren"])),
        foundingDate=row["date_creation"],
        numberOfEmployees=employees,
        address=_of(
            "PostalAddress",
            streetAddress=row["adresse"],
            postalCode=row["code_postal"],
            addressLocality=row["ville_nom"],
            addressCountry="FR",
        ),
        location=_of("Place", geo=_of("GeoCoordinates", latitude=row["latitude"], longitude=row["longitude"]))
        if row["latitude"] is not None
        else None,
    )


def breadcrumbs(root: str, steps: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The way from the first page to this one: names with their paths."""
    return _of(
        "BreadcrumbList",
        itemListElement=[
            _of("ListItem", position=place, name=str(name), item=f"{root}{path}")
            for place, (name, path) in enumerate(steps, 1)
        ],
    )


def website(root: str, home: str, results: str) -> dict[str, Any]:
    """The directory, with how to search it."""
    target = _of("EntryPoint", urlTemplate=f"{root}{results}?q={{q}}")
    action = _of("SearchAction", target=target) | {"query-input": "required name=q"}
    return _of("WebSite", url=f"{root}{home}", name="foxreviews", potentialAction=action)


def _of(kind: str, **fields: Any) -> dict[str, Any]:
    return {"@type": kind, **fields}


def _filled(value: Any) -> Any:
    """Without what is empty: nothing is said of what is not known."""
    if isinstance(value, Mapping):
        filled = {name: _filled(each) for name, each in value.items()}
        return {name: each for name, each in filled.items() if each not in (None, "", [], {})}
    return [_filled(each) for each in value] if isinstance(value, list) else value
