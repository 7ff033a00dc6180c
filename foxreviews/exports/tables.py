"""What a row of an export has: for whole blocks of rows what the API's serializers say for one.

A test compares both, row for row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db.models import Model

from foxreviews.api.entreprises import serializers as of_entreprises
from foxreviews.api.etablissements import serializers as of_etablissements
from foxreviews.api.exports.params import KEYS
from foxreviews.api.villes import serializers as of_villes
from foxreviews.enterprise import privacy
from foxreviews.enterprise.models import Entreprise, Etablissement
from foxreviews.enterprise.names import names
from foxreviews.location.models import Ville
from foxreviews.reference.naf import NAF, NAF25

MOMENT = pl.Datetime("us", "UTC")
LIST = pl.List(pl.String)
TYPES: Mapping[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(("is_active", "est_siege", "est_employeur"), pl.Boolean),
    **dict.fromkeys(("date_creation", "date_fermeture"), pl.Date),
    **dict.fromkeys(("latitude", "longitude"), pl.Float64),
    **dict.fromkeys(("created_at", "updated_at"), MOMENT),
    **dict.fromkeys(("codes_postaux", "enseignes"), LIST),
    "population": pl.Int64,
}
LABELS = {**NAF25, **NAF}  # as reference.naf.label
NULLABLE = ("code_commune", "commune")  # texts

Made = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class Table:
    """A table of the API. `insee`: the names of its columns in INSEE's files, `letters`: what they write for states."""

    name: str
    model: type[Model]
    columns: Mapping[str, str]  # of the API, and the fields that they are
    stored: tuple[str, ...]  # fields of the model that are read
    insee: Mapping[str, str]
    letters: Mapping[str, tuple[str, str]]  # for true and false

    @property
    def key(self) -> str:
        return KEYS[self.name]

    @property
    def schema(self) -> dict[str, Any]:
        return {name: TYPES.get(name, pl.String) for name in self.columns}


def typed(frame: pl.DataFrame) -> pl.DataFrame:
    """The texts that PostgreSQL writes as what they mean."""
    return frame.with_columns(_typed(name) for name in frame.columns)


def _typed(name: str) -> pl.Expr:
    column, kind = pl.col(name), TYPES.get(name, pl.String)
    if kind == pl.Boolean:
        return pl.when(column.is_not_null()).then(column == "t")
    if kind == pl.Date:
        return column.str.to_date("%Y-%m-%d", strict=False)
    if kind == MOMENT:
        moment = column.str.strip_suffix("+00").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us")
        return moment.dt.replace_time_zone("UTC")
    if kind == pl.Float64:
        number = column.cast(pl.Float64, strict=False)
        return pl.when(number.is_finite()).then(number).alias(name)
    return column if name in NULLABLE else column.fill_null("")


def shown_entreprises(frame: pl.DataFrame) -> pl.DataFrame:
    """Companies as they may be shown (privacy.masked), with their columns that are not stored."""
    hidden, partial = privacy.hidden(pl.col), privacy.partial(pl.col)
    mask, nothing = pl.lit(privacy.MASK), pl.lit("")
    of_frame = [name for name in privacy.NAMES if name in frame.columns]
    return frame.with_columns(
        *(pl.when(hidden).then(mask).otherwise(pl.col(name)).alias(name) for name in of_frame),
        *(
            pl.when(hidden).then(mask).when(partial).then(nothing).otherwise(pl.col(name)).alias(name)
            for name in privacy.CONTACTS
        ),
        *(pl.when(~(hidden | partial)).then(pl.col(name)).alias(name) for name in privacy.POSITION),
        naf25_libelle=_label("naf25_code"),
    )


def shown_etablissements(frame: pl.DataFrame, companies: pl.DataFrame) -> pl.DataFrame:
    """Establishments as they may be shown, from themselves and from `siren`, `nom`, … of their companies."""
    nom = pl.when(privacy.hidden(pl.col)).then(pl.lit(privacy.MASK)).otherwise(pl.col("nom"))
    named = frame.join(companies.select("siren", nom=nom), on="siren", how="left", maintain_order="left")
    named = named.with_columns(pl.col("nom").fill_null(""))
    masked = pl.col("nom") == privacy.MASK
    address = {"nom_commercial", "localite", *(part for parts in of_etablissements.LINE for part in parts)}
    return named.with_columns(
        naf_libelle=_label("naf_code"),
        naf25_libelle=_label("naf25_code"),
        adresse=pl.when(masked).then(pl.lit("")).otherwise(_line()),
        enseignes=pl.when(masked).then(pl.lit([], dtype=LIST)).otherwise(_signs(named)),
    ).with_columns(
        *(pl.when(masked).then(pl.lit("")).otherwise(pl.col(name)).alias(name) for name in sorted(address)),
        *(pl.when(~masked).then(pl.col(name)).alias(name) for name in privacy.POSITION),
    )


def _label(column: str) -> pl.Expr:
    return pl.col(column).replace_strict(LABELS, default="", return_dtype=pl.String)


def _line() -> pl.Expr:
    parts = [_joined([pl.col(name) for name in names], " ") for names in of_etablissements.LINE]
    return _joined([*parts, pl.col("localite"), pl.col("pays")], ", ")


def _joined(parts: list[pl.Expr], separator: str) -> pl.Expr:
    """Those that are not empty."""
    return pl.concat_str(
        [pl.when(part != "").then(part) for part in parts], separator=separator, ignore_nulls=True
    )


def _signs(frame: pl.DataFrame) -> pl.Series:
    """All signs and usual names. Few establishments have some: they go through the one function that reads them."""
    pairs = frame.select("nom", "nom_commercial", "autres_noms").iter_rows()
    signs = [
        [sign.nom for sign in names({"nom": nom, "nom_commercial": commercial, "autres_noms": others})[1:]]
        if commercial or others
        else []
        for nom, commercial, others in pairs
    ]
    return pl.Series("enseignes", signs, dtype=LIST)


def _stored(columns: Mapping[str, str], made: tuple[str, ...], more: tuple[str, ...] = ()) -> tuple[str, ...]:
    return (*(field for name, field in columns.items() if name not in made), *more)


ENTREPRISES = Table(
    "entreprises",
    Entreprise,
    of_entreprises.COLUMNS,
    _stored(of_entreprises.COLUMNS, ("naf25_libelle",)),
    insee={
        "nom": "denominationUniteLegale",
        "naf_code": "activitePrincipaleUniteLegale",
        "naf25_code": "activitePrincipaleNAF25UniteLegale",
        "categorie_juridique": "categorieJuridiqueUniteLegale",
        "tranche_effectif": "trancheEffectifsUniteLegale",
        "categorie_entreprise": "categorieEntreprise",
        "est_employeur": "caractereEmployeurUniteLegale",
        "date_creation": "dateCreationUniteLegale",
        "is_active": "etatAdministratifUniteLegale",
        "statut_diffusion": "statutDiffusionUniteLegale",
    },
    letters={"is_active": ("A", "C"), "est_employeur": ("O", "N")},
)
ETABLISSEMENTS = Table(
    "etablissements",
    Etablissement,
    of_etablissements.COLUMNS,
    _stored(
        of_etablissements.COLUMNS,
        ("nom", "adresse", "enseignes", "naf_libelle", "naf25_libelle"),
        ("autres_noms",),
    ),
    insee={
        "nom": "denominationUniteLegale",
        "nom_commercial": "enseigne1Etablissement",
        "est_siege": "etablissementSiege",
        "is_active": "etatAdministratifEtablissement",
        "date_creation": "dateCreationEtablissement",
        "complement_adresse": "complementAdresseEtablissement",
        "numero_voie": "numeroVoieEtablissement",
        "type_voie": "typeVoieEtablissement",
        "libelle_voie": "libelleVoieEtablissement",
        "distribution_speciale": "distributionSpecialeEtablissement",
        "code_postal": "codePostalEtablissement",
        "ville_nom": "libelleCommuneEtablissement",
        "code_commune": "codeCommuneEtablissement",
        "pays": "libellePaysEtrangerEtablissement",
        "naf_code": "activitePrincipaleEtablissement",
        "naf25_code": "activitePrincipaleNAF25Etablissement",
        "tranche_effectif": "trancheEffectifsEtablissement",
        "est_employeur": "caractereEmployeurEtablissement",
        "statut_diffusion": "statutDiffusionEtablissement",
    },
    letters={"is_active": ("A", "F"), "est_employeur": ("O", "N")},
)
VILLES = Table(
    "villes",
    Ville,
    of_villes.COLUMNS,
    (),
    insee={"code_insee": "COM", "nom": "LIBELLE", "departement": "DEP"}
    | {"region": "REG", "commune": "COMPARENT"},
    letters={},
)
TABLES: Mapping[str, Table] = {table.name: table for table in (ENTREPRISES, ETABLISSEMENTS, VILLES)}
