"""Records → the companies that they mean: candidates, their rows, what speaks for each, a decision.

A block of records takes three statements of PostgreSQL, however many records it has. What becomes of a record depends
on it and on the directory alone, not on the records next to it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from math import log
from typing import Any

from django.db import connection

from foxreviews.core import sql
from foxreviews.enterprise import partitions
from foxreviews.enterprise.hidden_since import FORMER_NAMES
from foxreviews.enterprise.privacy import HIDDEN_SQL
from foxreviews.enterprise.successions import doublons_de
from foxreviews.matching.candidates import Candidates
from foxreviews.matching.errors import NoIndexError
from foxreviews.matching.evidence import Company, Establishment, Evidence, Judge
from foxreviews.matching.model import Decision, Model, shipped
from foxreviews.matching.names import Weight
from foxreviews.matching.record import Record
from foxreviews.matching.towns import Towns
from foxreviews.reference.words import key
from foxreviews.search.engine import read_companies
from foxreviews.search.query.nodes import AllOf, Index

MAX_JUDGED = 12  # candidates of a record that are compared in full
MAX_PLACED = 4  # of them whose establishments are looked at
SURE = 0.97  # confidence, with which nobody looks for misspelt names
OTHERS = 2  # candidates behind the best that are told

CANDIDATES = (
    sql.load(__file__, "candidates").replace("{former_names}", FORMER_NAMES).replace("{hidden}", HIDDEN_SQL)
)
ESTABLISHMENTS = sql.load(__file__, "establishments")


@dataclass(frozen=True)
class Candidate:
    """A company that a record may mean."""

    siren: str
    siret: str  # the establishment that is meant, "" where the directory knows none
    nom: str
    confidence: float


@dataclass(frozen=True)
class Match:
    """What became of a record: without a `best` nothing is near enough; `evidence` says why."""

    decision: Decision
    confidence: float
    best: Candidate | None = None
    evidence: tuple[str, ...] = ()
    others: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class Judged:
    """The candidates of a record that were compared, the best first, each with its calibrated confidence."""

    evidence: tuple[Evidence, ...] = ()
    confidences: tuple[float, ...] = ()


def match(records: Sequence[Record], towns: Towns, model: Model | None = None) -> list[Match]:
    """A match for each record. Raises NoIndexError where there is no index to read."""
    used = model or shipped()
    return [_match(judged, used) for judged in judge(records, towns, used)]


def judge(records: Sequence[Record], towns: Towns, model: Model) -> list[Judged]:
    """The candidates of each record. Raises NoIndexError."""
    found = read_companies(lambda index: _Block(index, records, towns, model).judged())
    if found is None:
        raise NoIndexError
    return found


def _match(judged: Judged, model: Model) -> Match:
    if not judged.evidence:
        return Match(Decision.NONE, 0.0, evidence=("no company is called like it",))
    best, confidence = judged.evidence[0], judged.confidences[0]
    decision = model.decide(confidence, best)
    candidates = [
        Candidate(each.company.siren, each.site.siret, each.company.nom, round(sure, 4))
        for each, sure in zip(judged.evidence, judged.confidences, strict=True)
    ]
    sentences = tuple(best.sentences())
    if len(candidates) > 1 and judged.confidences[1] > confidence / 4:
        sentences += (f"another company is nearly as likely: {candidates[1].siren}",)
    if decision is Decision.NONE:
        return Match(
            decision,
            round(confidence, 4),
            None,
            ("nothing is near enough", *sentences),
            tuple(candidates[:OTHERS]),
        )
    return Match(decision, round(confidence, 4), candidates[0], sentences, tuple(candidates[1 : 1 + OTHERS]))


class _Block:
    """Records that are matched together, with what is read for all of them at once."""

    def __init__(self, index: Index, records: Sequence[Record], towns: Towns, model: Model) -> None:
        self._index, self._records, self._towns, self._model = index, records, towns, model
        size = index.count(AllOf(()))
        self._candidates = Candidates(index, size)
        self._weight = weights(index, size)
        self._judges = [Judge(record, towns, self._weight) for record in records]
        self._companies: dict[str, Company] = {}

    def judged(self) -> list[Judged]:
        """The candidates of each record."""
        sirens = [self._likely(record) for record in self._records]
        self._read(sirens)
        for siren, other in self._doubles().items():
            for number, record in enumerate(self._records):
                if record.siren == siren:
                    sirens[number].append(other)
        first = [self._first(judge, found) for judge, found in zip(self._judges, sirens, strict=True)]
        unsure = [
            number for number, each in enumerate(first) if not each.confidences or each.confidences[0] < SURE
        ]
        more = {number: self._candidates.lenient(self._records[number]) for number in unsure}
        self._read(more.values())
        for number, found in more.items():
            if new := [siren for siren in found if siren not in sirens[number]]:
                first[number] = self._first(self._judges[number], [*sirens[number], *new])
        return self._placed(first)

    def _likely(self, record: Record) -> list[str]:
        found = self._candidates.likely(record) if record.names or record.adresse else []
        return [*dict.fromkeys(filter(None, (record.siren, *found)))]

    def _doubles(self) -> dict[str, str]:
        """Of the SIREN that the records give and the directory lacks, those that stand for them."""
        lacking = sorted({record.siren for record in self._records if record.siren} - self._companies.keys())
        doubles = doublons_de(lacking) if lacking else {}
        self._read([[*doubles.values()]])
        return doubles

    def _read(self, sirens: Collection[Sequence[str]]) -> None:
        wanted = sorted({siren for each in sirens for siren in each} - self._companies.keys())
        if not wanted:
            return
        for row in partitions.by_siren(CANDIDATES, wanted):
            self._companies[row["siren"]] = Company(**row)

    def _first(self, judge: Judge, sirens: Sequence[str]) -> Judged:
        """By the companies alone, without their establishments."""
        companies = [self._companies[siren] for siren in sirens if siren in self._companies]
        if len(companies) > MAX_JUDGED:
            companies.sort(key=lambda each: (-judge.likeness(each), each.siren))
            del companies[MAX_JUDGED:]
        return self._in_order([judge.judge(each, (), self._namesakes(each)) for each in companies])

    def _in_order(self, found: list[Evidence]) -> Judged:
        scored = sorted(
            ((self._model.score_of(each), each) for each in found),
            key=lambda pair: (-pair[0], pair[1].company.siren),
        )
        confidences = self._model.confidences([score for score, _ in scored])
        return Judged(tuple(each for _, each in scored), tuple(confidences))

    def _placed(self, first: Sequence[Judged]) -> list[Judged]:
        """The same with the establishments around each record's place."""
        pairs = [
            (number, evidence.company.siren)
            for number, judged in enumerate(first)
            for evidence in judged.evidence[:MAX_PLACED]
        ]
        places = self._establishments(pairs)
        found = []
        for number, judged in enumerate(first):
            changed = [
                self._again(number, each, places.get((number, each.company.siren), ()))
                for each in judged.evidence
            ]
            found.append(self._in_order(changed))
        return found

    def _again(self, number: int, evidence: Evidence, places: Sequence[Establishment]) -> Evidence:
        if not places:
            return evidence
        return self._judges[number].judge(evidence.company, places, evidence.namesakes)

    def _establishments(self, pairs: Sequence[tuple[int, str]]) -> dict[tuple[int, str], list[Establishment]]:
        if not pairs:
            return {}
        records = [self._records[number] for number, _ in pairs]
        parameters: dict[str, Any] = {
            "sirens": [siren for _, siren in pairs],
            "codes": [record.code_postal for record in records],
            "communes": [record.code_commune for record in records],
            "departements": [record.departement for record in records],
            "sirets": [record.siret for record in records],
        }
        found: dict[tuple[int, str], list[Establishment]] = {}
        with connection.cursor() as cursor:
            cursor.execute(ESTABLISHMENTS, parameters)
            for place, *values in cursor.fetchall():
                found.setdefault(pairs[place - 1], []).append(Establishment._make(values))
        return {pair: list(dict.fromkeys(places)) for pair, places in found.items()}

    def _namesakes(self, company: Company) -> int:
        """How many companies have its name; it stands in the index by each of its names."""
        return max(1, self._index.frequency("key", key(company.nom)))


def weights(index: Index, size: int) -> Weight:
    """How rare a word of a name is among so many companies: 1 where none has it, 0 where all have."""
    whole = log(size + 2)

    @cache  # of one block
    def weight(word: str) -> float:
        return max(0.02, 1.0 - log(index.frequency("nom", word) + 1) / whole)

    return weight
