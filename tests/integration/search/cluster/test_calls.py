"""What a search asks of the cluster: the frequencies of all its words by one call, and few calls on the whole."""

from typing import Any

import pytest

from foxreviews.core.keyset import Window
from foxreviews.enterprise.filters import Filters
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.ranking import RELEVANCE
from tests.conformance.engines import opensearch

QUERIES = (
    "durand", "boulangerie lyon", "sarl durand 69003", "durand et fils lyon", "fournil nantes", "totalenergies",
    "total energies", "bolangerie", "martin plomberie paris 75011", "le petit bistrot de la gare", "s.n.c.f.",
)  # fmt: skip
MAX_CALLS = 30


@pytest.mark.parametrize("typed", QUERIES)
def test_all_frequencies_are_one_call(company: Any, typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lyon = {"ville_nom": "Lyon", "ville_id": "69383", "code_postal": "69003", "departement": "69"}
    for nom in ("DURAND", "DURAND ET FILS", "BOULANGERIE MARTIN", "TOTALENERGIES", "S.N.C.F.", "LE BISTROT"):
        company(nom, **lyon)
    search = opensearch.search_of(lambda: None)
    cluster, asked = opensearch._cluster(), list[str]()
    call = cluster.call

    def noted(method: str, path: str, *rest: Any, **more: Any) -> Any:
        asked.append(path.rpartition("/")[2])
        return call(method, path, *rest, **more)

    monkeypatch.setattr(cluster, "call", noted)
    assert (
        search.search(interpret(typed), Filters(), Window(RELEVANCE, 20), ["departement"]).engine
        == "opensearch"
    )
    assert asked.count("_msearch") == 1
    assert len(asked) <= MAX_CALLS
