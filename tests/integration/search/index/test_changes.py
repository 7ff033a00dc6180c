"""The change log: each change of a company or a town is noted, however it is made, and read so that none is missed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, transaction

from foxreviews.enterprise import corrections
from foxreviews.enterprise.corrections import Author
from foxreviews.enterprise.models import AncienNom, Entreprise, Etablissement
from foxreviews.location.models import Ville
from foxreviews.search.index import changes
from foxreviews.search.index.changes import Changes
from foxreviews.search.index.document import COLUMNS
from tests.shape import one_table

pytestmark = pytest.mark.django_db(transaction=True)
Company = Callable[..., Entreprise]

MANY = 201  # in these tests, by the fixture `small_limit`
LIMITED = 5  # functions of triggers
UNPLANNED = 60_000
FILL = """
INSERT INTO enterprise_entreprise (siren, nom)
SELECT lpad(number::text, 9, '0'), 'NOM ' || number FROM generate_series(1, %s) AS number
"""


@pytest.fixture(autouse=True)
def no_index_follows(db: None) -> None:
    execute("TRUNCATE search_index")


@contextmanager
def another_session() -> Iterator[psycopg.Connection]:
    """Another session, in a transaction."""
    parameters = {k: v for k, v in connection.get_connection_params().items() if k not in {"pool", "context"}}
    with psycopg.connect(**parameters) as session:  # type: ignore[arg-type]
        yield session


def noted(change: Callable[[], object]) -> Changes:
    """What the log has of a change."""
    before = changes.position()
    change()
    return changes.since(before)


def execute(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def columns_of(function: str) -> set[str]:
    """The columns whose change a trigger looks at."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [function])
        source = cursor.fetchone()[0]
    return {column for column in COLUMNS if f"was.{column}," in source or f"was.{column}\n" in source}


def test_a_new_company_a_changed_one_and_a_removed_one_are_noted(company: Company):
    assert noted(lambda: company("ALPHA")).sirens == [Entreprise.objects.get().siren]
    alpha = Entreprise.objects.get()
    assert noted(lambda: Entreprise.objects.update(nom="BETA")).sirens == [alpha.siren]
    assert noted(lambda: Entreprise.objects.all().delete()).sirens == [alpha.siren]


def test_what_staff_correct_and_take_back_is_noted(company: Company):
    siren, by = company("ALPHA").siren, Author("marie")
    assert noted(lambda: corrections.correct(siren, {"nom": "BETA"}, by)).sirens == [siren]
    assert noted(lambda: corrections.take_back(siren, "nom", by)).sirens == [siren]
    assert noted(lambda: corrections.create("732829320", {"nom": "GAMMA"}, by)).sirens == ["732829320"]


def test_a_change_of_siren_notes_both(company: Company):
    old = company("ALPHA").siren
    found = noted(lambda: Entreprise.objects.update(siren="732829320"))
    assert set(found.sirens) == {old, "732829320"}


def test_what_is_in_no_document_is_not_noted(company: Company):
    alpha = company("ALPHA")
    assert noted(lambda: Entreprise.objects.update(telephone="0102030405", email="a@b.fr")).entries == 0
    assert noted(alpha.save).entries == 0  # only updated_at
    assert noted(lambda: execute("UPDATE enterprise_entreprise SET nom = nom")).entries == 0
    assert noted(lambda: execute("UPDATE enterprise_entreprise SET nom = 'X' WHERE false")).entries == 0


def test_every_column_that_a_document_is_made_from_is_looked_at():
    assert columns_of("search_note_updates") == set(COLUMNS) - {"etablissements", "anciens_noms"}


def test_an_establishment_that_is_in_its_company_s_document_is_noted(etablissement: Any):
    siren, every = "732829320", Etablissement.objects
    assert noted(lambda: etablissement(siren, 2, "LE FOURNIL")).sirens == [siren]
    for change in ({"ville_nom": "Nantes"}, {"nom_commercial": "X"}, {"autres_noms": "enseigne:X"},
                   {"code_postal": "44000"}, {"ville_id": "44109"}, {"is_active": False}, {"is_active": True},
                   {"est_siege": True}, {"est_siege": False}):  # fmt: skip
        assert noted(partial(every.update, **change)).sirens == [siren]
    assert noted(lambda: every.update(statut_diffusion="P")).sirens == [siren]
    assert noted(lambda: every.all().delete()).entries == 0, "it was in no document"
    etablissement(siren, 3)
    assert noted(lambda: every.all().delete()).sirens == [siren]


def test_an_establishment_that_is_in_no_document_is_not_noted(etablissement: Any):
    every = Etablissement.objects
    assert noted(lambda: etablissement("732829320", 1, "SIEGE", est_siege=True)).entries == 0
    assert noted(lambda: etablissement("732829320", 2, "FERME", is_active=False)).entries == 0
    assert noted(lambda: every.update(nom_commercial="AUTRE")).entries == 0
    etablissement("732829320", 3)
    assert noted(lambda: every.update(tranche_effectif="11", latitude=48.0)).entries == 0


def test_a_former_name_is_noted_as_a_change_of_its_company(company: Company):
    siren, every = company("ALPHA").siren, AncienNom.objects
    assert noted(
        lambda: every.create(siren=siren, nature="denomination", nom="OLD", date_fin="2020-01-01")
    ).sirens == [siren]
    assert noted(lambda: every.update(date_fin="2021-01-01")).sirens == [siren]
    assert noted(lambda: every.all().delete()).sirens == [siren]
    assert noted(lambda: execute("TRUNCATE enterprise_anciennom")).everything


def test_many_establishments_at_once_are_one_entry(small_limit: None):
    fill = """
        INSERT INTO enterprise_etablissement (siret, siren)
        SELECT lpad(number::text, 9, '0') || '00002', lpad(number::text, 9, '0') FROM generate_series(1, %s) AS number
    """
    assert entries(fill, MANY) == [None]
    assert entries("UPDATE enterprise_etablissement SET ville_nom = 'X'") == [None]
    assert entries("UPDATE enterprise_etablissement SET est_employeur = true") == []
    assert entries("DELETE FROM enterprise_etablissement") == [None]
    assert entries("TRUNCATE enterprise_etablissement") == [None]


def test_what_psql_copies_in_is_noted():
    def copy() -> None:
        statement = "COPY enterprise_entreprise (siren, nom) FROM STDIN"
        with another_session() as session, session.cursor() as cursor, cursor.copy(statement) as rows:
            rows.write_row(("732829320", "COPIED"))

    assert noted(copy).sirens == ["732829320"]


@one_table
def test_an_upsert_notes_the_rows_that_it_inserts_and_those_that_it_changes(company: Company):
    old = company("ALPHA").siren
    upsert = """
        INSERT INTO enterprise_entreprise (siren, nom) VALUES (%s, 'BETA'), ('732829320', 'NEW')
        ON CONFLICT (siren) DO UPDATE SET nom = excluded.nom
    """
    assert set(noted(lambda: execute(upsert, old)).sirens) == {old, "732829320"}


@pytest.fixture
def unindexed() -> Iterator[None]:
    """The directory without most of its indexes, so that many rows are quickly written; all is taken back."""
    with transaction.atomic():
        for index in Entreprise._meta.indexes:
            execute(f'DROP INDEX "{index.name}"')
        yield
        transaction.set_rollback(True)


@pytest.fixture
def small_limit() -> Iterator[None]:
    """A change is of many from MANY rows on, where the triggers say 100,001; all is taken back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE prosrc LIKE '%> 100000 AS too_many%'"
        )
        limited = [source for (source,) in cursor.fetchall()]
        assert len(limited) == LIMITED
        for source in limited:
            assert source.count("LIMIT 100001") == source.count("> 100000") == 1
            cursor.execute(source.replace("100001", str(MANY)).replace("100000", str(MANY - 1)))
        yield
        transaction.set_rollback(True)


def entries(change: str, *parameters: object) -> list[str | None]:
    """The entries that a change makes in the current transaction."""
    execute("TRUNCATE search_change")
    execute(change, *parameters)
    with connection.cursor() as cursor:
        cursor.execute("SELECT siren FROM search_change WHERE part = 'entreprises'")
        return [siren for (siren,) in cursor.fetchall()]


def test_many_companies_at_once_are_one_entry(small_limit: None):
    assert entries(FILL, MANY) == [None]
    assert entries("UPDATE enterprise_entreprise SET nom = nom || '!'") == [None]
    assert entries("UPDATE enterprise_entreprise SET telephone = '1'") == []
    assert entries("DELETE FROM enterprise_entreprise") == [None]


def test_a_few_less_are_noted_one_by_one(small_limit: None):
    assert len(set(entries(FILL, MANY - 1)) - {None}) == MANY - 1
    assert len(set(entries("UPDATE enterprise_entreprise SET nom = nom || '!'")) - {None}) == MANY - 1


def test_the_first_update_of_a_session_does_not_plan_for_the_next(unindexed: None, company: Company):
    """Planned for one row and kept, a nested loop over 60,000 rows would compare 3,600,000,000 pairs."""
    company("ALPHA")
    execute("SET LOCAL statement_timeout = '20s'")
    assert len(entries("UPDATE enterprise_entreprise SET nom = 'BETA'")) == 1
    execute(FILL, UNPLANNED)
    assert len(entries("UPDATE enterprise_entreprise SET nom = nom || '!'")) == UNPLANNED + 1


def test_an_emptied_table_is_one_entry():
    found = noted(lambda: execute("TRUNCATE enterprise_entreprise CASCADE"))
    assert (found.everything, found.places) == (True, False)


def test_towns_have_entries_of_their_own():
    found = noted(lambda: Ville.objects.create(code_insee="69123", nom="Lyon", slug="lyon"))
    assert (found.places, found.everything, found.sirens) == (True, False, [])
    assert noted(lambda: Ville.objects.update(nom="Lyon !")).places
    assert noted(lambda: execute("UPDATE location_ville SET nom = 'X' WHERE false")).entries == 0
    assert noted(lambda: Ville.objects.all().delete()).places
    assert noted(lambda: execute("TRUNCATE location_ville CASCADE")).places


def test_the_log_can_be_made_again_by_the_command_that_doctor_names(company: Company):
    call_command("migrate", "search", "zero", verbosity=0)
    company("BEFORE")
    call_command("migrate", verbosity=0)
    assert noted(lambda: company("ALPHA")).sirens
    assert noted(lambda: Ville.objects.create(code_insee="69123", nom="Lyon", slug="lyon")).places
    assert noted(lambda: execute("TRUNCATE location_ville CASCADE")).places


def test_what_is_taken_back_leaves_no_entry(company: Company):
    before = changes.position()
    with another_session() as session:
        session.execute("INSERT INTO enterprise_entreprise (siren, nom) VALUES ('732829320', 'NEVER')")
        session.rollback()
    assert changes.since(before).entries == 0


def test_a_change_in_a_savepoint_is_noted(company: Company):
    before = changes.position()
    with another_session() as session:
        session.execute("SAVEPOINT one")
        session.execute("INSERT INTO enterprise_entreprise (siren, nom) VALUES ('732829320', 'KEPT')")
        session.execute("RELEASE SAVEPOINT one")
    assert changes.since(before).sirens == ["732829320"]


def test_of_two_overlapping_transactions_none_is_missed_and_none_waits_for_the_other():
    start = changes.position()
    with another_session() as older, another_session() as younger:
        older.execute("INSERT INTO enterprise_entreprise (siren, nom) VALUES ('000000001', 'OLDER')")
        younger.execute("INSERT INTO enterprise_entreprise (siren, nom) VALUES ('000000002', 'YOUNGER')")
        younger.commit()
        first = changes.since(start)
        assert first.sirens == ["000000002"], "it is there though an older transaction is open"
        assert changes.since(first.position).entries == 0, "and it is read once"
        execute("INSERT INTO enterprise_entreprise (siren, nom) VALUES ('000000003', 'YOUNGEST')")
        second = changes.since(first.position)
        assert second.sirens == ["000000003"]
        older.commit()
    third = changes.since(second.position)
    assert third.sirens == ["000000001"], "it is not missed though two younger ones came before"
    assert changes.since(third.position).entries == 0


def notified_until(payload: str, listener: Any) -> Iterator[Any]:
    """The notifications up to that one: they arrive in the order of the commits."""
    for each in listener.notifies(timeout=600):
        yield each
        if each.payload == payload:
            return


def test_a_daemon_is_woken_by_each_commit_once(company: Company):
    with another_session() as listener:
        listener.autocommit = True
        listener.execute(f"LISTEN {changes.CHANNEL}")
        company("ALPHA")
        with another_session() as writer:
            for name in "BCD":
                writer.execute(f"UPDATE enterprise_entreprise SET nom = '{name}'")
        Entreprise.objects.update(telephone="1")
        execute(f"NOTIFY {changes.CHANNEL}, 'the last'")
        heard = [each.payload for each in notified_until("the last", listener)]
        assert heard == ["", "", "the last"]


def test_a_role_that_may_change_companies_need_not_know_of_the_log():
    execute("CREATE ROLE clerk_of_a_test")
    try:
        execute("GRANT INSERT, UPDATE, SELECT ON enterprise_entreprise TO clerk_of_a_test")
        execute("GRANT USAGE ON SEQUENCE enterprise_entreprise_id_seq TO clerk_of_a_test")
        before = changes.position()
        with another_session() as clerk:
            clerk.execute("SET ROLE clerk_of_a_test")
            clerk.execute("SET search_path = ''")  # as pg_restore sets it
            clerk.execute("INSERT INTO public.enterprise_entreprise (siren, nom) VALUES ('732829320', 'X')")
            clerk.execute("UPDATE public.enterprise_entreprise SET nom = 'Y'")
        assert changes.since(before).sirens == ["732829320"]
    finally:
        execute("DROP OWNED BY clerk_of_a_test")
        execute("DROP ROLE clerk_of_a_test")


@pytest.fixture
def neighbour() -> Iterator[psycopg.Connection]:
    """A transaction that was open before, somewhere on the server, and stays open."""
    with another_session() as session:
        session.execute("SELECT pg_current_xact_id()")
        yield session


def test_the_log_is_kept_for_the_slowest_index_and_no_longer(
    neighbour: psycopg.Connection, company: Company, tmp_path: Path
):
    start = changes.position()
    changes.register(tmp_path / "slow", start)
    changes.register(tmp_path / "fast", start)
    company("ALPHA")
    assert changes.report("fast", changes.position())
    changes.prune()
    assert changes.since(start).entries == 1, "the slow one has not read it"
    now = changes.position()
    company("BETA")
    assert changes.report("slow", now)
    changes.prune()
    assert changes.since(start).entries == 1, "neither has read the second"
    assert changes.since(now).entries == 1


def test_what_commits_late_is_kept_for_an_index_that_has_read_beyond_it(company: Company, tmp_path: Path):
    changes.register(tmp_path / "index", changes.position())
    with another_session() as older:
        older.execute("INSERT INTO enterprise_entreprise (siren, nom) VALUES ('000000001', 'OLDER')")
        company("YOUNGER")
        now = changes.position()
        assert changes.report("index", now)
    changes.prune()
    assert changes.since(now).sirens == ["000000001"]


def test_an_index_that_was_away_for_days_does_not_hold_the_log_and_is_refused(
    neighbour: psycopg.Connection, company: Company, tmp_path: Path
):
    start = changes.position()
    changes.register(tmp_path / "away", start)
    execute("UPDATE search_index SET seen_at = now() - interval '4 days'")
    company("ALPHA")
    changes.prune()
    assert changes.since(start).entries == 0
    assert not changes.report("away", start)


def test_an_index_put_back_from_a_copy_is_refused(
    neighbour: psycopg.Connection, company: Company, tmp_path: Path
):
    copied = changes.position()
    changes.register(tmp_path / "index", copied)
    company("ALPHA")
    later = changes.position()
    assert changes.report("index", later)
    assert not changes.report("index", copied)
    assert changes.report("index", later)
    neighbour.rollback()
    assert changes.report("index", changes.position())
    assert not changes.report("index", later), "only that a transaction has ended lies between the two"


def test_an_index_that_is_ahead_of_a_database_put_back_is_refused(tmp_path: Path):
    changes.register(tmp_path / "index", changes.position())
    ahead = int(changes.position().split(":")[1]) + 1_000_000
    assert not changes.report("index", f"{ahead}:{ahead}:")


def test_entries_of_an_earlier_life_of_the_database_are_not_read_and_go(tmp_path: Path):
    before = changes.position()
    execute("INSERT INTO search_change (siren, xid) VALUES ('732829320', '4000000000'::xid8)")
    assert changes.since(before).entries == 0
    changes.prune()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM search_change WHERE xid = '4000000000'::xid8")
        assert cursor.fetchone() == (0,)


def test_another_database_is_distinguished_from_this_one(django_db_blocker: Any):
    here = changes.database()
    assert here == changes.database()
    execute("ALTER TABLE search_change RENAME TO search_change_before")
    try:
        execute("CREATE TABLE search_change (LIKE search_change_before)")
        assert changes.database() != here, "a dump was loaded: its log starts again"
        execute("DROP TABLE search_change")
    finally:
        execute("ALTER TABLE search_change_before RENAME TO search_change")
