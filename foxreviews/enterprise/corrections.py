"""What staff correct of a company: it is written, kept through imports, and told in a trail.

A correction is of a column, and lasts until the register says the same or staff take it back. What an address or an
activity is made of is corrected together: a postal code of staff next to a town of the register would be a place that
nobody named. importing.load.corrections keeps them through imports.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any

import orjson
from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext_lazy as _
from psycopg import errors
from psycopg.sql import SQL, Placeholder

from foxreviews.core import locks, sql
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.keyset import Row
from foxreviews.core.messages import say
from foxreviews.enterprise.models import Correction, Entreprise, Modification
from foxreviews.enterprise.privacy import MASK, PUBLIC, WITHHELD
from foxreviews.location.lookup import VilleLookup
from foxreviews.reference.activity import activity_of

Action = Modification.Action

# A merge of an import has it alone, staff share it: a company must not change between the look at its corrections and
# the writing of its row. Taken before any row is locked.
LOCK = "corrections"
PATIENCE = 2.0  # seconds, for a merge to end
BUSY = _("An import is writing companies. Try again in a minute.")

PLACE = ("code_postal", "ville_nom", "code_commune", "departement")
ACTIVITY = ("naf_code", "naf_libelle", "naf25_code", "naf_derived")
GROUPS = (PLACE, ACTIVITY, ("latitude", "longitude"))  # corrected together
FOLLOWING = ("departement", "naf_libelle", "naf_derived")  # that nobody gives: they follow from the others
COLUMNS = (
    "siret", "nom", "nom_commercial", "autres_noms", "adresse", *PLACE, *ACTIVITY, "categorie_juridique",
    "tranche_effectif", "categorie_entreprise", "est_employeur", "date_creation", "is_active", "statut_diffusion",
    "latitude", "longitude", "telephone", "email", "site_web",
)  # fmt: skip
GIVEN = tuple(column for column in COLUMNS if column not in FOLLOWING)
STORED = tuple(field.column for field in Entreprise._meta.concrete_fields)


class NoSuchCompany(FoxreviewsError):
    """The directory does not have it."""

    status = 404
    code = "not-found"


class CompanyChanged(FoxreviewsError):
    """It is not as it was when it was read."""

    status = 412
    code = "changed-meanwhile"


class CompanyExists(FoxreviewsError):
    """The SIREN is there already."""

    status = 409
    code = "already-there"


class ValueWithheld(FoxreviewsError):
    """The company is not public: only the register says that of it."""

    status = 409
    code = "withheld"


class NoCorrection(FoxreviewsError):
    """Nothing that could be taken back."""

    status = 404
    code = "not-found"


@dataclass(frozen=True)
class Author:
    """Who does it, by the name of the account, and why."""

    name: str
    reason: str = ""


def version_of(row: Row) -> str:
    """A short word for what a row of the table holds; another one where anything differs."""
    return blake2b(orjson.dumps([row[column] for column in STORED]), digest_size=9).hexdigest()


def group_of(column: str) -> tuple[str, ...]:
    """The columns that are corrected together with this one, itself among them."""
    return next((group for group in GROUPS if column in group), (column,))


def correct(
    siren: str, values: Mapping[str, Any], by: Author, expected: Collection[str] | None = None
) -> bool:
    """Write the values, by column (of GIVEN), as corrections; False where the company says all of that already.

    `expected` are versions (`version_of`), one of which it must have; None: whatever it is. A value that the register
    says ends a correction. Raises NoSuchCompany, CompanyChanged, ValueWithheld, BusyError.
    """
    with transaction.atomic():
        row = _locked(siren, expected)
        wanted = {column: value for column, value in _completed(row, values).items() if row[column] != value}
        if wanted:
            _write(row, wanted, by, Action.CORRECTED)
        return bool(wanted)


def take_back(siren: str, column: str, by: Author, expected: Collection[str] | None = None) -> None:
    """Take the correction of a column back, with those of its group: what the register last said is there again.

    Who was hidden stays so until the register is imported. Raises NoSuchCompany, CompanyChanged, NoCorrection,
    BusyError.
    """
    with transaction.atomic():
        row = _locked(siren, expected)
        found = {each.field: each.register_value for each in _corrections(siren, group_of(column))}
        if not found:
            sentence = _("Staff have corrected no {column} of {siren}.")
            raise NoCorrection(say(sentence, column=column, siren=siren))
        if column == "statut_diffusion":
            Correction.objects.filter(siren=siren, field=column).delete()
            _tell(row, row, [column], by, Action.TAKEN_BACK)
            return
        wanted = {each: _from_json(each, value) for each, value in found.items()}
        _write(row, wanted, by, Action.TAKEN_BACK)


def create(siren: str, values: Mapping[str, Any], by: Author) -> None:
    """Add a company. Its values are no corrections: once the register has it, what that says counts.

    Raises CompanyExists, BusyError.
    """
    with transaction.atomic():
        locks.share(LOCK, message=BUSY, timeout=PATIENCE)
        empty = dict.fromkeys(PLACE + ACTIVITY, "") | {"code_commune": None}
        given = dict(values) | {
            column: value
            for column, value in _completed(empty, values).items()
            if column in values or value != empty[column]
        }
        fields = {
            ("ville_id" if column == "code_commune" else column): each for column, each in given.items()
        }
        try:
            with transaction.atomic():
                Entreprise.objects.create(siren=siren, **fields)
        except IntegrityError as error:
            there = say(_("The directory has {siren}: correct it with PATCH."), siren=siren)
            raise CompanyExists(there) from error
        stored = _row(siren)
        _tell(dict.fromkeys(given), stored, given, by, Action.CREATED)


def note_deleted(siren: str, by: Author) -> None:
    """Tell that the company was deleted, in the caller's transaction."""
    Modification.objects.create(siren=siren, action=Action.DELETED, author=by.name)


def _locked(siren: str, expected: Collection[str] | None) -> Row:
    """The row as it is, which stays so until the transaction ends."""
    locks.share(LOCK, message=BUSY, timeout=PATIENCE)
    try:
        row = _row(siren, "FOR UPDATE")
    except OperationalError as error:
        if not isinstance(error.__cause__, errors.SerializationFailure):
            raise
        raise _changed(siren) from error  # the one who was waited for has moved it to another partition
    if expected is not None and version_of(row) not in expected:
        raise _changed(siren)
    return row


def _row(siren: str, lock: str = "") -> Row:
    found = sql.rows(f"SELECT * FROM enterprise_entreprise WHERE siren = %s {lock}", [siren])  # noqa: S608
    if not found:
        raise NoSuchCompany(say(_("The directory has no company with the SIREN {siren}."), siren=siren))
    return found[0]


def _changed(siren: str) -> CompanyChanged:
    sentence = _(
        "{siren} has changed since it was read. Read it again, and send the ETag of that answer as If-Match."
    )
    return CompanyChanged(say(sentence, siren=siren))


def _completed(row: Row, values: Mapping[str, Any]) -> Row:
    """The values, and those that follow from them."""
    whole = dict(values)
    changed = {column: value for column, value in values.items() if row.get(column) != value}
    if not changed.keys().isdisjoint(PLACE):
        whole |= _place({column: values.get(column, row[column]) for column in PLACE}, changed)
    if not changed.keys().isdisjoint(ACTIVITY):
        whole |= _activity(row, values)
    return whole | {column: values[column] for column in FOLLOWING if column in values}


def _place(address: Row, changed: Mapping[str, Any]) -> Row:
    """A commune's code counts where it is another one; else postal code and town say which commune it is."""
    code_postal, ville_nom = address["code_postal"], address["ville_nom"]
    code = changed.get("code_commune") or ""
    lookup = VilleLookup.around(code_postal, code)
    place = lookup.by_code(code, ville_nom) if code else None
    place = place or lookup.resolve(code_postal, ville_nom)
    return {
        "code_postal": code_postal,
        "ville_nom": place.ville_nom,
        "code_commune": code or place.code_commune or None,
        "departement": place.departement if code_postal or place.code_commune else address["departement"],
    }


def _activity(row: Row, values: Mapping[str, Any]) -> Row:
    """Both codes. One that was derived from the other is derived again, unless it is given."""
    codes = {
        code: values.get(code, "" if row["naf_derived"] == code else row[code])
        for code in ("naf_code", "naf25_code")
    }
    found = activity_of(codes["naf_code"], codes["naf25_code"])
    return {
        "naf_code": found.naf_code,
        "naf_libelle": found.naf_label,
        "naf25_code": found.naf25_code,
        "naf_derived": found.naf_derived,
    }


def _write(row: Row, wanted: Row, by: Author, action: Modification.Action) -> None:
    """Write the row, its corrections and the trail. Raises ValueWithheld where the row does not take a value."""
    siren = row["siren"]
    columns = [*dict.fromkeys(each for column in wanted for each in group_of(column))]
    before = {each.field: each.register_value for each in _corrections(siren, columns)}
    statement = sql.compose(
        sql.load(__file__, "correct"),
        columns=sql.columns(wanted),
        values=SQL(", ").join(map(Placeholder, wanted)),
    )
    stored = sql.rows(statement, wanted | {"id": row["id"], "partition": row["departement"]})[0]
    refused = [column for column, value in wanted.items() if stored[column] != value]
    if not refused and not (_is_public(row) and _is_public(stored)):
        refused = [column for column in wanted if column in WITHHELD]
    if refused:
        sentence = _("{siren} is not public: only the register says its {columns}. Nothing was changed.")
        raise ValueWithheld(say(sentence, siren=siren, columns=", ".join(refused)))
    said = {column: before.get(column, _as_json(row[column])) for column in columns}
    _keep(stored, said, by)
    _tell(row, stored, [column for column in wanted if row[column] != stored[column]], by, action)


def _keep(stored: Row, said: Mapping[str, Any], by: Author) -> None:
    """The corrections of these columns: none of a group whose every value is what the register says.

    One whose value is as it was stays that of who made it.
    """
    siren = stored["siren"]
    ended = {
        column for column in said if all(_as_json(stored[each]) == said[each] for each in group_of(column))
    }
    same = {
        each.field for each in _corrections(siren, said) if each.value == _as_json(stored[each.field])
    } - ended
    Correction.objects.filter(siren=siren, field__in=said.keys() - same).delete()
    Correction.objects.bulk_create(
        Correction(
            siren=siren,
            field=column,
            value=_as_json(stored[column]),
            register_value=value,
            author=by.name,
            reason=_reason(stored, by),
        )
        for column, value in said.items()
        if column not in ended | same
    )


def _tell(row: Row, stored: Row, columns: Collection[str], by: Author, action: Modification.Action) -> None:
    Modification.objects.bulk_create(
        Modification(
            siren=stored["siren"],
            action=action,
            field=column,
            old_value=_as_json(row[column]),
            new_value=_as_json(stored[column]),
            author=by.name,
            reason=_reason(stored, by),
        )
        for column in columns
    )


def _reason(stored: Row, by: Author) -> str:
    """None of a company that is not public: it is free text, and may name whom it is about."""
    return by.reason if _is_public(stored) else ""


def _is_public(row: Row) -> bool:
    return bool(row["statut_diffusion"] == PUBLIC and row["nom"] != MASK)


def _corrections(siren: str, columns: Collection[str]) -> Iterable[Correction]:
    return Correction.objects.filter(siren=siren, field__in=columns)


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _from_json(column: str, value: Any) -> Any:
    return date.fromisoformat(value) if value and column == "date_creation" else value
