"""StockUniteLegale → companies: who they are, without where they are (that is their head office's)."""

import polars as pl

from foxreviews.enterprise.privacy import MASK, PARTIAL, PUBLIC, may_be_hidden
from foxreviews.importing.clean import steps
from foxreviews.importing.clean.cleaning import Cleaner, Step
from foxreviews.reference.register import NATURAL_PERSON
from foxreviews.sirene.values import first_of, joined, select, unmask

NAF_REV2 = "NAFRev2"
OTHER_NAMES = tuple(f"denominationUsuelle{number}UniteLegale" for number in (1, 2, 3))
LENGTH_OF_NIC = 5
# Columns that the unit gives a value to, itself or through its activity.
FILLED = (
    "siren", "siret", "nom", "nom_commercial", "naf_code", "naf_libelle", "naf25_code", "categorie_juridique",
    "tranche_effectif", "date_creation", "is_active", "statut_diffusion",
)  # fmt: skip


def rename(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Our columns for those that hold one value each."""
    if "activitePrincipaleNAF25UniteLegale" not in frame.columns:  # older vintages
        frame = frame.with_columns(activitePrincipaleNAF25UniteLegale=pl.lit(""))
    return frame.with_columns(
        categorie_juridique="categorieJuridiqueUniteLegale",
        tranche_effectif="trancheEffectifsUniteLegale",
        date_creation="dateCreationUniteLegale",
        naf_code="activitePrincipaleUniteLegale",
        naf25_code="activitePrincipaleNAF25UniteLegale",
    )


def names(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """A natural person is called by first and family names, as used before as registered; a legal person by its own.

    A unit without that name takes another one of the register: pseudonym, usual name, initials. Its commercial name
    is its first usual name, else its initials.
    """
    frame = frame.with_columns(
        first_name=first_of("prenomUsuelUniteLegale", "prenom1UniteLegale"),
        family_name=first_of("nomUsageUniteLegale", "nomUniteLegale"),
    ).with_columns(person=joined("first_name", "family_name"))
    natural = pl.col("categorie_juridique") == NATURAL_PERSON
    others = ("pseudonymeUniteLegale", *OTHER_NAMES, "sigleUniteLegale")
    return frame.with_columns(
        nom=pl.when(natural)
        .then(first_of("person", "denominationUniteLegale", *others))
        .otherwise(first_of("denominationUniteLegale", "person", *others)),
        nom_commercial=first_of(*OTHER_NAMES, "sigleUniteLegale"),
    )


def siret(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """The head office's, which is known also where its establishment is in no file."""
    nic = pl.col("nicSiegeUniteLegale")
    number = pl.when(nic != "").then(pl.col("siren") + nic.str.zfill(LENGTH_OF_NIC)).otherwise(pl.lit(""))
    return frame.with_columns(siret=number)


def activities(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Codes of NAF rév. 2 and NAF 2025; companies that ceased long ago have older ones, which look alike."""
    is_rev2 = pl.col("nomenclatureActivitePrincipaleUniteLegale") == NAF_REV2
    frame = cleaner.keep_where(frame, "naf_code", is_rev2, "naf-of-an-older-nomenclature")
    dotted = pl.col("naf25_code").str.to_uppercase().str.replace(r"^([0-9]{2})([0-9]{2}[A-Z])$", "$1.$2")
    frame = frame.with_columns(naf25_code=dotted)
    shape = pl.col("naf25_code").str.contains(r"^[0-9]{2}\.[0-9]{2}[A-Z]$")
    return cleaner.keep_where(frame, "naf25_code", shape, "naf25-code-malformed")


def state(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Active (A) or ceased (C). A purged unit, of which the register keeps the end only, ceased before 2003."""
    unknown = (pl.col("etatAdministratifUniteLegale") == "") & _purged()
    return frame.with_columns(
        is_active=pl.when(unknown).then(pl.lit("C")).otherwise(pl.col("etatAdministratifUniteLegale"))
    )


def diffusion(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """A unit that is not public is partial: P, and N in vintages before 2023.

    A partly public natural person, or one that may be a natural person, has no name here: `[ND]` is stored, and no
    usual name. So have a legal person whose name the source masks, and a purged unit that has lost it.
    """
    public = pl.col("statutDiffusionUniteLegale") == PUBLIC
    hidden: pl.Expr = may_be_hidden(pl.col)
    nameless = (pl.col("nom") == "") & (~public | _purged())
    return frame.with_columns(
        statut_diffusion=pl.when(public).then(pl.lit(PUBLIC)).otherwise(pl.lit(PARTIAL))
    ).with_columns(
        nom=pl.when(hidden | nameless).then(pl.lit(MASK)).otherwise(pl.col("nom")),
        nom_commercial=pl.when(hidden).then(pl.lit("")).otherwise(pl.col("nom_commercial")),
    )


def _purged() -> pl.Expr:
    return pl.col("unitePurgeeUniteLegale").str.to_lowercase() == "true"


STEPS: tuple[Step, ...] = (
    steps.tidy,
    steps.find_blank,
    steps.refuse_nul,
    unmask,
    rename,
    steps.siren,
    steps.legal_form,
    names,
    diffusion,
    steps.names,
    siret,
    steps.siret,
    activities,
    steps.activity,
    steps.workforce,
    steps.creation_date,
    state,
    steps.activity_state,
    steps.lengths,
    select(FILLED),
)
