"""How many descriptions a second are written by rule, and how many answers of an endpoint are checked.

    .venv/bin/python -m benchmarks.descriptions --seconds 5

No database and no endpoint: of companies of all legal forms and activities, in one thread. Seconds are those of a
processor.
"""

import argparse
import datetime as dt
import os
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from typing import Any

import django

COMPANIES = 2_000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=5.0, help="for each figure (default 5)")
    seconds = parser.parse_args().seconds
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from foxreviews.descriptions.checker import problem
    from foxreviews.descriptions.facts import Company
    from foxreviews.descriptions.sentences import describe

    rows = list(islice(_rows(), COMPANIES))
    companies = [Company.of(row) for row in rows]
    answers = [(describe(company), company) for company in companies]
    for what, each, of in (
        ("described by rule, from the row", lambda row: describe(Company.of(row)), rows),
        ("answers of an endpoint checked", lambda answer: problem(*answer), answers),
        ("hashes of facts", lambda company: company.hash, companies),
    ):
        rate = _rate(each, of, seconds)
        print(f"{rate:>10,.0f} a second  {1_000_000 / rate:>6.1f} µs each  {what}")


def _rows() -> Any:
    """Rows of Entreprise, each with another legal form, activity, town and size."""
    from foxreviews.reference.geography import DEPARTEMENTS
    from foxreviews.reference.naf import NAF
    from foxreviews.reference.register import BANDS, LEGAL_FORMS

    varied = zip(cycle(LEGAL_FORMS), cycle(NAF), cycle(DEPARTEMENTS), cycle(BANDS), strict=False)
    for number, (form, activity, departement, band) in enumerate(varied):
        yield {
            "siren": f"{number:09}", "nom": f"SOCIETE {number}", "nom_commercial": "", "autres_noms": "",
            "adresse": "", "telephone": "", "email": "", "site_web": "", "latitude": None, "longitude": None,
            "ville_nom": "Le Havre", "ville_id": None, "departement": departement, "naf_code": activity,
            "naf25_code": "", "categorie_juridique": form, "tranche_effectif": band,
            "date_creation": dt.date(2020, 1, 1 + number % 28), "is_active": number % 4 > 0, "statut_diffusion": "O",
        }  # fmt: skip


def _rate(each: Callable[[Any], object], of: Sequence[Any], seconds: float) -> float:
    """Calls a second."""
    calls, started = 0, time.process_time()
    while (taken := time.process_time() - started) < seconds:
        for one in of:
            each(one)
        calls += len(of)
    return calls / taken


if __name__ == "__main__":
    main()
