"""Which cells of a company stay as they are when a file is merged, as SQL over `staged` and `kept`.

A cell that is not known (see clean.not_known) overwrites nothing, and an empty one only where empty means empty. What
was read or looked up together stays together: a postal code without its town would be a place that nobody named.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from foxreviews.enterprise.models import Entreprise
from foxreviews.enterprise.privacy import MASK, PUBLIC, WITHHELD
from foxreviews.importing.clean import not_known
from foxreviews.importing.load import activities

NULLABLE = {field.column for field in Entreprise._meta.concrete_fields if field.null}
# Columns whose every value says something: cleaning tells where none was read.
ALWAYS_SAID = ("nom", "is_active", "statut_diffusion")
FULL = ("is_active", activities.DERIVED)  # which no file empties: no code is derived where both are given
# What only the register changes where a company is not public. The trigger would keep it so, too; but then the row
# would differ from the file at each run for ever.
OF_THE_REGISTER = {*WITHHELD, "categorie_juridique", "statut_diffusion"}
KEPT, EMPTIED = "k", "e"  # what a difference says of a cell, in the column `fate_…`


@dataclass(frozen=True)
class Group:
    """Columns that stay together where one of `given` is missing that the directory has.

    `looked_up` follow from `given`: they are missing only where cleaning says so, and where they were not found this
    time they stay with the same `given`.
    """

    given: tuple[str, ...]
    looked_up: tuple[str, ...] = ()


GROUPS = (
    Group(("code_postal", "ville_nom"), ("code_commune", "departement")),
    Group(("latitude", "longitude")),
)


class Merging:
    """The expressions for the columns of one staging table.

    `empty_overwrites`: an empty cell empties the column. `is_register`: see OF_THE_REGISTER.
    """

    def __init__(self, columns: Iterable[str], *, empty_overwrites: bool, is_register: bool = False) -> None:
        self.columns = tuple(column for column in columns if column != "siren")
        self.empty_overwrites, self.is_register = empty_overwrites, is_register

    def values(self) -> Composed:
        """What each company will have, under the columns' names."""
        return SQL(", ").join(
            SQL("{} AS {}").format(self._value(column), Identifier(column)) for column in self.columns
        )

    def _value(self, column: str) -> Composable:
        if column == activities.DERIVED:
            return activities.derived(self._is_unsaid)
        return SQL("CASE WHEN {} THEN {} ELSE {} END").format(
            self.is_kept(column), _kept(column), _staged(column)
        )

    @property
    def _is_unsaid(self) -> Composable:
        """Whether the file says nothing of the activity."""
        if not self.empty_overwrites:
            return activities.NOTHING_GIVEN
        marked = SQL("({} OR {})").format(*map(_is_marked, activities.OTHER))
        return _both(activities.NOTHING_GIVEN, marked)

    def fates(self) -> Composed:
        """For each column, whether the company keeps a value that the file lacks, or loses it to an empty cell."""
        return SQL(", ").join(
            SQL('CASE WHEN {} THEN {} WHEN {} THEN {} END::"char" AS {}').format(
                self.is_kept(column),
                Literal(KEPT),
                self._is_emptied(column),
                Literal(EMPTIED),
                fate(column),
            )
            for column in self.columns
        )

    def _is_emptied(self, column: str) -> Composable:
        """Whether a company loses its value. Of one that is not public any more the status is lost, and says it all.

        What is withheld for it is not counted again. A name is lost to a mask.
        """
        if column in FULL:
            return SQL("false")
        if column == "statut_diffusion":
            return _both(_is_public("kept"), SQL("NOT {}").format(_is_public("staged")))
        if column == "nom":
            masked = SQL("kept.nom <> {0} AND staged.nom = {0}").format(Literal(MASK))
            if "statut_diffusion" not in self.columns:
                return masked
            return SQL("({} AND ({} OR NOT {}))").format(masked, _is_public("staged"), _is_public("kept"))
        emptied = _both(_has(column), _is_empty(column))
        if column in WITHHELD and "statut_diffusion" in self.columns:
            return _both(emptied, _is_public("staged"))
        return emptied

    def is_kept(self, column: str) -> Composable:
        """Whether a company keeps its value. Not true for a new company, whose `kept` is NULL throughout."""
        if column in OF_THE_REGISTER and not self.is_register:
            return SQL("({} OR {})").format(_is_withheld(column), self._is_kept(column))
        return self._is_kept(column)

    def _is_kept(self, column: str) -> Composable:
        if column in ALWAYS_SAID:
            return _both(_is_marked(column), SQL("{} <> {}").format(_kept(column), _staged(column)))
        if column == activities.DERIVED:
            return SQL("false")
        if column in activities.CODE_OF:
            return activities.is_kept(column, self._is_unsaid)
        group = next(
            (group for group in GROUPS if column in (*group.given, *group.looked_up)), Group((column,))
        )
        reasons = [self._is_lost(each) for each in group.given if each in self.columns]
        reasons += [self._is_lost(each, said=True) for each in group.looked_up if each in self.columns]
        if column in group.looked_up:
            same = [SQL("{} = {}").format(_kept(each), _staged(each)) for each in group.given]
            reasons.append(_both(_is_empty(column), _has(column), *same))
        return SQL("({})").format(SQL(" OR ").join(reasons))

    def _is_lost(self, column: str, *, said: bool = False) -> Composable:
        """Whether the directory has a value and the file none that may overwrite it."""
        if self.empty_overwrites or said:
            return _both(_is_marked(column), _is_empty(column), _has(column))
        return _both(_is_empty(column), _has(column))


def fate(column: str) -> Identifier:
    """The name of the column that tells what becomes of this column's value."""
    return Identifier(f"fate_{column}")


def _kept(column: str) -> Identifier:
    return Identifier("kept", column)


def _staged(column: str) -> Identifier:
    return Identifier("staged", column)


def _is_marked(column: str) -> Composable:
    return SQL("staged.not_known & {} <> 0").format(Literal(not_known.BITS[column]))


def _is_empty(column: str) -> Composable:
    return SQL("{} IS NULL" if column in NULLABLE else "{} = ''").format(_staged(column))


def _has(column: str) -> Composable:
    return SQL("{} IS NOT NULL" if column in NULLABLE else "{} <> ''").format(_kept(column))


def _is_public(table: str) -> Composable:
    return SQL("{} = {}").format(Identifier(table, "statut_diffusion"), Literal(PUBLIC))


def _is_withheld(column: str) -> Composable:
    """Whether the directory's value is that of a company that is not public, and another one than the file's."""
    return SQL("(kept.statut_diffusion <> {} OR kept.nom = {}) AND {} IS DISTINCT FROM {}").format(
        Literal(PUBLIC), Literal(MASK), _kept(column), _staged(column)
    )


def _both(*conditions: Composable) -> Composed:
    return SQL("({})").format(SQL(" AND ").join(conditions))
