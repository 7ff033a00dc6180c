"""Documents sent to a cluster, many at once and several calls at a time; what became of each one is looked at."""

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from http import HTTPStatus
from typing import NamedTuple

from foxreviews.search.cluster.connection import Cluster
from foxreviews.search.errors import BusyError, IndexFailedError

MAX_LETTERS = 4_000_000  # in one call
SENDERS = 4  # calls at a time: one is indexed on each of the cluster's cores, and others wait for it
FIRST_PAUSE, MAX_PAUSE = 0.2, 10.0  # seconds, before what the cluster was too busy for is sent again
MAX_TRIES = 12  # some 80 s


class Action(NamedTuple):
    """A document to be indexed under a SIREN, or removed."""

    id: str
    document: str | None

    @property
    def lines(self) -> str:
        """As the cluster reads it. A SIREN has digits alone."""
        if self.document is None:
            return f'{{"delete":{{"_id":"{self.id}"}}}}\n'
        return f'{{"index":{{"_id":"{self.id}"}}}}\n{self.document}\n'


class Bulk:
    """Sends to one index, by the alias that only writes. Raises IndexFailedError where a document is refused."""

    def __init__(self, cluster: Cluster, alias: str) -> None:
        self.cluster, self.alias = cluster, alias
        self._pool = ThreadPoolExecutor(SENDERS, "bulk")
        self._sent: set[Future[None]] = set()
        self._waiting: list[Action] = []
        self._letters = 0

    def add(self, actions: Iterable[Action]) -> None:
        """Some of them are sent at once, and waited for where too many calls are under way."""
        for action in actions:
            self._waiting.append(action)
            self._letters += len(action.document or "")
            if self._letters > MAX_LETTERS:
                self._send()

    def finish(self) -> None:
        """Send the rest, and wait until all were taken."""
        self._send()
        self._wait(0)

    def close(self) -> None:
        """Send nothing more."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send(self) -> None:
        if not self._waiting:
            return
        self._wait(SENDERS)
        actions, self._waiting, self._letters = self._waiting, [], 0
        self._sent.add(self._pool.submit(send, self.cluster, self.alias, actions))

    def _wait(self, limit: int) -> None:
        """Until no more than `limit` calls are under way. Raises what one of those that ended has raised."""
        while len(self._sent) > limit:
            ended, self._sent = wait(self._sent, return_when=FIRST_COMPLETED)
            for each in ended:
                each.result()


def send(cluster: Cluster, alias: str, actions: Sequence[Action]) -> None:
    """Until each one was taken: what the cluster is too busy for is sent again, after growing pauses."""
    pause = FIRST_PAUSE
    for attempt in range(1, MAX_TRIES + 1):
        try:
            actions = _refused(cluster, alias, actions)
        except BusyError:
            if attempt == MAX_TRIES:
                raise
        if not actions:
            return
        time.sleep(pause)
        pause = min(2 * pause, MAX_PAUSE)
    raise BusyError(f"The cluster was too busy for {len(actions):,} documents, {MAX_TRIES} times.")


def _refused(cluster: Cluster, alias: str, actions: Sequence[Action]) -> list[Action]:
    """Send them once; those that the cluster was too busy for."""
    body = "".join(action.lines for action in actions)
    answer = cluster.call("POST", f"/{alias}/_bulk", body, require_alias=True)
    if not answer["errors"]:
        return []
    busy = []
    for action, item in zip(actions, answer["items"], strict=True):
        (result,) = item.values()
        status = result["status"]
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            busy.append(action)
        elif "error" in result:  # one to be removed that is not there is none
            reason = f"{result['error']['type']}, {result['error']['reason']}"
            raise IndexFailedError(f"The cluster refuses the document of {action.id} ({status}): {reason}")
    return busy
