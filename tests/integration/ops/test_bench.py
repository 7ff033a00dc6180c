"""manage.py bench: how fast the directory answers, beside the plan's limits."""

import json
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command

from foxreviews.ops.bench import line, pages, plan
from foxreviews.ops.bench.cold import ColdCaches
from foxreviews.ops.bench.line import Line, Measure, measured
from foxreviews.ops.bench.result import Result, page
from foxreviews.ops.plan_tests import plan_tests
from foxreviews.ops.sizes import Sizes

SLOW = Line("Pages", "a < page", 50, 40.0, 61.0, 120.0, "20 rows")
QUICK = Line("Pages", "another", 50, 4.0, 6.0, None, "20 rows")


def test_the_plans_queries_and_every_address_of_the_api_are_measured(
    company: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(line, "RUNS", 2)
    company("RESTAURANT DU PORT", ville_nom="Paris", naf_code="62.01Z", code_postal="75001", departement="75")
    company("A")
    out, file = StringIO(), tmp_path / "bench.html"
    with suppress(SystemExit):  # a line may be over its limit, on a busy machine
        call_command("bench", json=True, html=file, stdout=out)
    said = json.loads(out.getvalue())
    measured_lines = {each["what"] for each in said["lines"]}
    assert {"Pagination (phase 4)", "Recherche (phase 4)", "Filtre (phase 4)"} <= measured_lines
    assert {
        "first page, nom",
        "middle of -created_at",
        "departement=75, nom",
        "one company",
    } <= measured_lines
    assert said["companies"] == 2
    assert "Pagination (phase 4)" in file.read_text()


@pytest.mark.django_db
def test_without_companies_there_is_nothing_to_measure_and_it_says_what_loads_some() -> None:
    with pytest.raises(CommandError, match="import_entreprises_bulk") as refused:
        call_command("bench")
    assert refused.value.returncode == 2


def test_a_line_holds_where_its_95th_percentile_is_within_the_limit() -> None:
    times = iter([500.0, 900.0, *range(1, 21)])
    found = measured(Measure("g", "w", 19.0, lambda: (float(next(times)), "seen")), lambda: None)
    assert (found.cold, found.p50, found.p95, found.holds) == (500.0, 11.0, 19.0, True)
    assert SLOW.holds is False


def test_the_page_stands_alone_and_shows_what_is_over_its_limit() -> None:
    sizes = Sizes(rows=2, table=10, btree=5, trigram=3)
    found = Result([SLOW, QUICK], 2, 1, sizes, "15.3", 2, 8 * 1024**3, "2026-11-26")
    text = page(found)
    assert "1 of 2" in " ".join(text.split()).replace("<strong>", "").replace("</strong>", "")
    assert "http" not in text
    ElementTree.fromstring(text[text.index("<svg") : text.index("</svg>") + len("</svg>")])
    assert 'class="over"' in text
    assert "a &lt; page" in text


def test_the_plans_lines_are_those_of_the_plan() -> None:
    titles = [test.title for test in plan_tests()]
    assert titles == ["Test 1: Cursor pagination", "Test 2: Recherche full-text", "Test 3: Filtre combiné"]
    assert list(plan.LIMITS.values()) == [50.0, 200.0, 100.0]


def test_it_asks_by_a_name_that_the_site_is_called_by(settings: Any) -> None:
    for allowed, host in (
        (["example.org"], "example.org"),
        ([".example.org"], "example.org"),
        (["*"], "localhost"),
    ):
        settings.ALLOWED_HOSTS = allowed
        assert pages.host() == host


def test_a_server_of_somebody_is_never_stopped_for_cold_caches(settings: Any) -> None:
    settings.DATABASE_URL = "postgresql://db.example.org/x"
    with pytest.raises(Exception, match="--cold"):
        ColdCaches()
