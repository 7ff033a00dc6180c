"""French is complete: each sentence of the pages has one, and the compiled catalogue is that of its source."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

WEB = Path(__file__).parents[3] / "foxreviews" / "web"
CATALOGUE = WEB / "locale" / "fr" / "LC_MESSAGES" / "django"
CALL = re.compile(
    r"""(?<!n)gettext(?:_lazy)?\(\s*u?(['"])(.*?)(?<!\\)\1|ngettext\(u?(['"])(.*?)(?<!\\)\3""", re.DOTALL
)

VALUE = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
BLOCK = re.compile(r"{%\s*blocktranslate\b.*?{%\s*endblocktranslate\s*%}", re.DOTALL)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
ELEMENT = re.compile(r"<(!?\w+|/\w+)((?:\s+[\w:-]+(?:=\"[^\"]*\"|='[^']*')?|\s+/?)*)\s*/?>", re.DOTALL)
ATTRIBUTE = re.compile(r'([\w:-]+)="([^"]*)"')
CODE = re.compile(r"<(code|kbd)\b.*?</\1>", re.DOTALL)
WORD = re.compile(r"[^\W\d_]{2,}")
SPOKEN = {"aria-label", "title", "alt", "placeholder"}
SAMPLES = {("textarea", "placeholder")}  # a list in French
THE_SAME_IN_BOTH = {
    "foxreviews", "SIREN", "SIRET", "NAF", "rév", "JSON", "CSV", "Atom", "km", "format", "Français", "English", "nbsp",
}  # fmt: skip


def compiled() -> dict[str, str]:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog
    singular = {key: text for key, text in catalogue.items() if not (isinstance(key, tuple) and key[1])}
    return {key[0] if isinstance(key, tuple) else key: text for key, text in singular.items() if key}


def written() -> dict[str, str]:
    """The messages of the source, by their English."""
    pairs = re.findall(
        r'^msgid ((?:".*"\n)+)(?:msgid_plural (?:".*"\n)+)?msgstr(?:\[0\])? ((?:".*"\n?)+)',
        CATALOGUE.with_suffix(".po").read_text(), re.MULTILINE,
    )  # fmt: skip
    read = [
        tuple("".join(map(ast.literal_eval, part.strip().splitlines())) for part in pair) for pair in pairs
    ]
    return {english: french for english, french in read if english}


def asked() -> Iterator[tuple[str, str]]:
    for path in sorted(WEB.rglob("*.html")):
        for found in CALL.finditer(templatize(path.read_text())):
            yield (found[2] or found[4]).replace("\\n", "\n").replace("\\'", "'"), path.name
    for path in sorted(WEB.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {
                "_",
                "gettext",
                "gettext_lazy",
            }:
                assert isinstance(node.args[0], ast.Constant)
                yield node.args[0].value, path.name


def test_every_sentence_has_its_french() -> None:
    known, needed = compiled(), dict(asked())
    assert len(needed) > 150
    assert {text: where for text, where in needed.items() if not known.get(text)} == {}


def test_no_sentence_is_left_over() -> None:
    assert {*compiled()} - {text for text, _ in asked()} == set()


def test_each_plural_has_both_of_its_forms() -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        known = gettext.GNUTranslations(file)._catalog
    plurals = {key[0] for key in known if isinstance(key, tuple)}
    assert len(plurals) > 5
    assert [text for text in plurals if not all(known.get((text, form)) for form in (0, 1))] == []


def test_french_has_the_values_that_english_has() -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        known = gettext.GNUTranslations(file)._catalog
    different = [
        text
        for key, text in known.items()
        if key and {*VALUE.findall(key[0] if isinstance(key, tuple) else key)} != {*VALUE.findall(text)}
    ]
    assert different == []


def bare(path: Path) -> Iterator[str]:
    """The words of a template that stand in no translation."""
    text = BLOCK.sub(" ", path.read_text())
    for tag, attributes in ELEMENT.findall(TAG.sub(" ", text)):
        for name, value in ATTRIBUTE.findall(attributes):
            if name in SPOKEN and (tag, name) not in SAMPLES:
                yield from WORD.findall(value)
    yield from WORD.findall(ATTRIBUTE.sub(" ", ELEMENT.sub(" ", CODE.sub(" ", TAG.sub(" ", text)))))


def test_no_word_of_a_page_stands_outside_the_catalogue() -> None:
    templates = [path for path in sorted(WEB.rglob("*.html")) if path.name != "style.html"]
    assert len(templates) > 30
    found = {path.name: {*bare(path)} - THE_SAME_IN_BOTH for path in templates}
    assert {name: words for name, words in found.items() if words} == {}


def test_the_compiled_catalogue_is_that_of_its_source() -> None:
    assert written() == compiled(), "type: make messages"


def test_signs_of_two_parts_stand_behind_a_space_that_does_not_break() -> None:
    assert [text for text in written().values() if re.search(r" [:;?!]", text)] == []
