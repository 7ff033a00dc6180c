"""A search index for a benchmark alone, next to the configured one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.command import CHECKOUT, watched
from foxreviews.search.index import changes


@contextmanager
def own_index(folder: Path, checkout: Path = CHECKOUT) -> Iterator[tuple[dict[str, str], float, float]]:
    """The environment of an index that a checkout has built, and the seconds and MiB of that; removed at the end.

    The change log of the database is then no longer kept for it.
    """
    environment = {"SEARCH_INDEX_DIR": str(folder)}
    shutil.rmtree(folder, ignore_errors=True)
    try:
        seconds, memory = watched(environment, "search_rebuild", checkout=checkout)
        yield environment, seconds, memory
    finally:
        if folder.is_dir():
            changes.unregister([generation.name for generation in folder.iterdir() if generation.is_dir()])
        shutil.rmtree(folder, ignore_errors=True)
