"""What the register's codes are called on pages. Labels of nomenclatures have no English: they stay French."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext, gettext_lazy

from foxreviews.enterprise.models import AncienNom
from foxreviews.enterprise.names import Kind
from foxreviews.reference.geography import city_of_district, district_name, district_number
from foxreviews.reference.naf import label
from foxreviews.reference.register import BANDS

# Controls, and marks that turn the direction of what follows: no <bdi> can stand in a title or an attribute
_ILLEGIBLE = dict.fromkeys(
    (*range(0x20), *range(0x7F, 0xA0), 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)

KINDS = {
    Kind.NOM: gettext_lazy("registered name"),
    Kind.NOM_COMMERCIAL: gettext_lazy("trade name"),
    Kind.ENSEIGNE: gettext_lazy("sign"),
    Kind.SIGLE: gettext_lazy("initials"),
    Kind.PSEUDONYME: gettext_lazy("pseudonym"),
    Kind.NOM_NAISSANCE: gettext_lazy("name of birth"),
    Kind.DENOMINATION_USUELLE: gettext_lazy("usual name"),
    Kind.ANCIEN_NOM: gettext_lazy("former name"),
}
NATURES = {
    AncienNom.Nature.DENOMINATION: gettext_lazy("registered name"),
    AncienNom.Nature.NOM: gettext_lazy("family name"),
    AncienNom.Nature.NOM_USAGE: gettext_lazy("name in use"),
    AncienNom.Nature.DENOMINATION_USUELLE: gettext_lazy("usual name"),
}


def legible(text: str) -> str:
    """A name for places that take nothing but text: without controls and marks of direction.

    An import leaves them out; whoever writes a row in another way may not.
    """
    return text.translate(_ILLEGIBLE)


def workforce(code: str) -> str:
    """A workforce band in words; "" where the register does not say."""
    band = BANDS.get(code)
    if band is None:
        return ""
    if code == "NN":
        return gettext("no employee")
    if band.maximum == 0:
        return gettext("no employee at the end of the year")
    if band.maximum is None:
        return gettext("%(count)s employees or more") % {
            "count": number_format(band.minimum, force_grouping=True)
        }
    return gettext("%(from)s to %(to)s employees") % {
        "from": number_format(band.minimum, force_grouping=True),
        "to": number_format(band.maximum, force_grouping=True),
    }


def employer(employs: bool | None) -> str:
    """Whether a company has employees, in words; "" where the register does not say."""
    if employs is None:
        return ""
    return gettext("with employees") if employs else gettext("without employees")


def trade(row: Mapping[str, Any]) -> str:
    """What a company or establishment does, by NAF rév. 2, else by NAF 2025; "" where it is not known."""
    return label(row["naf_code"]) or row.get("naf_libelle", "") or label(row["naf25_code"])


def place(row: Mapping[str, Any]) -> str:
    """Postal code and town as on a letter: "75017 Paris"; with the district where the postal code does not say it."""
    code, postal_code = row["ville_id"] or "", row["code_postal"]
    district = district_number(code)
    if district and postal_code[3:] == f"{district:02}":
        return f"{postal_code} {city_of_district(code)}"
    return " ".join(filter(None, (postal_code, short(district_name(code)) or row["ville_nom"])))


def short(town: str) -> str:
    """«Lyon 7e», as it is said of the «Lyon 7e Arrondissement»."""
    return town.removesuffix(" Arrondissement")


def years_since(day: date, today: date) -> int:
    """Whole years."""
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def day(moment: date) -> str:
    """A day in words, of which French counts the first alone: «1er avril 2003»."""
    text = date_format(moment, "j F Y")
    return f"1er{text[1:]}" if moment.day == 1 and get_language() == "fr" else text


def month_of(name: str) -> date:
    """The first day of "2026-01"."""
    return date.fromisoformat(f"{name}-01")
