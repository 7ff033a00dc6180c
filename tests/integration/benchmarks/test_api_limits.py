"""benchmarks.api.limits: how fast the directory answers, within the scaling plan's limits."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks.api import limits, measure, pages, scaling_plan
from benchmarks.api.measure import ColdCaches, Line, Measure, measured
from benchmarks.api.result import Result, html_page
from foxreviews.core.errors import UnwritableOutput, UsageError

SLOW = Line("Pages", "a < page", 50, 40.0, 61.0, 120.0, "20 rows")
QUICK = Line("Pages", "another", 50, 4.0, 6.0, None, "20 rows")


def test_the_scaling_plans_queries_and_every_address_of_the_api_are_measured(
    company: Any, own_server: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any
) -> None:
    monkeypatch.setattr(measure, "RUNS", 2)
    company("RESTAURANT DU PORT", ville_nom="Paris", naf_code="62.01Z", code_postal="75001", departement="75")
    company("A")
    file = tmp_path / "limits.html"
    code = limits.main(["--json", "--html", str(file)])
    found = json.loads(capsys.readouterr().out)
    assert code == (0 if found["holds"] else 1)  # a line may be over its limit, on a busy machine
    measured_lines = {each["what"] for each in found["lines"]}
    assert {"Pagination (phase 4)", "Recherche (phase 4)", "Filtre (phase 4)"} <= measured_lines
    assert {
        "first page, nom",
        "middle of -created_at",
        "departement=75, nom",
        "one company",
    } <= measured_lines
    assert found["companies"] == 2
    assert min(found["sizes"].values()) > 0
    assert "Pagination (phase 4)" in file.read_text()


@pytest.mark.django_db
def test_without_companies_there_is_nothing_to_measure_and_it_says_what_loads_some(own_server: None) -> None:
    with pytest.raises(UsageError, match="import_entreprises_bulk"):
        limits.main([])


def test_a_page_that_cannot_be_written_is_refused_before_the_work(
    company: Any, own_server: None, tmp_path: Path
) -> None:
    company("A")
    with pytest.raises(UnwritableOutput, match="cannot be written"):
        limits.main(["--html", str(tmp_path / "nowhere" / "limits.html")])


def test_a_line_holds_where_its_95th_percentile_is_within_the_limit() -> None:
    times = iter([500.0, 900.0, *range(1, 21)])
    found = measured(Measure("g", "w", 19.0, lambda: (float(next(times)), "seen")), lambda: None)
    assert (found.cold, found.p50, found.p95, found.holds) == (500.0, 11.0, 19.0, True)
    assert SLOW.holds is False


def test_the_page_stands_alone_and_shows_what_is_over_its_limit() -> None:
    sizes = {"table": 10, "B-tree indexes": 5, "trigram index": 3}
    found = Result([SLOW, QUICK], 2, 1, sizes, "15.3", 2, 8 * 1024**3, "2026-11-26")
    text = html_page(found)
    assert "1 of 2" in " ".join(text.split()).replace("<strong>", "").replace("</strong>", "")
    assert "http" not in text
    ElementTree.fromstring(text[text.index("<svg") : text.index("</svg>") + len("</svg>")])
    assert 'class="over"' in text
    assert "a &lt; page" in text


def test_the_scaling_plans_lines_are_those_of_its_phase_4() -> None:
    titles = [test.title for test in scaling_plan.phase4()]
    assert titles == ["Test 1: Cursor pagination", "Test 2: Recherche full-text", "Test 3: Filtre combiné"]
    assert list(scaling_plan.LIMITS.values()) == [50.0, 200.0, 100.0]


def test_it_uses_a_host_name_that_is_allowed(settings: Any) -> None:
    for allowed, host in (
        (["example.org"], "example.org"),
        ([".example.org"], "example.org"),
        (["*"], "localhost"),
    ):
        settings.ALLOWED_HOSTS = allowed
        assert pages.host() == host


def test_a_server_that_database_url_names_is_never_stopped_for_cold_caches(settings: Any) -> None:
    settings.DATABASE_URL = "postgresql://db.example.org/x"
    with pytest.raises(Exception, match="--cold"):
        ColdCaches()
