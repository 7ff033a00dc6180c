"""Workforce bands: the `trancheEffectifs` of the register (INSEE)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Band:
    """Employees from `least` to `most`, both included; `most` is None when the band has no upper end."""

    code: str
    label: str
    least: int
    most: int | None


_NO_EMPLOYEE = (
    "Unité non employeuse (pas de salarié au cours de l'année de référence et pas d'effectif au 31/12)"
)
_NO_EMPLOYEE_LEFT = (
    "0 salarié (n'ayant pas d'effectif au 31/12 mais ayant employé des salariés au cours de l'année"
    " de référence)"
)

BANDS: dict[str, Band] = {
    band.code: band
    for band in (
        Band("NN", _NO_EMPLOYEE, 0, 0),
        Band("00", _NO_EMPLOYEE_LEFT, 0, 0),
        Band("01", "1 ou 2 salariés", 1, 2),
        Band("02", "3 à 5 salariés", 3, 5),
        Band("03", "6 à 9 salariés", 6, 9),
        Band("11", "10 à 19 salariés", 10, 19),
        Band("12", "20 à 49 salariés", 20, 49),
        Band("21", "50 à 99 salariés", 50, 99),
        Band("22", "100 à 199 salariés", 100, 199),
        Band("31", "200 à 249 salariés", 200, 249),
        Band("32", "250 à 499 salariés", 250, 499),
        Band("41", "500 à 999 salariés", 500, 999),
        Band("42", "1 000 à 1 999 salariés", 1_000, 1_999),
        Band("51", "2 000 à 4 999 salariés", 2_000, 4_999),
        Band("52", "5 000 à 9 999 salariés", 5_000, 9_999),
        Band("53", "10 000 salariés et plus", 10_000, None),
    )
}
