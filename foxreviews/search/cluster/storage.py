"""The generations in a cluster, and the alias that points at the one that answers (search.cluster.schema).

A process writes to a generation through an alias of its own, `….w`: to one that was removed it cannot, where by its
name the cluster would make a new index of it.
"""

import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from django.db import connection

from foxreviews.core.errors import LockedError
from foxreviews.core.locks import advisory_lock, keep_advisory_lock, lock_session
from foxreviews.search.cluster import schema
from foxreviews.search.cluster.connection import WRITE_SECONDS, Cluster
from foxreviews.search.errors import UnusableIndexError
from foxreviews.search.index.storage import NO_INDEX, State

Generation = PurePosixPath  # its name is that of its index
PLACES, WRITING = ".places", ".w"  # behind the name of a generation
LOCK_SECONDS = 0.25


class Known(NamedTuple):
    """A generation, and what is known of it."""

    generation: Generation
    state: State


@dataclass(frozen=True)
class Health:
    """`colour` is the cluster's word for the worst of the index's shards: green, yellow or red."""

    colour: str
    nodes: int


class ClusterStorage:
    """The generations whose names begin with that of the alias."""

    def __init__(self, cluster: Cluster, alias: str) -> None:
        self.cluster, self.alias = cluster, alias

    def __str__(self) -> str:
        return f"{self.alias} at {self.cluster.access.shown}"

    def known(self, seconds: float = WRITE_SECONDS) -> Known:
        """The generation that answers, as what can be searched in it is known. One call.

        Raises UnusableIndexError where there is none, or none that was completed, IndexFailedError.
        """
        return self._known(self.alias, seconds)

    def state(self, generation: Generation) -> State:
        """Raises UnusableIndexError where it was not completed, or is not there."""
        return self._known(generation.name, WRITE_SECONDS).state

    def _known(self, name: str, seconds: float) -> Known:
        # Not what was written since, but what searches see.
        path = f"/{name}/_doc/{schema.STATE_ID}"
        try:
            found = self.cluster.call("GET", path, seconds=seconds, stored_fields="state", realtime=False)
        except UnusableIndexError as error:
            raise UnusableIndexError(f"There is no complete index {name} in the cluster.") from error
        (text,) = found.get("fields", {}).get("state", [""])
        if not text:
            raise UnusableIndexError(f"The index {name} in the cluster says nothing of its state.")
        return Known(Generation(found["_index"]), State.parsed(text, schema.FORMAT))

    def current(self) -> Generation | None:
        """The generation that the alias points at."""
        try:
            found = self.cluster.call("GET", f"/_alias/{self.alias}")
        except UnusableIndexError:
            return None
        return next(map(Generation, sorted(found)), None)

    def required(self) -> Generation:
        """The generation that answers. Raises UnusableIndexError where there is none."""
        if (generation := self.current()) is None:
            raise UnusableIndexError(NO_INDEX)
        return generation

    def create(self) -> Generation:
        """The name of a new generation, which does not answer yet."""
        return Generation(f"{self.alias}-{datetime.now(UTC):%Y%m%dt%H%M%S}-{secrets.token_hex(4)}")

    def create_companies(self, generation: Generation, companies: int) -> None:
        """The index of a new generation, empty, for so many."""
        self._create(generation.name, schema.entreprises(companies))

    def create_places(self, generation: Generation) -> str:
        """The name of a new index of places, which is not looked at yet."""
        name = f"{generation.name}{PLACES}-{secrets.token_hex(4)}"
        self._create(name, schema.places())
        return name

    def publish_places(self, generation: Generation, name: str) -> None:
        """Look places up in this index from now on; the one before is removed by the same action."""
        self.cluster.call("PUT", f"/{name}/_settings", schema.SERVING)
        others = [each for each in self._indexes(f"{generation.name}{PLACES}-*") if each != name]
        actions: list[dict[str, Any]] = [{"remove_index": {"index": each}} for each in others]
        actions.append({"add": {"index": name, "alias": f"{generation.name}{PLACES}"}})
        self.cluster.call("POST", "/_aliases", {"actions": actions})

    def _create(self, name: str, body: dict[str, Any]) -> None:
        self.cluster.call("PUT", f"/{name}", body | {"aliases": {f"{name}{WRITING}": {}}})

    def _indexes(self, pattern: str) -> list[str]:
        return sorted(self.cluster.call("GET", f"/{pattern}/_alias"))

    def publish(self, generation: Generation, state: State) -> None:
        """Let this one answer from now on: the alias moves in one action."""
        self.cluster.call("PUT", f"/{generation.name}/_settings", schema.SERVING)
        self.write_state(generation, state)
        self._point_at(generation)

    def write_state(self, generation: Generation, state: State) -> None:
        """Store it where searches see it from now on, behind all that was written before."""
        self.cluster.call(
            "PUT", f"/{generation.name}{WRITING}/_doc/{schema.STATE_ID}", {"state": state.text},
            refresh=True, require_alias=True,
        )  # fmt: skip

    def go_back(self) -> Generation:
        """Let the generation before answer again. Raises UnusableIndexError where none is kept."""
        if (generation := self.previous()) is None:
            raise UnusableIndexError("No generation before this one is kept. Run: manage.py search_rebuild")
        self._point_at(generation)
        return generation

    def previous(self) -> Generation | None:
        """The newest complete generation that does not answer."""
        for generation in reversed(self.others()):
            try:
                self.state(generation)
            except UnusableIndexError:
                continue
            return generation
        return None

    def worth_keeping(self, generation: Generation | None) -> Generation | None:
        """It, where it could answer again: whole, and without names that must not be in it any more."""
        try:
            return generation if generation and not self.state(generation).rebuild_reason else None
        except UnusableIndexError:
            return None

    def _point_at(self, generation: Generation) -> None:
        try:
            found = sorted(self.cluster.call("GET", f"/_alias/{self.alias}"))
        except UnusableIndexError:
            found = []
        actions: list[dict[str, Any]] = [
            {"remove": {"index": name, "alias": self.alias}} for name in found if name != generation.name
        ]
        actions.append({"add": {"index": generation.name, "alias": self.alias}})
        self.cluster.call("POST", "/_aliases", {"actions": actions})

    def others(self) -> list[Generation]:
        """The generations that do not answer, the oldest first: old ones, and what a killed rebuild left."""
        current = self.current()
        names = {name.partition(PLACES)[0] for name in self._indexes(f"{self.alias}-*")}
        return [each for each in map(Generation, sorted(names)) if each != current]

    def remove(self, generation: Generation) -> None:
        """Remove one that does not answer."""
        if names := self._indexes(f"{generation.name}*"):
            self.cluster.call("DELETE", f"/{','.join(names)}", ignore_unavailable=True)

    def is_there(self, generation: Generation) -> bool:
        """Whether it was not removed."""
        try:
            self.cluster.call("GET", f"/_alias/{generation.name}{WRITING}")
        except UnusableIndexError:
            return False
        return True

    def bytes_of(self, generation: Generation) -> int:
        """Of its indexes, copies included."""
        path = f"/{generation.name}*/_stats/store"
        found = self.cluster.call("GET", path, filter_path="_all.total.store")
        return int(found["_all"]["total"]["store"]["size_in_bytes"])

    def documents_in(self, generation: Generation) -> int:
        """How many companies can be found in it."""
        query = {"query": {"exists": {"field": "rank"}}}
        return int(self.cluster.call("POST", f"/{generation.name}/_count", query)["count"])

    def health(self, seconds: float = WRITE_SECONDS) -> Health:
        """Of the generation that answers. Raises UnusableIndexError without one, IndexFailedError."""
        found = self.cluster.call(
            "GET", f"/_cluster/health/{self.alias}", seconds=seconds, timeout="500ms", wait_for_status="red"
        )
        return Health(found["status"], found["number_of_nodes"])

    @contextmanager
    def writer_lock(self) -> Iterator[None]:
        """Hold the right to write to the current generation, of all machines. Raises LockedError."""
        with advisory_lock(self._writer, message=self._is_kept, timeout=LOCK_SECONDS):
            yield

    def require_writer_lock(self) -> None:
        """It ends with the connection: take it again where that was lost. Raises LockedError."""
        if not keep_advisory_lock(self._writer):
            raise LockedError(self._is_kept())

    def rebuild_lock(self) -> AbstractContextManager[None]:
        """Hold the right to build a generation. Raises LockedError."""
        message = f"Another process is rebuilding this index; wait until it is done: {self}"
        return advisory_lock(self._rebuild, message=message, timeout=LOCK_SECONDS)

    def writer_pid(self) -> int | None:
        """The session of PostgreSQL, of whatever machine, that keeps the current generation in sync."""
        return lock_session(self._writer)

    def rebuild_pid(self) -> int | None:
        """The session that builds a generation."""
        return lock_session(self._rebuild)

    def _is_kept(self) -> str:
        session = self.writer_pid()
        by = f" (session {session} of {connection.settings_dict['NAME']})" if session else ""
        return f"Another process{by} keeps this index in sync already; there is nothing to do: {self}"

    @property
    def _writer(self) -> str:
        return f"search writer {self.alias}"

    @property
    def _rebuild(self) -> str:
        return f"search rebuild {self.alias}"
