"""What writes to a generation in a cluster: kept in sync, or filled. The documents are those of the embedded index."""

from collections.abc import Sequence

import orjson
import polars as pl

from foxreviews.search.cluster import schema
from foxreviews.search.cluster.bulk import Action, Bulk
from foxreviews.search.cluster.storage import WRITING, ClusterStorage, Generation
from foxreviews.search.index import place_documents
from foxreviews.search.index.document import documents
from foxreviews.search.index.rebuild import Tools
from foxreviews.search.index.writer import Writer, batches


class ClusterWriter(Writer):
    """Writes to one generation, while searches read it."""

    generation: Generation

    def __init__(self, generation: Generation, storage: ClusterStorage) -> None:
        """Raises UnusableIndexError where it must be rebuilt, IndexFailedError."""
        self.storage = storage
        super().__init__(generation, storage.state(generation))
        self._report()

    def _write_state(self) -> None:
        self.storage.require_writer_lock()
        self.storage.write_state(self.generation, self.state)

    def _replace(self, sirens: list[str]) -> int:
        self.storage.require_writer_lock()
        bulk = Bulk(self.storage.cluster, f"{self.generation.name}{WRITING}")
        try:
            for some, frame in batches(sirens):
                found = frame["siren"].to_list()
                bulk.add(map(Action, found, documents(frame)))
                bulk.add(Action(siren, None) for siren in sorted({*some} - {*found}))
            bulk.finish()
        finally:
            bulk.close()
        _refresh(self.storage, self.generation.name)
        return self.storage.documents_in(self.generation)

    def _fill_places(self) -> int:
        return fill_places(self.storage, self.generation)


class ClusterBuilder:
    """Fills a generation that does not answer yet."""

    format = schema.FORMAT

    def __init__(self, generation: Generation, companies: int, storage: ClusterStorage) -> None:
        self.generation, self.storage = generation, storage
        storage.create_companies(generation, companies)
        self._bulk = Bulk(storage.cluster, f"{generation.name}{WRITING}")

    def add(self, sirens: pl.Series, documents: Sequence[str]) -> None:
        self._bulk.add(map(Action, sirens.to_list(), documents))

    def merge(self) -> None:
        self._bulk.finish()
        _refresh(self.storage, self.generation.name)

    def fill_places(self) -> int:
        return fill_places(self.storage, self.generation)

    def count(self) -> int:
        return self.storage.documents_in(self.generation)

    def close(self) -> None:
        self._bulk.close()


def fill_places(storage: ClusterStorage, generation: Generation) -> int:
    """Replace the towns and trades at once, by an index of their own; how many."""
    made = place_documents.documents()
    name = storage.create_places(generation)
    bulk = Bulk(storage.cluster, f"{name}{WRITING}")
    try:
        bulk.add(Action(id_of(document), document) for document in made)
        bulk.finish()
    finally:
        bulk.close()
    _refresh(storage, name)
    storage.publish_places(generation, name)
    return len(made)


def id_of(place: str) -> str:
    """Its kind and rank, which no other one has."""
    known = orjson.loads(place)
    return f"{known['kind']}-{known['rank']}"


def _refresh(storage: ClusterStorage, name: str) -> None:
    """What was written can be found from now on."""
    storage.cluster.call("POST", f"/{name}/_refresh")


def tools(storage: ClusterStorage) -> Tools:
    """What works on the generations of this storage."""
    return Tools(
        lambda generation: ClusterWriter(generation, storage),
        lambda generation, companies: ClusterBuilder(generation, companies, storage),
    )
