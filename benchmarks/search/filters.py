"""How long lists take that the search index answers by filters alone, first asked and asked again.

    .venv/bin/python -m benchmarks.search.filters      over the configured index (manage.py search_rebuild)

Each filter has a frequent and a rare value; a page is the first one, and one in the middle of the list.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from django.conf import settings

from benchmarks import command
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.keyset import Window
from foxreviews.enterprise.filters import Filters, Period
from foxreviews.search.engines.tantivy import TantivyEngine
from foxreviews.search.index.reader import Answers, Indexes, reader_of
from foxreviews.search.query.ranking import RELEVANCE

LIMIT = 30.0  # milliseconds
RUNS = 15
YEAR = Period(date(2015, 1, 1), date(2015, 12, 31))
ASKED = {
    "categorie_juridique=1000": Filters(categories=("1000",)),
    "categorie_juridique=57": Filters(categories=("57",)),
    "categorie_juridique=9": Filters(categories=("9",)),
    "tranche_effectif=NN": Filters(tranches=("NN",)),
    "tranche_effectif=11,12": Filters(tranches=("11", "12")),
    "tranche_effectif=52,53": Filters(tranches=("52", "53")),
    "categorie_entreprise=PME": Filters(categories_entreprise=("PME",)),
    "categorie_entreprise=ETI,GE": Filters(categories_entreprise=("ETI", "GE")),
    "est_employeur=true": Filters(est_employeur=True),
    "est_employeur=false": Filters(est_employeur=False),
    "departement=69, categorie_entreprise=GE": Filters(departements=("69",), categories_entreprise=("GE",)),
    "created in 2015": Filters(creation=YEAR),
    "created since 1900": Filters(creation=Period(date(1900, 1, 1))),
    "created on one day": Filters(creation=Period(date(2015, 6, 1), date(2015, 6, 1))),
    "departement=69, tranche_effectif=11": Filters(departements=("69",), tranches=("11",)),
    "departement=69, created in 2015": Filters(departements=("69",), creation=YEAR),
}


def main() -> int:
    command.parser(__doc__).parse_args()
    command.start_configured_database()
    indexes = reader_of(settings.SEARCH_INDEX_DIR).indexes()
    if indexes is None:
        raise FoxreviewsError(
            f"There is no index to measure: {reader_of(settings.SEARCH_INDEX_DIR).why} Run search_rebuild."
        )
    worst = 0.0
    print("| filter | companies | first page | again | in the middle | again |\n" + "|---" * 6 + "|")
    for name, filters in ASKED.items():
        total, times = _measure(indexes, filters)
        worst = max(worst, *times)
        print(f"| {name} | {total:,} | {' | '.join(f'{each:.1f}' for each in times)} |")
    print(
        f"\nMedians of {RUNS} in processor milliseconds; the slowest is {worst:.1f}, the limit {LIMIT:.0f}."
    )
    return 0 if worst <= LIMIT else 1


def _measure(indexes: Indexes, filters: Filters) -> tuple[int, list[float]]:
    """How many companies there are, and the medians: a page first asked and again, one in the middle likewise."""

    def engine(answers: Answers) -> TantivyEngine:
        return TantivyEngine(indexes.entreprises, indexes.hidden, answers)

    def fresh() -> Answers:
        return Answers(indexes.entreprises.searcher())

    kept = replace(fresh(), content=f"benchmarks.search.filters {time.time_ns()}")
    first = Window(RELEVANCE, 20)
    total = engine(kept).listed(filters, first).total or 0
    middle = engine(kept).listed(filters, Window(RELEVANCE, max(total // 2, 1))).page.next
    here = replace(middle, size=20) if middle else first
    return total, [
        each
        for window in (first, here)
        for each in (
            _median(lambda window=window: engine(fresh()).listed(filters, window)),  # type: ignore[misc]
            _median(lambda window=window: engine(kept).listed(filters, window)),  # type: ignore[misc]
        )
    ]


def _median(ask: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        started = time.process_time()
        ask()
        times.append((time.process_time() - started) * 1000)
    return sorted(times)[RUNS // 2]


if __name__ == "__main__":
    command.run(main)
