"""What speaks for and against a match (matching.evidence), in the visitor's language."""

import re

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from foxreviews.reference.identifiers import format_siren

SENTENCES: dict[str, Promise] = {
    "the same SIREN": gettext_lazy("the same SIREN"),
    "the same SIRET": gettext_lazy("the same SIRET"),
    "another SIREN than the line's": gettext_lazy("another SIREN than the line's"),
    "the same name": gettext_lazy("the same name"),
    "the same name but for form, order or spaces": gettext_lazy(
        "the same name but for form, order or spaces"
    ),
    "the initials of the name": gettext_lazy("the initials of the name"),
    "nearly the same name": gettext_lazy("nearly the same name"),
    "words of the name": gettext_lazy("words of the name"),
    "another name": gettext_lazy("another name"),
    "in the same town": gettext_lazy("in the same town"),
    "under the same postal code": gettext_lazy("under the same postal code"),
    "in a town near by": gettext_lazy("in a town near by"),
    "in the same département": gettext_lazy("in the same département"),
    "far from the line's place": gettext_lazy("far from the line's place"),
    "at the same address": gettext_lazy("at the same address"),
    "in the same street": gettext_lazy("in the same street"),
    "in the same street, at another number": gettext_lazy("in the same street, at another number"),
    "in another street": gettext_lazy("in another street"),
    "the same trade": gettext_lazy("the same trade"),
    "a related trade": gettext_lazy("a related trade"),
    "another trade": gettext_lazy("another trade"),
    "another legal form": gettext_lazy("another legal form"),
    "one of both is an SCI": gettext_lazy("one of both is an SCI"),
    "the company has ceased": gettext_lazy("the company has ceased"),
    "no company is called like it": gettext_lazy("no company is called like it"),
    "nothing is near enough": gettext_lazy("nothing is near enough"),
}
OF_NAMES: dict[str, Promise] = {  # behind a sentence about a name
    "which it has no more": gettext_lazy("which it has no more"),
    "its initials by the register": gettext_lazy("its initials by the register"),
    "an old usual one": gettext_lazy("an old usual one"),
    "on its sign": gettext_lazy("on its sign"),
}
WITH_FIGURES: dict[str, Promise] = {
    r"(?P<share>[0-9]+ %) alike": gettext_lazy("%(share)s alike"),
    r"(?P<count>[0-9,]+) companies have that name": gettext_lazy("%(count)s companies have that name"),
    r"another company is nearly as likely: (?P<siren>[0-9]{9})": gettext_lazy(
        "another company is nearly as likely: %(siren)s"
    ),
}


def spoken(sentence: str) -> str:
    """The sentence in the language that is being spoken; one that is not known as it is."""
    if found := SENTENCES.get(sentence):
        return str(found)
    of_name, _, kind = sentence.rpartition(", ")
    if kind in OF_NAMES and of_name in SENTENCES:
        return f"{SENTENCES[of_name]}, {OF_NAMES[kind]}"
    for pattern, text in WITH_FIGURES.items():
        if figures := re.fullmatch(pattern, sentence):
            return str(text) % {name: _figure(name, value) for name, value in figures.groupdict().items()}
    return sentence


def _figure(name: str, text: str) -> str:
    """As the language writes it, without a line break inside."""
    if name == "count":
        return str(number_format(int(text.replace(",", "")), force_grouping=True))
    return format_siren(text) if name == "siren" else text.replace(" ", "\u00a0")
