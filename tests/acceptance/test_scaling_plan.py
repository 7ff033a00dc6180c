"""The scaling plan's phases 3 and 4 and its EXPLAIN, pasted as it writes them (the files in scaling_plan/)."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

SNIPPETS = Path(__file__).parent / "scaling_plan"
ROWS = 2_000
Manage = Callable[..., subprocess.CompletedProcess[str]]
needs_psql = pytest.mark.skipif(
    shutil.which("psql") is None, reason="the scaling plan's SQL is pasted into psql"
)


@pytest.fixture
def loaded(manage: Manage, empty_database: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment of a database with fictional companies, among them restaurants."""
    file = tmp_path / "entreprises.csv"
    manage("generate_entreprises", file, "--rows", ROWS).check_returncode()
    manage("import_entreprises_bulk", file).check_returncode()
    return empty_database


def psql(environment: dict[str, str], snippet: str, options: str = "") -> str:
    """What psql prints when the snippet is pasted."""
    return subprocess.run(
        ["psql", "-X", "-v", "ON_ERROR_STOP=1", environment["DATABASE_URL"]],
        input=(SNIPPETS / snippet).read_text(), env=os.environ | {"PGOPTIONS": options},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


@needs_psql
def test_phase_3_counts_the_companies_and_lists_their_indexes(loaded: dict[str, str]) -> None:
    shown = psql(loaded, "phase3.sql")
    assert re.search(rf"^ +{ROWS}$", shown, re.MULTILINE)
    for name in ("created_id_idx", "nom_id_idx", "nom_trgm_idx", "ville_naf_idx", "cp_active_idx"):
        assert f"enterprise_entreprise_{name}" in shown


def test_phase_4_prints_one_query_for_each_of_its_tests(loaded: dict[str, str], manage: Manage) -> None:
    done = manage("shell", "--verbosity", "0", "--command", (SNIPPETS / "phase4.py").read_text())
    found = re.findall(r"^(\w+): (\d+) queries, [\d.]+ms$", done.stdout, re.MULTILINE)
    assert found == [("Pagination", "1"), ("Recherche", "1"), ("Filtre", "1")], done.stderr


@needs_psql
def test_its_explain_uses_the_trigram_index(loaded: dict[str, str]) -> None:
    # 2,000 rows are read as fast without an index; of 4,000,000 the index is chosen without a hint.
    shown = psql(loaded, "explain.sql", "-c enable_seqscan=off")
    assert "enterprise_entreprise_nom_trgm_idx" in shown
    assert "Execution Time" in shown
