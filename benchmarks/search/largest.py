"""What it saves to look for the best of many companies among the largest, instead of looking at all.

    .venv/bin/python -m benchmarks.search.largest      over the configured index (manage.py search_rebuild)

For the départements, which have many companies and few: how many, and processor milliseconds of the 21 best of them,
all looked at / the largest first. engines.tantivy.LARGEST_THRESHOLD is from where on the largest are tried.
"""

from functools import partial

from benchmarks import command
from benchmarks.search.terms import configured_index, least
from foxreviews.search.engines.tantivy import CompanyIndex, TantivyIndex
from foxreviews.search.query.nodes import AllOf, Node, Term
from foxreviews.search.query.tiers import SHOWN

BEST = 21
SHOWN_PLACES = 12


class _Largest(CompanyIndex):
    """It keeps no answer."""

    def ranks(self, node: Node, limit: int, *, ascending: bool = False) -> list[int]:
        self._answers.found.clear()
        self._most = self.searcher.num_docs
        return super().ranks(node, limit, ascending=ascending)


def main() -> int:
    command.parser(__doc__).parse_args()
    companies = configured_index()
    everything = TantivyIndex(companies)
    counts = everything.facets(AllOf(()), {"departement": 120})["departement"]
    codes = sorted(counts, key=lambda code: -counts[code])
    print(
        f"{everything.count(AllOf(())):,} companies\n\n{'département':>11}{'companies':>12}{'all':>8}{'largest':>9}"
    )
    for code in codes[:: max(1, len(codes) // SHOWN_PLACES)]:
        node = AllOf((Term("departement", code), SHOWN))
        times = [least(partial(index.ranks, node, BEST)) for index in (everything, _Largest(companies))]
        print(f"{code:>11}{counts[code]:12,}{times[0]:8.2f}{times[1]:9.2f}")
    return 0


if __name__ == "__main__":
    command.run(main)
