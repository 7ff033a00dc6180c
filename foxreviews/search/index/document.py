"""Rows of the directory → documents of the index, a block of them at once.

Everything is done on whole columns (reference.word_columns). The fields of names:

* `key`: the letters of each name; a doubtful one has none, so that no company stands before others by it;
* `nom`: the words of all names, and `joined` their neighbours in one;
* `autre`: the words of names other than the registered one, doubtful ones aside;
* `hors_nom`: the words that the registered name has not, and `usuel` those that only doubtful ones have.

Those of its open, public establishments but the head office:

* `enseigne`: the words of their signs; `ailleurs`: of their towns, and their postal codes;
* `enseigne_ville`: a word of the sign and one of the town of one establishment, as one: FOURNIL@NANTES.

Most companies have none of the last six. The words of `nom` and `lieu`, cut to three letters, are `debut` and
`debut_lieu`.
"""

from functools import cache

import polars as pl

from foxreviews.enterprise.blocks import BRANCH_COLUMN, BRANCH_COLUMNS, BRANCH_SEPARATOR
from foxreviews.enterprise.names import COLON, SEPARATOR, Kind
from foxreviews.enterprise.privacy import NAMES, hidden, partial
from foxreviews.reference import word_columns
from foxreviews.reference.geography import MUNICIPAL_DISTRICTS, district_name
from foxreviews.reference.naf import NAF25, predecessor
from foxreviews.reference.register import NATURAL_PERSON
from foxreviews.reference.text import town_key
from foxreviews.reference.words import LITTLE
from foxreviews.search.index.schema import BEGINNING, FILTERS, UNKNOWN_DAY
from foxreviews.search.query.ranking import BAND_PLACES, MAX_SIREN, SIREN_BITS
from foxreviews.search.query.tiers import HIDDEN_KEY, PAIR

# Words in each field of its establishments, those of the oldest: some 150 KB. A chain of 17,000 has fewer towns.
MAX_WORDS = 10_000
# What a document is made from (enterprise.blocks)
COLUMNS = (
    *("siren", "siret", "nom", "nom_commercial", "autres_noms", "adresse", "code_postal", "ville_nom"),
    *("code_commune", "departement", "naf_code", "naf25_code", "tranche_effectif", "categorie_juridique"),
    *("categorie_entreprise", "est_employeur", "date_creation", "is_active", "statut_diffusion", "latitude"),
    *("etablissements", "anciens_noms"),
)

# Neighbours in a document
OFTEN_EMPTY = (("joined",), ("autre", "hors_nom", "usuel"), ("enseigne", "ailleurs", "enseigne_ville"))
MADE = ("code_commune", "naf", "annee_creation")  # filters that are no column as it is


def documents(frame: pl.DataFrame) -> list[str]:
    """The documents of rows with COLUMNS, as JSON, in their order. A field that is not there is empty.

    `is_active` is a Boolean, `est_employeur` one or null, `latitude` any number or null, all others are texts or null.
    Who is hidden (enterprise.privacy) has no words: only filters find it, and its number.
    """
    frame = _hide(frame.with_columns(pl.col(pl.String).fill_null("")))
    names = _names(frame)
    return (
        frame.select(
            pl.col("siren").cast(pl.UInt64),
            rank().alias("rank"),
            *names,
            _beginnings(names["nom"]).alias("debut"),
            *(pl.when("hidden").then(pl.lit("")).otherwise(each).alias(each.name) for each in _lieux(frame)),
            word_columns.street_words(frame["adresse"]).alias("adresse"),
            *_branches(frame),
            _commune(),
            _naf(frame),
            _day().alias("date_creation"),
            _day().cast(pl.String).str.zfill(8).str.slice(0, 4).replace("0000", "").alias("annee_creation"),
            *(pl.col(name).cast(pl.String) for name in FILTERS if name not in MADE),
        )
        .select(_without_empty(pl.struct(pl.all()).struct.json_encode()))
        .to_series()
        .to_list()
    )


def _without_empty(documents: pl.Expr) -> pl.Expr:
    """Documents without fields that are empty in most: Tantivy has less to parse.

    Neighbours go together or stay. A quote within a text is escaped, so no text looks like that.
    """
    for fields in OFTEN_EMPTY:
        empty = "".join(f'"{name}":"",' for name in fields)
        documents = documents.str.replace(empty, "", literal=True)
    return documents


def _names(frame: pl.DataFrame) -> pl.DataFrame:
    """The fields of names; the key of who is hidden is HIDDEN_KEY."""
    persons = frame["categorie_juridique"] == NATURAL_PERSON
    nom = word_columns.folded(frame["nom"])
    own = pl.DataFrame(
        {
            "nom": word_columns.words(nom),
            "joined": word_columns.joined(nom, persons),
            "hidden": frame["hidden"],
        }
    ).with_row_index("row")
    others = _fields_of_others(_other_names(frame, nom), persons, own["nom"])
    both = own.with_columns(key=nom.str.replace_all(" ", "", literal=True)).join(
        others, on="row", how="left", suffix="_of_others", maintain_order="left"
    )
    spaced = (
        _spaced(pl.col(name), pl.col(f"{name}_of_others")).alias(name) for name in ("key", "nom", "joined")
    )
    return both.select(*spaced, pl.col("autre", "hors_nom", "usuel").fill_null(""), "hidden").select(
        pl.when("hidden").then(pl.lit(HIDDEN_KEY)).otherwise("key").alias("key"), pl.exclude("key", "hidden")
    )


def _other_names(frame: pl.DataFrame, noms: pl.Series) -> pl.DataFrame:
    """Names other than the registered ones, folded: their row, `nom`, and whether they are doubtful."""
    rows = frame.select("autres_noms", "nom_commercial", "anciens_noms").with_row_index("row")
    listed = rows.filter(pl.col("autres_noms") != "").select(
        "row", pl.col("autres_noms").str.split(SEPARATOR)
    )
    pairs = listed.explode("autres_noms", empty_as_null=True).select(
        "row", pl.col("autres_noms").str.splitn(COLON, 2)
    )
    listed = pairs.unnest("autres_noms").select("row", nom="field_1", kind="field_0").drop_nulls()
    former = rows.filter(pl.col("anciens_noms") != "").select(
        "row", nom=pl.col("anciens_noms").str.split(SEPARATOR)
    )
    former = former.explode("nom", empty_as_null=True).with_columns(kind=pl.lit(str(Kind.ANCIEN_NOM)))
    commercial = rows.filter(pl.col("nom_commercial") != "").select(
        "row", nom="nom_commercial", kind=pl.lit(str(Kind.NOM_COMMERCIAL))
    )
    found = pl.concat([listed, former, commercial.join(listed, on=["row", "nom"], how="anti")])
    found = found.select(
        "row",
        nom=word_columns.folded(found["nom"]),
        is_doubtful=pl.col("kind").is_in(
            [str(kind) for kind in (Kind.DENOMINATION_USUELLE, Kind.ANCIEN_NOM)]
        ),
    )
    return found.filter(found["nom"] != noms.gather(found["row"]))


def _fields_of_others(names: pl.DataFrame, persons: pl.Series, noms: pl.Series) -> pl.DataFrame:
    """The fields that other names fill, one row for each company that has some; `noms` are registered words."""
    sure, letters = ~pl.col("is_doubtful"), pl.col("nom").str.replace_all(" ", "", literal=True)
    fields = (
        names.with_columns(
            words=word_columns.words(names["nom"]),
            joined=word_columns.joined(names["nom"], persons.gather(names["row"])),
        )
        .group_by("row")
        .agg(
            key=letters.filter(sure).str.join(" "),
            nom=pl.col("words").str.join(" "),
            autre=pl.col("words").filter(sure).str.join(" "),
            joined=pl.col("joined").str.join(" "),
            doubtful=letters.filter(~sure).str.join(" "),
        )
    )
    words = {name: pl.col(name).str.split(" ") for name in ("nom", "autre")}
    own = noms.gather(fields["row"]).str.split(" ")
    foreign = words["nom"].list.set_difference(own)
    return fields.with_columns(
        joined=_spaced(pl.col("joined"), pl.col("doubtful")),
        hors_nom=foreign.list.join(" "),
        usuel=foreign.list.set_difference(words["autre"]).list.join(" "),
    )


def _branches(frame: pl.DataFrame) -> pl.DataFrame:
    """The fields of establishments."""
    rows = frame.select("etablissements", "hidden").with_row_index("row")
    some = rows.filter((pl.col("etablissements") != "") & ~pl.col("hidden"))
    listed = some.select("row", pl.col("etablissements").str.split(BRANCH_SEPARATOR))
    known = listed.explode("etablissements", empty_as_null=True)
    values = pl.col("etablissements").str.splitn(BRANCH_COLUMN, len(BRANCH_COLUMNS))
    known = known.select("row", values.struct.rename_fields(BRANCH_COLUMNS).struct.unnest())
    noms = known["noms"].fill_null("").str.replace_all(f"{SEPARATOR}[a-z_]*{COLON}", SEPARATOR)
    known = known.with_columns(ville_nom=pl.col("ville_nom").fill_null(""))
    words = known.select(
        "row",
        enseigne=word_columns.words(word_columns.folded(noms))
        .str.split(" ")
        .list.set_difference([*LITTLE, ""]),
        ailleurs=_spaced(_lieux(known)["lieu"], pl.col("code_postal"))
        .str.split(" ")
        .list.set_difference([""]),
    )
    pairs = words.explode("enseigne", empty_as_null=True).explode("ailleurs", empty_as_null=True).drop_nulls()
    paired = pairs.select("row", enseigne_ville=pl.col("enseigne") + PAIR + pl.col("ailleurs"))
    fields = some.select("row")
    lists = {
        name: words.select("row", name).explode(name, empty_as_null=True) for name in ("enseigne", "ailleurs")
    }
    first = pl.all().drop_nulls().unique(maintain_order=True).head(MAX_WORDS).str.join(" ")
    for each in (*lists.values(), paired):
        fields = fields.join(each.group_by("row").agg(first), on="row", how="left")
    fields = rows.select("row").join(fields, on="row", how="left", maintain_order="left")
    return fields.drop("row").fill_null("")


def prominence() -> pl.Expr:
    """0 to 255: active before ceased, then by workforce, then companies before sole traders, then head office known."""
    band = pl.col("tranche_effectif").replace_strict(BAND_PLACES, default=0, return_dtype=pl.UInt64)
    parts = (
        (pl.col("is_active"), 7),
        (pl.col("categorie_juridique") != NATURAL_PERSON, 2),
        (pl.col("siret") != "", 1),
        (pl.col("latitude").is_not_null(), 0),
    )
    flags = (flag.cast(pl.UInt64) * 2**bit for flag, bit in parts)
    return pl.sum_horizontal(band * 2**3, *flags)


def rank() -> pl.Expr:
    """The number by which equals are ordered, highest first. It holds the SIREN."""
    within = pl.lit(MAX_SIREN) - pl.col("siren").cast(pl.UInt64)
    whole: pl.Expr = prominence() * 2**SIREN_BITS + within
    return whole


def _lieux(frame: pl.DataFrame) -> pl.DataFrame:
    """`lieu`, the words of the town and its district's number: LYON 3 03; and their beginnings. Of each town once."""
    of_town = ("ville_nom", "code_commune")
    towns = frame.select(of_town).unique()
    district = pl.col("code_commune").replace_strict(_districts(), default=None, return_dtype=pl.String)
    words = word_columns.words(word_columns.folded(towns["ville_nom"]))
    towns = towns.with_columns(lieu=pl.concat_str([words, district], separator=" ", ignore_nulls=True))
    towns = towns.with_columns(_beginnings(towns["lieu"]).alias("debut_lieu"))
    found = frame.select(of_town).join(towns, on=of_town, how="left", nulls_equal=True, maintain_order="left")
    return found.select("lieu", "debut_lieu")


@cache
def _districts() -> dict[str, str]:
    """Municipal districts: 69383 → "3 03", as its post office writes it, too."""
    numbers = {code: town_key(district_name(code)).split()[-1] for code in MUNICIPAL_DISTRICTS}
    return {code: number if len(number) > 1 else f"{number} 0{number}" for code, number in numbers.items()}


def _beginnings(words: pl.Series) -> pl.Series:
    """The first letters of each word."""
    return words.str.split(" ").list.eval(pl.element().str.slice(0, BEGINNING)).list.join(" ")


def _commune() -> pl.Expr:
    """The INSEE code of the town, or its name where it did not resolve: what a filter by town compares."""
    code = pl.col("code_commune")
    return pl.when(code == "").then(pl.col("ville_nom")).otherwise(code).alias("code_commune")


def _day() -> pl.Expr:
    """The day of creation as the index has it (schema.day_number), of a text such as 2026-01-31."""
    day = pl.col("date_creation").str.replace_all("-", "", literal=True)
    return day.cast(pl.UInt64, strict=False).fill_null(UNKNOWN_DAY)


def _naf(frame: pl.DataFrame) -> pl.Series:
    """The codes of both nomenclatures, and that of rév. 2 from which the newer one comes, should it be another.

    So a trade is asked for by its codes of rév. 2, and by those of NAF 2025 alone that come from several.
    """
    pair = ("naf_code", "naf25_code")
    pairs = frame.select(pair).unique()  # some thousand
    before = pl.col("naf25_code").replace_strict(_predecessors(), default="", return_dtype=pl.String)
    codes = pl.concat_list(*pair, before).list.unique(maintain_order=True)
    pairs = pairs.with_columns(naf=codes.list.set_difference([""]))
    return frame.select(pair).join(pairs, on=pair, how="left", maintain_order="left")["naf"]


@cache
def _predecessors() -> dict[str, str]:
    return {code: before for code in NAF25 if (before := predecessor(code))}


def _hide(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        *(
            pl.when(which).then(pl.lit("")).otherwise(pl.col(name)).alias(name)
            for which, names in (
                (hidden(pl.col), (*NAMES, "anciens_noms")),
                (hidden(pl.col) | partial(pl.col), ("adresse",)),
            )
            for name in names
        ),
        hidden=hidden(pl.col),
    )


def _spaced(*texts: pl.Expr | pl.Series) -> pl.Expr:
    return pl.concat_str(texts, separator=" ", ignore_nulls=True).str.strip_chars(" ")
