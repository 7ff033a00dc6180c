"""What a match adds to a line of a list: the columns, and their texts."""

from collections.abc import Mapping, Sequence

from foxreviews.core.spreadsheet import neutralise
from foxreviews.matching.matcher import Candidate, Match, match
from foxreviews.matching.record import read
from foxreviews.matching.towns import towns

Line = list[str]
RESULTS = (
    "match_decision",
    "match_confidence",
    "match_siren",
    "match_siret",
    "match_nom",
    "match_evidence",
    "match_2_siren",
    "match_2_nom",
    "match_2_confidence",
    "match_3_siren",
    "match_3_nom",
    "match_3_confidence",
)


def match_lines(values: Sequence[Mapping[str, str]]) -> list[Line]:
    """The results of lines, as texts under RESULTS. It runs in each process."""
    return [cells(found) for found in matches(values)]


def matches(values: Sequence[Mapping[str, str]]) -> list[Match]:
    """The results of lines that are matched together; each has texts under record.FIELDS. Raises NoIndexError."""
    known = towns()
    return match([read(each, known) for each in values], known)


def cells(found: Match) -> Line:
    """A result as texts under RESULTS, none of which a spreadsheet runs."""
    best = found.best
    texts = [
        str(found.decision),
        f"{found.confidence:.4f}",
        best.siren if best else "",
        best.siret if best else "",
        neutralise(best.nom) if best else "",
        "; ".join(found.evidence),
    ]
    others: Sequence[Candidate | None] = (*found.others, None, None)
    for other in others[:2]:
        texts += [other.siren, neutralise(other.nom), f"{other.confidence:.4f}"] if other else ["", "", ""]
    return texts
