"""The index follows the directory: made whole, brought in step change by change, and mended where it is broken."""

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import tantivy
from django.core.management import CommandError, call_command
from django.db import connection
from tantivy import Query

from foxreviews.core.errors import LockedError
from foxreviews.core.progress import Reporter, Stage
from foxreviews.enterprise.models import Entreprise
from foxreviews.location.models import Ville
from foxreviews.search.errors import IndexFailedError, UnusableIndexError
from foxreviews.search.index import source
from foxreviews.search.index.catchup import catch_up
from foxreviews.search.index.reader import Opened
from foxreviews.search.index.rebuild import rebuild
from foxreviews.search.index.state import FILE, State
from foxreviews.search.index.storage import DOUBT, Generations
from foxreviews.search.index.writer import Keeper, damage

pytestmark = pytest.mark.django_db(transaction=True)
Company = Callable[..., Entreprise]


WRITTEN = {".term", ".idx", ".pos", ".fast", ".fieldnorm", ".store", ".del"}  # by Tantivy


class Quiet(Reporter):
    """Says what it does to a test."""

    def __init__(self) -> None:
        self.said = StringIO()
        super().__init__(self.said, logging.getLogger("nobody"))


@pytest.fixture
def generations(tmp_path: Path, settings: Any) -> Generations:
    settings.SEARCH_INDEX_DIR, settings.LOG_DIR = tmp_path / "search", tmp_path / "logs"
    return Generations(settings.SEARCH_INDEX_DIR)


@pytest.fixture
def opened(generations: Generations) -> Opened:
    """As a web process has the index open."""
    return Opened(generations.folder)


@contextmanager
def keeping(generations: Generations) -> Iterator[Keeper]:
    keeper = Keeper(generations.required())
    try:
        yield keeper
    finally:
        keeper.close()


def named(opened: Opened, word: str) -> int:
    """How many companies have the word in their name, for a web process."""
    indexes = opened.indexes()
    assert indexes, opened.why
    return count(indexes.entreprises, "nom", word)


def count(index: tantivy.Index, field: str, term: str) -> int:
    found = index.searcher().search(Query.term_query(index.schema, field, term), limit=1, count=True)
    return int(found.count)  # type: ignore[attr-defined]


def execute(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def test_a_first_catch_up_builds_the_index(generations: Generations, opened: Opened, company: Company):
    company("ALPHA")
    assert opened.indexes() is None
    assert opened.why == "There is no index."
    catch_up(generations, Quiet())
    assert named(opened, "ALPHA") == 1
    assert State.read(generations.required()).documents == 1


def test_what_changed_is_searchable_and_what_was_removed_is_not(
    generations: Generations, opened: Opened, company: Company
):
    alpha, beta = company("ALPHA"), company("BETA")
    rebuild(generations, Quiet())
    with keeping(generations) as keeper:
        gamma = company("GAMMA")
        Entreprise.objects.filter(pk=alpha.pk).update(nom="DELTA")
        beta.delete()
        assert named(opened, "ALPHA") == 1, "nothing was committed yet"
        assert set(keeper.apply().sirens) == {alpha.siren, beta.siren, gamma.siren}
        assert [named(opened, word) for word in ("ALPHA", "BETA", "GAMMA", "DELTA")] == [0, 0, 1, 1]
        assert keeper.state.documents == 2
        assert keeper.apply().entries == 0


def test_what_changed_while_nobody_kept_the_index_is_applied_by_the_next(
    generations: Generations, opened: Opened, company: Company
):
    rebuild(generations, Quiet())
    company("ALPHA")
    catch_up(generations, Quiet())
    company("BETA")
    catch_up(generations, Quiet())
    assert (named(opened, "ALPHA"), named(opened, "BETA")) == (1, 1)


def test_what_was_applied_but_not_noted_is_applied_again(
    generations: Generations, opened: Opened, company: Company
):
    rebuild(generations, Quiet())
    before = State.read(generations.required())
    company("ALPHA")
    catch_up(generations, Quiet())
    before.write(generations.required())  # as if it had been killed between the two
    catch_up(generations, Quiet())
    assert named(opened, "ALPHA") == 1


def test_a_change_made_while_the_index_is_built_is_not_lost(
    generations: Generations, opened: Opened, company: Company
):
    class Meanwhile(Quiet):
        @contextmanager
        def stage(self, name: str, *arguments: Any, **keywords: Any) -> Iterator[Stage]:
            if name == "Merging":
                from tests.integration.search.test_changes import another_session

                with another_session() as other:
                    other.execute(
                        "INSERT INTO enterprise_entreprise (siren, nom) VALUES ('732829320', 'MEANWHILE')"
                    )
            with super().stage(name, *arguments, **keywords) as stage:
                yield stage

    company("ALPHA")
    rebuild(generations, Meanwhile())
    assert named(opened, "MEANWHILE") == 0
    catch_up(generations, Quiet())
    assert named(opened, "MEANWHILE") == 1


PLAIN = ['"', '""', "\\N", "\\.", ",", "NULL", "é日本\U0001f600", "'", "\t", "\r", "x" * 255, " "]


@pytest.mark.parametrize("names", [PLAIN, [*PLAIN, "A\nB", "\n", "\x1f", "A\r\nB"]], ids=["usual", "breaks"])
def test_any_text_that_the_database_can_hold_is_read(
    generations: Generations, opened: Opened, company: Company, names: list[str]
):
    for nom in names:
        company(nom, adresse=nom, ville_nom=nom[:100])
    company("ODD", siren="12 34", latitude=float("inf"))
    company("KNOWN", ville_nom=names[-1])
    built = rebuild(generations, Quiet())
    assert (built.state.documents, built.left_out) == (len(names) + 1, 1)
    assert named(opened, "KNOWN") == 1
    with keeping(generations) as keeper:
        Entreprise.objects.update(nom="SAME")
        keeper.apply()
        assert named(opened, "SAME") == len(names) + 1


def test_towns_follow_too(generations: Generations, opened: Opened, company: Company):
    rebuild(generations, Quiet())
    with keeping(generations) as keeper:
        Ville.objects.create(code_insee="69123", nom="Lyon", slug="lyon", population=520_774)
        assert keeper.apply().reperes
        indexes = opened.indexes()
        assert indexes
        assert count(indexes.reperes, "nom", "LYON") == 1
        Ville.objects.update(nom="Lugdunum")
        keeper.apply()
        assert opened.indexes()
        assert (count(indexes.reperes, "nom", "LYON"), count(indexes.reperes, "nom", "LUGDUNUM")) == (0, 1)


def test_a_change_of_very_many_has_the_index_built_anew_and_the_old_one_answers_meanwhile(
    generations: Generations, opened: Opened, company: Company
):
    company("ALPHA")
    rebuild(generations, Quiet())
    old = generations.required()
    with keeping(generations) as keeper:
        execute("INSERT INTO search_change DEFAULT VALUES")  # as for more than 100,000 companies
        company("BETA")
        keeper.apply()
        assert keeper.state.due
        assert named(opened, "BETA") == 1, "single companies still follow"
    with keeping(generations) as again:
        assert again.state.due, "it is not forgotten when the process ends"
    rebuild(generations, Quiet())
    assert named(opened, "ALPHA") == 1
    assert not State.read(generations.required()).due
    assert not old.exists()


def test_an_index_too_far_from_the_directory_does_not_answer(
    generations: Generations, opened: Opened, company: Company
):
    rebuild(generations, Quiet())
    assert opened.indexes()
    execute("TRUNCATE enterprise_entreprise CASCADE")
    company("ALPHA")
    execute("DELETE FROM search_change WHERE siren IS NOT NULL")  # as a first import fills the emptied table
    with keeping(generations) as keeper:
        keeper.apply()
    assert opened.indexes() is None
    assert opened.why == "Many companies were changed at once."
    catch_up(generations, Quiet())
    assert named(opened, "ALPHA") == 1


def test_a_web_process_moves_to_a_new_generation_and_ends_what_it_reads_in_the_old_one(
    generations: Generations, opened: Opened, company: Company
):
    company("ALPHA")
    rebuild(generations, Quiet())
    indexes = opened.indexes()
    assert indexes
    reading = indexes.entreprises.searcher()
    company("BETA")
    rebuild(generations, Quiet())
    assert not indexes.generation.exists()
    alpha = Query.term_query(indexes.entreprises.schema, "nom", "ALPHA")
    assert len(reading.search(alpha, limit=1).hits) == 1
    assert named(opened, "BETA") == 1


def test_an_index_that_is_mostly_leftovers_is_built_anew(
    generations: Generations, opened: Opened, company: Company, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("foxreviews.search.index.writer.AT_ONCE", 4)
    for number in range(8):
        company(f"NUMBER {number}")
    rebuild(generations, Quiet())
    with keeping(generations) as keeper:
        Entreprise.objects.filter(nom__lt="NUMBER 2").update(nom="CHANGED")
        keeper.apply()
        assert not keeper.state.due
        Entreprise.objects.filter(nom__lt="NUMBER 6").update(nom="CHANGED AGAIN")
        keeper.apply()
        assert "left over" in keeper.state.due


def test_nothing_takes_the_place_of_the_index_where_a_company_is_lacking(
    generations: Generations, opened: Opened, company: Company, monkeypatch: pytest.MonkeyPatch
):
    company("ALPHA")
    rebuild(generations, Quiet())
    answering = generations.required()
    company("BETA")
    monkeypatch.setattr(source, "companies", lambda: (block for block in ()))
    with pytest.raises(IndexFailedError, match="2 companies, 0 were read"):
        rebuild(generations, Quiet())
    assert generations.required() == answering
    assert generations.others() == []


def test_what_a_killed_builder_left_is_removed_by_the_next(generations: Generations, company: Company):
    rebuild(generations, Quiet())
    left = generations.create()
    rebuild(generations, Quiet())
    assert not left.exists()
    assert generations.others() == []


def test_one_process_keeps_the_index_and_one_builds_it(generations: Generations, company: Company):
    with generations.keeping(), pytest.raises(LockedError, match=r"Another process \(\d+\) keeps this index"):
        catch_up(generations, Quiet())
    with generations.building(), pytest.raises(LockedError, match=r"Another process \(\d+\) is building"):
        rebuild(generations, Quiet())
    with generations.keeping():
        rebuild(generations, Quiet())  # beside whoever keeps it in step


def harmed(content: bytes) -> Iterator[bytes | None]:
    """What may become of a file."""
    yield None
    yield b""
    yield content[: len(content) // 2]
    yield b"#" + content[1:]


def test_harm_to_any_file_of_the_index_is_noticed(generations: Generations, company: Company):
    rebuild(generations, Quiet())
    for name in "ABCDEFG":
        company(name)
    catch_up(generations, Quiet())  # all of them in one segment
    Entreprise.objects.filter(nom="A").delete()
    catch_up(generations, Quiet())
    generation = generations.required()
    assert damage(generation) == ""
    files = [path for path in generation.rglob("*") if path.suffix in {".json", *WRITTEN}]
    files = [path for path in files if path.name not in {".managed.json", FILE}]
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


@pytest.mark.parametrize("lost", ["entreprises/meta.json", "entreprises/*.term", "reperes/*.idx"])
def test_a_damaged_index_is_built_anew(generations: Generations, opened: Opened, company: Company, lost: str):
    company("ALPHA")
    rebuild(generations, Quiet())
    damaged = generations.required()
    next(damaged.glob(lost)).unlink()
    with pytest.raises(UnusableIndexError, match="damaged"):
        Keeper(damaged)
    catch_up(generations, Quiet())
    assert generations.required() != damaged
    assert named(opened, "ALPHA") == 1


def test_an_index_that_is_gone_is_built_anew(generations: Generations, opened: Opened, company: Company):
    company("ALPHA")
    rebuild(generations, Quiet())
    assert opened.indexes()
    shutil.rmtree(generations.required())
    assert opened.indexes() is None
    catch_up(generations, Quiet())
    assert named(opened, "ALPHA") == 1
    shutil.rmtree(generations.folder)
    assert opened.indexes() is None
    catch_up(generations, Quiet())
    assert named(opened, "ALPHA") == 1


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"format": 0}, "The index has format 0, this program reads"),
        ({"database": "another"}, "The index was made from another database."),
        ({"position": None, "unheard": 1}, "state.json cannot be read"),
    ],
)
def test_an_index_of_another_format_or_database_does_not_answer_and_is_built_anew(
    generations: Generations, opened: Opened, company: Company, changed: dict[str, object], why: str
):
    company("ALPHA")
    rebuild(generations, Quiet())
    state = generations.required() / "state.json"
    state.write_text(json.dumps(json.loads(state.read_text()) | changed))
    assert opened.indexes() is None
    assert why in opened.why
    reporter = Quiet()
    catch_up(generations, reporter)
    assert why in reporter.said.getvalue()
    assert named(opened, "ALPHA") == 1


def test_a_database_older_than_the_log_has_postgresql_answer_and_says_what_to_type(
    generations: Generations, opened: Opened, company: Company
):
    company("ALPHA")
    rebuild(generations, Quiet())
    execute("ALTER TABLE search_change RENAME TO not_yet")
    try:
        assert opened.indexes() is None
        assert "manage.py migrate" in opened.why
    finally:
        execute("ALTER TABLE not_yet RENAME TO search_change")


def test_an_index_that_the_log_is_no_longer_kept_for_is_built_anew(
    generations: Generations, opened: Opened, company: Company
):
    rebuild(generations, Quiet())
    company("ALPHA")
    execute("DELETE FROM search_index")
    execute("DELETE FROM search_change")
    reporter = Quiet()
    catch_up(generations, reporter)
    assert "no longer has all that changed" in reporter.said.getvalue()
    assert named(opened, "ALPHA") == 1


def test_what_a_web_process_could_not_read_is_looked_into(
    generations: Generations, opened: Opened, company: Company
):
    company("ALPHA")
    rebuild(generations, Quiet())
    indexes = opened.indexes()
    assert indexes
    with keeping(generations) as keeper:
        indexes.doubt(ValueError("one query failed"))
        keeper.follow()
        assert not keeper.state.due, "its files are as they were written"
        terms = next((indexes.generation / "entreprises").glob("*.term"))
        terms.write_bytes(b"#" + terms.read_bytes()[1:])
        indexes.doubt(ValueError("one query failed"))
        keeper.follow()
        assert "damaged" in keeper.state.due
        assert not (indexes.generation / DOUBT).exists()
        assert opened.indexes() is None


def status() -> tuple[int, dict[str, Any]]:
    """The exit code of search_status --json, and what it prints."""
    printed, code = StringIO(), 0
    try:
        call_command("search_status", "--json", stdout=printed)
    except SystemExit as end:
        code = int(str(end.code))
    facts: dict[str, Any] = json.loads(printed.getvalue())
    return code, facts


def test_the_status_tells_whether_the_index_is_in_step(
    generations: Generations, company: Company, settings: Any
):
    settings.SEARCH_ENGINE = "tantivy"
    code, facts = status()
    assert (code, facts["answers"], facts["why"]) == (1, "postgres", "There is no index.")
    company("ALPHA")
    call_command("search_rebuild", stdout=StringIO())
    code, facts = status()
    assert (code, facts["answers"], facts["documents"], facts["companies"]) == (0, "tantivy", 1, 1)
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
    assert (code, facts["why"]) == (1, "It has 2 documents for 3 companies: build it anew.")
    with generations.keeping():
        assert status()[1]["follower"]


def test_a_second_keeper_ends_with_the_code_of_a_lock(generations: Generations):
    with generations.keeping(), pytest.raises(CommandError) as refused:
        call_command("search_catchup", "--follow", stdout=StringIO())
    assert refused.value.returncode == 3
