"""The fields of the index. Any change of them, or of what goes into them, is a new FORMAT: the index is rebuilt.

An index holds what a search asks, not what it shows: rows come from PostgreSQL. So nothing is stored.
"""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tantivy

FORMAT = 13
META = "meta.json"  # Tantivy's list of what is indexed, and how
MIN_MEMORY = 15_000_000  # bytes that a writer needs
WORDS = "words"
# Fields with the words of a field, each cut to its first letters. Words that begin with two or three letters are many,
# and most have few companies: to gather all their lists takes longer than to read a few long ones.
BEGINNINGS = {"nom": "debut", "lieu": "debut_lieu"}
BEGINNING = 3  # letters


# Fields with words, which companies have that are not hidden (document). The key of a hidden one is no name.
WORDED = (
    *("nom", "autre", "hors_nom", "usuel", "joined", "enseigne", "ailleurs", "enseigne_ville"),
    *("lieu", "adresse", *BEGINNINGS.values()),
)


def entreprises() -> tantivy.Schema:
    """One document per company."""
    schema = tantivy.SchemaBuilder()
    schema.add_unsigned_field("siren", indexed=True)  # by which it is replaced and removed
    schema.add_unsigned_field("rank", fast=True)  # its tie-breaker, and its SIREN (search.query.ranking)
    for name in ("key", *WORDED):
        schema.add_text_field(name, tokenizer_name=WORDS, index_option="basic")
    schema.add_unsigned_field("date_creation", fast=True)  # see day_number
    for name in FILTERS:
        schema.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=name in FACETS)
    return schema.build()


def places() -> tantivy.Schema:
    """One document per town and trade (search.index.place_documents)."""
    schema = tantivy.SchemaBuilder()
    schema.add_unsigned_field("rank", fast=True)  # its tie-breaker, and its code
    for name in ("kind", "key", "start", "departement", "region", "code_postal"):
        schema.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("nom", "lieu"):
        schema.add_text_field(name, tokenizer_name=WORDS, index_option="basic")
    return schema.build()


# Whose values are counted, and how many of them at most: of 36,000 communes the first ones, of 732 and 747 codes of
# activities all. Each document has one value at the most: counting those of a field with several takes half as long
# again.
FACETS = {
    "code_commune": 50,
    "departement": 120,
    "naf_code": 1_000,
    "naf25_code": 1_000,
    "tranche_effectif": 20,
    "is_active": 2,
    "categorie_juridique": 400,
    "annee_creation": 400,
    "categorie_entreprise": 4,
    "est_employeur": 3,
}
# Counted as they are, by day_number, and next to a period of five years at most. It filters by ranges, not by values.
DAYS, MAX_DAYS = "date_creation", 2_000
UNKNOWN_DAY = 0  # of a company without a date
# `naf` has the codes of both nomenclatures
FILTERS = (*FACETS, "code_postal", "naf")


def day_number(day: dt.date) -> int:
    """A day as a number of the index: 20260131."""
    return day.year * 10_000 + day.month * 100 + day.day


def create_index(path: Path, schema: tantivy.Schema) -> tantivy.Index:
    """A new, empty index in a folder that is empty or not there."""
    path.mkdir(parents=True, exist_ok=True)
    tantivy.Index(schema, path=str(path), reuse=False)
    _without_lengths(path / META)
    return open_index(path)


def _without_lengths(meta: Path) -> None:
    """Store no lengths of texts: hits have the order of `rank`, and no score needs them.

    A byte of each field for each company was a fifth of the index. The binding has no argument for it; Tantivy takes
    the schema from this file whenever it opens the index.
    """
    found = json.loads(meta.read_bytes())
    for field in found["schema"]:
        if indexing := field["options"].get("indexing"):
            indexing["fieldnorms"] = False
    meta.write_text(json.dumps(found))


def open_index(path: Path) -> tantivy.Index:
    """The index of a folder. Raises ValueError where there is none, or one that cannot be read."""
    return prepared(tantivy.Index.open(str(path)))


def prepared(index: tantivy.Index) -> tantivy.Index:
    """The index with its tokenizer, which is not stored with it, and read again only on `reload`.

    By default a thread looks for commits twice a second, and locks the folder by a file in it.
    """
    index.register_tokenizer(WORDS, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    index.config_reader("manual")
    return index


@contextmanager
def writing(index: tantivy.Index, memory: int, threads: int = 1) -> Iterator[tantivy.IndexWriter]:
    """A writer. What the block wrote is committed and merged at its end, and nothing writes to the folder any more.

    One is opened for each commit, so that no merge of small segments goes on behind it.
    """
    writer = index.writer(memory, threads)
    yield writer
    writer.commit()
    writer.wait_merging_threads()
