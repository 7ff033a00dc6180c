"""The rules of reference.words, on whole columns: the same words, as fast as an index of millions needs them.

4,000,000 rows pass in a minute, where a Python function for each value would take four. A test compares both.
"""

from functools import lru_cache

import polars as pl

from foxreviews.reference import words as rules
from foxreviews.reference.street_types import STREET_TYPES
from foxreviews.reference.text import SPELLED

# What the rules of reference.words change beyond folding. Few texts have it: these take the way through Python.
_SPECIAL = "|".join(
    (rules.LETTERS, rules.ELISION, rules.ORDINAL, rf"\b(?:{'|'.join(rules.ABBREVIATIONS)})\b")
)
_PAIR = "([^ ]+) ([^ ]+) ?"
_PARTICLE = r"\b(?:ABD|AL|BEN|D|DA|DE|DEL|DES|DI|DOS|DU|EL|LA|LE|MAC|MC|SAINT|ST|VAN|VON) [A-Z]+"
_TRIPLE = f"[^ ]+ [^ ]{{1,{rules.SHORT}}} [^ ]+"
_KEPT = 50_000  # texts, some 10 MB: towns and streets come again in each block


def folded(texts: pl.Series) -> pl.Series:
    """reference.text.fold."""
    plain = texts.str.contains(r"^(?:[A-Z0-9]+(?: [A-Z0-9]+)*)?$")
    if plain.all():
        return texts
    folded = (
        texts.filter(~plain)
        .str.normalize("NFKD")
        .str.replace_many(SPELLED)
        .str.replace_all(r"[\x{0300}-\x{036F}]", "")
        .str.replace_all("[^A-Za-z0-9]+", " ")
        .str.to_uppercase()
        .str.strip_chars(" ")
    )
    return texts.scatter((~plain).arg_true(), folded)


def words(folded: pl.Series) -> pl.Series:
    """reference.words.words, with a space between them."""
    return _through_python(folded, _SPECIAL, rules.words)


def street_words(texts: pl.Series) -> pl.Series:
    """reference.words.street_words."""
    rows = texts.str.contains(rules.RANGE).arg_true()
    ranges = [" ".join(rules.street_words(text)) for text in texts.gather(rows)]
    types = rf"\b(?:{'|'.join(STREET_TYPES)})\b"
    found = _through_python(folded(texts), f"{_SPECIAL}|{types}", rules.street_words)
    return found.scatter(rows, pl.Series(ranges, dtype=pl.String))


def _through_python(folded: pl.Series, special: str, rule: rules.Rule) -> pl.Series:
    rows = folded.str.contains(special).arg_true()
    changed = [_changed(rule, text) for text in folded.gather(rows).to_list()]
    # A copy: scatter writes into its series, and the joined words are made from the same one.
    return folded.clone().scatter(rows, pl.Series(changed, dtype=pl.String))


@lru_cache(_KEPT)
def _changed(rule: rules.Rule, text: str) -> str:
    return " ".join(rule(text))


def joined(folded: pl.Series, persons: pl.Series) -> pl.Series:
    """Neighbouring words as one. Half of the register are persons: of theirs only particles, LE GOFF → LEGOFF."""
    theirs, others = persons.arg_true(), (~persons).arg_true()
    particles = folded.gather(theirs).str.extract_all(_PARTICLE).list.join("\n")
    particles = particles.str.replace_all(" ", "", literal=True)
    empty = folded.clear(len(folded)).fill_null("")
    return empty.scatter(theirs, particles).scatter(others, _joined_pairs(folded.gather(others)))


def _joined_pairs(folded: pl.Series) -> pl.Series:
    """reference.words.joined, one a line; a name of two words has its key for that."""
    rows = folded.str.contains(" [A-Z0-9]+ ").arg_true()
    if not len(rows):
        return folded.clear(len(folded)).fill_null("")
    longer = folded.gather(rows)
    second = longer.str.replace("^[^ ]+ ", "")
    neighbours = (
        longer.str.replace_all(_PAIR, "${1}${2}\n").str.replace("[^\n]+$", "")
        + second.str.replace_all(_PAIR, "${1}${2}\n").str.replace("[^\n]+$", "")
        + longer.str.extract_all(_TRIPLE).list.join("\n").str.replace_all(" ", "", literal=True)
    )
    return folded.clear(len(folded)).fill_null("").scatter(rows, neighbours)
