"""The right answers to questions: every company of the directory that has what was asked for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import polars as pl

from foxreviews.enterprise.privacy import is_hidden
from foxreviews.reference.text import fold
from foxreviews.search.quality.asked import Asked
from foxreviews.search.quality.questions import Draft

MOST = (
    2_000  # right answers; a question with more says little, and its line would be longer than editors like
)
COLUMNS = (
    "siren",
    "nom",
    "nom_commercial",
    "ville_nom",
    "naf_code",
    "statut_diffusion",
    "categorie_juridique",
)


def answered(drafts: Iterable[Draft], directory: Iterable[pl.DataFrame]) -> Iterator[Asked]:
    """The drafts with their right answers, of the companies in frames with COLUMNS, all texts.

    Left out is what has none, or more than MOST. Natural persons who are not public are no answers.
    """
    drafts = list(drafts)
    wanted = pl.DataFrame(
        [(n, trait, draft.town) for n, draft in enumerate(drafts) for trait in draft.traits],
        schema={"draft": pl.Int64, "trait": pl.String, "asked_town": pl.String},
        orient="row",
    )
    sirens: defaultdict[int, set[str]] = defaultdict(set)
    for frame in directory:
        found = _traits(frame.select(COLUMNS).fill_null("")).join(wanted, on="trait")
        found = found.filter((pl.col("asked_town") == "") | (pl.col("asked_town") == pl.col("town")))
        for n, siren in found.select("draft", "siren").iter_rows():
            if len(sirens[n]) <= MOST:
                sirens[n].add(siren)
    for n, draft in enumerate(drafts):
        if 0 < len(sirens[n]) <= MOST:
            yield Asked(draft.query, frozenset(sirens[n]), draft.kind)


def _traits(frame: pl.DataFrame) -> pl.DataFrame:
    """Each trait of each company (questions.named, with_word, of_trade), with its SIREN and its town's key."""
    frame = frame.filter(~is_hidden(pl.col))
    texts = {name: _folded(frame[name]) for name in ("nom", "nom_commercial", "ville_nom")}
    frame = frame.with_columns(town=_joined(texts.pop("ville_nom")))
    of_names = [
        traits
        for nom in texts.values()
        for traits in (
            frame.select("siren", "town", trait="key " + _joined(nom)),
            frame.select("siren", "town", trait=nom.str.split(" "))
            .explode("trait", empty_as_null=False)
            .with_columns(trait="word " + pl.col("trait")),
        )
    ]
    return pl.concat([*of_names, frame.select("siren", "town", trait="naf " + pl.col("naf_code"))])


def _folded(texts: pl.Series) -> pl.Series:
    return pl.Series([fold(text) for text in texts], dtype=pl.String)


def _joined(folded: pl.Series) -> pl.Series:
    return folded.str.replace_all(" ", "", literal=True)
