"""The version of the dataset changes with whatever answers show, in whatever order transactions end."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from foxreviews.core import sql
from foxreviews.enterprise import dataset
from foxreviews.enterprise.models import AncienNom, Doublon, Succession
from foxreviews.location.models import Ville
from foxreviews.search import version
from foxreviews.search.index import changes
from foxreviews.search.index.reader import Answers, Indexes
from foxreviews.search.version import read_version

Company = Callable[..., Any]
CHANGES = {
    "a telephone number": "UPDATE enterprise_entreprise SET telephone = '0400000000'",
    "a company": "DELETE FROM enterprise_entreprise",
    "all companies": "TRUNCATE enterprise_entreprise",
    "an establishment": "UPDATE enterprise_etablissement SET libelle_voie = 'QUAI'",
    "a former name": "UPDATE enterprise_anciennom SET nom = 'OWL'",
    "a succession": "DELETE FROM enterprise_succession",
    "a double": "DELETE FROM enterprise_doublon",
    "a town": "UPDATE location_ville SET population = 7",
}


@pytest.fixture
def directory(company: Company, etablissement: Company) -> None:
    """One of each."""
    siren = company("FOX").siren
    one, other = etablissement(siren, 2).siret, etablissement(siren, 3).siret
    AncienNom.objects.create(siren=siren, nature="nom", nom="RENARD", date_fin="2020-01-01")
    kind = {"date": "2020-01-01", "transfert_siege": True, "continuite_economique": True}
    Succession.objects.create(predecesseur=one, successeur=other, **kind)
    Doublon.objects.create(siren="732829320", doublon_de=siren)
    Ville.objects.create(code_insee="69123", nom="Lyon", slug="lyon", departement="69", nom_recherche="LYON")


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def another_session() -> psycopg.Connection:
    parameters = connection.get_connection_params()
    for django_s_own in ("context", "cursor_factory", "prepare_threshold"):
        parameters.pop(django_s_own, None)
    return psycopg.connect(**parameters)


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize("change", CHANGES)
def test_another_version_comes_with(change: str) -> None:
    before = read_version()
    assert read_version() == before
    execute(CHANGES[change])
    assert read_version() != before


def test_an_import_that_ends_is_another_version(db: None) -> None:
    before = read_version()
    dataset.note_change()
    assert read_version() != before


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_began_first_and_ends_last_is_another_version(company: Company) -> None:
    company("FOX")
    with closing(another_session()) as slow, closing(another_session()) as quick:
        slow.execute("UPDATE enterprise_entreprise SET telephone = '1'")
        quick.execute(
            "INSERT INTO location_ville (code_insee, nom, slug, nom_recherche, departement, codes_postaux) "
            "VALUES ('69123', 'Lyon', 'lyon', 'LYON', '69', '{}')"
        )
        versions = [read_version()]
        quick.commit()
        versions.append(read_version())
        slow.commit()
        versions.append(read_version())
    assert len(set(versions)) == 3


@pytest.mark.django_db(transaction=True)
def test_what_was_undone_is_no_other_version(company: Company) -> None:
    company("FOX")
    before = read_version()
    with closing(another_session()) as session:
        session.execute("UPDATE enterprise_entreprise SET telephone = '1'")
        session.rollback()
    assert read_version() == before


@pytest.mark.django_db(transaction=True)
def test_entries_that_every_index_has_seen_are_added_up_and_the_version_stays(tmp_path: Path) -> None:
    for _ in range(changes.MAX_COUNTS):
        dataset.note_change()
    changes.register(tmp_path / "behind", changes.position())
    dataset.note_change()
    before, counted = read_version(), dataset.state()
    changes.prune()
    assert (read_version(), dataset.state()) == (before, counted)
    assert sql.value("SELECT count(*) FROM dataset_change") == 2
    changes.unregister(["behind"])


@pytest.mark.django_db(transaction=True)
def test_a_position_says_which_state_an_index_has() -> None:
    dataset.note_change()
    position, then = changes.position(), dataset.state()
    assert dataset.state(position) == then
    dataset.note_change()
    assert dataset.state(position) == then
    assert dataset.state(changes.position()) == dataset.state() != then


def test_another_index_engine_program_or_database_is_another_version(
    db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    versions = [read_version()]

    class Reader:
        def indexes(self) -> Indexes:
            return Indexes(tmp_path, None, None, answers=Answers(None, "of another state"))  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(version, "reader_of", lambda _folder: Reader())
        versions.append(read_version())
    with monkeypatch.context() as patched:
        patched.setattr(version, "release", lambda: "another")
        versions.append(read_version())
    with monkeypatch.context() as patched:
        patched.setattr(changes, "DATABASE", "SELECT 'another'")
        versions.append(read_version())
    settings.SEARCH_ENGINE = "postgres"
    versions.append(read_version())
    assert len(set(versions)) == 5
