import pytest
from django.core.exceptions import ImproperlyConfigured

from foxreviews.search.engine import search_engine
from foxreviews.search.engines.postgres import PostgresEngine


def test_the_setting_chooses_the_engine(settings) -> None:  # type: ignore[no-untyped-def]
    settings.SEARCH_ENGINE = "postgres"
    assert search_engine().name == PostgresEngine.name


def test_an_unknown_engine_names_the_known_ones(settings) -> None:  # type: ignore[no-untyped-def]
    settings.SEARCH_ENGINE = "elastic"
    with pytest.raises(
        ImproperlyConfigured, match="SEARCH_ENGINE is one of postgres, tantivy, opensearch, not 'elastic'"
    ):
        search_engine()
