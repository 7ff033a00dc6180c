"""French is complete: each sentence of a problem has one, and the compiled catalogue is that of its source."""

import ast
import gettext
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Formatter

ROOMS = Path(__file__).parents[3] / "foxreviews"
CATALOGUE = ROOMS / "locale" / "fr" / "LC_MESSAGES" / "django"
MARKS = {"_", "gettext", "gettext_lazy"}
# What makes one that a client sees, besides what is raised
ERRORS = re.compile(r"(?!Type|Value|Key)\w+Error|_refused|_that")
PYTHON = {"TypeError", "ValueError", "KeyError"}
WORDS = re.compile(r"[a-z] [a-z]")


def compiled() -> dict[str, str]:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        return {key: text for key, text in gettext.GNUTranslations(file)._catalog.items() if key}


def written() -> dict[str, str]:
    """The messages of the source, by their English."""
    pairs = re.findall(
        r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)', CATALOGUE.with_suffix(".po").read_text(), re.MULTILINE
    )
    read = [
        tuple("".join(map(ast.literal_eval, part.strip().splitlines())) for part in pair) for pair in pairs
    ]
    return {english: french for english, french in read if english}


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(ROOMS.rglob("*.py")):
        if "web" not in path.relative_to(ROOMS).parts:
            yield path, ast.parse(path.read_text())


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def asked() -> dict[str, str]:
    found = {}
    for path, tree in modules():
        for call in calls(tree):
            if name_of(call) in MARKS and call.args:
                assert isinstance(call.args[0], ast.Constant), f"{path.name}:{call.lineno}: no text by itself"
                found[call.args[0].value] = path.name
    return found


def test_every_sentence_has_its_french() -> None:
    known, needed = compiled(), asked()
    assert len(needed) > 100
    assert {text: where for text, where in needed.items() if not known.get(text)} == {}, "type: make messages"


def test_no_sentence_is_left_over() -> None:
    assert {*compiled()} - {*asked()} == set(), "type: make messages"


def test_the_compiled_catalogue_is_that_of_its_source() -> None:
    assert written() == compiled(), "type: make messages"


def test_a_sentence_and_its_french_have_the_same_values() -> None:
    def values(text: str) -> set[str]:
        return {*re.findall(r"(?<!\{)\{(\w+)\}", text)}

    assert {text for text, french in written().items() if values(text) != values(french)} == set()
    for text, french in written().items():
        if values(text):
            assert {each[1] for each in Formatter().parse(french) if each[1]} == values(text)


def test_signs_of_two_parts_stand_behind_a_space_that_does_not_break() -> None:
    assert [text for text in written().values() if re.search(r" [:;?!]( |$)", text)] == []


def test_no_error_of_the_api_speaks_english_alone() -> None:
    """A sentence of an error in api/ stands in `_("…")`, and its French in foxreviews/locale: make messages."""
    alone = []
    for path, tree in modules():
        if path.relative_to(ROOMS).parts[0] != "api":
            continue
        raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise)]
        for call in calls(tree):
            if ERRORS.fullmatch(name_of(call)) or (call in raised and name_of(call) not in PYTHON):
                texts = sentences_in([*call.args, *(each.value for each in call.keywords)])
            else:
                texts = sentences_in([each.value for each in call.keywords if each.arg == "error_messages"])
            alone += [f"{path.relative_to(ROOMS)}:{text.lineno}" for text in texts]
    assert alone == []


def sentences_in(nodes: Iterable[ast.AST]) -> Iterator[ast.Constant]:
    """The texts of several words below these that no mark stands around."""
    waiting = [*nodes]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call) and name_of(node) in MARKS:
            continue
        if isinstance(node, ast.Constant) and WORDS.search(str(node.value)):
            yield node
        waiting += ast.iter_child_nodes(node)
