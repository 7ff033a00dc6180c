"""SIREN and SIRET: the numbers that INSEE's répertoire Sirene gives a company and its establishments."""

LA_POSTE = "356000000"
SIREN_DIGITS = r"^[0-9]{9}$"  # also a regular expression of PostgreSQL and of polars

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
# What people and spreadsheets put between the digits: spaces of every width, dots, hyphens and dashes.
_SEPARATORS = dict.fromkeys(map(ord, " \t\n\r\u00a0\u2007\u2009\u202f.-\u2010\u2011\u2012\u2013\u2014\u2212"))


def clean_digits(text: str) -> str:
    """`text` without spaces (no-break ones too), dots and dashes: "732 829 320" → "732829320"."""
    return text.translate(_SEPARATORS)


def luhn(text: str) -> bool:
    """Whether `text` is made of ASCII digits alone and the last is the Luhn key of the others."""
    return text.isascii() and text.isdigit() and _luhn_sum(text) % 10 == 0


def is_siren(text: str) -> bool:
    """Whether `text` is nine digits with their Luhn key; so are nine zeros, often written for "unknown"."""
    return len(text) == 9 and luhn(text)


def is_siret(text: str) -> bool:
    """Whether `text` is a SIREN followed by a five-digit NIC whose last digit is the Luhn key of the whole.

    La Poste has more establishments than the key allows: their digits add up to a multiple of 5 instead.
    Its head office (NIC 00048) has an ordinary key.
    """
    if len(text) != 14 or not is_siren(text[:9]):
        return False
    if luhn(text):
        return True
    return text[:9] == LA_POSTE and text[9:].isascii() and text[9:].isdigit() and sum(map(int, text)) % 5 == 0


def is_vat_number(text: str) -> bool:
    """Whether `text` is what follows FR in a VAT number: two digits that are the key of a SIREN, and that SIREN."""
    return (
        len(text) == 11
        and text.isascii()
        and text.isdigit()
        and is_siren(text[2:])
        and int(text[:2]) == (12 + 3 * int(text[2:])) % 97
    )


def names_company(text: str) -> bool:
    """Whether `text` is a SIREN, or of the length of a SIRET and begins with one, in any spacing."""
    digits = clean_digits(text)
    return len(digits) in (9, 14) and is_siren(digits[:9])


def siren_with_key(first8: int) -> str:
    """The SIREN whose first eight digits are `first8`, with its Luhn key: 73282932 → "732829320".

    Raises ValueError when `first8` is negative or has more than eight digits.
    """
    if not 0 <= first8 < 10**8:
        raise ValueError(f"The first eight digits of a SIREN are 00000000 to 99999999, not {first8}.")
    digits = f"{first8:08d}0"
    return f"{digits[:8]}{-_luhn_sum(digits) % 10}"


def format_siren(siren: str) -> str:
    """A SIREN as people read it: "732829320" → "732 829 320"."""
    return f"{siren[:3]} {siren[3:6]} {siren[6:]}"


def format_siret(siret: str) -> str:
    """A SIRET as people read it: "73282932000074" → "732 829 320 00074"."""
    return f"{format_siren(siret[:9])} {siret[9:]}"


def _luhn_sum(digits: str) -> int:
    """The sum of the digits, every second one from the right doubled (its two digits added up)."""
    return sum(map(int, digits[-1::-2])) + sum(_DOUBLED[int(digit)] for digit in digits[-2::-2])
