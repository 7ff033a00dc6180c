"""The queries of the product by name, asked through its own code, and the indexes that each must use."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.test import RequestFactory

from foxreviews.api.entreprises.companies import filters
from foxreviews.api.entreprises.views import EnterpriseCursorPagination, EntrepriseViewSet
from foxreviews.api.villes.towns import towns
from foxreviews.api.villes.views import VillePagination, VilleViewSet
from foxreviews.core.keyset import Window, position_of
from foxreviews.core.sql import estimate
from foxreviews.enterprise import etablissements
from foxreviews.enterprise.by_siren import companies_by_siren
from foxreviews.enterprise.etablissements import BY_DISTANCE, BY_SIRET, Near
from foxreviews.enterprise.filters import Filters, page
from foxreviews.enterprise.grid import Point
from foxreviews.enterprise.models import Entreprise, Etablissement
from foxreviews.location.models import Ville
from foxreviews.ops import sizes
from foxreviews.ops.indexes import TABLE
from foxreviews.reference.naf import beginning
from foxreviews.search.engines.postgres import PostgresEngine
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.ranking import RELEVANCE

View = Callable[..., object]
SIZE = EnterpriseCursorPagination.page_size
TOWNS = Ville._meta.db_table
ESTABLISHMENTS = Etablissement._meta.db_table
BY_ORDERING = {"created_at": "created_id_idx", "nom": "nom_id_idx"}
BY_FILTER = {
    "departement": {"-created_at": "departement_idx", "nom": "departement_nom_idx"},
    "ville": {"-created_at": "commune_idx", "nom": "commune_nom_idx"},
    "naf": {"-created_at": "naf_idx", "nom": "naf_nom_idx"},
    "naf of 2025": {"-created_at": "naf25_idx", "nom": "naf25_nom_idx"},
    "code_postal": {"-created_at": "cp_created_idx", "nom": "cp_nom_idx"},
    "ville_nom": {"-created_at": "ville_naf_idx", "nom": "ville_naf_idx"},
}
TOWNS_BY_ORDERING = {"nom": "recherche_idx", "population": "population_idx"}


@dataclass(frozen=True)
class Query:
    """One thing that the product asks of `table`; one of `indexes` must serve it (names without that of the table)."""

    name: str
    ask: Callable[[], object]
    indexes: tuple[str, ...]
    table: str = TABLE

    @property
    def index_names(self) -> frozenset[str]:
        """In full."""
        return frozenset(f"{self.table}_{index}" for index in self.indexes)


def named_queries() -> Iterator[Query]:
    """All of them, about a company and a town from the middle of the directory. None where there is no company."""
    middle = _middle()
    if middle is None:
        return
    yield from _scaling_plan(middle)
    yield from _lists(middle)
    yield from _filtered(middle)
    yield _one_company(middle)
    yield from _searches(middle)
    if estimate(ESTABLISHMENTS) >= sizes.MIN_ROWS:
        yield from _establishments(middle["siren"])
    if town := Ville.objects.filter(pk=middle["ville_id"]).values().first():
        yield from _towns(dict(town))


def _middle() -> dict[str, Any] | None:
    """A company about in the middle of those with a town, found by its number."""
    first, last = (Entreprise.objects.order_by(order).values("id").first() for order in ("id", "-id"))
    if first is None or last is None:
        return None
    later = Entreprise.objects.filter(id__gte=(first["id"] + last["id"]) // 2).order_by("id").values()
    found = later.exclude(ville_id=None).first() or later.first()
    return dict(found) if found else None


def _scaling_plan(middle: dict[str, Any]) -> Iterator[Query]:
    """The scaling plan's three, by the ORM. Of frequent values the newest 20 are found sooner from the newest on."""
    companies = Entreprise.objects.all()
    within = companies.filter(ville_nom=middle["ville_nom"], naf_code__startswith=middle["naf_code"][:2])
    for name, queryset, index in (
        ("newest companies", companies, "created_id_idx"),
        ("word in a name", companies.filter(nom__icontains="restaurant"), "nom_trgm_idx"),
        ("town and trade", within, "ville_naf_idx"),
    ):
        yield Query(name, partial(_newest, queryset), (index, "created_id_idx"))


def _newest(companies: QuerySet[Entreprise]) -> object:
    return list(companies[:SIZE])


def _lists(middle: dict[str, Any]) -> Iterator[Query]:
    for name, ordering in EnterpriseCursorPagination.orderings.items():
        indexes = (BY_ORDERING[ordering.fields[0]],)
        position = position_of(middle, ordering)
        yield Query(f"list {name}", _page(Window(ordering, SIZE), {}), indexes)
        yield Query(f"middle of {name}", _page(Window(ordering, SIZE, position), {}), indexes)
        back = Window(ordering, SIZE, position, backward=True)
        yield Query(f"back from {name}", _page(back, {}), indexes)


def _filtered(middle: dict[str, Any]) -> Iterator[Query]:
    """Each filter in each order. Where its values are frequent, walking the index of the order is right as well."""
    values = {
        "departement": middle["departement"],
        "ville": middle["ville_id"],
        "naf": beginning(middle["naf_code"]),
        "naf of 2025": beginning(middle["naf25_code"]),
        "code_postal": middle["code_postal"],
        "ville_nom": middle["ville_nom"],
    }
    for name, value in values.items():
        if not value:
            continue
        for ordering in ("-created_at", "nom"):
            window = Window(EnterpriseCursorPagination.orderings[ordering], SIZE)
            indexes = (BY_FILTER[name][ordering], BY_ORDERING[ordering.removeprefix("-")])
            param = name.split()[0]
            asked = {param: (value,) if param in ("departement", "code_postal") else value}
            yield Query(f"{name}, {ordering}", _page(window, asked), indexes)
    newest = Window(EnterpriseCursorPagination.orderings["-created_at"], SIZE)
    departements = {"departement": (middle["departement"], "2A" if middle["departement"] == "48" else "48")}
    by_name = Window(EnterpriseCursorPagination.orderings["nom"], SIZE)
    for window, index in ((newest, "departement_idx"), (by_name, "departement_nom_idx")):
        indexes = (index, BY_ORDERING[window.ordering.fields[0]])
        yield Query(f"several departements, {window.ordering.name}", _page(window, departements), indexes)
    yield Query(
        "several companies", _page(by_name, {"siren": (middle["siren"], "000000000")}), ("siren_key",)
    )
    if group := middle["naf_code"][:2]:
        either = ("naf_idx", "naf25_idx", "created_id_idx")
        yield Query("naf group", _page(newest, {"naf": beginning(group)}), either)
    for active in (True, False):
        indexes = ("created_id_idx", "cp_active_idx")
        yield Query(f"is_active={active}".lower(), _page(newest, {"is_active": active}), indexes)


def _page(window: Window, params: dict[str, Any]) -> Callable[[], object]:
    return lambda: page(filters(params), window)


def _one_company(middle: dict[str, Any]) -> Query:
    retrieve: View = EntrepriseViewSet.as_view({"get": "retrieve"})
    request = RequestFactory().get("/api/entreprises/")
    return Query("one company", partial(retrieve, request, siren=middle["siren"]), ("siren_key",))


def _searches(middle: dict[str, Any]) -> Iterator[Query]:
    """What PostgreSQL answers while the search index is not ready, and the ORM's way to part of a name."""
    name = middle["nom"]
    yield Query("part of a name", lambda: list(Entreprise.objects.filter(nom__icontains=name)[:SIZE]),
                ("nom_trgm_idx",))  # fmt: skip
    engine = PostgresEngine()
    for ordering in (RELEVANCE, EnterpriseCursorPagination.orderings["-created_at"]):
        ask = partial(_search, engine, name, Window(ordering, SIZE))
        yield Query(f"search, {ordering.name}", ask, ("nom_trgm_idx", "created_id_idx"))
    yield Query("suggestions", lambda: engine.suggest(interpret(name[:4]), 10), ("nom_id_idx",))
    found = [middle["siren"]]
    yield Query("rows of hits", lambda: companies_by_siren(found), ("siren_key",))


def _establishments(siren: str) -> Iterator[Query]:
    """By each filter, and near one that has a position, about the middle of the register."""
    found = Etablissement.objects.filter(siret__gte=siren, cell__isnull=False).exclude(ville=None).first()
    if found is None:
        return
    trade = {"naf": (beginning(found.naf_code),)} if found.naf_code else {}
    near = {"near": Near(Point(found.latitude or 0.0, found.longitude or 0.0), radius_km=10.0)}
    for name, ordering, asked, indexes in (
        ("of a company", BY_SIRET, {"sirens": (found.siren,)}, ("pkey",)),
        ("of several companies", BY_SIRET, {"sirens": (found.siren, "000000000")}, ("pkey",)),
        ("several", BY_SIRET, {"sirets": (found.siret, "0" * 14)}, ("pkey",)),
        ("departement", BY_SIRET, {"departements": (found.departement,)}, ("departement_idx", "pkey")),
        ("ville", BY_SIRET, {"villes": (found.ville_id,)}, ("commune_idx", "pkey")),
        ("code_postal", BY_SIRET, {"codes_postaux": (found.code_postal,)}, ("cp_idx", "pkey")),
        ("naf", BY_SIRET, trade, ("naf_idx", "pkey")),
        ("near", BY_DISTANCE, near, ("cell_idx",)),
        ("near, naf", BY_DISTANCE, near | trade, ("naf_cell_idx", "cell_idx")),
    ):
        ask = partial(etablissements.page, etablissements.Filters(**asked), Window(ordering, SIZE))
        yield Query(f"establishments, {name}", ask, indexes, ESTABLISHMENTS)


def _search(engine: PostgresEngine, name: str, window: Window) -> object:
    return engine.search(interpret(name), Filters(), window)


def _towns(town: dict[str, Any]) -> Iterator[Query]:
    for name, ordering in VillePagination.orderings.items():
        indexes = (TOWNS_BY_ORDERING[name.removeprefix("-")],)
        yield Query(f"towns {name}", partial(towns, {}, Window(ordering, SIZE)), indexes, TOWNS)
    first = Window(VillePagination.orderings["nom"], SIZE)
    delivered = {"code_postal": (town["codes_postaux"] or ["75001"])[:1]}
    yield Query("towns, code_postal", partial(towns, delivered, first), ("cp_idx",), TOWNS)
    within = {"departement": [town["departement"]]}
    yield Query(
        "towns, departement", partial(towns, within, first), ("departement_idx", "recherche_idx"), TOWNS
    )
    begun = Ville.objects.beginning_with(town["nom"][:5])
    yield Query("towns beginning so", lambda: list(begun[:SIZE]), ("recherche_idx",), TOWNS)
    retrieve: View = VilleViewSet.as_view({"get": "retrieve"})
    request = RequestFactory().get("/api/villes/")
    yield Query(
        "one town",
        partial(retrieve, request, code_insee=town["code_insee"]),
        ("pkey", "code_insee_ed4b8825_like"),
        TOWNS,
    )
