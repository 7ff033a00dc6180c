"""PostgreSQL itself: words as they are written, in any order."""

from collections.abc import Callable

import tantivy

from foxreviews.search.engine import Search

RANKS_BY_TIERS = False


def search_of(_indexed: Callable[[], tantivy.Index]) -> Search:
    """There is no index to make."""
    return Search("postgres", None)
