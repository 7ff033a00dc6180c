"""A new generation ends as one segment, whatever its size, and is then as any index that Tantivy has made."""

import json
import math
from pathlib import Path

import polars as pl
import pytest
import tantivy
from tantivy import Query

from foxreviews.search.index import builder, schema
from foxreviews.search.index.builder import LANES, MAX_SEGMENT, MERGED, SMALL, IndexBuilder, _layout
from foxreviews.search.index.storage import ENTREPRISES, MANAGED, META

NO_SIRENS = pl.Series([], dtype=pl.String)


@pytest.mark.parametrize(
    ("companies", "segments"),
    [(0, 0), (1, 1), (80_000, 1), (80_001, 8), (2_000_000, 8), (4_000_000, 16), (30_000_000, 120)],
)
def test_the_segments_are_as_many_as_tantivy_merges_at_once(companies: int, segments: int) -> None:
    _, size = _layout(companies)
    assert math.ceil(companies / size) == segments


@pytest.mark.parametrize("companies", [SMALL + 1, 640_001, 2_000_003, 4_000_000, 29_900_000])
def test_all_segments_are_of_one_size_and_fit_into_memory(companies: int) -> None:
    lanes, size = _layout(companies)
    assert lanes == LANES
    assert size <= MAX_SEGMENT
    for share in (companies // lanes, -(-companies // lanes)):
        assert share - (math.ceil(share / size) - 1) * size > 0.9 * size


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 100 companies."""
    monkeypatch.setattr(builder, "SMALL", 20)
    monkeypatch.setattr(builder, "MAX_SEGMENT", 10)


def document(number: int, nom: str = "ALPHA") -> str:
    made = {"siren": number, "rank": number, "nom": f"{nom} N{number}", "is_active": "true"}
    return json.dumps(made | {"departement": f"{number % 7:02}"})


def build(generation: Path, companies: int, block: int = 7) -> IndexBuilder:
    made = IndexBuilder(generation, companies)
    for start in range(0, companies, block):
        made.add(NO_SIRENS, [*map(document, range(start, min(start + block, companies)))])
    made.merge()
    assert made.count() == companies
    made.close()
    return made


def segments(generation: Path) -> list[int]:
    """The documents of each, as they stand on the disk."""
    found = json.loads((generation / ENTREPRISES / META).read_bytes())["segments"]
    return [each["max_doc"] for each in found]


def count(index: tantivy.Index, query: Query) -> int:
    index.reload()
    found = index.searcher().search(query, limit=1, count=True)
    return int(found.count)  # type: ignore[attr-defined]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("companies", [0, 1, 20, 21, 100, 163])
def test_a_build_of_any_size_ends_as_one_segment_with_all_companies(tmp_path: Path, companies: int) -> None:
    build(tmp_path, companies)
    assert segments(tmp_path) == [companies] * (companies > 0)
    index = schema.open_index(tmp_path / ENTREPRISES)
    ranks = index.searcher().search(Query.all_query(), limit=companies + 1, order_by_field="rank").hits
    assert sorted(rank for rank, _ in ranks) == list(range(companies))
    assert [each.name for each in tmp_path.iterdir()] == [ENTREPRISES], "what it was made of is gone"


@pytest.mark.usefixtures("small")
def test_an_index_that_was_brought_together_is_written_to_as_any_other(tmp_path: Path) -> None:
    build(tmp_path, 100)
    index = schema.open_index(tmp_path / ENTREPRISES)
    for number in range(30):  # more commits than Tantivy leaves unmerged
        with schema.writing(index, schema.MIN_MEMORY) as writer:
            writer.delete_documents_by_query(Query.term_set_query(index.schema, "siren", [number]))
            writer.add_json(document(number, "BETA"))
    index = schema.open_index(tmp_path / ENTREPRISES)
    names = {
        word: count(index, Query.term_query(index.schema, "nom", word)) for word in ("ALPHA", "BETA", "N3")
    }
    assert names == {"ALPHA": 70, "BETA": 30, "N3": 1}
    assert count(index, Query.all_query()) == 100
    facets = index.searcher().aggregate(
        Query.all_query(), {"departement": {"terms": {"field": "departement", "size": 10}}}
    )
    assert sum(each["doc_count"] for each in facets["departement"]["buckets"]) == 100
    with schema.writing(index, schema.MIN_MEMORY) as writer:
        writer.delete_documents_by_query(Query.all_query())
    assert count(index, Query.all_query()) == 0


@pytest.mark.usefixtures("small")
def test_what_was_merged_is_removed_and_nothing_else_is(tmp_path: Path) -> None:
    build(tmp_path, 100)
    folder = tmp_path / ENTREPRISES
    (kept,) = json.loads((folder / META).read_bytes())["segments"]
    stem = kept["segment_id"].replace("-", "")
    files = {each.name for each in folder.iterdir() if not each.name.startswith(".")} - {META}
    assert {each.partition(".")[0] for each in files} == {stem}
    assert set(json.loads((folder / MANAGED).read_bytes())) == {*files, META}


@pytest.mark.usefixtures("small")
def test_a_build_that_is_given_up_leaves_no_thread_that_writes(tmp_path: Path) -> None:
    made = IndexBuilder(tmp_path, 100)
    made.add(NO_SIRENS, [*map(document, range(50))])
    made.close()
    with pytest.raises(RuntimeError, match="shutdown"):
        made.add(NO_SIRENS, [document(51)])
    for lane in made._lanes:  # Tantivy's own lock is free: its writers have ended
        writer = schema.open_index(lane.segments[-1]).writer(schema.MIN_MEMORY, 1)
        writer.wait_merging_threads()


def test_the_index_has_no_lengths_of_texts(tmp_path: Path) -> None:
    """A byte for each text of each company, which only a score would need."""
    build(tmp_path, 2_000, 2_000)
    index = schema.open_index(tmp_path / ENTREPRISES)
    (lengths,) = (tmp_path / ENTREPRISES).glob("*.fieldnorm")
    assert lengths.stat().st_size < 2_000
    assert count(index, Query.term_query(index.schema, "nom", "ALPHA", "basic")) == 2_000


def test_merged_is_what_tantivy_takes(tmp_path: Path) -> None:
    """Seven segments stay, eight become one: the number is Tantivy's, and may change with it."""
    index = schema.create_index(tmp_path, schema.entreprises())
    for number in range(MERGED):
        assert index.searcher().num_segments == number
        with schema.writing(index, schema.MIN_MEMORY) as writer:
            writer.add_json(document(number))
        index.reload()
    assert index.searcher().num_segments == 1
