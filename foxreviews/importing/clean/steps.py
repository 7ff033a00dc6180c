"""Raw text → values of the register: a list of small steps, each over a block of records at once.

A step takes a frame with one row per record and returns it cleaned. What cannot be kept is of two kinds:

* a record without a valid SIREN, without a name, or with a value that does not fit its column, is rejected: the step
  writes the reason and the column into `reject` and `reject_column` (the first reason stands);
* any other value that is not one of its column is left out, and the record stays: the step counts it in `left_out`.
"""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from foxreviews.enterprise.models import Entreprise
from foxreviews.enterprise.privacy import PARTIAL, PUBLIC
from foxreviews.importing.clean import not_known
from foxreviews.importing.clean.activities import activity
from foxreviews.importing.clean.cleaning import Cleaner, Step
from foxreviews.importing.clean.places import add_localites
from foxreviews.importing.clean.withhold import withhold
from foxreviews.reading.encodings import LOST
from foxreviews.reference import states
from foxreviews.reference.identifiers import LA_POSTE
from foxreviews.reference.register import band_code, band_of_people, category_code

# White space other than the space, and control characters, but not NUL
SPACES = r"\x01-\x1f\x7f-\x9f\x{00A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}"
# Invisible: soft hyphen, zero width space, word joiner, byte order mark, marks that turn the direction of text.
# Not the zero width joiners, which emoji and Persian need.
INVISIBLE = r"\x{00AD}\x{200B}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2060}\x{2066}-\x{2069}\x{FEFF}"
# What makes a record need tidying, in its columns joined by |
UNTIDY = rf"[{SPACES}{INVISIBLE}\x{{0300}}-\x{{036F}}]|  |^ | $|\| | \||(?:^|\|)(?:=\"|'[0-9])"
# How a spreadsheet is told that a number is text: ="00123" and '00123
TEXT_MARKS = ((r'^="([^"]*)"$', "$1"), (r"^'([0-9][0-9 .-]*)$", "$1"))
# What a spreadsheet writes into a cell that it cannot compute or show, in French and in English
ERROR_SIGNS = ("#", "Err:", "ERR:", "err:", "Erreur")
ERRORS = (
    r"(?i)^(?:#(?:N/A|N/D|NA|ND|(?:REF|VALEUR|VALUE|NUL|NULL|NOMBRE|NUM|DIV/0|CALC|CALCUL|SPILL|EPARS|ÉPARS|ERREUR|ERROR"
    r"|CHAMP|FIELD|CONNEXION|CONNECT|INCONNU|UNKNOWN|BLOQU[EÉ]|BLOCKED)\s?!|(?:NOM|NAME)\s?\?)|#{3,}"
    r"|(?:Err|Erreur)\s?: ?\d{3})$"
)
SUSPECT = ["\0", LOST, *ERROR_SIGNS]  # in what is no text
ODD = "|".join((UNTIDY, *map(re.escape, SUSPECT)))
SEPARATORS = r"[\s\x{00A0}\x{2007}\x{2009}\x{202F}.\x{2010}-\x{2014}\x{2212}-]+"
DECIMALS = r"^([0-9]+)[.,]0+$"
SIREN_LENGTH, SIRET_LENGTH = 9, 14
DOUBLED = np.array([sum(divmod(2 * digit, 10)) for digit in range(10)], np.uint8)  # Luhn: 7 counts as 1 + 4
LIMITS = {field.name: field.max_length for field in Entreprise._meta.fields}
TEXTS = ("nom", "nom_commercial", "adresse", "ville_nom", "naf_libelle", "telephone", "email", "site_web")


def reject(frame: pl.DataFrame, wrong: pl.Expr, reason: str, column: str) -> pl.DataFrame:
    """Mark the records where `wrong` holds, unless they are blank or already rejected."""
    now = wrong & pl.col("reject").is_null() & ~pl.col("blank")
    return frame.with_columns(
        pl.when(now).then(pl.lit(reason)).otherwise(pl.col("reject")).alias("reject"),
        pl.when(now).then(pl.lit(column)).otherwise(pl.col("reject_column")).alias("reject_column"),
    )


def tidy(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Drop what is invisible, trim, fold line breaks and runs of spaces into one space, compose accents (Unicode NFC).

    Few records need it: one look at the whole of each costs 0.7 s a million, a look at every column 1.9 s, tidying
    all of them 9 s. What later steps look for in a whole record is looked for here, by the same look.
    """
    whole = frame.select(pl.concat_str(pl.col(pl.String), separator="|", ignore_nulls=True)).to_series()
    odd = whole.str.contains(ODD)
    cleaner.is_suspect = bool(whole.filter(odd).str.contains_any(SUSPECT).any())
    if not odd.any():
        return frame
    visible = pl.col(pl.String).str.replace_all(f"[{INVISIBLE}]", "")
    tidied = visible.str.replace_all(f"[{SPACES} ]+", " ").str.strip_chars(" ").str.normalize("NFC")
    for mark, text in TEXT_MARKS:
        tidied = tidied.str.replace(mark, text).str.strip_chars(" ")
    return pl.concat([frame.filter(~odd), frame.filter(odd).with_columns(tidied)]).sort("row")


def columns_where(frame: pl.DataFrame, condition: pl.Expr) -> list[str]:
    """The columns in which the condition holds for some value."""
    return [column.name for column in frame.select(condition.any()) if column.item()]


def find_blank(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """A record whose fields are all empty counts as blank."""
    empty = [pl.col(name) == "" for name in frame.columns if name != "row"]
    return frame.with_columns(
        blank=pl.all_horizontal(empty),
        reject=pl.lit(None, dtype=pl.String),
        reject_column=pl.lit(None, dtype=pl.String),
    )


def refuse_nul(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """PostgreSQL cannot store a NUL character."""
    if cleaner.is_suspect is False:
        return frame
    for name in columns_where(frame, pl.col(pl.String).str.contains("\0", literal=True)):
        frame = reject(frame, pl.col(name).str.contains("\0", literal=True), "nul-character", name)
    return frame


def without_decimals(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """A spreadsheet has written a code as a number: 5499.0."""
    if not frame[column].str.contains(DECIMALS).any():
        return frame
    return frame.with_columns(pl.col(column).str.replace(DECIMALS, "$1"))


def refuse_lost(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """A text of which letters are lost, or for which a spreadsheet wrote an error, is not known.

    Such a name rejects its record, any other such text is left out. What is no text is left out by its own step.
    """
    given = [name for name in TEXTS if name in frame.columns]
    if cleaner.is_suspect is False or not columns_where(frame, pl.col(given).str.contains_any(SUSPECT)):
        return frame
    for pattern, reason_of_name, reason in (
        (LOST, "nom-letters-lost", "letters-lost"),
        (ERRORS, "nom-spreadsheet-error", "spreadsheet-error"),
    ):
        frame = reject(frame, pl.col("nom").str.contains(pattern), reason_of_name, "nom")
        for name in given:
            if name != "nom":
                frame = cleaner.keep_where(frame, name, ~pl.col(name).str.contains(pattern), reason)
    return frame


def digits(frame: pl.DataFrame, column: str, length: int, *, lost: int) -> pl.DataFrame:
    """The digits of a number in any spacing. A spreadsheet adds ".0" and loses up to `lost` leading zeros."""
    if frame.select(pl.col(column).str.contains(rf"^(?:[0-9]{{{length}}})?$").all()).item():
        return frame
    text = pl.col(column).str.replace(DECIMALS, "$1").str.replace_all(SEPARATORS, "")
    short = text.str.contains(rf"^[0-9]{{{length - lost},{length - 1}}}$")
    return frame.with_columns(pl.when(short).then(text.str.zfill(length)).otherwise(text).alias(column))


def siren(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Nine digits with their Luhn key, or those of the SIRET. Nine zeros have theirs, and stand in real registers."""
    frame = _siren_of_siret(frame)
    frame = reject(frame, pl.col("siren") == "", "siren-missing", "siren")
    frame = reject(frame, ~pl.col("siren").str.contains(r"^[0-9]{9}$"), "siren-malformed", "siren")
    return reject(frame, ~pl.lit(has_key(frame["siren"], 9)), "siren-key", "siren")


def _siren_of_siret(frame: pl.DataFrame) -> pl.DataFrame:
    """The SIREN's digits; where it is missing those of the SIRET, where it is a whole SIRET its first nine."""
    if "siren" not in frame.columns:
        frame = frame.with_columns(siren=pl.lit(""))
    frame = digits(frame, "siren", 9, lost=3)  # the lowest SIREN begin with 000
    other = frame["siren"].str.len_bytes() != SIREN_LENGTH
    if not other.any():
        return frame
    given = pl.col("siret") if "siret" in frame.columns else pl.lit("")
    number = frame.select(number=pl.when(pl.col("siren") == "").then(given).otherwise(pl.col("siren")))
    number = digits(number, "number", SIRET_LENGTH, lost=3)
    # In the SIREN's column fourteen digits are a SIRET where they have its key; in its own they are known as one.
    borrowed = frame["siren"] == ""
    whole = number["number"].str.contains(rf"^[0-9]{{{SIRET_LENGTH}}}$")
    known = other & whole & (borrowed | is_siret(number["number"]))
    first = pl.when(pl.lit(known)).then(pl.col("number").str.head(SIREN_LENGTH)).otherwise(pl.col("number"))
    siren = number.select(first).to_series()
    return frame.with_columns(
        siren=pl.when(pl.lit(known | borrowed)).then(pl.lit(siren)).otherwise(pl.col("siren"))
    )


def siret(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Its SIREN and five digits with their Luhn key, or La Poste's rule: the digits add up to a multiple of 5."""
    frame = digits(frame, "siret", SIRET_LENGTH, lost=3)
    valid = pl.lit(is_siret(frame["siret"])) & pl.col("siret").str.starts_with(pl.col("siren"))
    return cleaner.keep_where(frame, "siret", valid, "siret-invalid")


def names(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """A company has a name."""
    return reject(frame, pl.col("nom") == "", "nom-missing", "nom")


def place(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """The commune, the city's name, the département and the part of the town, from postal code and town."""
    frame = digits(frame, "code_postal", 5, lost=1)
    valid = pl.col("code_postal").str.contains(r"^[0-9]{5}$")
    frame = cleaner.keep_where(frame, "code_postal", valid, "code-postal-malformed")
    return cleaner.places.locate(frame)


def localite(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """The part of the town is kept in the address. An empty one stays so: the directory may know a street."""
    return add_localites(frame, LIMITS["adresse"] or 0, pl.col("adresse") != "")


def headcount(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """The band of a number of people; whatever else stands there is read as a band is."""
    texts = frame["effectif"].unique()
    bands = pl.Series([band_of_people(text) or text for text in texts], dtype=pl.String)
    return frame.with_columns(
        tranche_effectif=frame["effectif"].replace_strict(texts, bands, return_dtype=pl.String)
    )


def workforce(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """A band of the register's list, by its code or its label; "1" has lost its zero to a spreadsheet."""
    frame = without_decimals(frame, "tranche_effectif")
    texts = frame["tranche_effectif"].unique()
    bands = pl.Series([band_code(text) for text in texts], dtype=pl.String)
    codes = frame["tranche_effectif"].replace_strict(texts, bands, return_dtype=pl.String)
    frame = cleaner.keep_where(frame, "tranche_effectif", pl.lit(codes != ""), "tranche-effectif-unknown")
    return frame.with_columns(tranche_effectif=codes)


def legal_form(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Four digits, also for a form that the reference does not know."""
    frame = without_decimals(frame, "categorie_juridique")
    valid = pl.col("categorie_juridique").str.contains(r"^[0-9]{4}$")
    return cleaner.keep_where(frame, "categorie_juridique", valid, "categorie-juridique-malformed")


def category(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """PME, ETI or GE, by its code or its label."""
    codes = _read_words(frame["categorie_entreprise"], category_code, pl.String)
    known = pl.lit(codes != "")
    frame = cleaner.keep_where(frame, "categorie_entreprise", known, "categorie-entreprise-unknown")
    return frame.with_columns(categorie_entreprise=codes)


def employer(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Whether it has employees; null where the cell says nothing, or no word that is known."""
    employs = _read_words(frame["est_employeur"], states.is_employer, pl.Boolean)
    known = pl.lit(employs.is_not_null())
    frame = cleaner.keep_where(frame, "est_employeur", known, "est-employeur-unknown")
    return frame.with_columns(est_employeur=employs)


def creation_date(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """ISO 8601 (2012-03-04), or in French order (04/03/2012), with any of the usual signs between the numbers.

    A year of two digits, and the number of a day in a spreadsheet (43831, counted from 1900 or from 1904), are not
    known.
    """
    text = pl.col("date_creation")
    day = pl.when(text.str.slice(10, 1).is_in(["", "T", " "])).then(text.str.head(10))  # a time may follow
    date = pl.coalesce(day.str.to_date("%Y-%m-%d", strict=False), text.str.to_date("%d/%m/%Y", strict=False))
    dated = frame.with_columns(date=date)
    if dated.select((pl.col("date").is_null() & (text != "")).any()).item():
        slashed = text.str.replace(r" 0{1,2}:00(:00)?$", "").str.replace_all(r"[.-]", "/")
        others = (slashed.str.to_date(form, strict=False) for form in ("%d/%m/%Y", "%Y/%m/%d"))
        dated = dated.with_columns(date=pl.coalesce("date", *others))
    plausible = pl.col("date").is_not_null() & pl.col("date").dt.year().is_between(1000, 9999)
    dated = cleaner.keep_where(
        dated, "date_creation", plausible.fill_null(value=False), "date-creation-malformed"
    )
    return dated.with_columns(
        date_creation=pl.when(pl.col("date_creation") == "").then(None).otherwise(pl.col("date"))
    ).drop("date")


def position(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Degrees, with a decimal point or comma. Half a position is none."""
    for name, other in (("latitude", "longitude"), ("longitude", "latitude")):
        frame = cleaner.keep_where(frame, name, pl.col(other) != "", "position-incomplete")
    for name, limit in (("latitude", 90), ("longitude", 180)):
        number = pl.col(name).str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
        frame = frame.with_columns(number=pl.when(number.abs() <= limit).then(number))
        frame = cleaner.keep_where(frame, name, pl.col("number").is_not_null(), f"{name}-malformed")
        frame = frame.with_columns(pl.col("number").alias(name)).drop("number")
    whole = pl.col("latitude").is_not_null() & pl.col("longitude").is_not_null()
    return frame.with_columns(
        pl.when(whole).then(pl.col(name)).alias(name) for name in ("latitude", "longitude")
    )


def activity_state(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Active or not, in the words of many sources; etat_administratif wins where it says anything.

    A new company is active where the file says nothing, and is not where the words are not known.
    """
    if "etat_administratif" in frame.columns:
        own = pl.col("is_active") if "is_active" in frame.columns else pl.lit("")
        state = pl.col("etat_administratif")
        frame = frame.with_columns(is_active=pl.when(state == "").then(own).otherwise(state))
    active = _read_words(frame["is_active"], states.is_active, pl.Boolean)
    silent = frame["is_active"] == ""
    frame = _leave_out_words(cleaner, frame, "is_active", active, "is-active-unknown")
    return frame.with_columns(is_active=active.fill_null(silent))


def diffusion(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Public or partial. A new company is public where the file says nothing, partial where the words are not known."""
    letters = _read_words(frame["statut_diffusion"], states.diffusion, pl.String)
    silent = frame["statut_diffusion"] == ""
    frame = _leave_out_words(cleaner, frame, "statut_diffusion", letters, "statut-diffusion-unknown")
    safe = pl.when(silent).then(pl.lit(PUBLIC)).otherwise(pl.lit(PARTIAL))
    return frame.with_columns(statut_diffusion=pl.coalesce(letters, safe))


def _read_words(texts: pl.Series, read: Callable[[str], Any], kind: type[pl.DataType]) -> pl.Series:
    """What each text means, null where that is not known. A column has few distinct texts."""
    distinct = texts.unique()
    meanings = pl.Series([read(text) for text in distinct], dtype=kind)
    return texts.replace_strict(distinct, meanings, return_dtype=kind)


def _leave_out_words(
    cleaner: Cleaner, frame: pl.DataFrame, column: str, meanings: pl.Series, reason: str
) -> pl.DataFrame:
    """Count the words that are not known. Like an empty cell, they change no company that is there already."""
    if not meanings.null_count():
        return frame
    frame = not_known.mark(frame, [column], pl.lit(meanings.is_null()))
    return cleaner.keep_where(frame, column, pl.lit(meanings.is_not_null()), reason)


def lengths(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Nothing is cut: a record with a value that is too long for its column is rejected."""
    given = [name for name in TEXTS if name in frame.columns]
    # Bytes cost nothing to count, and no text has more characters.
    for name, longest in zip(given, frame.select(pl.col(given).str.len_bytes().max()).row(0), strict=True):
        if longest is not None and longest > LIMITS[name]:
            frame = reject(frame, pl.col(name).str.len_chars() > LIMITS[name], "value-too-long", name)
    return frame


def has_key(numbers: pl.Series, length: int) -> pl.Series:
    """Which of the texts are digits, so many of them, whose Luhn sum is a multiple of 10.

    On bytes: 0.1 s a million, with expressions of polars 0.8 s.
    """
    shaped = numbers.str.contains(rf"^[0-9]{{{length}}}$")
    text = numbers.filter(shaped).str.join("").item().encode()
    digits = np.frombuffer(text, np.uint8).reshape(-1, length) - ord("0")
    last, doubled = digits[:, ::-2], DOUBLED[digits[:, -2::-2]]
    sums = last.sum(axis=1, dtype=np.uint8) + doubled.sum(axis=1, dtype=np.uint8)
    found = np.zeros(len(numbers), bool)
    found[shaped.to_numpy()] = sums % 10 == 0
    return pl.Series(found)


def is_siret(numbers: pl.Series) -> pl.Series:
    """Which of the texts are a SIRET by their key, or by La Poste's rule."""
    valid = has_key(numbers, SIRET_LENGTH)
    of_la_poste = numbers.str.starts_with(LA_POSTE) & (numbers.str.len_bytes() == SIRET_LENGTH)
    if of_la_poste.any():
        digits = (numbers.str.count_matches(str(digit)) * digit for digit in range(1, 10))
        valid |= of_la_poste & (sum(digits, pl.Series([0])) % 5 == 0)
    return valid


def _where_given(*columns: str, step: Step) -> Step:
    return lambda cleaner, frame: step(cleaner, frame) if {*columns} & {*frame.columns} else frame


STEPS: tuple[Step, ...] = (
    tidy,
    find_blank,
    refuse_nul,
    refuse_lost,
    siren,
    _where_given("siret", step=siret),
    place,
    _where_given("adresse", step=localite),
    activity,
    _where_given("effectif", step=headcount),
    _where_given("tranche_effectif", step=workforce),
    _where_given("categorie_juridique", step=legal_form),
    _where_given("categorie_entreprise", step=category),
    _where_given("est_employeur", step=employer),
    _where_given("date_creation", step=creation_date),
    _where_given("latitude", step=position),
    _where_given("is_active", "etat_administratif", step=activity_state),
    _where_given("statut_diffusion", step=diffusion),
    withhold,
    names,
    lengths,
)
