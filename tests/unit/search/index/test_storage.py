"""The folder of the index: states, generations, and the hashes of their files."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from foxreviews.core.errors import LockedError
from foxreviews.search.errors import UnusableIndexError
from foxreviews.search.index import schema, storage
from foxreviews.search.index.storage import ENTREPRISES, PLACES, STATE, IndexStorage, State, damage

STORED = {"term", "idx", "pos", "fast", "fieldnorm", "store", "del", "json"}  # kinds of files
NEW = State(schema.FORMAT, "database", "1:1:", "2026-03-01T04:15:00+00:00", documents=3, places=0)


@pytest.fixture
def index(tmp_path: Path) -> IndexStorage:
    return IndexStorage(tmp_path / "search")


@pytest.fixture
def generation(index: IndexStorage) -> Path:
    """One that answers, of three companies, one of which was removed since: every kind of file."""
    made = index.create()
    schema.create_index(made / PLACES, schema.places())
    schema.create_index(made / ENTREPRISES, schema.entreprises())
    commit(made, "ALPHA", "BETA", "GAMMA")
    index.publish(made, NEW)
    commit(made, remove="GAMMA")
    store_hashes(made)
    return made


def commit(generation: Path, *names: str, remove: str = "") -> None:
    index = schema.open_index(generation / ENTREPRISES)
    with schema.writing(index, 15_000_000) as writer:
        if remove:
            writer.delete_documents_by_term("nom", remove)
        for number, nom in enumerate(names):
            writer.add_json(json.dumps({"siren": number, "rank": number, "nom": nom, "is_active": "true"}))


def store_hashes(generation: Path) -> None:
    storage.with_hashes(State.read(generation), generation).write(generation)


def files(generation: Path) -> list[Path]:
    """Those that are hashed, one of each kind."""
    found = {path.suffix[1:]: path for path in sorted((generation / ENTREPRISES).glob("[!.]*"))}
    assert found.keys() == STORED
    return list(found.values())


def flip(place: Callable[[int], int]) -> Callable[[bytes], bytes]:
    def changed(content: bytes) -> bytes:
        at = place(len(content))
        return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]

    return changed


@pytest.mark.parametrize(
    "change",
    [
        flip(lambda size: 0),
        flip(lambda size: size // 2),
        flip(lambda size: size - 1),
        lambda content: content[:-1],
        lambda content: b"",
        lambda content: content + b"\0",
    ],
    ids=["first", "middle", "last", "shorter", "empty", "longer"],
)
def test_a_changed_byte_is_found_in_every_kind_of_file(
    generation: Path, change: Callable[[bytes], bytes]
) -> None:
    assert damage(generation) == ""
    for path in files(generation):
        content = path.read_bytes()
        path.write_bytes(change(content))
        assert damage(generation), path.name
        path.write_bytes(content)
    assert damage(generation) == ""


def test_a_removed_file_is_found_and_named(generation: Path) -> None:
    for path in [*files(generation), generation / PLACES / "meta.json", generation / STATE]:
        moved = path.rename(path.with_name("moved"))
        found = damage(generation)
        assert path.name in found or found == storage.NO_INDEX, found
        moved.rename(path)
    assert damage(generation) == ""


def test_what_tantivy_cannot_open_without_is_looked_at(generation: Path) -> None:
    (generation / ENTREPRISES / ".managed.json").write_text("{")
    assert ".managed.json" in damage(generation)


def test_a_commit_hashes_its_files_and_no_other(generation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = State.read(generation).hashes
    commit(generation, "DELTA")
    read: list[Path] = []
    hashed = storage._hash
    monkeypatch.setattr(storage, "_hash", lambda path: read.append(path) or hashed(path))
    after = storage.with_hashes(State.read(generation), generation)
    metas = {f"{part}/meta.json" for part in (ENTREPRISES, PLACES)}
    assert {path.relative_to(generation).as_posix() for path in read} == after.hashes.keys() - before | metas
    assert after.hashes.keys() > before.keys()
    after.write(generation)
    assert damage(generation) == ""


def test_the_hashes_of_files_that_are_no_more_are_forgotten(generation: Path) -> None:
    for nom in "ABCDEFGHIJ":  # merged at the eighth
        commit(generation, nom)
        store_hashes(generation)
        assert damage(generation) == ""
    there = {path.relative_to(generation).as_posix() for path in generation.glob("*/[!.]*")}
    assert State.read(generation).hashes.keys() <= there


def test_a_commit_before_its_hashes_were_stored_is_no_damage(generation: Path) -> None:
    """As after kill -9 between the two: the files that were there before are still compared."""
    known = next((generation / ENTREPRISES).glob("*.term"))
    commit(generation, "DELTA")
    assert damage(generation) == ""
    known.write_bytes(b"#" + known.read_bytes()[1:])
    assert known.name in damage(generation)


def test_a_commit_while_its_files_are_compared_is_no_damage(
    generation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = storage._hash

    def slow(path: Path) -> str:
        monkeypatch.setattr(storage, "_hash", hashed)
        commit(generation, "DELTA", remove="ALPHA")
        store_hashes(generation)
        return "of a file that has changed since"

    monkeypatch.setattr(storage, "_hash", slow)
    assert damage(generation) == ""


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    state = replace(NEW, rebuild_reason="é", unusable=True, hashes={"entreprises/a.term": "0"})
    state.write(tmp_path)
    assert State.read(tmp_path) == state
    assert [path.name for path in tmp_path.iterdir()] == [STATE]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "There is no index."),
        ("", "cannot be read"),
        ("[]", "cannot be read"),
        ("{}", "cannot be read"),
        (json.dumps({"format": schema.FORMAT}), "cannot be read"),
        (json.dumps({"format": 2, "reperes": 1}), f"has format 2, this program reads {schema.FORMAT}."),
    ],
)
def test_a_state_that_is_none_says_why(tmp_path: Path, content: str | None, why: str) -> None:
    if content is not None:
        (tmp_path / STATE).write_text(content)
    with pytest.raises(UnusableIndexError, match=why):
        State.read(tmp_path)


@pytest.mark.parametrize(
    ("documents", "companies", "misleading"),
    [(0, 0, False), (0, 1, True), (49, 100, True), (50, 100, False), (200, 100, False), (201, 100, True)],
)
def test_an_index_of_half_or_twice_the_companies_still_answers(
    documents: int, companies: int, misleading: bool
) -> None:
    assert storage.misleads(documents, companies) is misleading


def test_the_published_generation_answers_and_the_others_are_listed(
    index: IndexStorage, generation: Path
) -> None:
    assert index.required() == generation
    assert index.others() == []
    other = index.create()
    assert index.others() == [other]
    assert index.required() == generation


def test_a_copy_in_the_place_of_the_link_gives_way(index: IndexStorage, generation: Path) -> None:
    index.link.unlink()
    index.link.mkdir()
    assert index.current() is None
    index.publish(generation, NEW)
    assert index.required() == generation


def test_a_generation_is_removed_though_a_process_still_writes_to_it(
    index: IndexStorage, generation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rmtree = storage.shutil.rmtree

    def slow(path: Path, **options: bool) -> None:
        with pytest.raises(FileNotFoundError):
            (generation / "late").write_text("")
        rmtree(path, **options)

    monkeypatch.setattr(storage.shutil, "rmtree", slow)
    index.remove(generation)
    index.link.unlink()
    assert index.others() == []


def test_an_open_index_writes_nothing_when_another_process_commits(generation: Path) -> None:
    """By default a thread would read the commit within half a second, and lock the folder by a file in it."""
    index = schema.open_index(generation / ENTREPRISES)
    commit(generation, "DELTA")
    lock = generation / ENTREPRISES / ".tantivy-meta.lock"
    lock.unlink()
    time.sleep(1.5)
    assert not lock.exists()
    index.reload()
    assert lock.exists()


def test_a_lock_names_its_process_and_ends_with_it(index: IndexStorage) -> None:
    assert index.writer_pid() is None
    with index.writer_lock():
        assert index.writer_pid() == os.getpid()
        assert index.rebuild_pid() is None
        with pytest.raises(LockedError, match=rf"Another process \({os.getpid()}\)"), index.writer_lock():
            pass
    assert index.writer_pid() is None


def test_what_a_later_release_adds_to_a_state_is_passed_over(generation: Path) -> None:
    found = json.loads((generation / STATE).read_text())
    (generation / STATE).write_text(json.dumps(found | {"added_later": 1}))
    assert State.read(generation).documents == NEW.documents


def test_a_file_that_was_damaged_before_its_stamp_was_known_stays_damaged(generation: Path) -> None:
    (file,) = (generation / ENTREPRISES).glob("*.term")
    before = State.read(generation)
    replace(before, stamps={}).write(generation)  # as of a release that had none
    file.write_bytes(flip(lambda size: size // 2)(file.read_bytes()))
    store_hashes(generation)
    assert f"{file.name} is missing or damaged" in damage(generation)
