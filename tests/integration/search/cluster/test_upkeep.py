"""The index in a cluster: built next to the one that answers, kept in sync, swapped in one action, gone back from."""

import json
from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from foxreviews.core.errors import LockedError
from foxreviews.core.locks import advisory_lock
from foxreviews.enterprise.models import Entreprise
from foxreviews.location.models import Ville
from foxreviews.search import upkeep
from foxreviews.search.cluster import schema
from foxreviews.search.cluster.bulk import Bulk
from foxreviews.search.cluster.connection import Cluster
from foxreviews.search.cluster.storage import ClusterStorage
from foxreviews.search.cluster.writer import ClusterWriter
from foxreviews.search.errors import IndexFailedError, UnusableIndexError
from tests.integration.search.cluster.conftest import Quiet
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
Add = Callable[..., Entreprise]
Found = Callable[..., tuple[str, list[str]]]
WaitFor = Callable[[str, str, list[str]], None]
NewWriter = Callable[[], ClusterWriter]


def status() -> dict[str, Any]:
    said = StringIO()
    with suppress(SystemExit):
        call_command("search_status", json=True, stdout=said)
    facts: dict[str, Any] = json.loads(said.getvalue())
    return facts


def test_a_rebuild_lets_the_cluster_answer(
    storage: ClusterStorage, rebuild: Callable[[], str], company: Add, wait_for: WaitFor
) -> None:
    for nom in ("ALPHA", "BETA"):
        company(nom)
    wait_for("alpha", "postgres", ["ALPHA"])
    said = rebuild()
    assert "answers: 2 companies, 5 towns and trades" in said
    wait_for("alpha", "opensearch", ["ALPHA"])
    wait_for("alpa", "opensearch", ["ALPHA"])
    facts = status()
    assert (facts["in_sync"], facts["engine"], facts["documents"], facts["companies"]) == (
        True, "opensearch", 2, 2,
    )  # fmt: skip
    assert facts["health"] == "green, 1 nodes"


def test_what_changed_is_found_and_what_was_removed_is_not(
    storage: ClusterStorage, rebuild: Callable[[], str], writer: NewWriter, company: Add, wait_for: WaitFor
) -> None:
    alpha, beta = company("ALPHA"), company("BETA")
    rebuild()
    opened = writer()
    gamma = company("GAMMA")
    Entreprise.objects.filter(pk=alpha.pk).update(nom="DELTA")
    beta.delete()
    assert set(opened.apply().sirens) == {alpha.siren, beta.siren, gamma.siren}
    for word, names in (("alpha", []), ("beta", []), ("gamma", ["GAMMA"]), ("delta", ["DELTA"])):
        wait_for(word, "opensearch", names)
    assert opened.state.documents == 2
    assert storage.known().state == opened.state, "it is stored with the index"
    assert writer().apply().entries == 0, "and read again"


def test_towns_are_replaced_at_once(
    storage: ClusterStorage, rebuild: Callable[[], str], writer: NewWriter, company: Add, client: Any
) -> None:
    town = {
        "nom": "Lyon",
        "departement": "69",
        "region": "84",
        "codes_postaux": ["69003"],
        "population": 500_000,
    }
    Ville.objects.create(code_insee="69123", **town)
    rebuild()
    opened = writer()

    def towns(typed: str) -> list[str]:
        return [row["nom"] for row in client.get("/api/villes/", {"q": typed}).json()["results"]]

    # The index knows typos, PostgreSQL does not.
    wait_until(lambda: towns("lyonn") == ["Lyon"], lambda: str(towns("lyonn")))
    Ville.objects.update(nom="Villeurbanne")
    assert opened.apply().places
    assert (towns("lyonn"), towns("vileurbane"), towns("vileurb")) == ([], ["Villeurbanne"], ["Villeurbanne"])


def test_who_is_hidden_is_found_by_no_name_at_once_and_leaves_no_name_behind(
    storage: ClusterStorage,
    rebuild: Callable[[], str],
    writer: NewWriter,
    company: Add,
    found: Found,
    wait_for: WaitFor,
) -> None:
    person = company("JEANNE MYSTERE", categorie_juridique="1000")
    rebuild()
    rebuild()
    opened = writer()
    wait_for("mystere", "opensearch", ["JEANNE MYSTERE"])
    Entreprise.objects.filter(pk=person.pk).update(statut_diffusion="P")
    assert found("mystere") == ("opensearch", []), "before anything was applied"
    opened.apply()
    assert "hidden" in opened.state.rebuild_reason
    rebuild()
    assert storage.others() == [], "no older generation has the name"
    wait_for("mystere", "opensearch", [])


def test_the_generation_before_is_kept_and_answers_again(
    storage: ClusterStorage, rebuild: Callable[[], str], company: Add, wait_for: WaitFor
) -> None:
    company("ALPHA")
    rebuild()
    first = storage.required()
    company("BETA")
    rebuild()
    second = storage.required()
    assert storage.others() == [first]
    assert status()["previous"] == first.name
    said = StringIO()
    call_command("search_rebuild", back=True, stdout=said)
    assert (storage.required(), storage.others()) == (first, [second])
    wait_for("beta", "opensearch", [])
    upkeep.catch_up_index(Quiet())
    assert storage.required() == first, "what it lacked was applied"
    wait_for("beta", "opensearch", ["BETA"])
    rebuild()
    assert len(storage.others()) == 1, "one is kept, not all"


def test_without_one_before_there_is_no_going_back(
    storage: ClusterStorage, rebuild: Callable[[], str]
) -> None:
    rebuild()
    with pytest.raises(UnusableIndexError, match="No generation before"):
        upkeep.go_back(Quiet())


def test_a_build_that_lacks_a_document_never_answers(
    storage: ClusterStorage, rebuild: Callable[[], str], company: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    company("ALPHA")
    rebuild()
    before = storage.required()
    company("BETA")
    add = Bulk.add
    monkeypatch.setattr(Bulk, "add", lambda self, actions: add(self, list(actions)[:1]))
    with pytest.raises(IndexFailedError, match="2 sent to the index, and it has 1"):
        rebuild()
    assert (storage.required(), storage.others()) == (before, [])


def test_what_a_killed_build_left_is_removed_by_the_next_one(
    storage: ClusterStorage, rebuild: Callable[[], str]
) -> None:
    left = storage.create()
    storage.create_companies(left, 0)
    storage.create_places(left)
    assert storage.others() == [left]
    rebuild()
    assert storage.others() == []


def test_two_do_not_write_to_one_index(storage: ClusterStorage, rebuild: Callable[[], str]) -> None:
    rebuild()
    with other_session(storage._writer):
        with pytest.raises(LockedError, match="keeps this index in sync already"), storage.writer_lock():
            pass
        with pytest.raises(LockedError):
            ClusterWriter(storage.required(), storage)._write_state()


def test_a_writer_that_lost_its_connection_takes_its_lock_again(
    storage: ClusterStorage, rebuild: Callable[[], str], writer: NewWriter, company: Add
) -> None:
    rebuild()
    opened = writer()
    connection.close()
    wait_until(lambda: storage.writer_pid() is None, "the lock outlives its session")
    company("ALPHA")
    opened.apply()
    assert storage.writer_pid() is not None


def other_session(lock: str) -> Any:
    """The lock is held by another session of the database while the block runs."""
    from contextlib import contextmanager

    from foxreviews.core.locks import _keys

    @contextmanager
    def held() -> Any:
        settings = connection.get_connection_params()
        keep = ("dbname", "host", "port", "user", "password")
        with psycopg.connect(**{name: settings[name] for name in keep if name in settings}) as session:
            session.execute("SELECT pg_advisory_lock(%s, %s)", _keys(lock))
            yield

    return held()


def test_a_generation_that_was_removed_is_not_made_again_by_who_writes_to_it(
    storage: ClusterStorage, rebuild: Callable[[], str], writer: NewWriter, company: Add
) -> None:
    rebuild()
    opened = writer()
    generation = storage.required()
    storage.remove(generation)
    company("ALPHA")
    with pytest.raises((IndexFailedError, UnusableIndexError)):
        opened.apply()
    assert storage.current() is None
    assert storage.others() == []


def test_an_index_of_another_database_is_rebuilt(
    storage: ClusterStorage, rebuild: Callable[[], str], company: Add, wait_for: WaitFor
) -> None:
    from dataclasses import replace

    company("ALPHA")
    rebuild()
    generation, state = storage.known()
    storage.write_state(generation, replace(state, database="another"))
    upkeep.catch_up_index(Quiet())
    assert storage.required() != generation
    wait_for("alpha", "opensearch", ["ALPHA"])


def test_a_daemon_follows_and_a_rebuild_holds_its_own_lock(
    storage: ClusterStorage, rebuild: Callable[[], str]
) -> None:
    rebuild()
    with advisory_lock(storage._rebuild, message=""):
        assert storage.rebuild_pid() is not None


def test_several_shards_answer_as_one(
    storage: ClusterStorage, company: Add, rebuild: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frequencies, totals, facets and the order are sums over all shards, not one shard's."""
    from foxreviews.search.engines.opensearch import OpenSearchIndex
    from foxreviews.search.query.nodes import Term

    for number in range(40):
        company("ALPHA", departement=f"{number % 4 + 10}", tranche_effectif="53" if number % 3 else "")
    answers = []
    for companies_per_shard in (10_000_000, 10):
        monkeypatch.setattr(schema, "COMPANIES_PER_SHARD", companies_per_shard)
        rebuild()
        index = OpenSearchIndex(storage.cluster, storage.required().name)
        node = Term("nom", "ALPHA")
        answers.append(
            (
                index.frequency("nom", "ALPHA"),
                index.count(node),
                index.counted(node, 25),
                index.ranks(node, 40, ascending=True),
                index.facets(node, {"departement": 120, "code_commune": 50}),
            )
        )
        shards = Cluster(storage.cluster.access).call("GET", f"/{storage.alias}/_settings")
        (settings,) = shards.values()
        assert settings["settings"]["index"]["number_of_shards"] == ("1" if companies_per_shard > 10 else "5")
    assert answers[0] == answers[1]
    assert answers[0][:2] == (40, 40)
