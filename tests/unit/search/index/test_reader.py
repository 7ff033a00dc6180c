"""A web process reads no file of the index that somebody has written since it was hashed, and waits for none."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from django.db import OperationalError

from foxreviews.enterprise import dataset
from foxreviews.search.index import changes, reader, schema
from foxreviews.search.index.reader import OPENING, IndexReader
from foxreviews.search.index.storage import CORRUPTION, ENTREPRISES, PLACES, IndexStorage, State, with_hashes


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> IndexStorage:
    """One with a company in its current generation."""
    monkeypatch.setattr(changes, "database", lambda: "database")
    monkeypatch.setattr(dataset, "state", lambda _position: dataset.DatasetState(42, 1))
    monkeypatch.setattr(reader, "LOOK_SECONDS", 0.0)
    storage = IndexStorage(tmp_path / "search")
    publish(storage)
    return storage


def publish(storage: IndexStorage) -> Path:
    generation = storage.create()
    schema.create_index(generation / PLACES, schema.places())
    index = schema.create_index(generation / ENTREPRISES, schema.entreprises())
    with schema.writing(index, 15_000_000) as writer:
        writer.add_json('{"siren": 1, "rank": 1, "nom": "ALPHA", "is_active": "true"}')
    storage.publish(generation, State(schema.FORMAT, "database", "1:1:", "2026-03-01T04:15:00+00:00", 1, 0))
    return generation


def flip(file: Path) -> None:
    """In its place: a file that is shortened, if only for a moment, ends a process that has it mapped (SIGBUS)."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    with file.open("r+b") as there:
        there.write(content)


@pytest.mark.parametrize("ending", ["term", "idx", "fast", "store"])
def test_an_index_with_a_flipped_byte_is_not_read(index: IndexStorage, ending: str) -> None:
    opened = IndexReader(index.folder)
    (file,) = (index.required() / ENTREPRISES).glob(f"*.{ending}")
    flip(file)
    assert opened.indexes() is None
    assert f"{file.name} is missing or damaged" in opened.why
    assert (index.required() / CORRUPTION).exists()  # for the daemon


def test_a_byte_that_is_flipped_while_it_is_open_is_noticed(index: IndexStorage) -> None:
    opened = IndexReader(index.folder)
    assert opened.indexes()
    (file,) = (index.required() / ENTREPRISES).glob("*.idx")
    flip(file)
    assert opened.indexes() is None
    flip(file)
    assert opened.indexes()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The endings of the files that were hashed."""
    endings: list[str] = []
    real = reader.damage.__globals__["_hash"]
    monkeypatch.setitem(
        reader.damage.__globals__, "_hash", lambda path: endings.append(path.suffix) or real(path)
    )
    return endings


def test_what_was_found_whole_is_not_read_again(index: IndexStorage, read: list[str]) -> None:
    copied(index)
    opened = IndexReader(index.folder)
    assert opened.indexes()
    assert set(read) > {".json"}
    read.clear()
    State.read(index.required()).write(index.required())  # as after a commit
    assert opened.indexes()
    assert set(read) == {".json"}


def test_what_nobody_wrote_since_it_was_hashed_is_not_read_at_the_start(
    index: IndexStorage, read: list[str]
) -> None:
    assert IndexReader(index.folder).indexes()
    assert set(read) == {".json"}


def test_a_file_that_a_merge_has_removed_is_no_reason_to_look_again(index: IndexStorage) -> None:
    opened = IndexReader(index.folder)
    assert opened.indexes()
    gone = f"{ENTREPRISES}/{'0' * 32}.idx"
    opened._whole.files[gone] = (1, 1)
    State.read(index.required()).write(index.required())
    assert opened.indexes()
    assert gone not in opened._whole.files


def test_a_file_that_cannot_be_opened_is_compared_whatever_the_disk_says(
    index: IndexStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = (index.required() / ENTREPRISES).glob("*.term")
    flip(file)
    state = State.read(index.required())
    stamps = {name: reader.damage.__globals__["_stamp"](index.required() / name) for name in state.stamps}
    replace(state, stamps=stamps).write(index.required())  # as of a sector that has gone bad

    def fails(_: Path) -> None:
        raise ValueError("a checksum differs")

    monkeypatch.setattr(schema, "open_index", fails)
    opened = IndexReader(index.folder)
    assert opened.indexes() is None
    assert f"{file.name} is missing or damaged" in opened.why
    assert (index.required() / CORRUPTION).exists()


def test_an_index_of_the_same_state_of_the_directory_has_the_same_answers_on_any_machine(
    index: IndexStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = IndexReader(index.folder).indexes()
    other = IndexStorage(tmp_path / "other")
    publish(other)
    elsewhere = IndexReader(other.folder).indexes()
    assert before
    assert elsewhere
    assert before.content
    assert elsewhere.content == before.content
    monkeypatch.setattr(dataset, "state", lambda _position: dataset.DatasetState(43, 1))
    after = IndexReader(index.folder).indexes()
    assert after
    assert after.content
    assert after.content != before.content


def test_what_was_added_is_found_once_the_index_says_so(index: IndexStorage) -> None:
    opened = IndexReader(index.folder)
    before = opened.indexes()
    assert before
    assert before.answers
    with schema.writing(schema.open_index(index.required() / ENTREPRISES), 15_000_000) as writer:
        writer.add_json('{"siren": 2, "rank": 2, "nom": "BETA", "is_active": "true"}')
    with_hashes(State.read(index.required()), index.required()).write(index.required())
    after = opened.indexes()
    assert after
    assert after.answers
    assert (before.answers.searcher.num_docs, after.answers.searcher.num_docs) == (1, 2)


def test_an_index_whose_state_is_not_known_keeps_no_answer(
    index: IndexStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_position: str) -> None:
        raise OperationalError

    monkeypatch.setattr(dataset, "state", away)
    opened = IndexReader(index.folder).indexes()
    assert opened
    assert opened.content == ""
    assert opened.answers
    assert [opened.answers.get_or_find("count", "key", lambda n=n: n) for n in range(2)] == [0, 1]


def copied(storage: IndexStorage) -> None:
    """As on another machine: the same bytes, written at another time."""
    for file in storage.required().glob("*/*"):
        os.utime(file, ns=(1, 1))


def slow(monkeypatch: pytest.MonkeyPatch, ends: Event) -> None:
    """Opening and comparing last until `ends`."""
    real: Callable[..., str] = reader.damage
    monkeypatch.setattr(reader, "damage", lambda *given: (ends.wait(), real(*given))[1])


def test_nobody_waits_for_an_index_that_is_being_opened(
    index: IndexStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, ends = IndexReader(index.folder, patience=(0.01, 0.01)), Event()
    slow(monkeypatch, ends)
    assert opened.indexes() is None
    assert opened.why == OPENING
    ends.set()
    opened._patience = (60.0, 60.0)
    first = opened.indexes()
    assert (first is not None, opened.why) == (True, "")

    ends.clear()
    opened._patience = (0.01, 0.01)
    generation = publish(index)
    assert opened.indexes() is first  # the older one goes on
    ends.set()
    opened._patience = (60.0, 60.0)
    second = opened.indexes()
    assert second
    assert second.generation == generation
