"""The register's other files, cleaned: successions of establishments, double SIREN, former names of legal units."""

import polars as pl

from foxreviews.enterprise.models import AncienNom
from foxreviews.enterprise.privacy import MASK
from foxreviews.importing.clean import steps
from foxreviews.importing.clean.cleaning import Cleaner, Step
from foxreviews.importing.clean.steps import reject
from foxreviews.reference.word_columns import folded

TRUE, FALSE = ("true", "t", "1"), ("false", "f", "0")
Nature = AncienNom.Nature
NATURES = {
    "denominationUniteLegale": Nature.DENOMINATION,
    "nomUniteLegale": Nature.NOM,
    "nomUsageUniteLegale": Nature.NOM_USAGE,
    "denominationUsuelle1UniteLegale": Nature.DENOMINATION_USUELLE,
    "denominationUsuelle2UniteLegale": Nature.DENOMINATION_USUELLE,
    "denominationUsuelle3UniteLegale": Nature.DENOMINATION_USUELLE,
}
MASKED = r"(?i)\[\s*n\.?\s*d\.?\s*\]"
MAX_LENGTH = 255
ONE_NAME = ("siren", "nature", "key")


def successions(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Two SIRET that are not the same, a date, and two flags."""
    before, after = "siretEtablissementPredecesseur", "siretEtablissementSuccesseur"
    for column in (before, after):
        frame = reject(frame, ~pl.lit(steps.is_siret(frame[column])), "siret-invalid", column)
    frame = reject(frame, pl.col(before) == pl.col(after), "of-itself", after)
    frame = reject(frame, _date("dateLienSuccession").is_null(), "date-malformed", "dateLienSuccession")
    for column in ("transfertSiege", "continuiteEconomique"):
        frame = reject(frame, ~_flag(column).is_in([*TRUE, *FALSE]), "flag-unknown", column)
    return frame.with_columns(
        predecesseur=before,
        successeur=after,
        date=_date("dateLienSuccession"),
        transfert_siege=_flag("transfertSiege").is_in(TRUE),
        continuite_economique=_flag("continuiteEconomique").is_in(TRUE),
    )


def doubles(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """`sirenDoublon` is the double of `siren`, and another one."""
    for column in ("siren", "sirenDoublon"):
        frame = reject(frame, ~pl.lit(steps.has_key(frame[column], 9)), "siren-invalid", column)
    frame = reject(frame, pl.col("siren") == pl.col("sirenDoublon"), "of-itself", "sirenDoublon")
    return frame.with_columns(siren="sirenDoublon", doublon_de="siren")


def periods(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """A SIREN, and dates that are none or right. What is rejected may name a person: its text is not kept."""
    frame = frame.with_columns(date_debut=_date("dateDebut"), date_fin=_date("dateFin"), nom=pl.lit(MASK))
    frame = reject(frame, ~pl.lit(steps.has_key(frame["siren"], 9)), "siren-invalid", "siren")
    for column, date in (("dateDebut", "date_debut"), ("dateFin", "date_fin")):
        frame = reject(frame, (pl.col(column) != "") & pl.col(date).is_null(), "date-malformed", column)
    reversed_ = (pl.col("date_debut") > pl.col("date_fin")).fill_null(value=False)
    return reject(frame, reversed_, "dates-reversed", "dateFin")


def former_names(frame: pl.DataFrame) -> pl.DataFrame:
    """The names of ended periods that are not today's in the same block; one row of each company, kind and name."""
    each = [
        frame.filter(pl.col(column) != "").select(
            "siren", "date_debut", "date_fin", nature=pl.lit(nature.value), nom=pl.col(column).str.head(MAX_LENGTH)
        )
        for column, nature in NATURES.items()
    ]  # fmt: skip
    said = pl.concat(each)
    today = said.filter(pl.col("date_fin").is_null())
    # Most are today's letter by letter, and only the rest is folded.
    former = said.filter(pl.col("date_fin").is_not_null()).join(
        today, on=("siren", "nature", "nom"), how="anti"
    )
    former = _with_key(former.filter(~pl.col("nom").str.contains(MASKED))).filter(pl.col("key") != "")
    today = _with_key(today.join(former, on="siren", how="semi"))
    former = former.join(today, on=ONE_NAME, how="anti")
    begin = pl.when(pl.col("date_debut").is_not_null().all()).then(pl.col("date_debut").min())
    return (
        former.group_by(ONE_NAME, maintain_order=True)
        .agg(
            nom=pl.col("nom").sort_by("date_fin").last(),
            date_debut=begin,
            date_fin=pl.col("date_fin").max(),
        )
        .drop("key")
    )


def _with_key(names: pl.DataFrame) -> pl.DataFrame:
    return names.with_columns(key=folded(names["nom"]))


def _date(column: str) -> pl.Expr:
    """A day; a time may follow."""
    return pl.col(column).str.head(10).str.to_date("%Y-%m-%d", strict=False)


def _flag(column: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase()


def _steps(own: Step) -> tuple[Step, ...]:
    return steps.tidy, steps.find_blank, steps.refuse_nul, own


SUCCESSIONS, DOUBLES, PERIODS = map(_steps, (successions, doubles, periods))
