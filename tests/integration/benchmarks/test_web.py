"""benchmarks.web: the server's time for each kind of page."""

import json
from typing import Any

import pytest

from benchmarks import web
from foxreviews.core.errors import UsageError


def test_each_kind_of_page_is_measured(
    company: Any, etablissement: Any, own_server: None, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(web, "PAGES", 1)
    monkeypatch.setattr(web, "WORDS", ("restaurant",))
    made = company("RESTAURANT DU PORT", ville_nom="Paris", naf_code="56.10A", departement="75")
    etablissement(made.siren, 10)
    code = web.main(["--json"])
    found = json.loads(capsys.readouterr().out)
    kinds = {line["kind"]: line for line in found["lines"]}
    assert {
        "home",
        "results",
        "company",
        "card of a company",
        "establishment",
        "département",
        "activity",
        "suggestions",
    } <= kinds.keys()
    assert all(line["p50"] > 0 and line["bytes"] for line in kinds.values())
    assert found["sitemap"]["files"] >= 2
    assert found["sitemap"]["addresses"] > 1
    assert code == (0 if all(line["p95"] <= web.LIMIT for line in kinds.values()) else 1)
    assert web.main([]) in {0, 1}
    shown = capsys.readouterr().out
    assert "card of a company" in shown
    assert "The whole sitemap: " in shown


def test_without_companies_there_is_nothing_to_measure(own_server: None) -> None:
    with pytest.raises(UsageError, match="no companies"):
        web.main([])
