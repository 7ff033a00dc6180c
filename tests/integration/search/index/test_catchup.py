"""The index follows the directory: made whole, brought in sync change by change, and rebuilt where it is broken."""

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import tantivy
from django.core.management import CommandError, call_command
from django.db import connection
from tantivy import Query

from foxreviews.core.errors import LockedError
from foxreviews.core.progress import Reporter, Stage
from foxreviews.enterprise import blocks
from foxreviews.enterprise.models import Entreprise, Etablissement
from foxreviews.location.models import Ville
from foxreviews.search.errors import IndexFailedError, UnusableIndexError
from foxreviews.search.index import place_documents
from foxreviews.search.index.reader import IndexReader
from foxreviews.search.index.rebuild import catch_up, rebuild
from foxreviews.search.index.storage import CORRUPTION, STATE, IndexStorage, State, damage
from foxreviews.search.index.writer import IndexWriter

pytestmark = pytest.mark.django_db(transaction=True)
Company = Callable[..., Entreprise]


WRITTEN = {".term", ".idx", ".pos", ".fast", ".fieldnorm", ".store", ".del"}  # by Tantivy


class Quiet(Reporter):
    """Says what it does to a test."""

    def __init__(self) -> None:
        self.said = StringIO()
        super().__init__(self.said, logging.getLogger("quiet"))


@pytest.fixture
def storage(tmp_path: Path, settings: Any) -> IndexStorage:
    settings.SEARCH_INDEX_DIR, settings.LOG_DIR = tmp_path / "search", tmp_path / "logs"
    return IndexStorage(settings.SEARCH_INDEX_DIR)


@pytest.fixture(autouse=True)
def few_trades(monkeypatch: pytest.MonkeyPatch) -> None:
    """That all of them are in an index is for test_places.py: they are most of what a small one takes."""
    every = place_documents._same_trades
    monkeypatch.setattr(place_documents, "_same_trades", lambda companies: islice(every(companies), 5))


@pytest.fixture
def reader(storage: IndexStorage) -> IndexReader:
    """As a web process has the index open."""
    return IndexReader(storage.folder)


def named(reader: IndexReader, word: str) -> int:
    """How many companies have the word in their name, for a web process."""
    indexes = reader.indexes()
    assert indexes, reader.why
    return count(indexes.entreprises, "nom", word)


def count(index: tantivy.Index, field: str, term: str) -> int:
    found = index.searcher().search(Query.term_query(index.schema, field, term), limit=1, count=True)
    return int(found.count)  # type: ignore[attr-defined]


def execute(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def test_a_first_catch_up_builds_the_index(storage: IndexStorage, reader: IndexReader, company: Company):
    company("ALPHA")
    assert reader.indexes() is None
    assert reader.why == "There is no index."
    catch_up(storage, Quiet())
    assert named(reader, "ALPHA") == 1
    assert State.read(storage.required()).documents == 1


def test_what_changed_is_searchable_and_what_was_removed_is_not(
    storage: IndexStorage, reader: IndexReader, company: Company
):
    alpha, beta = company("ALPHA"), company("BETA")
    rebuild(storage, Quiet())
    writer = IndexWriter(storage.required())
    gamma = company("GAMMA")
    Entreprise.objects.filter(pk=alpha.pk).update(nom="DELTA")
    beta.delete()
    assert named(reader, "ALPHA") == 1, "nothing was committed yet"
    assert set(writer.apply().sirens) == {alpha.siren, beta.siren, gamma.siren}
    assert [named(reader, word) for word in ("ALPHA", "BETA", "GAMMA", "DELTA")] == [0, 0, 1, 1]
    assert writer.state.documents == 2
    assert writer.apply().entries == 0


def test_the_index_follows_establishments(
    storage: IndexStorage, reader: IndexReader, company: Company, etablissement: Callable[..., Any]
):
    siren = company("ALPHA").siren
    etablissement(siren, 2, "FOURNIL", ville_nom="Lyon")
    rebuild(storage, Quiet())
    writer = IndexWriter(storage.required())

    def signs(*pairs: str) -> list[int]:
        writer.apply()
        indexes = reader.indexes()
        assert indexes
        return [count(indexes.entreprises, "enseigne_ville", pair) for pair in pairs]

    assert signs("FOURNIL@LYON") == [1]
    shop = etablissement(siren, 3, "MOULIN", ville_nom="Nantes")
    assert signs("MOULIN@NANTES", "FOURNIL@LYON", "MOULIN@LYON") == [1, 1, 0]
    Etablissement.objects.filter(pk=shop.pk).update(ville_nom="Brest")
    assert signs("MOULIN@NANTES", "MOULIN@BREST") == [0, 1]
    Etablissement.objects.filter(pk=shop.pk).update(is_active=False)
    assert signs("MOULIN@BREST", "FOURNIL@LYON") == [0, 1]
    Etablissement.objects.all().delete()
    assert signs("FOURNIL@LYON") == [0]
    etablissement(siren, 2, "FOURNIL", ville_nom="Lyon")
    execute("TRUNCATE enterprise_etablissement")
    assert writer.apply().everything
    assert writer.state.rebuild_reason


def test_what_changed_while_no_process_kept_the_index_is_applied_by_the_next(
    storage: IndexStorage, reader: IndexReader, company: Company
):
    rebuild(storage, Quiet())
    company("ALPHA")
    catch_up(storage, Quiet())
    company("BETA")
    catch_up(storage, Quiet())
    assert (named(reader, "ALPHA"), named(reader, "BETA")) == (1, 1)


def test_what_was_applied_but_not_noted_is_applied_again(
    storage: IndexStorage, reader: IndexReader, company: Company
):
    rebuild(storage, Quiet())
    before = State.read(storage.required())
    company("ALPHA")
    catch_up(storage, Quiet())
    before.write(storage.required())  # as if it had been killed between the two
    catch_up(storage, Quiet())
    assert named(reader, "ALPHA") == 1


def test_a_change_made_while_the_index_is_built_is_not_lost(
    storage: IndexStorage, reader: IndexReader, company: Company
):
    class Meanwhile(Quiet):
        @contextmanager
        def stage(self, name: str, *arguments: Any, **keywords: Any) -> Iterator[Stage]:
            if name == "Merging":
                from tests.integration.search.index.test_changes import another_session

                with another_session() as other:
                    other.execute(
                        "INSERT INTO enterprise_entreprise (siren, nom) VALUES ('732829320', 'MEANWHILE')"
                    )
            with super().stage(name, *arguments, **keywords) as stage:
                yield stage

    company("ALPHA")
    rebuild(storage, Meanwhile())
    assert named(reader, "MEANWHILE") == 0
    catch_up(storage, Quiet())
    assert named(reader, "MEANWHILE") == 1


PLAIN = ['"', '""', "\\N", "\\.", ",", "NULL", "é日本\U0001f600", "'", "\t", "\r", "x" * 255, " "]


@pytest.mark.parametrize("names", [PLAIN, [*PLAIN, "A\nB", "\n", "\x1f", "A\r\nB"]], ids=["usual", "breaks"])
def test_any_text_that_the_database_can_hold_is_read(
    storage: IndexStorage, reader: IndexReader, company: Company, names: list[str]
):
    for nom in names:
        company(nom, adresse=nom, ville_nom=nom[:100])
    company("ODD", siren="12 34", latitude=float("inf"))
    company("KNOWN", ville_nom=names[-1])
    reporter = Quiet()
    rebuild(storage, reporter)
    assert "1 companies have no SIREN" in reporter.said.getvalue()
    assert State.read(storage.required()).documents == len(names) + 1
    assert named(reader, "KNOWN") == 1
    writer = IndexWriter(storage.required())
    Entreprise.objects.update(nom="SAME")
    writer.apply()
    assert named(reader, "SAME") == len(names) + 1


def test_towns_follow_too(storage: IndexStorage, reader: IndexReader, company: Company):
    rebuild(storage, Quiet())
    writer = IndexWriter(storage.required())
    Ville.objects.create(code_insee="69123", nom="Lyon", slug="lyon", population=520_774)
    assert writer.apply().places
    indexes = reader.indexes()
    assert indexes
    assert count(indexes.places, "nom", "LYON") == 1
    Ville.objects.update(nom="Lugdunum")
    writer.apply()
    assert reader.indexes()
    assert (count(indexes.places, "nom", "LYON"), count(indexes.places, "nom", "LUGDUNUM")) == (0, 1)


def test_a_change_of_very_many_has_the_index_rebuilt_and_the_old_one_answers_meanwhile(
    storage: IndexStorage, reader: IndexReader, company: Company
):
    company("ALPHA")
    rebuild(storage, Quiet())
    old = storage.required()
    writer = IndexWriter(storage.required())
    execute("INSERT INTO search_change DEFAULT VALUES")  # as for more than 100,000 companies
    company("BETA")
    writer.apply()
    assert writer.state.rebuild_reason
    assert named(reader, "BETA") == 1, "single companies still follow"
    again = IndexWriter(storage.required())
    assert again.state.rebuild_reason, "it is not forgotten when the process ends"
    rebuild(storage, Quiet())
    assert named(reader, "ALPHA") == 1
    assert not State.read(storage.required()).rebuild_reason
    assert not old.exists()


def test_an_index_too_far_from_the_directory_does_not_answer(
    storage: IndexStorage, reader: IndexReader, company: Company
):
    rebuild(storage, Quiet())
    assert reader.indexes()
    execute("TRUNCATE enterprise_entreprise CASCADE")
    company("ALPHA")
    execute("DELETE FROM search_change WHERE siren IS NOT NULL")  # as a first import fills the emptied table
    writer = IndexWriter(storage.required())
    writer.apply()
    assert reader.indexes() is None
    assert reader.why == "Many companies were changed at once."
    catch_up(storage, Quiet())
    assert named(reader, "ALPHA") == 1


def test_a_web_process_moves_to_a_new_generation_and_ends_what_it_reads_in_the_old_one(
    storage: IndexStorage, reader: IndexReader, company: Company
):
    company("ALPHA")
    rebuild(storage, Quiet())
    indexes = reader.indexes()
    assert indexes
    reading = indexes.entreprises.searcher()
    company("BETA")
    rebuild(storage, Quiet())
    assert not indexes.generation.exists()
    alpha = Query.term_query(indexes.entreprises.schema, "nom", "ALPHA")
    assert len(reading.search(alpha, limit=1).hits) == 1
    assert named(reader, "BETA") == 1


def test_an_index_that_is_mostly_leftovers_is_rebuilt(
    storage: IndexStorage, reader: IndexReader, company: Company, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("foxreviews.search.index.writer.MAX_COMPANIES", 4)
    for number in range(8):
        company(f"NUMBER {number}")
    rebuild(storage, Quiet())
    writer = IndexWriter(storage.required())
    Entreprise.objects.filter(nom__lt="NUMBER 2").update(nom="CHANGED")
    writer.apply()
    assert not writer.state.rebuild_reason
    Entreprise.objects.filter(nom__lt="NUMBER 6").update(nom="CHANGED AGAIN")
    writer.apply()
    assert "left over" in writer.state.rebuild_reason


def test_nothing_takes_the_place_of_the_index_where_a_company_is_lacking(
    storage: IndexStorage, reader: IndexReader, company: Company, monkeypatch: pytest.MonkeyPatch
):
    company("ALPHA")
    rebuild(storage, Quiet())
    answering = storage.required()
    company("BETA")
    monkeypatch.setattr(blocks, "companies", lambda _columns: (block for block in ()))
    with pytest.raises(IndexFailedError, match="2 companies, 0 were read"):
        rebuild(storage, Quiet())
    assert storage.required() == answering
    assert storage.others() == []


def test_what_a_killed_rebuild_left_is_removed_by_the_next(storage: IndexStorage, company: Company):
    rebuild(storage, Quiet())
    left = storage.create()
    rebuild(storage, Quiet())
    assert not left.exists()
    assert storage.others() == []


def test_one_process_keeps_the_index_in_sync_and_one_rebuilds_it(storage: IndexStorage, company: Company):
    with storage.writer_lock(), pytest.raises(LockedError, match=r"Another process \(\d+\) keeps this index"):
        catch_up(storage, Quiet())
    with storage.rebuild_lock(), pytest.raises(LockedError, match=r"Another process \(\d+\) is rebuilding"):
        rebuild(storage, Quiet())
    with storage.writer_lock():
        rebuild(storage, Quiet())  # next to the process that keeps it in sync


def harmed(content: bytes) -> Iterator[bytes | None]:
    """What may become of a file."""
    yield None
    yield b""
    yield content[: len(content) // 2]
    yield b"#" + content[1:]


def test_harm_to_any_file_of_the_index_is_noticed(storage: IndexStorage, company: Company):
    rebuild(storage, Quiet())
    for name in "ABCDEFG":
        company(name)
    catch_up(storage, Quiet())  # all of them in one segment
    Entreprise.objects.filter(nom="A").delete()
    catch_up(storage, Quiet())
    generation = storage.required()
    assert damage(generation) == ""
    files = [path for path in generation.rglob("*") if path.suffix in {".json", *WRITTEN}]
    files = [path for path in files if path.name not in {".managed.json", STATE}]
    assert {path.suffix for path in files} == {".json", *WRITTEN}
    for file in files:
        content = file.read_bytes()
        for instead in harmed(content):
            file.unlink()
            if instead is not None:
                file.write_bytes(instead)
            assert file.name in damage(generation), (file, instead)
            file.write_bytes(content)
    assert damage(generation) == ""


@pytest.mark.parametrize("lost", ["entreprises/meta.json", "entreprises/*.term", "places/*.idx"])
def test_a_damaged_index_is_rebuilt(storage: IndexStorage, reader: IndexReader, company: Company, lost: str):
    company("ALPHA")
    rebuild(storage, Quiet())
    damaged = storage.required()
    next(damaged.glob(lost)).unlink()
    with pytest.raises(UnusableIndexError, match="damaged"):
        IndexWriter(damaged)
    catch_up(storage, Quiet())
    assert storage.required() != damaged
    assert named(reader, "ALPHA") == 1


def test_an_index_that_is_gone_is_rebuilt(storage: IndexStorage, reader: IndexReader, company: Company):
    company("ALPHA")
    rebuild(storage, Quiet())
    assert reader.indexes()
    shutil.rmtree(storage.required())
    assert reader.indexes() is None
    catch_up(storage, Quiet())
    assert named(reader, "ALPHA") == 1
    shutil.rmtree(storage.folder)
    assert reader.indexes() is None
    catch_up(storage, Quiet())
    assert named(reader, "ALPHA") == 1


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"format": 0}, "The index has format 0, this program reads"),
        ({"database": "another"}, "The index was made from another database."),
        ({"position": None}, "state.json cannot be read"),  # None: left out
    ],
)
def test_an_index_of_another_format_or_database_does_not_answer_and_is_rebuilt(
    storage: IndexStorage, reader: IndexReader, company: Company, changed: dict[str, object], why: str
):
    company("ALPHA")
    rebuild(storage, Quiet())
    state = storage.required() / "state.json"
    found = json.loads(state.read_text()) | changed
    state.write_text(json.dumps({name: value for name, value in found.items() if value is not None}))
    assert reader.indexes() is None
    assert why in reader.why
    reporter = Quiet()
    catch_up(storage, reporter)
    assert why in reporter.said.getvalue()
    assert named(reader, "ALPHA") == 1


def test_a_database_older_than_the_log_has_postgresql_answer_and_says_what_to_type(
    storage: IndexStorage, reader: IndexReader, company: Company
):
    company("ALPHA")
    rebuild(storage, Quiet())
    execute("ALTER TABLE search_change RENAME TO not_yet")
    try:
        assert reader.indexes() is None
        assert "manage.py migrate" in reader.why
    finally:
        execute("ALTER TABLE not_yet RENAME TO search_change")


def test_an_index_that_the_log_is_no_longer_kept_for_is_rebuilt(
    storage: IndexStorage, reader: IndexReader, company: Company
):
    rebuild(storage, Quiet())
    company("ALPHA")
    execute("DELETE FROM search_index")
    execute("DELETE FROM search_change")
    reporter = Quiet()
    catch_up(storage, reporter)
    assert "no longer has all that changed" in reporter.said.getvalue()
    assert named(reader, "ALPHA") == 1


def test_what_a_web_process_could_not_read_is_looked_into(
    storage: IndexStorage, reader: IndexReader, company: Company
):
    company("ALPHA")
    rebuild(storage, Quiet())
    indexes = reader.indexes()
    assert indexes
    writer = IndexWriter(storage.required())
    indexes.report_corruption(ValueError("one query failed"))
    writer.check_corruption()
    assert not writer.state.rebuild_reason, "its files are as they were written"
    terms = next((indexes.generation / "entreprises").glob("*.term"))
    with terms.open("r+b") as there:  # not shortened: it is mapped
        there.write(b"#")
    indexes.report_corruption(ValueError("one query failed"))
    writer.check_corruption()
    assert "damaged" in writer.state.rebuild_reason
    assert not (indexes.generation / CORRUPTION).exists()
    assert reader.indexes() is None


def status() -> tuple[int, dict[str, Any]]:
    """The exit code of search_status --json, and what it prints."""
    printed, code = StringIO(), 0
    try:
        call_command("search_status", "--json", stdout=printed)
    except SystemExit as end:
        code = int(str(end.code))
    facts: dict[str, Any] = json.loads(printed.getvalue())
    return code, facts


def test_the_status_tells_whether_the_index_is_in_sync(
    storage: IndexStorage, company: Company, settings: Any
):
    settings.SEARCH_ENGINE = "tantivy"
    code, facts = status()
    assert (code, facts["engine"], facts["why"]) == (1, "postgres", "There is no index.")
    company("ALPHA")
    call_command("search_rebuild", stdout=StringIO())
    code, facts = status()
    assert (code, facts["engine"], facts["documents"], facts["companies"]) == (0, "tantivy", 1, 1)
    assert facts["bytes"] > 1_000
    company("BETA")
    execute("UPDATE search_change SET changed_at = now() - interval '60 s'")
    code, facts = status()
    assert (code, facts["changes"], facts["seconds"] >= 60) == (1, 1, True)
    call_command("search_catchup", stdout=StringIO())
    assert status()[0] == 0
    execute("ALTER TABLE enterprise_entreprise DISABLE TRIGGER USER")
    company("UNSEEN")
    execute("ALTER TABLE enterprise_entreprise ENABLE TRIGGER USER")
    code, facts = status()
    assert (code, facts["why"]) == (1, "It has 2 documents for 3 companies. Run: manage.py search_rebuild")
    with storage.writer_lock():
        assert status()[1]["daemon"]


def test_a_second_daemon_ends_with_the_code_of_a_lock(storage: IndexStorage):
    with storage.writer_lock(), pytest.raises(CommandError) as refused:
        call_command("search_catchup", "--follow", stdout=StringIO())
    assert refused.value.returncode == 3


def test_who_holds_the_index_is_named(storage: IndexStorage, company: Company, tmp_path: Path) -> None:
    company("LE FOURNIL")
    rebuild(storage, Quiet())
    Entreprise.objects.update(nom="LE MOULIN")
    writer = tantivy.Index.open(str(storage.required() / "entreprises")).writer()
    with pytest.raises(
        IndexFailedError, match=f"process {os.getpid()} writes to it. Wait until it has ended"
    ):
        catch_up(storage, Quiet())
    writer.wait_merging_threads()


def test_a_database_without_the_log_of_changes_is_to_be_migrated_first(storage: IndexStorage) -> None:
    reporter = Quiet()
    with without_log(), pytest.raises(IndexFailedError, match=r"Run: manage\.py migrate"):
        catch_up(storage, reporter)
    assert not reporter.said.getvalue()


@contextmanager
def without_log() -> Iterator[None]:
    """As it is before migrations."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE search_change RENAME TO search_change_away")
        try:
            yield
        finally:
            cursor.execute("ALTER TABLE search_change_away RENAME TO search_change")
