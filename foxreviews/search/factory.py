"""The one place that knows which engines there are."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from foxreviews.search.engines.base import SearchEngine
from foxreviews.search.engines.postgres import PostgresEngine

ENGINES: dict[str, type[SearchEngine]] = {"postgres": PostgresEngine}


def search_engine() -> SearchEngine:
    """The engine that the setting SEARCH_ENGINE names."""
    try:
        return ENGINES[settings.SEARCH_ENGINE]()
    except KeyError:
        raise ImproperlyConfigured(
            f"SEARCH_ENGINE is one of {', '.join(ENGINES)}, not {settings.SEARCH_ENGINE!r}."
        ) from None
