"""What the fields of the index hold, and how they are written."""

import json
from pathlib import Path
from unittest.mock import Mock, call

import pytest
import tantivy
from tantivy import Query

from foxreviews.search.index import schema


def found(index: tantivy.Index, field: str, value: str) -> int:
    index.reload()
    query = Query.term_query(index.schema, field, value)
    return len(index.searcher().search(query, limit=10).hits)


@pytest.fixture
def index(tmp_path: Path) -> tantivy.Index:
    return schema.create_index(tmp_path / "index", schema.entreprises())


def add(writer: tantivy.IndexWriter, **fields: object) -> None:
    writer.add_json(json.dumps({"siren": 1, "rank": 1} | fields))


def test_names_are_found_by_each_word_and_filters_as_a_whole(index: tantivy.Index) -> None:
    with schema.writing(index, 15_000_000) as writer:
        add(writer, nom="SAINT ETIENNE", code_commune="SAINT ETIENNE")
    assert [found(index, "nom", word) for word in ("SAINT", "ETIENNE", "SAINT ETIENNE")] == [1, 1, 0]
    assert [found(index, "code_commune", text) for text in ("SAINT", "SAINT ETIENNE")] == [0, 1]


def test_facets_are_filters() -> None:
    assert schema.FACETS.keys() <= set(schema.FILTERS)


def test_what_fails_half_way_is_not_committed(index: tantivy.Index) -> None:
    def half_way() -> None:
        with schema.writing(index, 15_000_000) as writer:
            add(writer, nom="HALF")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_way()
    with schema.writing(index, 15_000_000) as again:
        add(again, nom="WHOLE")
    assert [found(index, "nom", word) for word in ("HALF", "WHOLE")] == [0, 1]


def test_the_merges_of_a_commit_have_ended_with_the_block() -> None:
    """Their threads would go on writing to a folder that is hashed, or removed."""
    index = Mock()
    with schema.writing(index, 15_000_000):
        assert index.writer.return_value.mock_calls == []
    assert index.writer.return_value.mock_calls == [call.commit(), call.wait_merging_threads()]


def test_a_folder_without_an_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="FileDoesNotExist"):
        schema.open_index(tmp_path)
