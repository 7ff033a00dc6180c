"""The fields of the index. Any change of them, or of what goes into them, is a new FORMAT: the index is rebuilt.

An index holds what a search asks, not what it shows: rows come from PostgreSQL. So nothing is stored.
"""

from pathlib import Path

import tantivy

FORMAT = 2
WORDS = "words"


def entreprises() -> tantivy.Schema:
    """One document a company."""
    schema = tantivy.SchemaBuilder()
    schema.add_unsigned_field("siren", indexed=True)  # by which it is replaced and removed
    schema.add_unsigned_field(
        "rank", fast=True
    )  # its place among equals, and its SIREN (search.query.ranking)
    for name in ("key", "nom", "joined", "lieu", "adresse"):  # key: search.query.words.key of both names
        schema.add_text_field(name, tokenizer_name=WORDS, index_option="basic")
    for name in FILTERS:
        schema.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=name in FACETS)
    return schema.build()


def reperes() -> tantivy.Schema:
    """One document a town or a trade (search.index.places)."""
    schema = tantivy.SchemaBuilder()
    schema.add_unsigned_field("rank", fast=True)  # its place among equals, and its code
    for name in ("kind", "key", "start", "departement", "region", "code_postal"):
        schema.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("nom", "lieu"):
        schema.add_text_field(name, tokenizer_name=WORDS, index_option="basic")
    return schema.build()


HIDDEN_KEY = "-"  # the key of whoever is found by no word; no name has it
FILTERS = (
    "code_commune",
    "code_postal",
    "departement",
    "naf_code",
    "tranche_effectif",
    "is_active",
)
# Those whose values are counted, and how many of them at most: of 36,000 communes the first ones
FACETS = {"code_commune": 50, "departement": 120, "naf_code": 1_000, "tranche_effectif": 20, "is_active": 2}


def create_index(path: Path, schema: tantivy.Schema) -> tantivy.Index:
    """A new, empty index in a folder that is empty or not there."""
    path.mkdir(parents=True, exist_ok=True)
    return prepared(tantivy.Index(schema, path=str(path), reuse=False))


def open_index(path: Path) -> tantivy.Index:
    """The index of a folder. Raises ValueError where there is none, or one that cannot be read."""
    return prepared(tantivy.Index.open(str(path)))


def prepared(index: tantivy.Index) -> tantivy.Index:
    """The index with its tokenizer, which is not kept with it."""
    index.register_tokenizer(WORDS, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index
