"""The numbers of companies as people type and paste them: in any spacing, with labels, without leading zeros."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from foxreviews.core.errors import UsageError
from foxreviews.core.messages import Message, say
from foxreviews.reference.identifiers import is_siren, is_siret, is_vat_number

_BETWEEN = r"[\W_]{0,3}"  # what stands between groups of digits
# A SIREN or SIRET in its usual groups, whatever digits are next to them.
_GROUPED = re.compile(
    rf"(?<![0-9])(?=((?:[0-9]{{3}}{_BETWEEN}){{2}}[0-9]{{3}}(?:{_BETWEEN}[0-9]{{5}})?)(?![0-9]))"
)
# The same where a spreadsheet took it for a quantity: one to three leading zeros are lost.
_SHORTENED = re.compile(
    rf"(?<![0-9])(?=([0-9]{{1,2}}(?:{_BETWEEN}[0-9]{{3}}){{2}}(?:{_BETWEEN}[0-9]{{5}})?|[0-9]{{6}}|[0-9]{{11}})(?![0-9]))"
)
# All digits up to the next letter, in any groups.
_RUN = re.compile(rf"((?<![^\W_])FR{_BETWEEN})?([0-9](?:{_BETWEEN}[0-9])*)", re.IGNORECASE)
_STREET_AND_POSTAL_CODE = re.compile(rf"[0-9]{{1,4}}{_BETWEEN}[0-9]{{5}}")
_SEPARATORS = re.compile(r"[\W_]+")


NO_NUMBER = _(
    "A company is named by a SIREN of nine digits, as in 732 829 320, a SIRET of fourteen or a VAT number; {text} is "
    "none of them."
)
WRONG_KEY = _(
    "{text} is no {kind}: its last digit, which checks the others, does not match. Check the number."
)


class InvalidSirenError(UsageError):
    """What should be the number of a company is none."""

    code = "invalid-siren"


def sirens_in(text: str) -> tuple[str, ...]:
    """The SIREN that may stand anywhere in a text, the likeliest first: alone, in a SIRET or in a VAT number.

    One number in ten has the right key by chance: these are candidates, and the directory knows which of them is
    a company's. Numbers with all their digits come before those that lost leading zeros.
    """
    return tuple(dict.fromkeys([*filter(is_siren, _complete(text)), *_shortened(text)]))


def siren_named_by(text: str) -> str:
    """The SIREN of a number as people write it: of a SIREN, SIRET or VAT number, also without its leading zeros.

    "732 829 320 00074" → "732829320". The key of nine digits is not asked: a company may stand in the directory
    under a wrong one. A VAT number may have another key than ours, for its SIREN has one, too. Raises
    InvalidSirenError.
    """
    letters = _joined(text).upper()
    digits = letters.removeprefix("FR")
    if not (digits.isascii() and digits.isdigit()):
        digits = ""
    if len(digits) == 9 and digits == letters:
        return digits
    kind, siren, holds = _read(digits, is_vat=digits != letters or is_vat_number(digits))
    if not siren:
        raise InvalidSirenError(say(NO_NUMBER, text=text[:50]))
    if not holds:
        raise InvalidSirenError(say(WRONG_KEY, text=text[:50], kind=kind))
    return siren


def _read(digits: str, *, is_vat: bool) -> tuple[Message, str, bool]:
    """What the digits are by their number, the SIREN in them, and whether the key holds; no SIREN for others."""
    if is_vat:
        return _("VAT number"), digits[2:] if len(digits) == 11 else "", is_siren(digits[2:])
    if 6 <= len(digits) <= 8:
        return _("SIREN without its leading zeros"), digits.zfill(9), is_siren(digits.zfill(9))
    if 11 <= len(digits) <= 14:
        return "SIRET", digits.zfill(14)[:9], is_siret(digits.zfill(14))
    return "", "", False


def _complete(text: str) -> Iterator[str]:
    """The nine digits where a SIREN, a SIRET or a VAT number may be."""
    yield from (_joined(found)[:9] for found in _GROUPED.findall(text))
    for run in _RUN.finditer(text):
        digits = _joined(run[2])
        if len(digits) == 11 and (run[1] or is_vat_number(digits)):
            yield digits[2:]
        elif len(digits) in (9, 14) and not (
            # «BP 1234 75001 PARIS» has nine digits, too
            _STREET_AND_POSTAL_CODE.fullmatch(run[2]) and run[0] != text.strip()
        ):
            yield digits[:9]


def _shortened(text: str) -> Iterator[str]:
    """The SIREN of numbers that lost leading zeros; without a SIREN's length there is a SIRET's second key."""
    for digits in map(_joined, _SHORTENED.findall(text)):
        if len(digits) > 9 and is_siret(digits.zfill(14)):
            yield digits.zfill(14)[:9]
        elif len(digits) < 9 and is_siren(digits.zfill(9)):
            yield digits.zfill(9)


def _joined(text: str) -> str:
    return _SEPARATORS.sub("", text)
