"""What the OpenAPI schema says besides types: an example of each answer and parameter, every limit, where answers lead.

An example is made from the schema of an answer and the values that stand here by name, so that a new field has one.
drf-spectacular calls `complete` with the whole schema (config/settings.py).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from django.conf import settings
from django.urls import resolve

from foxreviews.api.errors import MEDIA_TYPE, OF_SERVER, of_server, problem

SIREN, SIRET = "732829320", "73282932000074"
REQUEST = "3f0c9d1e5b7a42c68f1d0e9b7a6c5d4e"
PROBLEM = {"$ref": "#/components/schemas/Problem"}
JSON = "application/json"

# Of properties, by name or by component and name
VALUES: Mapping[str, Any] = {
    "siren": SIREN,
    "siret": SIRET,
    "matched_siret": "",
    "doublon_de": "",
    "nom": "BOULANGERIE MARTIN",
    "nom_commercial": "LE FOURNIL",
    "enseignes": ["LE FOURNIL"],
    "nom_highlighted": "<mark>BOULANGERIE</mark> MARTIN",
    "matched_name": "BOULANGERIE MARTIN",
    "matched_name_kind": "nom",
    "tier": "exact",
    "how": "same",
    "Suggestion.kind": "entreprise",
    "adresse": "12 RUE DE LA REPUBLIQUE",
    "complement_adresse": "",
    "numero_voie": "12",
    "type_voie": "RUE",
    "libelle_voie": "DE LA REPUBLIQUE",
    "distribution_speciale": "",
    "localite": "",
    "code_postal": "69002",
    "codes_postaux": ["69001", "69002", "69003"],
    "ville_nom": "Lyon",
    "code_commune": "69382",
    "code_insee": "69123",
    "commune": None,
    "departement": "69",
    "departement_nom": "Rhône",
    "region": "84",
    "region_nom": "Auvergne-Rhône-Alpes",
    "population": 522250,
    "pays": "",
    "naf_code": "10.71C",
    "naf_libelle": "Boulangerie et boulangerie-pâtisserie",
    "naf25_code": "10.71H",
    "naf25_libelle": "Fabrication de pain et d'autres produits de boulangerie-pâtisserie associée à leur vente au "
    "détail",
    "naf_derived": "naf25_code",
    "categorie_juridique": "5710",
    "categorie_juridique_libelle": "SAS, société par actions simplifiée",
    "tranche_effectif": "02",
    "tranche_effectif_libelle": "3 à 5 salariés",
    "categorie_entreprise": "PME",
    "categorie_entreprise_libelle": "Petite ou moyenne entreprise",
    "date_creation": "2012-03-01",
    "date_fermeture": None,
    "date_debut": "2012-03-01",
    "date_fin": "2018-06-30",
    "date": "2018-07-01",
    "is_active": True,
    "est_siege": True,
    "est_employeur": True,
    "statut_diffusion": "O",
    "latitude": 45.764043,
    "longitude": 4.835659,
    "distance_km": 0.35,
    "telephone": "",
    "email": "",
    "site_web": "",
    "created_at": "2026-01-05T04:12:00Z",
    "updated_at": "2026-02-03T04:12:00Z",
    "moment": "2026-02-03T04:12:00Z",
    "slug": "lyon",
    "Ville.nom": "Lyon",
    "VilleDetail.nom": "Lyon",
    "VilleOfEntreprise.nom": "Lyon 2e Arrondissement",
    "VilleOfEntreprise.code_insee": "69382",
    "VilleOfEntreprise.slug": "lyon-2e-arrondissement",
    "Arrondissement.nom": "Lyon 2e Arrondissement",
    "Arrondissement.code_insee": "69382",
    "Arrondissement.slug": "lyon-2e-arrondissement",
    "description": "Boulangerie Martin est une boulangerie-pâtisserie de Lyon, créée en 2012.",
    "VilleDetail.description": "Lyon est une ville du Rhône, de 522 250 habitants.",
    "AncienNom.nom": "FOURNIL DE LA REPUBLIQUE",
    "predecesseur": "55210055400013",
    "successeur": SIRET,
    "total": 1,
    "engine": "tantivy",
    "dropped": [],
    "facets": {"departement": [{"value": "69", "label": "Rhône", "count": 1}]},
    "mois": "2026-01",
    "Companies.mois": [{"mois": "2026-01", "creations": 71_204}],
    "Statistiques.mois": [{"mois": "2026-01", "creations": 96_412, "fermetures": 41_870}],
    "word": "BOULANGERIE",
    "field": "nom",
    "found": "BOULANGERIE",
    "label": "BOULANGERIE MARTIN",
    "detail": "69002 Lyon",
    "Suggestions.detail": "",
    "code": SIREN,
    "Suggestion.siret": "",
    "url": "https://directory.example.org/api/entreprises/732829320/",
    "next": "https://directory.example.org/api/entreprises/?cursor=WyItY3JlYXRlZF9hdCJd%3AXyz",
    "previous": None,
    "doublons": {"552100554": SIREN},
    "NotFound.siren": [],
    "NotFound.siret": [],
    "Numbers.siret": [SIRET],
    "Numbers.siren": [SIREN, "552100554"],
    "Row.nom": "Boulangrie Martin",
    "Row.adresse": "12 rue de la Republique",
    "Row.ville_nom": "Lyon",
    "id": "1",
    "decision": "accept",
    "confidence": 0.9967,
    "evidence": ["the same name but for a typo", "the same number and street", "the same town"],
    "candidates": [],
    "queries": {"q0": {"query": "Boulangerie Martin", "properties": [{"pid": "ville", "v": "Lyon"}]}},
    "extend": {"ids": [SIREN], "properties": [{"id": "nom"}]},
    "ReconciliationForm.queries": '{"q0": {"query": "Boulangerie Martin"}}',
    "ReconciliationForm.extend": "",
    "author": "marie",
    "reason": "Letter of 12 March",
    "corrected_at": "2026-02-03T04:12:00Z",
    "changed_at": "2026-02-03T04:12:00Z",
    "action": "corrected",
    "CorrectionOf.value": "LE FOURNIL DU PORT",
    "CorrectionOf.register_value": "LE FOURNIL",
    "CorrectionOf.field": "nom_commercial",
    "Modification.field": "nom_commercial",
    "old_value": "LE FOURNIL",
    "new_value": "LE FOURNIL DU PORT",
}
# Of parameters
PARAMETERS: Mapping[str, Any] = {
    "q": "boulangerie lyon",
    "prefix": "boulang",
    "what": "entity",
    "type": "entreprise",
    "identifier": SIREN,
    "queries": '{"q0": {"query": "Boulangerie Martin", "properties": [{"pid": "ville", "v": "Lyon"}]}}',
    "extend": f'{{"ids": ["{SIREN}"], "properties": [{{"id": "nom"}}]}}',
    "siren": SIREN,
    "siret": SIRET,
    "ville": "lyon",
    "ville_nom": "Saint-Étienne",
    "code_postal": "69002",
    "code_insee": "69123",
    "departement": "69",
    "region": "84",
    "categorie_juridique": "5710",
    "tranche_effectif": "02",
    "categorie_entreprise": "PME",
    "date_creation_min": "2020-01-31",
    "date_creation_max": "2025-12-31",
    "updated_at_min": "2026-01-31T00:00:00Z",
    "updated_at_max": "2026-02-28T00:00:00Z",
    "naf": "10.71C",
    "naf_section": "C",
    "naf25_section": "C",
    "is_active": True,
    "est_siege": True,
    "est_employeur": True,
    "facets": "departement,is_active",
    "fields": "nom,departement",
    "near": "45.7640,4.8357",
    "radius_km": 2.5,
    "explain": True,
    "page_size": 50,
    "limit": 5,
    "form": "csv",
    "headers": "insee",
    "excel": True,
    "after": SIREN,
    "rows": 10_000,
    "field": "nom",
    "reason": "Letter of 12 March",
    "If-Match": 'W/"5f2a8c1d9e7b4036a1c2d3e4-8d0f3b6a2c91e57d44"',
}
FILES = {
    "text/csv": f"siren,nom\n{SIREN},BOULANGERIE MARTIN\n",
    "application/x-ndjson": f'{{"siren":"{SIREN}"}}\n',
    "text/html": "<!DOCTYPE html><title>BOULANGERIE MARTIN</title>",
}
NONE_OF_KIND = {"string": "", "integer": 0, "number": 0.0, "boolean": False, "null": None}

PROBLEMS: Mapping[int, tuple[str, str]] = {
    400: ("invalid-parameters", "departement: 99 is not the code of a département: 01, 2A, 75, 974 are."),
    401: (
        "not-authenticated",
        "Staff alone may do this: send a token, as in Authorization: Token 9944b09199c62bcf9418.",
    ),
    403: (
        "not-allowed",
        "The account marie lacks the permission enterprise.change_entreprise, or is no staff.",
    ),
    404: ("not-found", f"The directory has no company with the SIREN {SIREN}."),
    406: ("not-acceptable", "Answers are JSON: ask with Accept: application/json, or without Accept."),
    409: ("already-there", f"The directory has {SIREN}: correct it with PATCH."),
    412: (
        "changed-meanwhile",
        f"{SIREN} has changed since it was read. Read it again, and send the ETag of that answer as If-Match.",
    ),
    415: ("unsupported-media-type", "A body of «text/plain» is not read here: send application/json."),
    428: (
        "precondition-required",
        "Send the ETag of the company's detail as If-Match: nobody overwrites what they have not seen.",
    ),
    429: ("too-many-requests", "Too many requests: 1,200 in 60 seconds. Ask again in 3 seconds."),
    503: ("database-unavailable", "The database does not answer. Try again shortly."),
}
# Where an answer leads: operation, its parameter, and where in the answer its value stands
LINKS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "entreprises_list": (
        ("entreprises_retrieve", "siren", "/results/0/siren"),
        ("entreprises_etablissements_retrieve", "siren", "/results/0/siren"),
        ("entreprises_successions_list", "siren", "/results/0/siren"),
    ),
    "etablissements_list": (
        ("etablissements_retrieve", "siret", "/results/0/siret"),
        ("etablissements_successions_list", "siret", "/results/0/siret"),
        ("entreprises_retrieve", "siren", "/results/0/siren"),
    ),
    "villes_list": (("villes_retrieve", "code_insee", "/results/0/code_insee"),),
    "suggestions_retrieve": (("entreprises_list", "q", "/results/0/label"),),
}
MAX_ADDRESS, MAX_BODY = 20_000, 262_144  # bytes, which config/worker.py holds a request to

Schema = dict[str, Any]


def complete(result: Schema, generator: Any, request: Any, public: bool) -> Schema:  # noqa: ARG001 - its hook
    """The schema with examples, limits and links."""
    components = result["components"]["schemas"]
    result["info"]["description"] += (
        f" A page has 100 rows at most, an address {MAX_ADDRESS:,} bytes, a request {MAX_BODY:,}. Each client has a "
        "rate, said with each operation and in the headers `RateLimit-Policy` and `RateLimit`. Who has a key sends it "
        f"as `X-Api-Key`, has {settings.API_KEY_FACTOR} times the rates and is counted by it; one that is not known is "
        "a 401. Errors are problem+json, in French or English by `Accept-Language`."
    )
    for path, operations in result["paths"].items():
        for operation in operations.values():
            _add_limits(path, operation)
            _allow_columns(operation, components)
            _add_examples(operation, components)
            _add_links(operation)
    return result


def _add_limits(path: str, operation: Schema) -> None:
    rates = " ".join(_rates(path, operation))
    operation["description"] = f"{operation.get('description', '')} {rates}".strip()
    statuses = (411, 413, 414) if "requestBody" in operation else (414,)
    for status in statuses:
        operation["responses"].setdefault(
            str(status), {"content": {MEDIA_TYPE: {"schema": PROBLEM}}, "description": ""}
        )
    for status, response in operation["responses"].items():
        response.setdefault("headers", {}).update(_headers(int(status)))


def _allow_columns(operation: Schema, components: Schema) -> None:
    """With `fields` a row has the columns that were asked for, and none of the others."""
    media = operation["responses"].get("200", {}).get("content", {}).get(JSON)
    if media is None or all(each["name"] != "fields" for each in operation.get("parameters", ())):
        return
    rows = components[media["schema"]["$ref"].rpartition("/")[2]]["properties"]["results"]
    whole = rows["items"].get("$ref", "")
    if name := whole.rpartition("/")[2]:
        some = {key: value for key, value in components[name].items() if key != "required"}
        components[f"{name}Columns"] = some | {"description": "With `fields`: these columns alone."}
        rows["items"] = {"anyOf": [{"$ref": whole}, {"$ref": f"{whole}Columns"}]}


def _rates(path: str, operation: Schema) -> Iterator[str]:
    """How often one client may ask, in sentences."""
    view = resolve(path.format(**{name: str(value) for name, value in PARAMETERS.items()})).func
    of_view = getattr(getattr(view, "cls", None), "rate", "")
    names = [of_view] if of_view else ["page"]
    if not of_view and any(each["name"] == "q" for each in operation.get("parameters", ())):
        names.append("search")
    for name in names:
        rate = settings.RATES[name]
        when = " with `q`" if name == "search" and not of_view else ""
        yield f"At most {rate.count:,} requests in {rate.seconds:,} seconds of one client{when} (`{name}`)."


def _headers(status: int) -> Schema:
    text = {"type": "string"}
    found = {}
    if status < 300 or status == 429:
        found["RateLimit-Policy"] = {"schema": text, "description": "How many requests in how many seconds."}
        found["RateLimit"] = {"schema": text, "description": "How many are left, and when all are again."}
    if status in (429, 503):
        found["Retry-After"] = {"schema": {"type": "integer"}, "description": "Seconds."}
    if status >= 400:
        found["Content-Language"] = {"schema": text | {"enum": ["en", "fr"]}, "description": ""}
    return found


def _add_examples(operation: Schema, components: Schema) -> None:
    for parameter in operation.get("parameters", ()):
        _add_to_parameter(parameter, components)
    for media in operation.get("requestBody", {}).get("content", {}).values():
        if "examples" not in media:
            media["example"] = example(media["schema"], components)
    for status, response in operation["responses"].items():
        for media_type, media in response.get("content", {}).items():
            if "examples" in media:
                continue
            if media_type == MEDIA_TYPE:
                media["example"] = _problem(int(status))
            elif media_type == JSON:
                media["example"] = example(media["schema"], components)
            elif media_type in FILES:
                media["example"] = FILES[media_type]


def _add_to_parameter(parameter: Schema, components: Schema) -> None:
    """One that must be given has the value itself, which the documentation fills in; others have it in their schema."""
    schema = parameter["schema"]
    if parameter["name"] == "cursor":  # it is taken from an answer
        return
    value = PARAMETERS.get(parameter["name"])
    if value is None:
        value = schema.get("default", example(schema, components))
    if schema.get("type") == "array":
        value = [value]
    if parameter.get("required"):
        parameter["example"] = value
    else:
        schema["examples"] = [value]


def _problem(status: int) -> Any:
    """A whole one."""
    if status in PROBLEMS:
        code, detail = PROBLEMS[status]
        name, _, sentence = detail.partition(": ")
        errors = {name: [sentence]} if code == "invalid-parameters" else None
        answer = problem(status, code, detail, errors=errors)
    else:
        most = MAX_ADDRESS if status == 414 else MAX_BODY
        answer = of_server(status if status in OF_SERVER else 500, "en", most=most)
    said = orjson.loads(answer.content)
    return said | ({"request_id": REQUEST} if "request_id" in said else {})


def _add_links(operation: Schema) -> None:
    for target, parameter, place in LINKS.get(operation["operationId"], ()):
        links = operation["responses"]["200"].setdefault("links", {})
        links[target] = {"operationId": target, "parameters": {parameter: f"$response.body#{place}"}}


def example(schema: Schema, components: Schema, name: str = "", owner: str = "") -> Any:
    """A value of the schema of a property of a component."""
    if "$ref" in schema:
        owner = schema["$ref"].rpartition("/")[2]
        return example(components[owner], components, name, owner)
    kind = schema.get("type", "object" if "properties" in schema else "")
    kind = kind[0] if isinstance(kind, list) else kind
    known = next((each for each in (f"{owner}.{name}", name) if each in VALUES), None)
    if known is not None:
        value = VALUES[known]
        return [value] if kind == "array" and not isinstance(value, list) else value
    union = next((schema[each] for each in ("oneOf", "anyOf", "allOf") if each in schema), None)
    if union:
        return example(union[0], components, name, owner)
    return _example_of_kind(kind, schema, components, name, owner)


def _example_of_kind(kind: str, schema: Schema, components: Schema, name: str, owner: str) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    if kind == "object":
        properties = schema.get("properties", {})
        return {each: example(of_each, components, each, owner) for each, of_each in properties.items()}
    if kind == "array":
        return [example(schema["items"], components, name, owner)]
    return NONE_OF_KIND.get(kind, "")
