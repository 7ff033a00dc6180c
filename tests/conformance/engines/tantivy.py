"""The embedded index, in memory."""

from collections.abc import Callable
from pathlib import Path

import tantivy

from foxreviews.search.engine import Search
from foxreviews.search.index.reader import Indexes

RANKS_BY_TIERS = True


def search_of(indexed: Callable[[], tantivy.Index]) -> Search:
    """Over an index that is made now, and does not follow what changes later."""
    companies = indexed()
    return Search("tantivy", Indexes(Path("in memory"), companies, companies))
