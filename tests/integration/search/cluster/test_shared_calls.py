"""All that is asked of a cluster is known to OpenSearch and to Elasticsearch 8 and 9: by the documentation of both.

A call that only one of them has is found here before an operator finds it.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from foxreviews.enterprise.models import Entreprise
from foxreviews.location.models import Ville
from foxreviews.ops import search_cluster
from foxreviews.search import upkeep
from foxreviews.search.cluster.connection import Cluster
from foxreviews.search.cluster.storage import ClusterStorage
from foxreviews.search.cluster.writer import ClusterWriter
from tests.integration.search.cluster.conftest import Quiet

pytestmark = pytest.mark.django_db(transaction=True)

# Method and path → parameters, and keys of the body
CALLS: Mapping[tuple[str, str], tuple[set[str], set[str]]] = {
    ("GET", "/"): (set(), set()),
    ("GET", "/_alias/NAME"): (set(), set()),
    ("GET", "/_cluster/health/NAME"): ({"timeout", "wait_for_status"}, set()),
    ("GET", "/NAME/_alias"): (set(), set()),
    ("GET", "/NAME/_doc/ID"): ({"stored_fields", "realtime"}, set()),
    ("GET", "/NAME/_stats/store"): ({"filter_path"}, set()),
    ("POST", "/_aliases"): (set(), {"actions"}),
    ("POST", "/NAME/_bulk"): ({"require_alias"}, {"index", "delete"}),
    ("POST", "/NAME/_count"): (set(), {"query"}),
    ("POST", "/NAME/_msearch"): (
        {"filter_path"}, {"allow_partial_search_results", "query", "size", "track_total_hits"},
    ),
    ("POST", "/NAME/_refresh"): (set(), set()),
    ("POST", "/NAME/_search"): (
        {"filter_path", "allow_partial_search_results"},
        {"query", "size", "sort", "track_total_hits", "_source", "aggs"},
    ),
    ("PUT", "/NAME"): (set(), {"settings", "mappings", "aliases"}),
    ("PUT", "/NAME/_doc/ID"): ({"refresh", "require_alias"}, {"state"}),
    ("PUT", "/NAME/_settings"): (set(), {"index"}),
    ("DELETE", "/NAME"): ({"ignore_unavailable"}, set()),
}  # fmt: skip
# Kinds of queries → their parameters; of those that name a field, the field's
QUERIES: Mapping[str, set[str]] = {
    "bool": {"filter", "must_not", "should", "minimum_should_match"},
    "constant_score": {"filter"},
    "exists": {"field"},
    "fuzzy": {"value", "fuzziness", "prefix_length", "max_expansions", "transpositions", "rewrite"},
    "match_none": set(),
    "prefix": {"value", "rewrite"},
    "range": {"gte", "lte"},
    "regexp": {"value", "flags", "rewrite"},
    "term": set(),
    "terms": set(),
}
ACTIONS = {"add": {"index", "alias"}, "remove": {"index", "alias"}, "remove_index": {"index"}}
SETTINGS = {
    "number_of_shards", "number_of_replicas", "auto_expand_replicas", "refresh_interval", "translog.durability",
    "translog.flush_threshold_size", "max_regex_length", "max_result_window",
    "sort.field", "sort.order", "sort.missing",
}  # fmt: skip
FIELDS = {"type", "analyzer", "index", "index_options", "norms", "doc_values", "store", "fields"}
TYPES = {"text", "keyword", "long", "integer"}
TOKENIZERS = {"whitespace": {"max_token_length"}, "edge_ngram": {"min_gram", "max_gram"}}


class Called:
    """A call that was made."""

    def __init__(self, method: str, path: str, body: object, parameters: Mapping[str, object]) -> None:
        self.what = method, _template(path)
        self.parameters = {*parameters}
        lines = body.splitlines() if isinstance(body, str) else []
        self.bodies: list[dict[str, Any]] = [json.loads(line) for line in lines if line]
        if isinstance(body, dict):
            self.bodies = [json.loads(json.dumps(body))]
        if self.what[1].endswith("_bulk"):  # a document behind each line that says what is done with it
            self.bodies = [each for each in self.bodies if each.keys() <= {"index", "delete"}]


def _template(path: str) -> str:
    if path in ("/", "/_aliases"):
        return path
    if found := re.fullmatch(r"/(_alias|_cluster/health)/[^/]+", path):
        return f"/{found[1]}/NAME"
    return re.sub(r"/_doc/[^/]+$", "/_doc/ID", re.sub(r"^/[^/]+", "/NAME", path))


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[Called]:
    made: list[Called] = []
    call = Cluster.call

    def noted(
        self: Cluster, method: str, path: str, body: object = None, *, seconds: float = 60.0, **more: Any
    ) -> Any:
        made.append(Called(method, path, body, more))
        return call(self, method, path, body, seconds=seconds, **more)

    monkeypatch.setattr(Cluster, "call", noted)
    return made


@pytest.fixture
def everything(
    called: list[Called], storage: ClusterStorage, company: Callable[..., Any], client: Client
) -> list[Called]:
    """All calls of a life: built, kept in sync, searched, watched, gone back from, removed."""
    Ville.objects.create(code_insee="69123", nom="Lyon", departement="69", region="84", population=500_000)
    for number in range(7):
        company(
            f"BOULANGERIE DURAND {number}",
            departement="69",
            ville_id="69123",
            ville_nom="Lyon",
            naf_code="10.71C",
        )
    upkeep.rebuild_index(Quiet())
    upkeep.rebuild_index(Quiet())
    with storage.writer_lock():
        writer = ClusterWriter(storage.required(), storage)
        Ville.objects.update(nom="Lyonnais")
        Entreprise.objects.filter(nom__endswith="0").delete()
        company("NOUVELLE")
        writer.apply()
        assert storage.is_there(storage.required())
    for query in (
        "q=boulangerie", "q=bolangerie+lyon", "q=boul", "q=durand+3&ordering=nom", "q=s.a.r.l.", "q=nothing+like+that",
        "q=boulangerie+lyon+69003&page_size=2", "facets=departement", "tranche_effectif=11",
        "q=durand&departement=69&naf=10&is_active=true&date_creation_min=2000-01-01&facets=departement,naf_section",
    ):  # fmt: skip
        page = client.get(f"/api/entreprises/?{query}").json()
        while page.get("next"):
            page = client.get(page["next"]).json()
    for address in ("/api/suggestions/?q=boulang", "/api/villes/?q=lyonais", "/api/villes/?q=lyo"):
        assert client.get(address).status_code == 200
    with suppress(SystemExit):  # it exits by what it says
        call_command("search_status", json=True, stdout=StringIO())
    assert search_cluster.search_cluster().found
    upkeep.go_back(Quiet())
    for generation in storage.others():
        storage.remove(generation)
    return called


def test_every_call_query_and_setting_is_one_that_both_have(everything: list[Called]) -> None:
    _check_calls(everything)
    _check_queries(everything)
    _check_indexes(everything)


def _check_calls(everything: list[Called]) -> None:
    for each in everything:
        assert each.what in CALLS, each.what
        parameters, keys = CALLS[each.what]
        assert each.parameters <= parameters, (each.what, each.parameters)
        for body in each.bodies:
            assert body.keys() <= keys, (each.what, body)
    assert {each.what for each in everything} == CALLS.keys(), "nothing stands in the list that is not called"


def _check_queries(everything: list[Called]) -> None:
    kinds = set()
    for query in (body["query"] for each in everything for body in each.bodies if "query" in body):
        for kind, options in _queries(query):
            assert kind in QUERIES, query
            assert options <= QUERIES[kind], query
            kinds.add(kind)
    assert kinds >= QUERIES.keys() - {"match_none", "regexp"}
    for each in everything:
        for body in each.bodies:
            for wanted in body.get("aggs", {}).values():
                assert wanted.keys() == {"terms"}
                assert wanted["terms"].keys() == {"field", "size", "shard_size"}


def _queries(query: Any) -> Iterator[tuple[str, set[str]]]:
    """Each kind in it, with the parameters that it has there."""
    for kind, inside in query.items():
        if kind in {"bool", "constant_score"}:
            yield kind, {*inside}
            for part in inside.values():
                for each in part if isinstance(part, list) else [part]:
                    if isinstance(each, dict):
                        yield from _queries(each)
        elif kind == "exists":
            yield kind, {*inside}
        else:
            yield from ((kind, {*value} if isinstance(value, dict) else set()) for value in inside.values())
            if not inside:
                yield kind, set()


def _check_indexes(everything: list[Called]) -> None:
    for each in everything:
        for body in each.bodies:
            for action in body.get("actions", ()):
                ((name, options),) = action.items()
                assert options.keys() <= ACTIONS[name]
            if "mappings" not in body:
                continue
            assert body["settings"].keys() == {"index", "analysis"}
            assert body["settings"]["index"].keys() <= SETTINGS
            assert body["mappings"].keys() == {"dynamic", "_source", "properties"}
            for name, field in body["mappings"]["properties"].items():
                assert field.keys() <= FIELDS, name
                assert field["type"] in TYPES, name
            for tokenizer in body["settings"]["analysis"]["tokenizer"].values():
                assert tokenizer.keys() - {"type"} <= TOKENIZERS[tokenizer["type"]]
