"""From what was typed to a Query."""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from foxreviews.core.messages import say
from foxreviews.reference import naf
from foxreviews.reference.identifiers import clean_digits
from foxreviews.reference.typed_numbers import sirens_in
from foxreviews.reference.words import key
from foxreviews.search.errors import EmptyQueryError, QueryTooLongError
from foxreviews.search.query.types import Query

MAX_CHARACTERS = 256  # the longest name of a company has 255
MAX_WORDS = 16

_NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # controls, halves of surrogate pairs
_POSTAL_CODE = re.compile(r"[0-9]{5}")
# Behind these, and behind the sign for a number that may follow, five digits are those of a box or of a rural round
_BOXES = {"BP", "BOITEPOSTALE", "CS", "TSA", "CIDEX"}
_NUMBER_SIGNS = {"N", "NO", "NUMERO"}


def interpret(text: str) -> Query:
    """The query that `text` asks.

    A SIREN anywhere in it may name a company, by itself, in a SIRET or in a VAT number: the directory has companies,
    so any establishment's number leads to its company. Signs without a letter or digit are left out where there are
    words ("Dupont & Fils"). Of a text with a number the first MAX_WORDS words are kept: it may be a whole letterhead.
    Raises EmptyQueryError, QueryTooLongError.
    """
    if len(text) > MAX_CHARACTERS:
        sentence = _("A query has at most {most} characters, this one {count}.")
        raise QueryTooLongError(say(sentence, most=MAX_CHARACTERS, count=len(text)))
    text = unicodedata.normalize("NFC", _NOT_TEXT.sub(" ", text))
    sirens = sirens_in(text)
    if sirens and (digits := clean_digits(text)).isdigit():
        return Query(digits, sirens=sirens)  # not the words of its groups: street numbers have them
    typed = list(dict.fromkeys(text.split()))  # a word asked for twice is asked for once
    words = [word for word in typed if any(letter.isalnum() for letter in word)] or typed
    if not words:
        raise EmptyQueryError(
            _("There is nothing to look for: type a name, a SIREN, a SIRET or a postal code.")
        )
    if len(words) > MAX_WORDS and not sirens:
        sentence = _("A query has at most {most} words, this one {count}.")
        raise QueryTooLongError(say(sentence, most=MAX_WORDS, count=len(words)))
    words = words[:MAX_WORDS]
    code_postal = _postal_code(text.split())
    naf_code = next((naf.normalise(word) for word in words if naf.label(naf.normalise(word))), "")
    words = [
        word for word in words if word != code_postal and not (naf_code and naf.normalise(word) == naf_code)
    ]
    return Query(" ".join(words), sirens=sirens, code_postal=code_postal, naf_code=naf_code)


def _postal_code(typed: list[str]) -> str:
    """The first five digits that are not those of a box."""
    for place, word in enumerate(typed):
        if _POSTAL_CODE.fullmatch(word):
            before = [key(each) for each in typed[max(place - 3, 0) : place]]
            if before and before[-1] in _NUMBER_SIGNS:
                before.pop()
            if not _BOXES & {"".join(before[-count:]) for count in (1, 2)}:
                return word
    return ""
