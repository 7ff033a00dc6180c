"""What a page says where a search finds nothing: the word that is found nowhere, near spellings, wider lists."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from foxreviews.api.entreprises.companies import companies
from foxreviews.api.suggestions import Suggestion, suggestions
from foxreviews.core.errors import UsageError
from foxreviews.core.keyset import Window
from foxreviews.enterprise.filters import EVERYTHING, Filters
from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.search.engine import search_engine
from foxreviews.search.engines.postgres import PostgresEngine
from foxreviews.search.errors import SearchTimeoutError
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.ranking import RELEVANCE
from foxreviews.search.query.types import Hits
from foxreviews.web.asked import Asked
from foxreviews.web.choices import Choice, departement_of, labelled
from foxreviews.web.suggestions import url

MAX_WORDS = 6  # of a query, which are looked for one by one
MAX_WIDER = 6  # lists that are tried
MAX_NEAR = 5
ACTIVE = replace(EVERYTHING, is_active=True)


@dataclass(frozen=True)
class Nothing:
    """Lists that have something: of each word, of the others, in a wider place; and what is spelt nearly so."""

    words: list[Choice]
    others: Choice | None  # the query without the words that are found nowhere
    wider: list[Choice]
    near: list[tuple[str, str, str]]  # name, what tells namesakes apart, page


def nothing(asked: Asked) -> Nothing:
    """Without an index words are not counted: PostgreSQL would take seconds for each."""
    q = asked.values.get("q", "")
    has_index = search_engine().name != PostgresEngine.name
    words = list(_words(asked, q)) if has_index else []
    absent = [choice.label for choice in words if choice.count == 0]
    near = [each for word in (absent or q.split()[:1])[:2] for each in _near(word)]
    others = " ".join(word for word in q.split() if word not in absent)
    kept = asked.with_query(others) if absent and others else asked
    return Nothing(
        words,
        _others(kept) if kept is not asked else None,
        list(_wider(kept, others if kept is not asked else "")),
        [(each.label, each.detail, url(each)) for each in near][:MAX_NEAR],
    )


def _words(asked: Asked, q: str) -> Iterator[Choice]:
    """Each word with how many companies it finds by itself; none where the query is one word and nothing else.

    They are counted as its link shows them: ceased ones where they are asked for, or where there are no others.
    """
    typed = [word for word in dict.fromkeys(q.split()) if any(letter.isalnum() for letter in word)]
    for word in typed[:MAX_WORDS] if len(typed) > 1 or asked.filters else ():
        try:
            total = _total(word, [EVERYTHING] if asked.with_ceased else [ACTIVE, EVERYTHING])
        except UsageError:
            continue
        except SearchTimeoutError:
            return  # the others would take as long
        yield Choice(word, asked.url(q=word, **dict.fromkeys(asked.filters, "")), total)


def _total(word: str, either: list[Filters]) -> int | None:
    """Of the first filters that let a company through, else 0. Raises UsageError, SearchTimeoutError."""
    totals = (search_engine().search(interpret(word), each, Window(RELEVANCE, 1)).total for each in either)
    return next((total for total in totals if total != 0), 0)


def _others(asked: Asked) -> Choice | None:
    try:
        found = _found(asked, asked.params)
    except SearchTimeoutError:
        return None
    return Choice(asked.values["q"], asked.url(), found.total) if found else None


def _near(word: str) -> list[Suggestion]:
    try:
        return suggestions(word, MAX_NEAR) if any(letter.isalnum() for letter in word) else []
    except (UsageError, SearchTimeoutError):
        return []


def _wider(asked: Asked, words: str) -> Iterator[Choice]:
    """The list in the places that each of its own is in, and without each of its filters, where it has a company.

    `words` are named with each, where not all that were typed are left. After one that takes too long none is tried:
    each would hold the page for seconds more.
    """
    before = f"{words}, " if words else ""
    for label, params, path in islice(_candidates(asked), MAX_WIDER):
        try:
            found = _found(asked, params)
        except SearchTimeoutError:
            return
        if found:
            yield Choice(before + label, path, found.total)


def _candidates(asked: Asked) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The wider lists: what each is called, its parameters, its address."""
    for name, value in asked.filters.items():
        others = {each: asked.params[each] for each in asked.params if each != name}
        for place, code in _around(name, value):
            yield labelled(place, code), {**others, place: (code,)}, asked.url(**{name: "", place: code})
        if others:
            without = _("without %(label)s") % {"label": labelled(name, value)}
            yield without, others, asked.url(**{name: ""})


def _around(name: str, value: str) -> Iterator[tuple[str, str]]:
    """The département and the région of a place, as filters with their values."""
    departement = departement_of(name, value)
    if departement not in DEPARTEMENTS:
        return
    if name != "departement":
        yield "departement", departement
    if region := DEPARTEMENTS[departement].region:
        yield "region", region


def _found(asked: Asked, params: Mapping[str, Any]) -> Hits | None:
    """What the list would be with other parameters; None where it has no company. Raises SearchTimeoutError."""
    state = {} if asked.with_ceased else {"is_active": True}
    try:
        found = companies({**params, **state}, Window(asked.window.ordering, 1))
    except UsageError:
        return None
    return found if found.page.rows else None
