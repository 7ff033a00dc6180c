"""What an endpoint's text states, held against the facts: one number, name or place too many, and it is thrown away.

Not a list of what is forbidden, which never ends, but of what is allowed. The facts are taken out of the text, in the
ways of saying them that `facts.phrases` knows, each whole: «10 à 19 salariés» goes, «1 500 salariés» stays. The names
go only where a sentence begins with them: a company called MARSEILLE is not therefore in Marseille. What is left may
hold no digit, no capital but at the beginning of a sentence, and no word outside of vocabulary.txt, which has no
number, name, place, negation or praise. So a name in small letters, a number in words, a town in the middle of a word
or in letters that only look Latin are refused as well, without being known.

The price: a text that is true and well put may be thrown away, and the sentences by rule are shown instead.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from foxreviews.descriptions.facts import Facts

MIN_CHARACTERS, MAX_CHARACTERS = 30, 800
FACT = "\0"  # where a fact was taken out
SPACES = {ord(each): " " for each in "\u00a0\u202f\u2009"} | {ord("’"): "'"}
_ALLOWED_SIGNS = re.compile(r"[^\W\d_]|[ .,;:()'«»–-]|" + FACT)
_SENTENCE = re.compile(r"(?<=[.!?]) +")
_TOKEN = re.compile(rf"[^\W\d_]+|{FACT}")
# What tells an operator why; a number that is not here is refused as a word that is not known.
_NUMBERS = (
    "zéro deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante "
    "cinquante soixante septante huitante octante nonante cent cents mille millier milliers million millions milliard "
    "milliards dizaine dizaines douzaine quinzaine vingtaine trentaine quarantaine cinquantaine soixantaine centaine "
    "centaines premier première premiers second seconde deuxième troisième unique seul seule plusieurs double triple "
    "moitié tiers quart"
)
_NUMBER_WORDS = frozenset(_NUMBERS.split())
_COUNTED = re.compile(
    r"\bune? (?:seule? )?(?:salarié|employé|habitant|collaborat|personne|établissement|site|an\b)"
)


def problem(text: str, facts: Facts) -> str:
    """Why the text is thrown away, one word of shape, missing, number, name and word; "" where it holds.

    word: one that is neither in the facts nor in the vocabulary.
    """
    plain = plain_text(text)
    if not MIN_CHARACTERS <= len(plain) <= MAX_CHARACTERS or not plain.endswith("."):
        return "shape"
    folded = plain.casefold()
    if any(plain_text(each).casefold() not in folded for each in facts.required):
        return "missing"
    rest = _without(plain, facts)
    if any(letter.isnumeric() for letter in rest) or _COUNTED.search(rest.casefold()):
        return "number"
    if any(not _ALLOWED_SIGNS.fullmatch(letter) for letter in rest):
        return "shape"
    own = frozenset(_small_words(facts.words)) - _NUMBER_WORDS
    wrong = (each for sentence in _SENTENCE.split(rest) if (each := _wrong_word(sentence, own)))
    return next(wrong, "")


def plain_text(text: str) -> str:
    """With one kind of space and of apostrophe, and composed letters."""
    return unicodedata.normalize("NFC", text).translate(SPACES).strip()


def _without(text: str, facts: Facts) -> str:
    """The text without the facts that it states: the names, and then the phrases, the longest first."""
    title, *others = (re.escape(plain_text(name)) for name in facts.names or ("",))
    if title:
        text = re.sub(rf"(?:^|(?<=[.!?] )){title}(?![\w-])", FACT, text, flags=re.IGNORECASE)
    for name in others:
        text = re.sub(
            rf"nom commercial (?:est )?(?:« ?)?{name}(?: ?»)?(?![\w-])", FACT, text, flags=re.IGNORECASE
        )
    for phrase in sorted(map(plain_text, facts.phrases()), key=len, reverse=True):
        text = re.sub(rf"(?<![\w-]){re.escape(phrase)}(?![\w-])", FACT, text, flags=re.IGNORECASE)
    return text


def _wrong_word(sentence: str, own: frozenset[str]) -> str:
    """What is wrong with its first word that is not allowed; "" where each is."""
    for place, token in enumerate(_TOKEN.findall(sentence)):
        if token == FACT:
            continue
        small = token.lower()
        if token != small and (place or token[1:] != small[1:]):
            return "name"
        if small in _NUMBER_WORDS:
            return "number"
        if small not in vocabulary() and small not in own:
            return "word"
    return ""


def _small_words(text: str) -> Iterable[str]:
    return (word for word in _TOKEN.findall(text) if word == word.lower())


@cache
def vocabulary() -> frozenset[str]:
    """The words that any description may use, in small letters."""
    text = Path(__file__).with_name("vocabulary.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(" ".join(lines).split())
