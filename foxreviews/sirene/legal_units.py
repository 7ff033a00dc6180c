"""StockUniteLegale → companies: who they are, without where they are (that is their head office's)."""

import polars as pl

from foxreviews.enterprise.names import Kind
from foxreviews.enterprise.privacy import MASK, PARTIAL, PUBLIC, STATUSES, hidden
from foxreviews.importing.clean import not_known, steps
from foxreviews.importing.clean.activities import ACTIVITY, activity
from foxreviews.importing.clean.cleaning import Cleaner, Step
from foxreviews.importing.load.kept import ALWAYS_SAID
from foxreviews.reference.register import NATURAL_PERSON
from foxreviews.sirene.nomenclature import of_nomenclature
from foxreviews.sirene.values import (
    KNOWN_AS,
    PLACE,
    STREET,
    first_of,
    given,
    is_employer,
    joined,
    names_of,
    select,
    unmask,
)

NOMENCLATURE = "nomenclatureActivitePrincipaleUniteLegale"
OTHER_NAMES = tuple(f"denominationUsuelle{number}UniteLegale" for number in (1, 2, 3))
LENGTH_OF_NIC = 5
# What a mask leaves unknown: facts of any unit, usual names of a public one.
MASKED_FACTS = {
    "categorieJuridiqueUniteLegale": "categorie_juridique",
    "trancheEffectifsUniteLegale": "tranche_effectif",
    "categorieEntreprise": "categorie_entreprise",
    "caractereEmployeurUniteLegale": "est_employeur",
    "dateCreationUniteLegale": "date_creation",
    "etatAdministratifUniteLegale": "is_active",
    "nicSiegeUniteLegale": "siret",
    "activitePrincipaleUniteLegale": "naf_code",
    "activitePrincipaleNAF25UniteLegale": "naf25_code",
}
MASKED_NAMES = dict.fromkeys((*OTHER_NAMES, "sigleUniteLegale"), KNOWN_AS) | {
    "pseudonymeUniteLegale": ("autres_noms",)
}
KINDS = {
    "sigleUniteLegale": Kind.SIGLE,
    "pseudonymeUniteLegale": Kind.PSEUDONYME,
    "birth_name": Kind.NOM_NAISSANCE,
    **dict.fromkeys(OTHER_NAMES, Kind.DENOMINATION_USUELLE),
}
# Columns that the unit gives a value to, itself or through its activity.
FILLED = (
    "siren", "siret", "nom", *KNOWN_AS, *ACTIVITY, "categorie_juridique",
    "tranche_effectif", "categorie_entreprise", "est_employeur", "date_creation", "is_active", "statut_diffusion",
)  # fmt: skip


def rename(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Our columns for those that hold one value each."""
    if "activitePrincipaleNAF25UniteLegale" not in frame.columns:  # older vintages
        frame = frame.with_columns(activitePrincipaleNAF25UniteLegale=pl.lit(""))
    return frame.with_columns(
        categorie_juridique="categorieJuridiqueUniteLegale",
        tranche_effectif="trancheEffectifsUniteLegale",
        categorie_entreprise="categorieEntreprise",
        est_employeur=is_employer("caractereEmployeurUniteLegale"),
        date_creation="dateCreationUniteLegale",
        naf_code="activitePrincipaleUniteLegale",
        naf25_code="activitePrincipaleNAF25UniteLegale",
    )


def names(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """A natural person is called by first and family names, as used before as registered; a legal person by its own.

    A unit without that name takes another one of the register: pseudonym, usual name, initials. Its commercial name
    is its first usual name, else its initials. All of them are other names, and so is the birth name of a person.
    """
    frame = frame.with_columns(
        first_name=first_of("prenomUsuelUniteLegale", "prenom1UniteLegale"),
        family_name=first_of("nomUsageUniteLegale", "nomUniteLegale"),
    ).with_columns(person=joined("first_name", "family_name"))
    natural = pl.col("categorie_juridique") == NATURAL_PERSON
    others = ("pseudonymeUniteLegale", *OTHER_NAMES, "sigleUniteLegale")
    frame = frame.with_columns(
        nom=pl.when(natural)
        .then(first_of("person", "denominationUniteLegale", *others))
        .otherwise(first_of("denominationUniteLegale", "person", *others)),
        nom_commercial=first_of(*OTHER_NAMES, "sigleUniteLegale"),
        birth_name=pl.when(natural & given("nomUniteLegale").is_not_null())
        .then(joined("first_name", "nomUniteLegale"))
        .otherwise(pl.lit("")),
    )
    return frame.with_columns(autres_noms=names_of(KINDS, but=pl.col("nom")))


def siret(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """The head office's, which is known also where its establishment is in no file."""
    nic = pl.col("nicSiegeUniteLegale")
    number = pl.when(nic != "").then(pl.col("siren") + nic.str.zfill(LENGTH_OF_NIC)).otherwise(pl.lit(""))
    return frame.with_columns(siret=number)


def state(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Active (A) or ceased (C). A purged unit, of which the register keeps the end only, ceased before 2003."""
    unknown = (pl.col("etatAdministratifUniteLegale") == "") & _purged()
    return frame.with_columns(
        is_active=pl.when(unknown).then(pl.lit("C")).otherwise(pl.col("etatAdministratifUniteLegale"))
    )


def diffusion(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """A unit that is not public is partial: P, and N in vintages before 2023.

    Who is hidden has no name here: `[ND]` is stored, and no usual name. So have a legal person whose name the source
    masks, and a purged unit that has lost it. A status that is none is not known: a new unit is partial, one that is
    there keeps its status, and what only a partial one loses.
    """
    public = pl.col("statutDiffusionUniteLegale") == PUBLIC
    nameless = (pl.col("nom") == "") & (~public | _purged())
    frame = frame.with_columns(
        statut_diffusion=pl.when(public).then(pl.lit(PUBLIC)).otherwise(pl.lit(PARTIAL))
    ).with_columns(
        pl.when(hidden(pl.col) | nameless).then(pl.lit(text)).otherwise(pl.col(name)).alias(name)
        for name, text in (("nom", MASK), *((name, "") for name in KNOWN_AS))
    )
    unknown = ~frame["statutDiffusionUniteLegale"].is_in(STATUSES)
    if not unknown.any():
        return frame
    frame = not_known.mark(frame, ["statut_diffusion", *STREET], pl.lit(unknown))
    return not_known.mark(frame, ["nom"], pl.lit(unknown) & (pl.col("nom") == MASK))


def purged(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Of a purged unit the register has kept its end only: what it leaves empty is not known.

    A unit that may not be shown is to be forgotten all the same.
    """
    of_status = pl.col("statutDiffusionUniteLegale")
    lost = frame.select(_purged() & ((of_status == PUBLIC) | ~of_status.is_in(STATUSES))).to_series()
    if not lost.any():
        return frame
    void = {*FILLED, *PLACE, *STREET}.difference(ALWAYS_SAID)
    frame = not_known.mark(frame, void, pl.lit(lost))
    return not_known.mark(frame, ["nom"], pl.lit(lost) & (pl.col("nom") == MASK))


def _purged() -> pl.Expr:
    return pl.col("unitePurgeeUniteLegale").str.to_lowercase() == "true"


STEPS: tuple[Step, ...] = (
    steps.tidy,
    steps.find_blank,
    steps.refuse_nul,
    unmask(MASKED_FACTS, MASKED_NAMES, "statutDiffusionUniteLegale"),
    rename,
    steps.siren,
    steps.legal_form,
    names,
    diffusion,
    steps.names,
    siret,
    steps.siret,
    of_nomenclature(NOMENCLATURE),
    activity,
    steps.workforce,
    steps.category,
    steps.creation_date,
    state,
    steps.activity_state,
    purged,
    steps.lengths,
    select(FILLED),
)
