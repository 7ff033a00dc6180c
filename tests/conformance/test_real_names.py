"""Companies of a real register, searched by names that are half remembered, misspelt, joined and split."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

from benchmarks.relevance.judgments import COLUMNS, judged
from benchmarks.relevance.quality import failures
from benchmarks.relevance.queries import queries, sampled_companies
from benchmarks.relevance.score import outcome, scores
from foxreviews.enterprise.blocks import companies
from foxreviews.search.engines.base import SearchEngine

ALL = 1_000_000
EACH = 300
# hit@1 and hit@10, as fractions of 1
HELD = {
    "exact": (0.98, 0.98),
    "typo": (0.0, 0.97),
    "joined": (0.0, 0.95),
    "split": (0.0, 0.95),
    "town": (0.95, 0.95),
    "start": (0.0, 0.90),
}


def test_companies_of_a_real_register_are_found_as_people_search_them(
    db: None,
    shared_data: Path,
    over_everything: Callable[[], SearchEngine],
    tmp_path: Path,
    settings: Any,
) -> None:
    settings.LOG_DIR = tmp_path
    towns = ("laposte_hexasmal.csv", "cog_communes_2026.csv")
    villes, cog = (str(shared_data / name) for name in towns)
    call_command("import_villes", villes, "--cog", cog, stdout=StringIO())
    call_command("import_entreprises_bulk", str(shared_data / "entreprises.csv"), stdout=StringIO())
    drafts = [draft for draft in queries(sampled_companies(ALL, seed=1), EACH, seed=1) if draft.kind in HELD]
    engine = over_everything()
    outcomes = [
        outcome(engine, judgment) for judgment in judged(drafts, (frame for _, frame in companies(COLUMNS)))
    ]
    found = {score.kind: score for score in scores(outcomes)}
    fallen = [
        kind for kind, held in HELD.items() if found[kind].hit_1 < held[0] or found[kind].hit_10 < held[1]
    ]
    assert not fallen, "\n".join(failures(outcomes, 20))
    assert [found[kind].queries for kind in HELD] == [EACH] * len(HELD)
