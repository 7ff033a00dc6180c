"""What a page says to search engines, as JSON-LD in the words of schema.org."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from foxreviews.core.keyset import Row
from foxreviews.reference.identifiers import format_siren, format_siret
from foxreviews.reference.register import BANDS
from foxreviews.web.wording import legible, trade

ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&\u2028\u2029"}  # none can end the script


def script(*things: Mapping[str, Any]) -> SafeString:
    """The things as the text of a script element."""
    graph = {"@context": "https://schema.org", "@graph": [_filled(thing) for thing in things]}
    return mark_safe(json.dumps(graph, ensure_ascii=False, default=str).translate(ESCAPES))  # noqa: S308


def organization(row: Row, url: str, image: str) -> dict[str, Any]:
    """A company, from its row as it may be shown and not hidden; `image` is the address of its card."""
    band = BANDS.get(row["tranche_effectif"])
    employees = None
    if band and band.minimum:
        employees = _of("QuantitativeValue", minValue=band.minimum, maxValue=band.maximum)
    other = row["nom_commercial"]
    return _of(
        "Organization",
        **{"@id": url},
        url=url,
        image=image,
        name=row["nom"],
        legalName=row["nom"],
        alternateName=other if other != row["nom"] else "",
        description=trade(row),
        identifier=_of("PropertyValue", propertyID="SIREN", name="SIREN", value=format_siren(row["siren"])),
        foundingDate=row["date_creation"],
        numberOfEmployees=employees,
        address=_address(row),
        location=_of("Place", geo=geo) if (geo := _geo(row)) else None,
    )


def local_business(row: Row, name: str, url: str, company: Mapping[str, str]) -> dict[str, Any]:
    """An establishment, from its row as the API shows it and not hidden, with name and address of its company."""
    return _of(
        "LocalBusiness",
        **{"@id": url},
        url=url,
        name=name,
        alternateName=[sign for sign in row["enseignes"] if sign != name],
        description=trade(row),
        identifier=_of("PropertyValue", propertyID="SIRET", name="SIRET", value=format_siret(row["siret"])),
        foundingDate=row["date_creation"],
        dissolutionDate=row["date_fermeture"],
        address=_address(row),
        geo=_geo(row),
        parentOrganization=_of("Organization", **{"@id": company["url"]}, **company),
    )


def _address(row: Row) -> dict[str, Any]:
    """`pays` is a country by its French name, "" in France, and only of establishments."""
    return _of(
        "PostalAddress",
        streetAddress=row["adresse"],
        postalCode=row["code_postal"],
        addressLocality=row["ville_nom"],
        addressCountry=row.get("pays") or "FR",
    )


def _geo(row: Row) -> dict[str, Any] | None:
    if row["latitude"] is None or row["longitude"] is None:
        return None
    return _of("GeoCoordinates", latitude=row["latitude"], longitude=row["longitude"])


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
    if isinstance(value, str):
        return legible(value)
    if isinstance(value, Mapping):
        filled = {name: _filled(each) for name, each in value.items()}
        return {name: each for name, each in filled.items() if each not in (None, "", [], {})}
    return [_filled(each) for each in value] if isinstance(value, list) else value
