"""Which columns of the stock files are read, and what happens to a file that lacks one.

A column that newer vintages have added may be missing; any other must be there under its name, or the file is refused
before anything is read of it.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from foxreviews.reading.buffer import Buffer
from foxreviews.reading.errors import WrongColumns
from foxreviews.reading.header import Columns, first_line, printable
from foxreviews.reference.register import (
    ADDED_ESTABLISHMENT_COLUMNS,
    ADDED_LEGAL_UNIT_COLUMNS,
    DOUBLE_COLUMNS,
    ESTABLISHMENT_COLUMNS,
    HISTORY_COLUMNS,
    LEGAL_UNIT_COLUMNS,
    SUCCESSION_COLUMNS,
)

MAX_NAMED = 6  # missing columns in one message


@dataclass(frozen=True)
class Layout:
    """A stock file: its columns in INSEE's order, those that older vintages lack, and those that are read."""

    title: str
    columns: tuple[str, ...]
    added: frozenset[str]
    read: tuple[str, ...]

    def match(self, header: Sequence[str], file: str, delimiter: str = ",") -> Columns:
        """Which of the file's columns are read, in any order. Raises WrongColumns."""
        found = [name.strip() for name in header]
        missing = [name for name in self.columns if name not in found and name not in self.added]
        if missing:
            raise WrongColumns(self._explain(missing, found, file))
        twice = sorted({name for name in found if name in self.columns and found.count(name) > 1})
        if twice:
            raise WrongColumns(f"{file} has more than one column {', '.join(twice)}. Nothing was loaded.")
        ignored = tuple(printable(name) for name in found if name not in self.columns)
        return Columns(delimiter, tuple(name if name in self.read else None for name in found), ignored)

    def match_first_line(self, buffer: Buffer, file: str) -> Columns:
        """The same from the first line of a CSV file."""
        return self.match_line(first_line(buffer, file), file)

    def match_line(self, line: str, file: str) -> Columns:
        """The same from a line."""
        fields = {delimiter: next(csv.reader([line], delimiter=delimiter), []) for delimiter in ",;\t"}
        delimiter = max(fields, key=lambda delimiter: len(fields[delimiter]))
        return self.match(fields[delimiter], file, delimiter)

    def _explain(self, missing: list[str], found: list[str], file: str) -> str:
        if len(missing) > len(self.columns) / 2:
            other = ESTABLISHMENTS if self is LEGAL_UNITS else LEGAL_UNITS
            is_other = len(set(found) & set(other.columns)) > len(other.columns) / 2
            what = f"It is {other.title}: are the two files swapped?" if is_other else "Is it the right file?"
            return f"{file} is not {self.title}: {len(missing)} of its columns are missing. {what} Nothing was loaded."
        unknown = [name for name in found if name not in self.columns]
        named = [_with_likeness(name, unknown) for name in missing[:MAX_NAMED]]
        more = f" and {len(missing) - MAX_NAMED} more" if len(missing) > MAX_NAMED else ""
        plural = "columns" if len(missing) > 1 else "column"
        return f"{file} lacks the {plural} {', '.join(named)}{more} of {self.title}. Nothing was loaded."


def _with_likeness(name: str, unknown: list[str]) -> str:
    like = get_close_matches(name, unknown, n=1, cutoff=0.6)
    return f"{name} (it has {printable(like[0])} instead)" if like else name


LEGAL_UNITS = Layout(
    title="StockUniteLegale",
    columns=LEGAL_UNIT_COLUMNS,
    added=ADDED_LEGAL_UNIT_COLUMNS,
    read=(
        "siren", "statutDiffusionUniteLegale", "unitePurgeeUniteLegale", "dateCreationUniteLegale",
        "sigleUniteLegale", "prenom1UniteLegale", "prenomUsuelUniteLegale", "pseudonymeUniteLegale",
        "trancheEffectifsUniteLegale", "categorieEntreprise", "etatAdministratifUniteLegale", "nomUniteLegale",
        "nomUsageUniteLegale",
        "denominationUniteLegale", "denominationUsuelle1UniteLegale", "denominationUsuelle2UniteLegale",
        "denominationUsuelle3UniteLegale", "categorieJuridiqueUniteLegale", "activitePrincipaleUniteLegale",
        "nomenclatureActivitePrincipaleUniteLegale", "nicSiegeUniteLegale", "caractereEmployeurUniteLegale",
        "activitePrincipaleNAF25UniteLegale",
    ),
)  # fmt: skip

ESTABLISHMENTS = Layout(
    title="StockEtablissement",
    columns=ESTABLISHMENT_COLUMNS,
    added=ADDED_ESTABLISHMENT_COLUMNS,
    read=(
        "siren", "siret", "statutDiffusionEtablissement", "etablissementSiege", "complementAdresseEtablissement",
        "numeroVoieEtablissement", "indiceRepetitionEtablissement", "dernierNumeroVoieEtablissement",
        "indiceRepetitionDernierNumeroVoieEtablissement", "typeVoieEtablissement", "libelleVoieEtablissement",
        "codePostalEtablissement", "libelleCommuneEtablissement",
        "libelleCommuneEtrangerEtablissement", "distributionSpecialeEtablissement", "codeCommuneEtablissement",
        "codeCedexEtablissement", "codePaysEtrangerEtablissement", "libellePaysEtrangerEtablissement",
        "coordonneeLambertAbscisseEtablissement", "coordonneeLambertOrdonneeEtablissement",
        "enseigne1Etablissement", "enseigne2Etablissement", "enseigne3Etablissement",
        "denominationUsuelleEtablissement", "dateCreationEtablissement", "trancheEffectifsEtablissement", "dateDebut",
        "etatAdministratifEtablissement", "activitePrincipaleEtablissement",
        "nomenclatureActivitePrincipaleEtablissement", "caractereEmployeurEtablissement",
        "activitePrincipaleNAF25Etablissement",
    ),
)  # fmt: skip


def _other(title: str, columns: tuple[str, ...], read: tuple[str, ...]) -> Layout:
    """A file of which only what is read must be there."""
    return Layout(title, columns, frozenset(columns).difference(read), read)


SUCCESSIONS = _other(
    "StockEtablissementLiensSuccession",
    SUCCESSION_COLUMNS,
    read=(
        "siretEtablissementPredecesseur", "siretEtablissementSuccesseur", "dateLienSuccession", "transfertSiege",
        "continuiteEconomique",
    ),
)  # fmt: skip
DOUBLES = _other("StockDoublons", DOUBLE_COLUMNS, read=("siren", "sirenDoublon"))
HISTORY = _other(
    "StockUniteLegaleHistorique",
    HISTORY_COLUMNS,
    read=(
        "siren", "dateFin", "dateDebut", "nomUniteLegale", "nomUsageUniteLegale", "denominationUniteLegale",
        "denominationUsuelle1UniteLegale", "denominationUsuelle2UniteLegale", "denominationUsuelle3UniteLegale",
    ),
)  # fmt: skip
