"""Lines of a visitor's list on their way: to the page, back to be matched, back to be written as a file.

The page carries them, so that nothing of a list is kept on a server. They are signed: what comes back is what was sent.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core import signing
from django.utils.translation import gettext_lazy

from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.keyset import Row
from foxreviews.enterprise.by_siren import companies_by_siren
from foxreviews.enterprise.privacy import masked
from foxreviews.matching.matcher import Candidate, Match
from foxreviews.matching.model import Decision
from foxreviews.matching.record import NAMES, NUMBERS
from foxreviews.matching.results import matches
from foxreviews.matching.short_list import MAX_BYTES, MAX_LINES, Line, ShortList
from foxreviews.web import slugs
from foxreviews.web.evidence import spoken
from foxreviews.web.wording import place

SALT = "foxreviews.web.batches"
NONE = "0"  # the choice of no company
MAX_SHOWN = 100  # letters of what a line says
MAX_OPENED = (
    2_000_000  # bytes of JSON in one token: a list of 200 kB in letters that JSON spells out is 1.2 MB
)
STATES = {
    Decision.ACCEPT: gettext_lazy("accepted"),
    Decision.REVIEW: gettext_lazy("to review"),
    Decision.NONE: gettext_lazy("no company"),
}


class InvalidBatchError(FoxreviewsError):
    """What comes back is not what was sent."""

    status = 400
    code = "invalid-batch"


@dataclass(frozen=True)
class Company:
    """A company that a line may mean; `place` is that of its head office.

    What is on the page alone, `place` and `is_active`, does not come back from it.
    """

    siren: str
    siret: str
    nom: str
    confidence: float
    place: str = ""
    is_active: bool = False

    @property
    def url(self) -> str:
        """The address of its page."""
        return slugs.of_siren(self.siren, self.nom)

    @property
    def percent(self) -> str:
        """How likely it is meant."""
        return percent(self.confidence)

    def as_candidate(self) -> Candidate:
        return Candidate(self.siren, self.siret, self.nom, self.confidence)


@dataclass(frozen=True)
class Found:
    """What became of a line. Unless nothing is near enough, the first company is the best, which `evidence` is of."""

    decision: Decision
    confidence: float
    evidence: tuple[str, ...]  # in English
    companies: tuple[Company, ...]

    @property
    def proposed(self) -> str:
        """The choice that stands before anyone has chosen; "" where a person must."""
        return {Decision.ACCEPT: "1", Decision.NONE: NONE}.get(self.decision, "")

    def as_match(self, choice: str) -> Match:
        """The result as the visitor leaves it: a choice is NONE, the number of a company, or "" for none yet."""
        others = [each.as_candidate() for each in self.companies]
        evidence = tuple(map(spoken, self.evidence))
        has_best = self.decision is not Decision.NONE
        if choice == self.proposed:
            best = others.pop(0) if has_best else None
            return Match(self.decision, self.confidence, best, evidence, tuple(others))
        if choice == NONE:
            return Match(Decision.NONE, self.confidence, None, evidence, tuple(others[:2]))
        number = int(choice) - 1
        best = others.pop(number)
        return Match(
            Decision.ACCEPT,
            best.confidence,
            best,
            evidence if has_best and not number else (),
            tuple(others),
        )

    def choices(self) -> set[str]:
        """What may be chosen."""
        return {NONE, "", *(str(number) for number, _ in enumerate(self.companies, 1))}


@dataclass(frozen=True)
class Option:
    """A company that may be chosen, by its value in the form or by a key."""

    value: str
    key: str
    company: Company


@dataclass(frozen=True)
class Shown:
    """A line in the table."""

    number: int
    name: str
    detail: str
    found: Found

    @property
    def state(self) -> str:
        """In a word."""
        return str(STATES[self.found.decision])

    @property
    def percent(self) -> str:
        """How likely the best company is meant."""
        return percent(self.found.confidence)

    @property
    def evidence(self) -> str:
        """In words."""
        return " · ".join(map(spoken, self.found.evidence))

    @property
    def options(self) -> list[Option]:
        """The best company is chosen by Enter, the next two by their numbers."""
        keys = ("1", "2") if self.found.decision is Decision.NONE else ("Enter", "1", "2")
        return [
            Option(str(value), key, company)
            for value, (key, company) in enumerate(zip(keys, self.found.companies, strict=False), 1)
        ]


@dataclass(frozen=True)
class Batch:
    """Lines that are matched by one request, and what was found of them; None before."""

    titles: tuple[str, ...]
    places: Mapping[str, tuple[int, ...]]  # of matching.record.FIELDS: columns of each
    lines: tuple[Line, ...]
    found: tuple[Found, ...] | None = None

    @classmethod
    def opened(cls, token: str) -> "Batch":
        """What a page has sent back. Raises InvalidBatchError."""
        try:
            titles, places, lines, found = json.loads(_unpacked(token))
        except signing.BadSignature as error:
            raise InvalidBatchError("These lines are not as they were sent. Send the list again.") from error
        return cls(
            tuple(titles),
            {name: tuple(ats) for name, ats in places.items()},
            tuple(Line(number, tuple(cells)) for number, cells in lines),
            None if found is None else tuple(map(_found, found)),
        )

    @property
    def first(self) -> int:
        """The number of its first line."""
        return self.lines[0].number

    @property
    def last(self) -> int:
        """The number of its last line."""
        return self.lines[-1].number

    @property
    def token(self) -> str:
        """For the page to carry."""
        lines = [(line.number, line.cells) for line in self.lines]
        found = None if self.found is None else [_packed(each) for each in self.found]
        return signing.dumps([self.titles, self.places, lines, found], salt=SALT, compress=True)

    def matched(self) -> "Batch":
        """With what is found. Raises NoIndexError."""
        results = matches([self._values(line) for line in self.lines])
        sirens = {each.siren for result in results for each in _candidates(result)}
        rows = {siren: masked(row) for siren, row in companies_by_siren(sorted(sirens)).items()}
        return replace(self, found=tuple(_read(result, rows) for result in results))

    @property
    def shown(self) -> list[Shown]:
        """Its lines in the table, where they are matched."""
        return [
            self._shown(line, found)
            for line, found in zip(self.lines, self.found or (), strict=bool(self.found))
        ]

    def _shown(self, line: Line, found: Found) -> Shown:
        values = self._values(line)
        name = next(filter(None, (values.get(each, "").strip() for each in (*NAMES, *NUMBERS))), "")
        town = " ".join(filter(None, (values.get(each, "").strip() for each in ("code_postal", "ville_nom"))))
        detail = ", ".join(filter(None, (values.get("adresse", "").strip(), town)))
        return Shown(line.number, _cut(name), _cut(detail), found)

    def _values(self, line: Line) -> dict[str, str]:
        return {
            name: " ".join(filter(None, (line.cells[at] for at in ats))) for name, ats in self.places.items()
        }


def batches(given: ShortList, size: int) -> Iterator[Batch]:
    """The lines of a list, so many in each."""
    columns = given.columns
    for at in range(0, len(given.lines), size):
        yield Batch(columns.titles, columns.places, given.lines[at : at + size])


def opened(tokens: Iterable[str]) -> list[Batch]:
    """The lines of one list, as a page has sent them back. Raises InvalidBatchError where they are more than a list.

    Each is looked at before the next is opened: whoever sends one of them again and again fills no memory.
    """
    parts: list[Batch] = []
    last = lines = letters = 0
    for token in tokens:
        part = Batch.opened(token)
        lines += len(part.lines)
        letters += sum(len(cell) for line in part.lines for cell in line.cells)
        is_next = part.first > last and (not parts or part.titles == parts[0].titles)
        if not is_next or lines > MAX_LINES or letters > MAX_BYTES:
            raise InvalidBatchError("These lines are not those of one list. Send the list again.")
        last = part.last
        parts.append(replace(part, titles=parts[0].titles) if parts else part)
    if not parts:
        raise InvalidBatchError("There are no lines.")
    return parts


def percent(confidence: float) -> str:
    """Never 0 or 100: nothing is certain."""
    return "< 1" if confidence < 0.01 else f"{min(99, round(100 * confidence))}"


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def _candidates(result: Match) -> Sequence[Candidate]:
    return (*([result.best] if result.best else ()), *result.others)


def _read(result: Match, rows: Mapping[str, Row]) -> Found:
    return Found(
        result.decision,
        result.confidence,
        result.evidence,
        tuple(
            Company(each.siren, each.siret, each.nom, each.confidence, *_about(rows.get(each.siren)))
            for each in _candidates(result)
        ),
    )


def _about(row: Row | None) -> tuple[str, bool]:
    """The place of a company, and whether it is active; it may be gone meanwhile."""
    return (place(row), bool(row["is_active"])) if row else ("", False)


def _unpacked(token: str) -> bytes:
    """What was signed. Raises BadSignature, also where it is larger than any that is made here."""
    signed = signing.TimestampSigner(salt=SALT).unsign(token)
    data = signing.b64_decode(signed.removeprefix(".").encode())
    if not signed.startswith("."):  # no smaller compressed
        return data
    opening = zlib.decompressobj()
    text = opening.decompress(data, MAX_OPENED)
    if opening.unconsumed_tail:
        raise signing.BadSignature("It is too large.")
    return text


def _packed(found: Found) -> list[object]:
    companies = [
        (each.siret or each.siren, each.nom, round(10_000 * each.confidence)) for each in found.companies
    ]
    return [str(found.decision), found.confidence, found.evidence, companies]


def _found(packed: Sequence[Any]) -> Found:
    decision, confidence, evidence, companies = packed
    return Found(
        Decision(decision), confidence, tuple(evidence), tuple(_company(*each) for each in companies)
    )


def _company(number: str, nom: str, confidence: int) -> Company:
    """Of its SIRET, which begins with its SIREN, or of that alone."""
    return Company(number[:9], number if len(number) > 9 else "", nom, confidence / 10_000)
