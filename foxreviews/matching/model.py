"""The model: how much each feature weighs, and how sure that makes a match.

A conditional logistic model. A candidate's score is the sum of its features' weights; its probability is its share
among all candidates of the record and "none of them", whose score is 0. So a second candidate that is as good halves
the first one's. The probability is then calibrated: a slope and an offset on its logit, fitted on other records.
The weights are in model.json, with the facts of the data that made them and the command that makes them again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import exp, log
from pathlib import Path
from typing import Any

from foxreviews.matching.evidence import FEATURES, MIN_ALIKE, Evidence, Near, Street
from foxreviews.matching.names import Likeness

FILE = Path(__file__).with_name("model.json")
MAX_SCORE = 30.0
NUMBER_ALONE = (
    5.0  # of a line that is only a SIREN; one that was mistyped has the right key once in ten times
)
MIN_PROBABILITY = 1e-9
# What a person would ask for before a line is accepted unseen, whatever the model makes of it (may_accept)
MIN_SIMILARITY, MAX_LACKING = 0.7, 0.4  # in the town
MIN_AT_ADDRESS = MIN_ALIKE  # similarity, in the same street of the town
MIN_AROUND, MAX_LACKING_AROUND = 0.9, 0.08  # somewhere in the département, or in a street without a town
MIN_TOLD_ALONE, MIN_LETTERS_ALONE = 1.2, 7  # of a name without any place: several rare words, or a long one


class Decision(StrEnum):
    """What is to be done with a line's best candidate."""

    ACCEPT = "accept"
    REVIEW = "review"
    NONE = "none"


@dataclass(frozen=True)
class Model:
    """Weights in the order of evidence.FEATURES; thresholds of the calibrated probability."""

    intercept: float
    weights: tuple[float, ...]
    slope: float
    offset: float
    accept: float
    review: float

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Model":
        """The model that a file's content describes. Raises KeyError where a feature has no weight."""
        return cls(
            intercept=content["intercept"],
            weights=tuple(content["weights"][name] for name in FEATURES),
            slope=content["calibration"]["slope"],
            offset=content["calibration"]["offset"],
            accept=content["thresholds"]["accept"],
            review=content["thresholds"]["review"],
        )

    def score(self, features: Sequence[float]) -> float:
        """The log of how many times likelier than "none of them" a candidate is."""
        total = self.intercept + sum(w * x for w, x in zip(self.weights, features, strict=True) if x)
        return max(-MAX_SCORE, min(MAX_SCORE, total))

    def score_of(self, evidence: Evidence) -> float:
        """The same of a candidate. A number without a name is sure: it has its key, and is that of a company."""
        if evidence.is_unnamed and evidence.number == "same" and evidence.site.near is not Near.FAR:
            return NUMBER_ALONE
        return self.score(evidence.features)

    def confidences(self, scores: Sequence[float]) -> list[float]:
        """The calibrated probability of each candidate of one record."""
        shares = [exp(score) for score in scores]
        whole = 1.0 + sum(shares)
        return [self._calibrated(share / whole) for share in shares]

    def decide(self, confidence: float, evidence: Evidence) -> Decision:
        """What becomes of the best candidate."""
        if confidence >= self.accept and may_accept(evidence):
            return Decision.ACCEPT
        return Decision.REVIEW if confidence >= self.review else Decision.NONE

    def _calibrated(self, share: float) -> float:
        share = min(max(share, MIN_PROBABILITY), 1 - MIN_PROBABILITY)
        return 1 / (1 + exp(-(self.slope * log(share / (1 - share)) + self.offset)))


def may_accept(evidence: Evidence) -> bool:
    """Whether the name is the company's, and nothing says that it is another one.

    The model was made from errors that a generator thinks of; this holds also for those of which it does not.
    """
    name, near = evidence.name, evidence.site.near
    is_in_street = evidence.site.street in (Street.SAME, Street.NO_NUMBER)
    is_there = near in (Near.TOWN, Near.POSTAL_CODE)
    if evidence.number:
        is_its_own = (
            evidence.is_unnamed
            or name.similarity > 0
            or evidence.site.is_named
            or (is_there and is_in_street)
        )
        return evidence.number == "same" and is_its_own
    if near is Near.FAR or evidence.is_other_body:
        return False
    is_same = name.likeness >= Likeness.SAME
    if near in (Near.UNKNOWN, Near.DEPARTEMENT):
        is_nearly = name.similarity >= MIN_AROUND and (
            name.lacking <= MAX_LACKING_AROUND or name.likeness is Likeness.SPELLING
        )
        is_sure = near is Near.DEPARTEMENT or is_in_street or _is_rare(evidence, is_same=is_same)
        return (is_same or is_nearly) and is_sure
    is_enough = name.similarity >= MIN_SIMILARITY and name.lacking <= MAX_LACKING
    return is_same or is_enough or (is_there and is_in_street and name.similarity >= MIN_AT_ADDRESS)


def _is_rare(evidence: Evidence, *, is_same: bool) -> bool:
    """Whether a name without a place is one company's: long, or of several rare words."""
    words = evidence.words
    is_long = is_same and len(words.words) == 1 and len(words.core) >= MIN_LETTERS_ALONE
    return evidence.namesakes == 1 and (is_long or evidence.name.told >= MIN_TOLD_ALONE)


def read(path: Path = FILE) -> Model:
    """The model of a file."""
    return Model.of(json.loads(path.read_text(encoding="utf-8")))


@cache
def shipped() -> Model:
    """The one that comes with the project."""
    return read()
