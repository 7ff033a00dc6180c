"""What partition_entreprises refuses before it does anything."""

import pytest

from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.findings import Severity
from foxreviews.ops import partition, server
from tests.shape import IS_PARTITIONED

pytestmark = pytest.mark.django_db


def test_a_disk_without_room_for_a_second_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    partition.refuse(not IS_PARTITIONED)
    monkeypatch.setattr(server, "data_disk", lambda: ("/var/lib/postgresql", 1_000))
    with pytest.raises(FoxreviewsError, match=r"disk: 1 kB free; needed: .* for a second table"):
        partition.refuse(not IS_PARTITIONED)


def test_a_server_with_too_few_locks_is_refused_with_the_statement_that_gives_it_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    facts = server.rows("partition_facts")[0]
    monkeypatch.setattr(partition, "_facts", lambda: facts | {"is_partitioned": False, "max_locks": 64})
    with pytest.raises(FoxreviewsError, match="ALTER SYSTEM SET max_locks_per_transaction = 1000"):
        partition.refuse(partitioned=True)
    found = {each.subject: each for each in partition.look(partitioned=True)}
    assert found["locks"].severity is Severity.ERROR
    assert "locks" not in {each.subject for each in partition.look(partitioned=False)}


def test_a_table_of_another_role_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = server.rows("partition_facts")[0]
    monkeypatch.setattr(partition, "_facts", lambda: facts | {"is_ours": False, "owner": "somebody"})
    with pytest.raises(FoxreviewsError, match="belongs to somebody"):
        partition.refuse(not IS_PARTITIONED)
