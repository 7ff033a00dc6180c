"""A name that is being typed, as conditions on the index of companies: the first of them that finds enough will do.

Much less is asked than by a search (search.query.tiers), so that every keystroke is answered: nothing is counted, and
the address is left alone. Two letters begin half a million names and are waited for (25 ms); three take 5 ms.
"""

from collections.abc import Iterator

import tantivy
from tantivy import Occur

from foxreviews.search.index.schema import HIDDEN_KEY
from foxreviews.search.query.ranking import Tier
from foxreviews.search.query.tiers import Frequency
from foxreviews.search.query.types import Query
from foxreviews.search.query.typos import typos_of

ENOUGH = 3  # companies, with which no more lenient condition is asked
LEAST = 3  # letters of a word that other words may begin with
LEAST_WHOLE = 6  # letters of a name that others may begin with, in any spacing


class Unfinished:
    """The conditions of one query; it has words."""

    def __init__(self, schema: tantivy.Schema, query: Query, frequency: Frequency) -> None:
        self.schema, self.query, self._frequency = schema, query, frequency
        *self.others, self.last = query.words

    def steps(self) -> Iterator[tuple[Tier, tantivy.Query]]:
        """From strict to lenient; each may find again what a better one has found."""
        if self._frequency("key", self.query.key):
            yield Tier.EXACT, self._shown(self._term("key", self.query.key))
        yield Tier.BEGINNING, self._shown(self._words("nom"))
        if self.others:
            yield Tier.BEGINNING, self._shown(self._words("lieu"))
        if len(self.query.key) >= LEAST_WHOLE:  # in any spacing: "total ener", "totalener"
            yield Tier.BEGINNING, self._shown(self._beginning("key", self.query.key))
        yield Tier.TYPO, self._shown(self._words("nom", typos=True))

    def _words(self, field: str, *, typos: bool = False) -> tantivy.Query:
        """All words in the name, or in `field`; there the last of them may be unfinished."""
        every = [self._word(word, field, typos=typos) for word in self.others]
        last = self._word(self.last, field, typos=typos, unfinished=True)
        return tantivy.Query.boolean_query([(Occur.Must, each) for each in (*every, last)])

    def _word(self, word: str, field: str, *, typos: bool, unfinished: bool = False) -> tantivy.Query:
        prefix = unfinished and len(word) >= LEAST and not word.isdigit()
        found = [self._term(each, word) for each in {"nom", "joined", field}]
        if prefix:
            found.append(self._beginning(field, word))
        if typos and len(word) > LEAST and typos_of(word):
            found.append(tantivy.Query.fuzzy_term_query(self.schema, "nom", word, distance=1, prefix=prefix))
        return _any(found)

    def _beginning(self, field: str, word: str) -> tantivy.Query:
        return tantivy.Query.fuzzy_term_query(self.schema, field, word, distance=0, prefix=True)

    def _term(self, field: str, word: str) -> tantivy.Query:
        return tantivy.Query.term_query(self.schema, field, word, "basic")

    def _shown(self, condition: tantivy.Query) -> tantivy.Query:
        hidden = self._term("key", HIDDEN_KEY)
        return tantivy.Query.boolean_query([(Occur.Must, condition), (Occur.MustNot, hidden)])


def _any(conditions: list[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(Occur.Should, condition) for condition in conditions])
