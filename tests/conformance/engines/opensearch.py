"""A cluster of one node: one index for this process, which is brought to the companies of each test."""

import secrets
from collections.abc import Callable
from contextlib import closing
from functools import cache
from typing import Any

import pytest

from foxreviews.enterprise.blocks import companies
from foxreviews.enterprise.hidden_since import HiddenSince
from foxreviews.search.cluster.bulk import Action, Bulk
from foxreviews.search.cluster.connection import Access, Cluster, Deadline
from foxreviews.search.cluster.reader import ClusterIndexes
from foxreviews.search.cluster.storage import WRITING, ClusterStorage, Generation
from foxreviews.search.cluster.writer import id_of
from foxreviews.search.engine import Search
from foxreviews.search.engines.opensearch import OpenSearchIndex
from foxreviews.search.index import document, place_documents
from foxreviews.search.query.places import Places
from tests.opensearch import node
from tests.waiting import DEADLINE

RANKS_BY_TIERS = True


def search_of(_indexed: Callable[[], Any]) -> Search:
    """Over what the database has now."""
    if why := node.why_missing():
        pytest.skip(why)
    index = _companies()
    index.bring_to(_documents())
    return Search("opensearch", ClusterIndexes(_cluster(), Generation(index.name), HiddenSince()))


def places() -> Places:
    """What looks up the towns and trades that the database has now."""
    if why := node.why_missing():
        pytest.skip(why)
    index = _places()
    index.bring_to({id_of(each): each for each in place_documents.documents()})
    return Places(OpenSearchIndex(_cluster(), index.name))


def _documents() -> dict[str, str]:
    """By SIREN."""
    return {
        siren: each
        for _, frame in companies(document.COLUMNS)
        for siren, each in zip(frame["siren"], document.documents(frame), strict=True)
    }


class PatientDeadline(Deadline):
    """Of a search that is asked on a busy machine."""

    seconds = DEADLINE  # type: ignore[assignment]


class PatientCluster(Cluster):
    """No promise here depends on speed."""

    def deadline(self) -> Deadline:
        return PatientDeadline(1)


class Index:
    """What it has is changed, which takes a tenth of the time that a new one takes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._known: dict[str, str] = {}

    def bring_to(self, wanted: dict[str, str]) -> None:
        """Documents by their ids."""
        changed = [Action(key, each) for key, each in wanted.items() if self._known.get(key) != each]
        gone = [Action(key, None) for key in self._known.keys() - wanted.keys()]
        if not (changed or gone):
            return
        with closing(Bulk(_cluster(), f"{self.name}{WRITING}")) as bulk:
            bulk.add([*changed, *gone])
            bulk.finish()
        _cluster().call("POST", f"/{self.name}/_refresh")
        self._known = wanted


@cache
def _cluster() -> Cluster:
    return PatientCluster(Access((node.shared().url,)))


@cache
def _companies() -> Index:
    storage = ClusterStorage(_cluster(), f"conformance-{secrets.token_hex(4)}")
    generation = storage.create()
    storage.create_companies(generation, 0)
    return Index(generation.name)


@cache
def _places() -> Index:
    storage = ClusterStorage(_cluster(), f"conformance-{secrets.token_hex(4)}")
    return Index(storage.create_places(storage.create()))
