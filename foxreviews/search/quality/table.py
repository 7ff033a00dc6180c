"""Scores and failures as a person reads them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from foxreviews.enterprise.models import Entreprise
from foxreviews.search.quality.score import TOP, Outcome, Score, scores

Outcomes = Mapping[str, Sequence[Outcome]]  # by the name of the engine


def table(outcomes: Outcomes) -> Table:
    """A line for each class of questions and one for all, three columns for each engine."""
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    drawn.add_column("class")
    drawn.add_column("questions", justify="right")
    for engine in outcomes:
        for name in ("MRR", "hit@1", f"hit@{TOP}"):
            drawn.add_column(f"{engine}\n{name}" if name == "MRR" else f"\n{name}", justify="right")
    for line in zip(*(scores(each) for each in outcomes.values()), strict=True):
        figures = [f"{figure:.3f}" for score in line for figure in (score.mrr, score.hit_1, score.hit_10)]
        drawn.add_row(line[0].kind, f"{line[0].questions:,}", *figures)
    return drawn


def facts(outcomes: Outcomes) -> dict[str, Any]:
    """The same as plain values, by engine and class."""
    return {
        engine: {score.kind: _facts(score) for score in scores(each)} for engine, each in outcomes.items()
    }


def _facts(score: Score) -> dict[str, float]:
    figures = {"mrr": score.mrr, "hit@1": score.hit_1, f"hit@{TOP}": score.hit_10}
    return {"questions": score.questions} | {name: round(figure, 4) for name, figure in figures.items()}


def failures(outcomes: Sequence[Outcome], most: int) -> Iterator[Text]:
    """Of each class up to `most` questions without a right answer among the first, what was expected, what came."""
    failed = [each for each in outcomes if each.place is None and most]
    for kind in dict.fromkeys(each.asked.kind for each in failed):
        here = [each for each in failed if each.asked.kind == kind]
        expected = _names({min(each.asked.sirens) for each in here[:most]})
        for each in here[:most]:
            siren = min(each.asked.sirens)
            others = f" (or {len(each.asked.sirens) - 1} others)" if len(each.asked.sirens) > 1 else ""
            wanted = f"{expected.get(siren, 'not in the directory')}, {siren}{others}"
            yield Text(f"{kind}: {each.asked.query}\n    expected  {wanted}\n    came      {_came(each)}")
        if len(here) > most:
            yield Text(f"{kind}: and {len(here) - most:,} more")


def _came(failed: Outcome) -> str:
    if failed.rows:
        return " | ".join(f"{row['nom']}, {row['ville_nom']}" for row in failed.rows[:3])
    return failed.refused or "nothing"


def _names(sirens: set[str]) -> dict[str, str]:
    found = Entreprise.objects.filter(siren__in=sirens).values_list("siren", "nom", "ville_nom")
    return {siren: f"{nom}, {ville_nom}" for siren, nom, ville_nom in found}
