"""Queries with judgments, the companies that are right answers to each: a CSV file with query, sirens, class.

    .venv/bin/python -m benchmarks.relevance.judgments var/judgments.csv --per-class 300
    .venv/bin/python -m benchmarks.relevance.quality var/judgments.csv

Makes queries from the companies that are loaded: exact, misspelt, joined and split names, words being typed, names with
towns, trades in towns. A right answer is any company of that very name, or of the very name that is typed; one that is
hidden is none.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks import command
from benchmarks.relevance.queries import Draft, queries, sampled_companies
from foxreviews.core.errors import UnreadableSource, UnwritableOutput, UsageError
from foxreviews.enterprise.blocks import companies
from foxreviews.enterprise.privacy import hidden
from foxreviews.reference.identifiers import clean_digits, is_siren
from foxreviews.reference.text import fold

HEADER = ["query", "sirens", "class"]
SAMPLED = 20  # companies for each query of a class: few have two words, or a word of eight letters
MAX_ANSWERS = 2_000  # a query with more says little, and its line would be longer than editors like
COLUMNS = (
    *("siren", "nom", "nom_commercial", "ville_nom", "naf_code"),
    *("statut_diffusion", "categorie_juridique"),
)


@dataclass(frozen=True)
class Judgment:
    """A query, its class, and the SIREN of the companies that are right answers to it."""

    query: str
    sirens: frozenset[str]
    kind: str


def write(path: Path, judgments: Iterable[Judgment]) -> int:
    """Write them, several SIREN with spaces between; how many there were. Raises UnwritableOutput."""
    count = 0
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEADER)
            for count, judgment in enumerate(judgments, 1):  # noqa: B007 - counts
                writer.writerow([judgment.query, " ".join(sorted(judgment.sirens)), judgment.kind])
    except OSError as error:
        raise UnwritableOutput(path, error) from error
    return count


def read(path: Path) -> list[Judgment]:
    """The judgments of a file, in its order. Raises UnreadableSource where it is not one of judgments."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            judgments = list(_read(path, file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableSource(f"{path} cannot be read: {error}") from error
    if not judgments:
        raise UnreadableSource(
            f"{path} holds no query. Make some: .venv/bin/python -m benchmarks.relevance.judgments {path}"
        )
    return judgments


def _read(path: Path, lines: Iterable[str]) -> Iterator[Judgment]:
    reader = csv.DictReader(lines)
    missing = [name for name in HEADER if name not in (reader.fieldnames or [])]
    if missing:
        raise UnreadableSource(
            f"{path} has no column {', '.join(missing)}. Its first line must be: {','.join(HEADER)}"
        )
    for row in reader:
        query, sirens, kind = ((row[name] or "").strip() for name in HEADER)
        expected = frozenset(map(clean_digits, sirens.split()))
        if not query or not kind or not expected or not all(map(is_siren, expected)):
            raise UnreadableSource(
                f"{path}, line {reader.line_num}: a query, one or more SIREN with spaces between, and a class "
                f"are needed, not {','.join((query, sirens, kind))[:100]!r}."
            )
        yield Judgment(query, expected, kind)


def judged(drafts: Iterable[Draft], directory: Iterable[pl.DataFrame]) -> Iterator[Judgment]:
    """The drafts with their expected answers, of the companies in frames with COLUMNS, all texts.

    Left out is what has none, or more than MAX_ANSWERS. Companies that are hidden (enterprise.privacy) are none.
    """
    drafts = list(drafts)
    wanted = pl.DataFrame(
        [(n, trait, draft.town) for n, draft in enumerate(drafts) for trait in draft.traits],
        schema={"draft": pl.Int64, "trait": pl.String, "wanted_town": pl.String},
        orient="row",
    )
    sirens: defaultdict[int, set[str]] = defaultdict(set)
    for frame in directory:
        found = _traits(frame.select(COLUMNS).fill_null("")).join(wanted, on="trait")
        found = found.filter((pl.col("wanted_town") == "") | (pl.col("wanted_town") == pl.col("town")))
        for n, siren in found.select("draft", "siren").iter_rows():
            if len(sirens[n]) <= MAX_ANSWERS:
                sirens[n].add(siren)
    for n, draft in enumerate(drafts):
        if 0 < len(sirens[n]) <= MAX_ANSWERS:
            yield Judgment(draft.query, frozenset(sirens[n]), draft.kind)


def _traits(frame: pl.DataFrame) -> pl.DataFrame:
    """Each trait of each company (queries.named, with_word, of_trade), with its SIREN and its town's key."""
    frame = frame.filter(~hidden(pl.col))
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


def main(arguments: Sequence[str] | None = None) -> int:
    parser = command.parser(__doc__)
    parser.add_argument("out", type=Path, metavar="OUT", help="CSV file to write: query, sirens, class")
    parser.add_argument(
        "--per-class", type=int, default=300, metavar="N", help="queries of each class at most (default 300)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another seed makes other queries")
    options = parser.parse_args(arguments)
    if options.per_class < 1:
        raise UsageError("--per-class must be at least 1.")
    command.start_configured_database()
    sample = sampled_companies(SAMPLED * options.per_class, options.seed)
    if not sample:
        raise UsageError(
            "There are no companies to make queries from. First: manage.py import_entreprises_bulk FILE"
        )
    drafts = list(queries(sample, options.per_class, options.seed))
    count = write(options.out, judged(drafts, (frame for _, frame in companies(COLUMNS))))
    print(f"{options.out}: {count:,} queries")
    return 0


if __name__ == "__main__":
    command.run(main)
