"""How the index is best asked for the companies of several codes, and of words that begin so.

    .venv/bin/python -m benchmarks.search.terms      over the configured index (manage.py search_rebuild)

The codes are the most frequent of the index, among all companies and among those of its largest and smallest
département: as one set of terms, or term by term. The faster way is marked; engines.tantivy.FEW_TERMS is where it
changes. Beginnings are looked for among all words, or among those cut to search.index.schema.BEGINNING letters.
"""

import time
from collections.abc import Callable
from functools import partial

import tantivy
from django.conf import settings
from tantivy import Occur

from benchmarks import command
from foxreviews.core.errors import FoxreviewsError
from foxreviews.search.engines.tantivy import CompanyIndex, TantivyIndex
from foxreviews.search.index.reader import reader_of
from foxreviews.search.query.nodes import AllOf, Prefix

RUNS = 40
WORDS = ("MA", "BO", "TR", "MAR", "BOU", "TRA")
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
    print("\nthe same of beginnings, among all words / cut words")
    companies = CompanyIndex(indexes.entreprises)
    for word in WORDS:
        ways = [each._translate(Prefix("nom", word)) for each in (index, companies)]
        among_all, among_cut = (_least(partial(_count, index, way)) for way in ways)
        print(f"{word:>5}{companies.count(Prefix('nom', word)):>22,}{among_all:>15.2f} / {among_cut:.2f}")
    return 0


def _compared(index: TantivyIndex, codes: list[str], place: str) -> str:
    terms = [(Occur.Should, tantivy.Query.term_query(index.schema, "naf", code, "basic")) for code in codes]
    ways = [tantivy.Query.term_set_query(index.schema, "naf", codes), tantivy.Query.boolean_query(terms)]
    if place:
        there = tantivy.Query.term_query(index.schema, "departement", place, "basic")
        ways = [tantivy.Query.boolean_query([(Occur.Must, way), (Occur.Must, there)]) for way in ways]
    as_set, one_by_one = (_least(partial(_count, index, way)) for way in ways)
    return f"{as_set:.2f} / {one_by_one:.2f} {'<' if as_set <= one_by_one else '>'}"


def _count(index: TantivyIndex, query: tantivy.Query) -> None:
    """As the engine does."""
    index.searcher.search(tantivy.Query.const_score_query(query, 1.0), limit=1, count=True)


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
