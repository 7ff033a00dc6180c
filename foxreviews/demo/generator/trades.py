"""What companies do: NAF activities as often as the register has them, and what each writes on its front."""

from dataclasses import dataclass
from functools import cache

from foxreviews.demo.generator.vocabulary import repeated, table, words
from foxreviews.reference.naf import NAF, levels

_RARE = 0.04  # of all companies are in the activities that trades.csv does not name, each as often as another


@dataclass(frozen=True, slots=True)
class Trade:
    """An activity. `family` names its phrases and its legal forms."""

    naf_code: str
    libelle: str
    weight: float
    sole_traders: float  # their share, between 0 and 1
    family: str
    words: tuple[str, ...]
    shops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LegalForm:
    """A legal form that companies of a family take, and how their names begin with it."""

    code: str
    family: str
    weight: float
    abbreviations: tuple[str, ...]


@cache
def trades() -> tuple[Trade, ...]:
    """All 732 activities of NAF rév. 2: those of trades.csv, then the rare ones."""
    named = tuple(_named(row) for row in table("trades"))
    sections = {row["section"]: row for row in table("sections")}
    known = {trade.naf_code for trade in named}
    rare = [code for code in NAF if code not in known]
    weight = sum(trade.weight for trade in named) * _RARE / (1 - _RARE) / len(rare)
    return named + tuple(_rare(code, sections[levels(code).section], weight) for code in rare)


def _named(row: dict[str, str]) -> Trade:
    return Trade(
        naf_code=row["naf_code"],
        libelle=NAF[row["naf_code"]],
        weight=float(row["weight"]),
        sole_traders=int(row["sole_traders"]) / 100,
        family=row["family"],
        words=repeated(row["words"]),
        shops=repeated(row["shops"]) or words("shops"),
    )


def _rare(code: str, section: dict[str, str], weight: float) -> Trade:
    return Trade(
        naf_code=code,
        libelle=NAF[code],
        weight=weight,
        sole_traders=int(section["sole_traders"]) / 100,
        family=section["family"],
        words=repeated(section["words"]),
        shops=words("shops"),
    )


@cache
def legal_forms() -> tuple[LegalForm, ...]:
    """The forms of sole traders (1000), then those of legal_forms.csv."""
    sole_trader = LegalForm("1000", "personne", 1, ("",))
    return sole_trader, *(
        LegalForm(row["code"], row["family"], float(row["weight"]), repeated(row["abbreviations"]))
        for row in table("legal_forms")
    )
