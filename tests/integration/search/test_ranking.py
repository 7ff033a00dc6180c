"""The rank that indexes keep is the one that PostgreSQL computes: a cursor is valid whichever engine answers."""

from collections.abc import Callable
from itertools import product
from typing import Any

import polars as pl

from foxreviews.core.keyset import Window
from foxreviews.enterprise.filters import Filters
from foxreviews.enterprise.models import Entreprise
from foxreviews.reference.register import BANDS, NATURAL_PERSON
from foxreviews.search.engine import Search
from foxreviews.search.engines.postgres import PostgresEngine
from foxreviews.search.index import document
from foxreviews.search.index.reader import Indexes
from foxreviews.search.query import ranking
from foxreviews.search.query.parse import interpret


def test_every_combination_has_the_same_rank_in_the_index_and_in_postgresql(
    company: Callable[..., Any],
) -> None:
    active, bands, forms = (True, False), ("", "NN", *BANDS), (NATURAL_PERSON, "5710", "")
    for is_active, band, form, siret, latitude in product(active, bands, forms, ("", "1" * 14), (None, 48.0)):
        company(
            "RANG", is_active=is_active, tranche_effectif=band, categorie_juridique=form, siret=siret,
            latitude=latitude,
        )  # fmt: skip
    columns = ("siren", "is_active", "tranche_effectif", "categorie_juridique", "siret", "latitude")
    types = {"is_active": pl.Boolean, "latitude": pl.Float64}
    frame = pl.DataFrame(
        list(Entreprise.objects.values_list(*columns)),
        {name: types.get(name, pl.String) for name in columns},
        orient="row",
    )
    by_index = dict(frame.select("siren", document.rank().alias("rank")).iter_rows())
    page = PostgresEngine().search(interpret("rang"), Filters(), Window(ranking.RELEVANCE, 1_000)).page
    assert {row["siren"]: row["rank"] for row in page.rows} == by_index
    assert len(set(by_index.values())) == len(by_index) == 2 * (2 + len(BANDS)) * 3 * 2 * 2
    assert [ranking.siren_of(rank) for rank in by_index.values()] == list(by_index)


def test_a_walk_goes_on_where_the_engine_is_switched(
    company: Callable[..., Any], indexed: Callable[[], Any], tmp_path: Any
) -> None:
    for number in range(12):
        company("GARAGE", is_active=number % 2 == 0, tranche_effectif="11" if number % 3 else "NN")
    index = indexed()
    engines = [Search("tantivy", Indexes(tmp_path, index, index)), Search("postgres", None)]
    for backward in (False, True):
        window, met = Window(ranking.RELEVANCE, 2, None, backward), []
        for turn in range(20):
            hits = engines[turn % 2].search(interpret("garage"), Filters(), window)
            assert hits.engine == engines[turn % 2].name
            met += hits.page.rows[::-1] if backward else hits.page.rows
            if (following := hits.page.previous if backward else hits.page.next) is None:
                break
            window = following
        ranks = [row["rank"] for row in met]
        assert ranks == sorted(set(ranks), reverse=not backward)
        assert len(ranks) == 12
