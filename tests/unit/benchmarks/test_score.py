"""The figures of the answers' places."""

from benchmarks.relevance.judgments import Judgment
from benchmarks.relevance.score import Outcome, scores


def came(kind: str, *places: int | None) -> list[Outcome]:
    return [Outcome(Judgment("fox", frozenset({"732829320"}), kind), place, []) for place in places]


def test_a_class_has_its_mean_reciprocal_rank_and_its_hits() -> None:
    (score,) = scores(came("exact", 1, 2, 10, None))
    assert (score.kind, score.queries) == ("exact", 4)
    assert score.mrr == (1 + 1 / 2 + 1 / 10) / 4
    assert (score.hit_1, score.hit_10) == (0.25, 0.75)


def test_classes_stay_in_the_order_in_which_they_are_met_and_all_of_them_close_it() -> None:
    found = list(scores([*came("typo", 1), *came("exact", None), *came("typo", None)]))
    assert [(score.kind, score.queries, score.hit_1) for score in found] == [
        ("typo", 2, 0.5),
        ("exact", 1, 0.0),
        ("all", 3, 1 / 3),
    ]
