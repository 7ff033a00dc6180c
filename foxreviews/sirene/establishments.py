"""StockEtablissement → establishments, and where companies are: at their head offices."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from foxreviews.enterprise.models import Etablissement
from foxreviews.enterprise.names import Kind
from foxreviews.enterprise.privacy import PARTIAL, POSITION, PUBLIC, STATUSES
from foxreviews.importing.clean import not_known, steps
from foxreviews.importing.clean.activities import activity
from foxreviews.importing.clean.cleaning import Cleaner, Step
from foxreviews.importing.clean.not_known import loaded
from foxreviews.importing.clean.places import add_localites
from foxreviews.importing.clean.steps import reject
from foxreviews.reference.lambert import to_degrees
from foxreviews.reference.street_types import STREET_TYPES
from foxreviews.reference.words import FROM_TO
from foxreviews.sirene.nomenclature import of_nomenclature
from foxreviews.sirene.values import KNOWN_AS, first_of, is_employer, joined, names_of, select, unmask

# What a head office gives its company
FILLED = (
    "siren", "siret", *KNOWN_AS, "adresse", "code_postal", "ville_nom", "code_commune", "departement",
    "latitude", "longitude", "est_employeur",
)  # fmt: skip
ESTABLISHMENT = loaded(Etablissement)
TRUE, FALSE = ("true", "t", "1"), ("false", "f", "0")
SIGNS = ("enseigne1Etablissement", "enseigne2Etablissement", "enseigne3Etablissement")
USUAL_NAME = "denominationUsuelleEtablissement"
KINDS = {**dict.fromkeys(SIGNS, Kind.ENSEIGNE), USUAL_NAME: Kind.DENOMINATION_USUELLE}
FOREIGN = (
    "codePaysEtrangerEtablissement",
    "libellePaysEtrangerEtablissement",
    "libelleCommuneEtrangerEtablissement",
)
LAST_NUMBER = ("dernierNumeroVoieEtablissement", "indiceRepetitionDernierNumeroVoieEtablissement")
EAST, NORTH = "coordonneeLambertAbscisseEtablissement", "coordonneeLambertOrdonneeEtablissement"
# Lambert-93 metres of metropolitan France; overseas positions are in projections of their own.
MIN_EAST, MAX_EAST = 50_000, 1_300_000
MIN_NORTH, MAX_NORTH = 6_000_000, 7_200_000
DECIMALS = 6  # of a degree: 10 cm
# How the register splits an address
PARTS = {
    "complement_adresse": "complementAdresseEtablissement",
    "numero_voie": "number",
    "type_voie": "way",
    "libelle_voie": "libelleVoieEtablissement",
    "distribution_speciale": "distributionSpecialeEtablissement",
}
# What a mask leaves unknown of any
MASKED_FACTS = {
    "dateCreationEtablissement": "date_creation",
    "trancheEffectifsEtablissement": "tranche_effectif",
    "caractereEmployeurEtablissement": "est_employeur",
    "activitePrincipaleEtablissement": "naf_code",
    "activitePrincipaleNAF25Etablissement": "naf25_code",
    "etatAdministratifEtablissement": "is_active",
}
# What a mask leaves unknown of a public establishment
MASKED: Mapping[str, tuple[str, ...]] = {
    "codePostalEtablissement": ("code_postal",),
    "libelleCommuneEtablissement": ("ville_nom",),
    "codeCommuneEtablissement": ("code_commune",),
    EAST: ("latitude",),
    NORTH: ("longitude",),
    **dict.fromkeys(KINDS, KNOWN_AS),
}


def head_office(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """An establishment of which the register says neither that it is one nor that it is none is rejected."""
    frame = reject(frame, ~_is_siege().is_in([*TRUE, *FALSE]), "siege-unknown", "etablissementSiege")
    return frame.with_columns(est_siege=_is_siege().is_in(TRUE))


def _is_siege() -> pl.Expr:
    return pl.col("etablissementSiege").str.strip_chars().str.to_lowercase()


def address(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """ "BATIMENT C, 12 B AVENUE DU PORT, BP 40": complement, street, special delivery; abroad also the country.

    An establishment that is not public has no street address, whether the source masks it or not. Where its status is
    none, street and position are not known.
    """
    street = joined("number", "way", "libelleVoieEtablissement")
    whole = joined(
        "complementAdresseEtablissement",
        "street",
        "distributionSpecialeEtablissement",
        "libellePaysEtrangerEtablissement",
        separator=", ",
    )
    unknown = ~frame["statutDiffusionEtablissement"].is_in(STATUSES)
    if unknown.any():
        frame = not_known.mark(frame, ["adresse", *POSITION], pl.lit(unknown))
    public = pl.col("statutDiffusionEtablissement") == PUBLIC
    frame = (
        _numbered(frame)
        .with_columns(way=pl.col("typeVoieEtablissement").replace(STREET_TYPES), public=public)
        .with_columns(street=street)
        .with_columns(adresse=pl.when("public").then(whole).otherwise(pl.lit("")))
    )
    parts = {
        name: pl.when("public").then(first_of(part)).otherwise(pl.lit("")) for name, part in PARTS.items()
    }
    return frame.with_columns(**parts, pays=first_of("libellePaysEtrangerEtablissement"))


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """With `number`, "12 B"; from one number to another "10 … 14 B", where the vintage has the last one."""
    first = joined("numeroVoieEtablissement", "indiceRepetitionEtablissement")
    if not {*LAST_NUMBER} <= {*frame.columns}:
        return frame.with_columns(number=first)
    frame = frame.with_columns(first=first, last=joined(*LAST_NUMBER))
    both = joined("first", "last", separator=FROM_TO)
    return frame.with_columns(number=pl.when(pl.col("first") != pl.col("last")).then(both).otherwise("first"))


def localite(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """The former commune, or the part of the town, that a public address names instead of its town."""
    frame = add_localites(frame, steps.LIMITS["adresse"] or 0, pl.col("public"))
    is_said = pl.col("adresse").str.ends_with(pl.col("localite"))
    return frame.with_columns(localite=pl.when(is_said).then(pl.col("localite")).otherwise(pl.lit("")))


def town(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """What the town is looked up by. An address abroad has the town that it names, and no French codes."""
    abroad = pl.any_horizontal(pl.col(name) != "" for name in FOREIGN)
    frame = frame.with_columns(abroad=abroad).with_columns(
        code_postal=_in_france(first_of("codePostalEtablissement", "codeCedexEtablissement")),
        code_commune=_in_france(pl.col("codeCommuneEtablissement").str.to_uppercase()),
        ville_nom=pl.when("abroad")
        .then(pl.col("libelleCommuneEtrangerEtablissement"))
        .otherwise(pl.col("libelleCommuneEtablissement")),
    )
    shape = pl.col("code_commune").str.contains(r"^[0-9][0-9AB][0-9]{3}$")
    return cleaner.keep_where(frame, "code_commune", shape, "code-commune-malformed")


def _in_france(value: pl.Expr) -> pl.Expr:
    return pl.when("abroad").then(pl.lit("")).otherwise(value)


def signs(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """What stands on the shop: its first sign, else the name it is usually called by. All are other names."""
    return frame.with_columns(
        nom_commercial=first_of(*SIGNS, USUAL_NAME), autres_noms=names_of(KINDS, but=pl.lit(""))
    )


def position(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Degrees from Lambert-93 metres, for public establishments of metropolitan France."""
    if not {EAST, NORTH} <= set(frame.columns):  # older vintages
        return frame.with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("latitude", "longitude"))
    east, north = (pl.col(name).cast(pl.Float64, strict=False) for name in (EAST, NORTH))
    here = (
        (pl.col("departement").str.len_chars() == len("75"))
        & east.is_between(MIN_EAST, MAX_EAST)
        & north.is_between(MIN_NORTH, MAX_NORTH)
    ).fill_null(value=False)
    cleaner.keep_where(frame, EAST, here, "position-not-in-lambert-93")  # to count them
    shown = frame.select(here & pl.col("public")).to_series().to_numpy()
    metres = frame.select(east, north).filter(pl.Series(shown))
    latitude, longitude = (np.full(frame.height, np.nan) for _ in range(2))
    latitude[shown], longitude[shown] = to_degrees(metres[EAST].to_numpy(), metres[NORTH].to_numpy())
    return frame.with_columns(
        pl.Series(name, values.round(DECIMALS), nan_to_null=True)
        for name, values in (("latitude", latitude), ("longitude", longitude))
    )


def rename(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Our columns for those that hold one value each."""
    if "activitePrincipaleNAF25Etablissement" not in frame.columns:  # older vintages
        frame = frame.with_columns(activitePrincipaleNAF25Etablissement=pl.lit(""))
    return frame.with_columns(
        tranche_effectif="trancheEffectifsEtablissement",
        date_creation="dateCreationEtablissement",
        naf_code="activitePrincipaleEtablissement",
        naf25_code="activitePrincipaleNAF25Etablissement",
        est_employeur=is_employer("caractereEmployeurEtablissement"),
    )


def state(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Open (A) or closed (F), and since when it is closed. One of which the register says neither is not open."""
    letter = pl.col("etatAdministratifEtablissement")
    frame = cleaner.keep_where(frame, letter.meta.output_name(), letter.is_in(["A", "F"]), "etat-unknown")
    since = pl.col("dateDebut").str.head(10).str.to_date("%Y-%m-%d", strict=False)
    return frame.with_columns(is_active=letter == "A", date_fermeture=pl.when(letter == "F").then(since))


def withheld(frame: pl.DataFrame, where: pl.Series) -> pl.DataFrame:
    """The rows of establishments: those not public, and those of partial companies, do not tell who and where."""
    texts = (*KNOWN_AS, *PARTS, "localite")
    hidden = pl.lit(where) | ~pl.col("public")
    return frame.with_columns(
        *(pl.when(hidden).then(pl.lit("")).otherwise(pl.col(name)).alias(name) for name in texts),
        *(pl.when(~hidden).then(pl.col(name)).alias(name) for name in POSITION),
        statut_diffusion=pl.when(hidden).then(pl.lit(PARTIAL)).otherwise(pl.lit(PUBLIC)),
    )


STEPS: tuple[Step, ...] = (
    steps.tidy,
    steps.find_blank,
    steps.refuse_nul,
    unmask(MASKED_FACTS, MASKED, "statutDiffusionEtablissement"),
    rename,
    head_office,
    steps.siren,
    steps.siret,
    address,
    town,
    steps.place,
    localite,
    signs,
    of_nomenclature("nomenclatureActivitePrincipaleEtablissement"),
    activity,
    steps.workforce,
    steps.creation_date,
    state,
    position,
    steps.lengths,
    select((*FILLED, *ESTABLISHMENT, "public")),
)
