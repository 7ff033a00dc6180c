"""How the index is best asked for the companies of several codes: as one set of terms, or term by term.

    .venv/bin/python -m benchmarks.search.terms      over the configured index (manage.py search_rebuild)

The codes are the most frequent of the index, among all companies and among those of its largest and smallest
département. The faster way is marked; engines.tantivy.FEW_TERMS is where it changes.
"""

import time
from collections.abc import Callable

import tantivy
from django.conf import settings
from tantivy import Occur

from benchmarks import command
from foxreviews.core.errors import FoxreviewsError
from foxreviews.search.engines.tantivy import TantivyIndex
from foxreviews.search.index.reader import reader_of
from foxreviews.search.query.nodes import AllOf

RUNS = 40
CODES = (1, 2, 5, 10, 20, 32, 50, 100, 200)


def main() -> int:
    command.parser(__doc__).parse_args()
    command.start_configured_database()
    indexes = reader_of(settings.SEARCH_INDEX_DIR).indexes()
    if indexes is None:
        raise FoxreviewsError(
            f"There is no index to measure: {reader_of(settings.SEARCH_INDEX_DIR).why} Run search_rebuild."
        )
    index = TantivyIndex(indexes.entreprises)
    counts = index.facets(AllOf(()), {"naf_code": 1_000, "departement": 120})
    places = sorted(counts["departement"], key=lambda code: counts["departement"][code])
    print(f"{index.count(AllOf(())):,} companies, processor milliseconds of a count, set / term by term\n")
    print(f"{'codes':>5}" + "".join(f"{where:>22}" for where in ("everywhere", places[-1], places[0])))
    for number in CODES:
        codes = [code for code in counts["naf_code"] if code][:number]
        cells = (_compared(index, codes, place) for place in ("", places[-1], places[0]))
        print(f"{len(codes):5}" + "".join(f"{cell:>22}" for cell in cells))
    return 0


def _compared(index: TantivyIndex, codes: list[str], place: str) -> str:
    terms = [(Occur.Should, tantivy.Query.term_query(index.schema, "naf", code, "basic")) for code in codes]
    ways = [tantivy.Query.term_set_query(index.schema, "naf", codes), tantivy.Query.boolean_query(terms)]
    if place:
        there = tantivy.Query.term_query(index.schema, "departement", place, "basic")
        ways = [tantivy.Query.boolean_query([(Occur.Must, way), (Occur.Must, there)]) for way in ways]
    as_set, one_by_one = (
        _least(lambda alike=alike: index.searcher.search(alike, limit=1, count=True))  # type: ignore[misc]
        for alike in (tantivy.Query.const_score_query(way, 1.0) for way in ways)  # as the engine counts
    )
    return f"{as_set:.2f} / {one_by_one:.2f} {'<' if as_set <= one_by_one else '>'}"


def _least(ask: Callable[[], object]) -> float:
    """Milliseconds of this thread, the least of RUNS: what else the machine does adds to the others."""
    taken = []
    for _ in range(RUNS):
        started = time.thread_time()
        ask()
        taken.append(time.thread_time() - started)
    return min(taken) * 1000


if __name__ == "__main__":
    command.run(main)
