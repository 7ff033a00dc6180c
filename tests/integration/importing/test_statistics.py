"""The planner's statistics after an import."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.load import statistics

pytestmark = pytest.mark.django_db
TABLE = "enterprise_entreprise"


@pytest.fixture
def analyzed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """analyzed(changed, rebuilt=…): whether they were taken. The directory has 1,000 companies."""
    monkeypatch.setattr("foxreviews.core.sql.estimate", lambda table: 1_000)
    with connection.cursor() as cursor:  # autovacuum may have taken some while other tests had rows
        cursor.execute("DELETE FROM pg_statistic WHERE starelid = %s::regclass", [TABLE])

    def run(changed: int, **options: bool) -> bool:
        with CaptureQueriesContext(connection) as queries:
            statistics.refresh(Entreprise, changed, **options)
        return any(query["sql"].startswith(f"ANALYZE {TABLE} (nom)") for query in queries)

    return run


def test_they_are_taken_where_there_are_none_and_again_only_where_many_rows_changed(analyzed: Any) -> None:
    Entreprise.objects.create(siren="552100554", nom="PEUGEOT")
    assert analyzed(0)
    assert not analyzed(0)
    assert not analyzed(50)
    assert analyzed(51)


def test_they_are_taken_after_a_first_load_whatever_an_earlier_table_had(analyzed: Any) -> None:
    Entreprise.objects.create(siren="552100554", nom="PEUGEOT")
    analyzed(0)
    assert analyzed(0, rebuilt=True)
