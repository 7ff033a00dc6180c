"""Lines on their way to a page and back: what they weigh, and that no more of them is opened than a list has."""

import random
import string
from dataclasses import replace

import pytest
from django.core import signing

from foxreviews.matching.model import Decision
from foxreviews.matching.short_list import MAX_LINES, Line, read_list
from foxreviews.web.batches import MAX_OPENED, SALT, Batch, Company, Found, InvalidBatchError, batches, opened
from foxreviews.web.match import FOUND_BYTES, LINES_AT_ONCE

EVIDENCE = (
    "the same name but for form, order or spaces",
    "in a town near by",
    "in the same street, at another number",
)


def word(chance: random.Random, letters: int) -> str:
    return "".join(chance.choices(string.ascii_uppercase, k=letters))


def company(chance: random.Random) -> Company:
    siren = f"{chance.randrange(10**9):09}"
    nom = " ".join(word(chance, 7) for _ in range(3))
    return Company(
        siren, f"{siren}{chance.randrange(10**5):05}", nom, round(chance.random(), 4), "Lyon", True
    )


def listed(count: int, cell: str = "A") -> list[Batch]:
    return list(batches(read_list(f"nom;note\n{f'{cell};x{chr(10)}' * count}".encode()), LINES_AT_ONCE))


def test_what_is_found_weighs_no_more_than_is_reckoned_for_it() -> None:
    chance = random.Random(1)
    (part,) = listed(LINES_AT_ONCE)
    found = tuple(
        Found(
            Decision.REVIEW,
            round(chance.random(), 4),
            (*chance.sample(EVIDENCE, 2), f"another company is nearly as likely: {chance.randrange(10**9)}"),
            tuple(company(chance) for _ in range(3)),
        )
        for _ in part.lines
    )
    choices = sum(len(f"&l{line.number}=1") for line in part.lines)
    grown = len(replace(part, found=found).token) - len(part.token) + choices
    assert 0.7 < grown / len(part.lines) / FOUND_BYTES <= 1


def test_what_comes_back_is_what_the_file_needs() -> None:
    (part,) = listed(1)
    sent = company(random.Random(1))
    back = Batch.opened(replace(part, found=(Found(Decision.ACCEPT, 0.99, EVIDENCE, (sent,)),)).token)
    assert back.found is not None
    assert back.found[0].companies == (replace(sent, place="", is_active=False),)
    assert (back.titles, back.lines, back.found[0].evidence) == (part.titles, part.lines, EVIDENCE)


def test_a_list_comes_back_once_and_in_order() -> None:
    first, second = listed(LINES_AT_ONCE + 1)
    assert [part.first for part in opened([first.token, second.token])] == [2, LINES_AT_ONCE + 2]
    for tokens in ([first.token] * 700, [second.token, first.token], []):
        with pytest.raises(InvalidBatchError):
            opened(tokens)


def test_parts_of_two_lists_are_no_list() -> None:
    first, second = listed(LINES_AT_ONCE + 1)
    narrow = replace(
        second, titles=("nom",), lines=tuple(replace(line, cells=("A",)) for line in second.lines)
    )
    with pytest.raises(InvalidBatchError):
        opened([first.token, narrow.token])


@pytest.mark.parametrize(("lines", "cell"), [(MAX_LINES + 1, "A"), (10, "A" * 30_000)])
def test_no_more_is_opened_than_a_list_may_have(lines: int, cell: str) -> None:
    titles, places = ("nom",), {"nom": (0,)}
    parts = [Batch(titles, places, (Line(number, (cell,)),)) for number in range(2, lines + 2)]
    with pytest.raises(InvalidBatchError):
        opened(part.token for part in parts)


def test_a_token_that_would_fill_the_memory_is_not_unpacked() -> None:
    bomb = signing.dumps(["A" * MAX_OPENED * 2, {}, [], None], salt=SALT, compress=True)
    assert len(bomb) < 20_000
    with pytest.raises(InvalidBatchError):
        Batch.opened(bomb)
