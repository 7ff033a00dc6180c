"""What it saves to look for the best of many companies among the largest, instead of looking at all.

    .venv/bin/python -m benchmarks.search.largest      over the configured index (manage.py search_rebuild)

For the départements, which have many companies and few: how many, and processor milliseconds of the 21 best of them,
all looked at / the largest first. engines.tantivy.MANY is from where on the largest are tried.
"""

from benchmarks import command
from benchmarks.search.terms import configured_index, least
from foxreviews.search.engines.tantivy import CompanyIndex, TantivyIndex
from foxreviews.search.query.nodes import AllOf, Term
from foxreviews.search.query.tiers import SHOWN

BEST = 21
SHOWN_PLACES = 12


def main() -> int:
    command.parser(__doc__).parse_args()
    companies = configured_index()
    everything, largest = TantivyIndex(companies), CompanyIndex(companies)
    largest.count(AllOf(()))
    counts = everything.facets(AllOf(()), {"departement": 120})["departement"]
    codes = sorted(counts, key=lambda code: -counts[code])
    print(
        f"{everything.count(AllOf(())):,} companies\n\n{'département':>11}{'companies':>12}{'all':>8}{'largest':>9}"
    )
    for code in codes[:: max(1, len(codes) // SHOWN_PLACES)]:
        node = AllOf((Term("departement", code), SHOWN))
        times = [least(lambda index=index: index.ranks(node, BEST)) for index in (everything, largest)]  # type: ignore[misc]  # noqa: B023
        print(f"{code:>11}{counts[code]:12,}{times[0]:8.2f}{times[1]:9.2f}")
    return 0


if __name__ == "__main__":
    command.run(main)
