"""The indexes of a generation in a cluster: companies, and places. The fields are those of search.index.schema.

A generation is an index of companies, `foxreviews-20260301t041500-3f2a1c9d`, and one of places, which the alias
`….places` points at. The alias `foxreviews` points at the companies of the generation that answers. What is known of it
(search.index.storage.State) is a document of its own in the index, so the two are always of one moment.
"""

from typing import Any

from foxreviews.search.index import schema
from foxreviews.search.index.schema import BEGINNINGS, FACETS, FILTERS

MAPPING = 1
FORMAT = schema.FORMAT * 1_000 + MAPPING  # of the documents, and of what is made of them here
STATE_ID = "state"
COMPANIES_PER_SHARD = 10_000_000  # 4,000,000 companies are less than a gigabyte: one shard asks no other
MAX_TOKEN = 4_000  # letters: a key is a whole name, and its ligatures are two letters
MAX_PATTERN = 6_000  # letters of a regular expression (engines.opensearch)
MAX_PLACES = 50_000  # all towns may be asked for at once
# Beginnings of whole names of places, so that misspelt ones are found; of more letters than anybody types
EDGES, MIN_EDGE, MAX_EDGE = "start.debut", 2, 40

_WORDS = {"type": "text", "analyzer": "words", "index_options": "docs", "norms": False}
_CODE = {"type": "keyword", "doc_values": False}
_STATE = {"type": "keyword", "index": False, "doc_values": False, "store": True}
_ANALYSIS = {
    "tokenizer": {
        "blanks": {"type": "whitespace", "max_token_length": MAX_TOKEN},
        "edges": {"type": "edge_ngram", "min_gram": MIN_EDGE, "max_gram": MAX_EDGE},
    },
    "analyzer": {
        "words": {"type": "custom", "tokenizer": "blanks"},
        "edges": {"type": "custom", "tokenizer": "edges"},
    },
}
# While it is filled: nothing to copy, nothing to show, and what is lost with a node is built again.
_BULK = {
    "number_of_replicas": 0,
    "auto_expand_replicas": False,
    "refresh_interval": "-1",
    "translog.durability": "async",
    "translog.flush_threshold_size": "1gb",
}
# While it answers. Only who writes to it shows what it wrote.
SERVING = {
    "index": {
        "auto_expand_replicas": "0-1",
        "translog.durability": "request",
        "translog.flush_threshold_size": "512mb",
    }
}


def entreprises(companies: int) -> dict[str, Any]:
    """The body that creates an index for so many companies. Highest ranks come first in it, as they are asked for."""
    words = (
        *("key", "nom", "autre", "hors_nom", "usuel", "joined", "enseigne", "ailleurs", "enseigne_ville"),
        *("lieu", "adresse", *BEGINNINGS.values()),
    )
    codes = {name: _CODE | {"doc_values": name in FACETS} for name in FILTERS}
    return _index(
        {
            "siren": {"type": "integer", "doc_values": False},
            "rank": {"type": "long"},
            "date_creation": {"type": "integer"},
            **dict.fromkeys(words, _WORDS),
            **codes,
            "state": _STATE,
        },
        shards=1 + companies // COMPANIES_PER_SHARD,
        **{"sort.field": "rank", "sort.order": "desc", "sort.missing": "_last"},
    )


def places() -> dict[str, Any]:
    """The body that creates an index of places."""
    starts = _CODE | {"fields": {"debut": _WORDS | {"analyzer": "edges"}}}
    return _index(
        {
            "rank": {"type": "long"},
            **dict.fromkeys(("kind", "key", "departement", "region", "code_postal"), _CODE),
            "start": starts,
            **dict.fromkeys(("nom", "lieu"), _WORDS),
        },
        shards=1,
        max_result_window=MAX_PLACES,
    )


def _index(fields: dict[str, Any], shards: int, **more: Any) -> dict[str, Any]:
    index = {"number_of_shards": shards, "max_regex_length": MAX_PATTERN, **_BULK, **more}
    return {
        "settings": {"index": index, "analysis": _ANALYSIS},
        "mappings": {"dynamic": "strict", "_source": {"enabled": False}, "properties": fields},
    }
