"""A batch of queries → candidates: companies and establishments by matching, towns and activities by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from foxreviews.api.errors import InvalidParametersError
from foxreviews.api.reconciliation.entities import (
    ACTIVITE,
    ENTREPRISE,
    ETABLISSEMENT,
    PROPERTIES,
    TYPES,
    VILLE,
    entities,
)
from foxreviews.core.messages import Message, say
from foxreviews.matching.matcher import Judged, judge
from foxreviews.matching.model import Decision, shipped
from foxreviews.matching.record import read
from foxreviews.matching.towns import towns
from foxreviews.reference import naf
from foxreviews.search.engine import search_places
from foxreviews.search.query.parse import MAX_CHARACTERS
from foxreviews.search.query.places import Place, Step

MAX_QUERIES = 50
MAX_LIMIT, LIMIT = 12, 5
MAX_TEXT = 10_000  # characters of a value
MIN_SHOWN = 0.001  # confidence
KINDS = {VILLE: "ville", ACTIVITE: "activite"}


@dataclass(frozen=True)
class Query:
    """One of a batch."""

    text: str
    type: str
    limit: int
    values: Mapping[str, str]  # by matching.record.FIELDS


def answers(batch: Mapping[str, Any]) -> dict[str, Any]:
    """`{"q0": {"result": […]}}` of a batch. Raises InvalidParametersError, NoIndexError."""
    queries = {name: _query(name, each) for name, each in batch.items()}
    lines = {name: each for name, each in queries.items() if each.type in (ENTREPRISE, ETABLISSEMENT)}
    found = {name: _places(each) for name, each in queries.items() if name not in lines}
    known = towns()
    judged = judge([read(each.values, known) for each in lines.values()], known, shipped()) if lines else []
    for (name, query), each in zip(lines.items(), judged, strict=True):
        found[name] = _companies(query, each)
    return {name: {"result": found[name]} for name in queries}


def checked(batch: Any) -> Mapping[str, Any]:
    """The batch, of 1 to MAX_QUERIES queries. Raises InvalidParametersError."""
    if not isinstance(batch, dict) or not batch:
        raise _refused(_('It is an object of queries: {"q0": {"query": "Novergie"}}.'))
    if len(batch) > MAX_QUERIES:
        raise _refused(say(_("{count} queries are more than {most}."), count=len(batch), most=MAX_QUERIES))
    return batch


def _refused(sentence: Message) -> InvalidParametersError:
    return InvalidParametersError({"queries": [sentence]})


def _query(name: str, given: Any) -> Query:
    if not isinstance(given, dict):
        raise _refused(say(_("{name} is no object with a query."), name=name[:50]))
    text, limit = given.get("query", ""), given.get("limit", LIMIT)
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise _refused(say(_("{name}: query is a text."), name=name[:50]))
    if not isinstance(limit, int) or limit < 1:
        raise _refused(say(_("{name}: limit is a whole number from 1 on."), name=name[:50]))
    types: Any = given.get("type") or ENTREPRISE
    kind = types[0] if isinstance(types, list) and types else types
    if not isinstance(kind, str) or kind not in TYPES:
        sentence = _("{name}: there is no type {kind}. There are: {known}.")
        raise _refused(say(sentence, name=name[:50], kind=repr(str(kind)[:50]), known=", ".join(TYPES)))
    return Query(
        text, str(kind), min(limit, MAX_LIMIT), {"nom": text} | _values(name, given.get("properties") or [])
    )


def _values(name: str, properties: Any) -> dict[str, str]:
    """What the properties say; unknown ones say nothing."""
    if not isinstance(properties, list):
        raise _refused(say(_("{name}: properties is a list."), name=name[:50]))
    values = {}
    for each in properties:
        known = (
            PROPERTIES.get(each["pid"])
            if isinstance(each, dict) and isinstance(each.get("pid"), str)
            else None
        )
        if known and (value := _value(each.get("v"))):
            values[known[1]] = value[:MAX_TEXT]
    return values


def _value(value: Any) -> str:
    """Of several values the first; of another entity its id. What is nested deeper says nothing."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("id") or value.get("name")
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _companies(query: Query, judged: Judged) -> list[dict[str, Any]]:
    model, results = shipped(), list[dict[str, Any]]()
    for evidence, confidence in zip(judged.evidence, judged.confidences, strict=True):
        is_place = query.type == ETABLISSEMENT
        identifier = evidence.site.siret if is_place else evidence.company.siren
        if confidence < MIN_SHOWN or not identifier or len(results) == query.limit:
            continue
        is_best = evidence is judged.evidence[0]
        company = evidence.company
        results.append(
            {
                "id": identifier,
                "name": company.nom,
                "description": f"{company.code_postal} {company.ville_nom}; {'; '.join(evidence.sentences())}",
                "type": [_type(query.type)],
                "score": round(100 * confidence, 2),
                "match": is_best and model.decide(confidence, evidence) is Decision.ACCEPT,
                "features": [{"id": "confidence", "value": round(confidence, 4)}],
            }
        )
    return results


def _places(query: Query) -> list[dict[str, Any]]:
    """Towns and activities by name. A code is itself."""
    text = query.text.strip()[:MAX_CHARACTERS]
    code = (naf.normalise(text) if naf.label(naf.normalise(text)) else "") if query.type == ACTIVITE else ""
    if code:
        found = [(code, 100.0)]
    else:
        places = search_places(lambda index: index.find(KINDS[query.type], text, query.limit)) if text else []
        found = [(_code(query.type, each), _score(each)) for each in places or []]
    known = entities(identifier for identifier, _ in found)
    alone = sum(score == 100 for _, score in found) == 1
    return [
        {
            "id": identifier,
            "name": known[identifier].name,
            "description": known[identifier].detail,
            "type": [_type(query.type)],
            "score": score,
            "match": score == 100 and alone,
        }
        for identifier, score in found
        if identifier in known
    ]


def _code(kind: str, place: Place) -> str:
    return f"{place.code[:2]}.{place.code[2:]}" if kind == ACTIVITE else place.code


def _score(place: Place) -> float:
    """By how well the name matches: the very name is 100."""
    return round(100 * place.step / Step.EXACT, 1)


def _type(kind: str) -> dict[str, str]:
    return {"id": kind, "name": TYPES[kind]}


def types(prefix: str) -> Sequence[dict[str, str]]:
    """The types that begin so."""
    return [_type(kind) for kind, name in TYPES.items() if _begins(prefix, kind, name)]


def properties(prefix: str, names: Mapping[str, str]) -> list[dict[str, str]]:
    """The properties that begin so."""
    return [{"id": each, "name": name} for each, name in names.items() if _begins(prefix, each, name)]


def _begins(prefix: str, *names: str) -> bool:
    return any(name.casefold().startswith(prefix.strip().casefold()) for name in names)
