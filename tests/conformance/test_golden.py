"""What people type who look for a company: a directory and queries of our own, made by hand.

A query that fails stays in the file, and counts: MISSED is lowered as the engine gets better, and never raised.

To see what fails: load tests/golden/entreprises.csv into an empty directory, and
`.venv/bin/python -m benchmarks.relevance.quality tests/golden/judgments.csv --failures 20`.
"""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from benchmarks.relevance.judgments import read
from benchmarks.relevance.quality import failures
from benchmarks.relevance.score import outcome, scores
from foxreviews.location.models import Ville
from foxreviews.reference.geography import LARGE_TOWNS, district_name
from foxreviews.search.engines.base import SearchEngine

GOLDEN = Path(__file__).parents[1] / "golden"
# How many queries of a class may have no right answer as the first, and none among the first ten
MISSED = {
    "acronym": (2, 1),
    "joined": (1, 1),
    "typos": (3, 3),
    "prefix": (2, 1),
    "legal": (4, 4),
    "typotown": (1, 1),
    "district": (1, 1),
    "saint": (1, 1),
    "trade": (5, 3),
    "person": (6, 6),
}


@pytest.fixture
def towns(db: None) -> None:
    """The large towns of France and the districts of the largest."""
    for town in LARGE_TOWNS:
        city = _town(town.code_insee, town.nom, list(town.codes_postaux))
        for district in town.districts:
            nom = district_name(district.code_insee)
            _town(district.code_insee, nom, list(district.codes_postaux), commune=city)


def _town(code: str, nom: str, codes_postaux: list[str], commune: Ville | None = None) -> Ville:
    departement = code[:3] if code.startswith("97") else code[:2]
    return Ville.objects.create(
        code_insee=code,
        nom=nom,
        slug=code.lower(),
        codes_postaux=codes_postaux,
        departement=departement,
        commune=commune,
    )


def test_companies_are_found_as_people_ask_for_them(
    towns: None, over_everything: Callable[[], SearchEngine], tmp_path: Path, settings
) -> None:
    settings.LOG_DIR = tmp_path
    call_command("import_entreprises_bulk", str(GOLDEN / "entreprises.csv"), stdout=StringIO())
    engine = over_everything()
    outcomes = [outcome(engine, judgment) for judgment in read(GOLDEN / "judgments.csv")]
    missed = {
        score.kind: (
            round(score.queries * (1 - score.hit_1)),
            round(score.queries * (1 - score.hit_10)),
        )
        for score in scores(outcomes)
    }
    worse = {
        kind: counts
        for kind, counts in missed.items()
        if kind != "all" and any(map(int.__gt__, counts, MISSED.get(kind, (0, 0))))
    }
    assert not worse, "\n".join(failures(outcomes, 20))
    assert len(outcomes) >= 300
