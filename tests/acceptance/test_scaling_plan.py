"""The scaling plan's phases 3 and 4 and its EXPLAIN, pasted as it writes them (the files in scaling_plan/)."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT, LOADED_ROWS

SNIPPETS = Path(__file__).parent / "scaling_plan"
needs_psql = pytest.mark.skipif(
    shutil.which("psql") is None, reason="the scaling plan's SQL is pasted into psql"
)


def psql(environment: dict[str, str], snippet: str, options: str = "") -> str:
    """What psql prints when the snippet is pasted."""
    return subprocess.run(
        ["psql", "-X", "-v", "ON_ERROR_STOP=1", environment["DATABASE_URL"]],
        input=(SNIPPETS / snippet).read_text(), env=os.environ | {"PGOPTIONS": options},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


@needs_psql
def test_phase_3_counts_the_companies_and_lists_their_indexes(loaded_database: dict[str, str]) -> None:
    shown = psql(loaded_database, "phase3.sql")
    assert re.search(rf"^ +{LOADED_ROWS}$", shown, re.MULTILINE)
    for name in ("created_id_idx", "nom_id_idx", "nom_trgm_idx", "ville_naf_idx", "cp_active_idx"):
        assert f"enterprise_entreprise_{name}" in shown


def test_phase_4_prints_one_query_for_each_of_its_tests(loaded_database: dict[str, str]) -> None:
    pasted = (SNIPPETS / "phase4.py").read_text()
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", pasted],
        cwd=CHECKOUT, env=loaded_database, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.findall(r"^(\w+): (\d+) queries, [\d.]+ms$", done.stdout, re.MULTILINE)
    assert found == [("Pagination", "1"), ("Recherche", "1"), ("Filtre", "1")], done.stderr


@needs_psql
def test_its_explain_uses_the_trigram_index(loaded_database: dict[str, str]) -> None:
    # 2,000 rows are read as fast without an index; of 4,000,000 the index is chosen without a hint.
    shown = psql(loaded_database, "explain.sql", "-c enable_seqscan=off")
    assert "enterprise_entreprise_nom_trgm_idx" in shown
    assert "Execution Time" in shown
