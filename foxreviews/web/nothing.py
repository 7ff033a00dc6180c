"""What a page says where a search finds nothing: the word that is found nowhere, near spellings, wider lists."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from foxreviews.api.entreprises.companies import companies
from foxreviews.api.suggestions import Suggestion, suggestions
from foxreviews.core.keyset import Window
from foxreviews.enterprise.filters import EVERYTHING
from foxreviews.search.engine import search_engine
from foxreviews.search.engines.postgres import PostgresEngine
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.ranking import RELEVANCE
from foxreviews.web.asked import Asked
from foxreviews.web.choices import Choice, labelled
from foxreviews.web.suggestions import url

MAX_WORDS = 6  # of a query, which are looked for one by one
MAX_NEAR = 5


@dataclass(frozen=True)
class Nothing:
    """Lists that have something: of each word, without one of the filters; and what is spelt nearly so."""

    words: list[Choice]
    wider: list[Choice]
    near: list[tuple[str, str, str]]  # name, what tells namesakes apart, page


def nothing(asked: Asked) -> Nothing:
    """Without an index words are not counted: PostgreSQL would take seconds for each."""
    q = asked.values.get("q", "")
    has_index = search_engine().name != PostgresEngine.name
    words = list(_words(asked, q)) if has_index else []
    absent = [choice.label for choice in words if choice.count == 0] or q.split()[:1]
    near = [each for word in absent[:2] for each in _near(word)]
    return Nothing(
        words, list(_wider(asked)), [(each.label, each.detail, url(each)) for each in near][:MAX_NEAR]
    )


def _words(asked: Asked, q: str) -> Iterator[Choice]:
    """Each word with how many companies it finds by itself; none where the query is one word and nothing else."""
    typed = [word for word in dict.fromkeys(q.split()) if any(letter.isalnum() for letter in word)]
    for word in typed[:MAX_WORDS] if len(typed) > 1 or asked.filters else ():
        found = search_engine().search(interpret(word), EVERYTHING, Window(RELEVANCE, 1))
        yield Choice(word, asked.url(q=word, **dict.fromkeys(asked.filters, "")), found.total)


def _near(word: str) -> list[Suggestion]:
    return suggestions(word, MAX_NEAR) if any(letter.isalnum() for letter in word) else []


def _wider(asked: Asked) -> Iterator[Choice]:
    """The list without each of its filters, where it then has a company."""
    state = {} if asked.with_ceased else {"is_active": True}
    for name, value in asked.filters.items():
        others = {each: asked.params[each] for each in asked.params if each != name}
        if not others:
            continue
        found = companies(others | state, replace(asked.window, size=1))
        if found.page.rows:
            yield Choice(labelled(name, value), asked.url(**{name: ""}), found.total)
