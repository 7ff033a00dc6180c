"""The addresses of the reconciliation service: manifest, queries, extensions, suggestions, previews."""

import html
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_exempt
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foxreviews.api.errors import InvalidParametersError, NotFoundError, problems
from foxreviews.api.framework import OrjsonParser, UncompressedFormParser
from foxreviews.api.rate_limit import count_batch
from foxreviews.api.reconciliation.entities import (
    ACTIVITE,
    ENTREPRISE,
    ETABLISSEMENT,
    EXTENSIONS,
    OF_TYPES,
    PROPERTIES,
    TYPES,
    VILLE,
    Entity,
    entities,
    type_of,
)
from foxreviews.api.reconciliation.queries import MAX_QUERIES, answers, checked, properties, types
from foxreviews.api.suggestions import suggestions
from foxreviews.core.messages import say
from foxreviews.reference.words import key

MAX_IDS = 1_000
MAX_SUGGESTED = 10
EXTENDED = _('It has up to {most} ids, and properties: {{"ids": […], "properties": [{{"id": "nom"}}]}}.')
ASK = _('A body is an object or a form with queries or extend: {"queries": {"q0": {"query": "Novergie"}}}.')
PREVIEW = {"width": 420, "height": 150}
# A client shows it in a frame of its own page; nothing in it is loaded or run.
PREVIEW_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors *"
ROUTES = {ENTREPRISE: "api-entreprise", ETABLISSEMENT: "api-etablissement", VILLE: "api-ville"}


class ReconciliationParams(serializers.Serializer[dict[str, str]]):
    """What may be asked; without either the answer is the manifest of the service."""

    queries = serializers.CharField(
        required=False, help_text=f"JSON: up to {MAX_QUERIES} queries, each under a name."
    )
    extend = serializers.CharField(
        required=False,
        help_text=f"JSON: up to {MAX_IDS:,} `ids` and the `properties` that are wanted of them.",
    )


class ReconciliationFormSerializer(ReconciliationParams):
    """The same as a form."""


# The same as JSON, and the answers: their form is the specification's.
ASKED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "queries": {
            "type": "object",
            "maxProperties": MAX_QUERIES,
            "additionalProperties": {"type": "object", "properties": {"query": {"type": "string"}}},
        },
        "extend": {
            "type": "object",
            "properties": {
                "ids": {"type": "array", "maxItems": MAX_IDS, "items": {"type": "string"}},
                "properties": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"id": {"type": "string"}}},
                },
            },
        },
    },
}
ABOUT = (
    "The Reconciliation Service API 0.2 of the W3C community group, for OpenRefine and its like: the manifest, "
    "candidates for `queries`, or the values of `extend`."
)
RESULT = OpenApiExample(
    "Candidates",
    {
        "q0": {
            "result": [
                {
                    "id": "732829320",
                    "name": "BOULANGERIE MARTIN",
                    "description": "69002 Lyon; the same name; the same town",
                    "type": [{"id": ENTREPRISE, "name": TYPES[ENTREPRISE]}],
                    "score": 99.67,
                    "match": True,
                    "features": [{"id": "confidence", "value": 0.9967}],
                }
            ]
        }
    },
    response_only=True,
    status_codes=["200"],
)
SUGGESTED = OpenApiExample(
    "A company",
    {"result": [{"id": "732829320", "name": "BOULANGERIE MARTIN", "description": "69002 Lyon"}]},
    response_only=True,
    status_codes=["200"],
)
PROPOSED = OpenApiExample(
    "Of companies",
    {"type": ENTREPRISE, "properties": [{"id": "nom", "name": "Nom"}]},
    response_only=True,
    status_codes=["200"],
)


class ReconciliationView(APIView):
    """The service's one address."""

    rate = "search"
    parser_classes = [UncompressedFormParser, OrjsonParser]

    @extend_schema(
        operation_id="reconciliation",
        summary="Reconcile",
        description=ABOUT,
        parameters=[ReconciliationParams],
        responses={200: OpenApiTypes.OBJECT, **problems(400, 406, 429, 503)},
        examples=[RESULT],
    )
    def get(self, request: Request) -> Response:
        return self._answer(request, request.query_params)

    @extend_schema(
        operation_id="reconciliation_post",
        summary="Reconcile, with a body",
        description=ABOUT,
        request={
            "application/json": ASKED,
            "application/x-www-form-urlencoded": ReconciliationFormSerializer,
        },
        responses={200: OpenApiTypes.OBJECT, **problems(400, 406, 415, 429, 503)},
        examples=[RESULT],
    )
    def post(self, request: Request) -> Response:
        data = request.data
        if not isinstance(data, Mapping) or (data and not {"queries", "extend"} & data.keys()):
            raise InvalidParametersError({"queries": [ASK]})
        return self._answer(request, data)

    def _answer(self, request: Request, given: Mapping[str, Any]) -> Response:
        if "queries" in given:
            batch = checked(_json("queries", given["queries"]))
            count_batch(request._request, self.rate, len(batch))
            return Response(answers(batch))
        if "extend" in given:
            return Response(_extended(_json("extend", given["extend"])))
        return Response(manifest(request))


class SuggestView(APIView):
    """Entities, properties and types that begin as typed."""

    rate = "search"

    @extend_schema(
        operation_id="reconciliation_suggest",
        summary="Suggest to a client of reconciliation",
        description=f"Up to {MAX_SUGGESTED} entities, and the properties and types, that begin with `prefix`.",
        parameters=[
            OpenApiParameter("what", str, OpenApiParameter.PATH, enum=["entity", "property", "type"]),
            OpenApiParameter("prefix", str, description="What was typed so far."),
        ],
        responses={200: OpenApiTypes.OBJECT, **problems(400, 404, 406, 429, 503)},
        examples=[SUGGESTED],
    )
    def get(self, request: Request, what: str) -> Response:
        prefix = request.query_params.get("prefix", "").replace("\0", " ")
        if what == "entity":
            return Response({"result": _suggested(prefix) if len(key(prefix)) > 1 else []})
        if what == "type":
            return Response({"result": types(prefix)})
        if what != "property":
            raise NotFoundError(_("Suggestions are of an entity, a property or a type."))
        names = {each: name for each, (name, _column) in PROPERTIES.items()}
        return Response({"result": properties(prefix, names)})


class ProposeView(APIView):
    """What may be fetched of entities of a type."""

    @extend_schema(
        operation_id="reconciliation_properties",
        summary="Properties that may be fetched",
        description="Those that `extend` takes: that entities of a type have, or of all types.",
        parameters=[OpenApiParameter("type", str, enum=list(TYPES), description="Of which entities.")],
        responses={200: OpenApiTypes.OBJECT, **problems(400, 406, 429)},
        examples=[PROPOSED],
    )
    def get(self, request: Request) -> Response:
        kind = request.query_params.get("type", "")
        if kind and kind not in TYPES:
            sentence = _("There is no type {kind}. There are: {known}.")
            raise InvalidParametersError(
                {"type": [say(sentence, kind=repr(kind[:50]), known=", ".join(TYPES))]}
            )
        names = {each: name for each, name in EXTENSIONS.items() if each in OF_TYPES.get(kind, EXTENSIONS)}
        return Response({"type": kind or ENTREPRISE, "properties": properties("", names)})


class ViewView(APIView):
    """An entity by its id, wherever its page is."""

    @extend_schema(
        operation_id="reconciliation_view",
        summary="An entity by its id",
        description="A redirection to the address of what the id names.",
        responses={302: OpenApiResponse(description="`Location` is its address."), **problems(406, 429)},
    )
    def get(self, _request: Request, identifier: str) -> HttpResponse:
        kind = type_of(identifier)
        if kind == ACTIVITE:
            return HttpResponseRedirect(f"{reverse('api-entreprises')}?{urlencode({'naf': identifier})}")
        return HttpResponseRedirect(reverse(ROUTES[kind], args=[identifier]))


class PreviewView(APIView):
    """A few lines about an entity, as HTML for a frame."""

    @extend_schema(
        operation_id="reconciliation_preview",
        summary="A preview of an entity",
        description="A page of a few lines that other sites may frame.",
        responses={(200, "text/html"): OpenApiTypes.STR, **problems(404, 406, 429, 503)},
    )
    def get(self, _request: Request, identifier: str) -> HttpResponse:
        found = entities([identifier]).get(identifier)
        if found is None:
            raise NotFoundError(say(_("There is no {id} in the directory."), id=identifier[:20]))
        return HttpResponse(_previewed(found), headers={"Content-Security-Policy": PREVIEW_POLICY})

    @classmethod
    def as_framed(cls) -> Any:
        """The view, whose pages other sites may frame."""
        return xframe_options_exempt(cls.as_view())


def manifest(request: HttpRequest | Request) -> dict[str, Any]:
    """What the service is, and where."""
    root = request.build_absolute_uri(reverse("api-reconciliation")).rstrip("/")
    suggest = {
        what: {"service_url": root, "service_path": f"/suggest/{what}"}
        for what in ("entity", "property", "type")
    }
    return {
        "versions": ["0.1", "0.2"],
        "name": "foxreviews : entreprises de France",
        "identifierSpace": request.build_absolute_uri(reverse("api-index")),
        "schemaSpace": request.build_absolute_uri(reverse("api-schema")),
        "documentation": request.build_absolute_uri(reverse("api-docs")),
        "defaultTypes": [{"id": kind, "name": name} for kind, name in TYPES.items()],
        "view": {"url": f"{root}/view/{{{{id}}}}/"},
        "preview": {"url": f"{root}/preview/{{{{id}}}}/", **PREVIEW},
        "suggest": suggest,
        "extend": {
            "propose_properties": {"service_url": root, "service_path": "/properties"},
            "property_settings": [],
        },
        "batchSize": MAX_QUERIES,
    }


def _json(name: str, text: Any) -> Any:
    """The JSON in a field of a form; a body of JSON has it as it is."""
    if not isinstance(text, str):
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidParametersError({name: [say(_("It is no JSON: {why}."), why=str(error))]}) from error


def _extended(asked: Any) -> dict[str, Any]:
    """The values of entities. One that there is not has none."""
    identifiers = asked.get("ids") if isinstance(asked, dict) else None
    wanted: Any = asked.get("properties") if isinstance(asked, dict) else None
    if not (isinstance(identifiers, list) and _are_objects(wanted)) or len(identifiers) > MAX_IDS:
        raise InvalidParametersError({"extend": [say(EXTENDED, most=MAX_IDS)]})
    names = list(dict.fromkeys(str(each.get("id", "")) for each in wanted))
    if unknown := [name for name in names if name not in EXTENSIONS]:
        sentence = _("There is no property {name}. There are: {known}.")
        known_ones = ", ".join(EXTENSIONS)
        raise InvalidParametersError(
            {"extend": [say(sentence, name=repr(unknown[0][:50]), known=known_ones)]}
        )
    known = entities(str(each) for each in identifiers)
    return {
        "meta": [{"id": name, "name": EXTENSIONS[name]} for name in names],
        "rows": {
            str(identifier): {name: _cells(known.get(str(identifier)), name) for name in names}
            for identifier in identifiers
        },
    }


def _are_objects(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(each, dict) for each in values)


def _cells(entity: Entity | None, name: str) -> list[dict[str, Any]]:
    value = entity.values.get(name) if entity else None
    if value is None or value == "":
        return []
    if isinstance(value, bool):
        return [{"bool": value}]
    if isinstance(value, int | float):
        return [{"float": value}]
    return [{"date" if name == "date_creation" else "str": str(value)}]


def _suggested(prefix: str) -> list[dict[str, Any]]:
    found = suggestions(prefix, MAX_SUGGESTED)
    kinds = {"enseigne": ETABLISSEMENT}
    return [
        {
            "id": each.siret or each.code,
            "name": each.label,
            "description": each.detail,
            "notable": [{"id": kind, "name": TYPES[kind]}],
        }
        for each in found
        for kind in [kinds.get(each.kind, each.kind)]
    ]


def _previewed(entity: Entity) -> str:
    values = entity.values
    street = values.get("adresse") or ""
    trade = values.get("naf_libelle") or ""
    lines = [entity.id, street if isinstance(street, str) else "", entity.detail, trade]
    if values.get("is_active") is False:
        lines.append("a cessé son activité")
    shown = "".join(f"<p>{html.escape(line)}</p>" for line in dict.fromkeys(filter(None, lines)))
    style = "body{font:14px sans-serif;margin:12px}h1{font-size:16px;margin:0 0 6px}p{margin:2px 0}"
    return (
        f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>{html.escape(entity.name)}</title>'
        f"<style>{style}</style></head><body><h1>{html.escape(entity.name)}</h1>{shown}</body></html>"
    )
