"""The directory that lists are matched against, and the lists: real companies among fictional ones, a fifth taken out.

Real ones are those of ../shared/data/entreprises.csv, where it is; fictional ones of a register with establishments. A
company that was taken out has lines all the same: whatever they are matched with is wrong.
"""

import csv
import json
import os
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from django.db import connection, transaction

from benchmarks import files
from benchmarks.command import CHECKOUT, FOLDER, manage
from benchmarks.database import scratch_database
from benchmarks.matching import bodies, shapes
from benchmarks.matching.dirt import Truth, line, styles
from foxreviews.core import sql
from foxreviews.enterprise.names import names
from foxreviews.enterprise.privacy import HIDDEN_SQL
from foxreviews.matching.record import FIELDS
from foxreviews.matching.towns import Towns
from foxreviews.reference.identifiers import is_siret
from foxreviews.reference.register import NATURAL_PERSON

SHARED = CHECKOUT.parent / "shared" / "data"
REAL = SHARED / "entreprises.csv"
INDEX = FOLDER / "matching-search"
LINES = FOLDER / "matching-lines.json"
BODIES = FOLDER / "matching-bodies.csv"
ABSENT = 0.2
PARTS = {"train": 0.4, "calibrate": 0.25, "test": 0.35}
PUBLIC = "public"  # the part of lines in shapes.py: their companies are of "test", and public bodies
COMPANIES = sql.load(__file__, "companies").replace("{hidden}", HIDDEN_SQL)
OF_FILE = sql.load(__file__, "establishments_of_file")


@dataclass(frozen=True)
class Line:
    """A line of a list, and the right answer: "" where the company was taken out of the directory."""

    values: dict[str, str]
    siren: str
    siret: str
    style: str
    kinds: tuple[str, ...]
    part: str
    is_real: bool


@contextmanager
def directory(rows: int, seed: int) -> Iterator[dict[str, str]]:
    """The environment of a database with the companies, and of their index; the lines are in LINES."""
    with scratch_database("bench_matching") as environment:
        environment |= {"SEARCH_INDEX_DIR": str(INDEX), "SLOW_QUERY_MS": "60000"}
        load(environment, rows, seed)
        again = [sys.executable, "-m", "benchmarks.matching", "lines", "--seed", str(seed)]
        subprocess.run(again, cwd=CHECKOUT, env=os.environ | environment, check=True)
        manage(environment, "search_rebuild")
        yield environment


def load(environment: dict[str, str], rows: int, seed: int) -> None:
    """Towns, the fictional register, real companies."""
    if SHARED.is_dir():
        population = SHARED / "insee_population_donnees_communes.csv"
        options = ("--population", population, "--cog", SHARED / "cog_communes_2026.csv")
        manage(environment, "import_villes", SHARED / "laposte_hexasmal.csv", *options)
    else:
        villes, population = files.towns()
        manage(environment, "import_villes", villes, "--population", population)
    units, places = files.stock(rows, seed)
    manage(environment, "import_sirene", "--unites-legales", units, "--etablissements", places)
    if REAL.exists():
        manage(environment, "import_entreprises_bulk", REAL, "--force")
        bodies.write(SHARED / "laposte_hexasmal.csv", BODIES, seed)
        manage(environment, "import_entreprises_bulk", BODIES, "--force")


def make_lines(seed: int, fictional: int = 4_000) -> list[Line]:
    """Take a fifth of the companies out of the configured database, and write lines about them and as many others."""
    real = _real_rows()
    _add_establishments(real)
    truths = [*_real_truths(real, seed), *_fictional_truths({row["siren"] for row in real}, fictional, seed)]
    known = {row["siren"] for row in real}
    public = [*bodies.truths(BODIES)] if real else []
    absent = {each.siren for each in (*truths, *public) if _draw(seed, "absent", each.siren) < ABSENT}
    _take_out(sorted(absent))
    sirens = [each.siren for each in truths if each.siren not in absent]
    lines = []
    for truth in truths:
        chance = random.Random(f"{seed} {truth.siren}")
        part = _part(_draw(seed, "part", truth.siren))
        for style in styles(chance, 2 if truth.siren in known else 1, with_held_out=part == "test"):
            values, kinds = line(chance, truth, style, wrong_siren=chance.choice(sirens))
            lines.append(_line(truth, values, (style, *kinds), part, absent, known))
    tested = [each for each in truths if _part(_draw(seed, "part", each.siren)) == "test"]
    for truth, values, kind in shapes.shaped(tested, public, seed):
        lines.append(_line(truth, values, (shapes.STYLE, kind), PUBLIC, absent, known))
    return lines


def _line(
    truth: Truth, values: dict[str, str], style: tuple[str, ...], part: str, absent: set[str], real: set[str]
) -> Line:
    """`style` is followed by kinds."""
    is_absent = truth.siren in absent
    said = {name: value for name, value in values.items() if value and name in (*FIELDS, "telephone")}
    siren, siret = ("", "") if is_absent else (truth.siren, truth.siret)
    return Line(said, siren, siret, style[0], style[1:], part, truth.siren in real)


def write_lines(lines: Sequence[Line]) -> None:
    """To LINES."""
    LINES.write_text("\n".join(json.dumps(asdict(each), ensure_ascii=False) for each in lines) + "\n")


def read_lines(*parts: str) -> list[Line]:
    """Those of LINES that are of these parts."""
    found = []
    for text in LINES.read_text().splitlines():
        values = json.loads(text)
        if values["part"] in parts:
            found.append(Line(**values | {"kinds": tuple(values["kinds"])}))
    return found


def _draw(seed: int, what: str, siren: str) -> float:
    return int(sha256(f"{seed} {what} {siren}".encode()).hexdigest()[:8], 16) / 16**8


def _part(drawn: float) -> str:
    for name, share in PARTS.items():
        if drawn < share:
            return name
        drawn -= share
    return "test"


def _real_rows() -> list[dict[str, str]]:
    if not REAL.exists():
        return []
    with REAL.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["nom"].strip() and is_siret(row["siret"])]
    towns = Towns.load()
    for row in rows:
        place = towns.resolve("", row["code_postal"], row["ville_nom"])
        row |= {"code_commune": place.code_commune, "departement": place.departement}
    return rows


def _add_establishments(rows: Sequence[dict[str, str]]) -> None:
    columns = (
        "siret",
        "siren",
        "nom",
        "adresse",
        "code_postal",
        "ville_nom",
        "code_commune",
        "departement",
        "naf_code",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            OF_FILE, {name: [" ".join(row[name].split())[:100] for row in rows] for name in columns}
        )


def _real_truths(rows: Sequence[dict[str, str]], seed: int) -> Iterator[Truth]:
    """One place of each company."""
    of_company: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        of_company[row["siren"]].append(row)
    others = _places(rows)
    for siren, places in sorted(of_company.items()):
        row = places[int(_draw(seed, "place", siren) * len(places))]
        yield Truth(
            siren,
            row["siret"],
            " ".join(row["nom"].split()),
            (),
            " ".join(row["adresse"].split()),
            row["code_postal"],
            row["ville_nom"],
            row["naf_code"],
            row["naf_libelle"],
            others=others.get(row["departement"], ()),
        )


def _fictional_truths(real: set[str], limit: int, seed: int) -> Iterator[Truth]:
    parameters: dict[str, Any] = {"seed": str(seed), "real": sorted(real), "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(COMPANIES, parameters)
        rows = [dict(zip(_FIELDS, each, strict=True)) for each in cursor.fetchall()]
    others = _places(rows)
    for row in rows:
        signs = [
            each.nom
            for nom, more in ((row["sign"], row["signs"]), (row["nom_commercial"], row["autres_noms"]))
            for each in names({"nom": "", "nom_commercial": nom, "autres_noms": more})[1:]
        ]
        yield Truth(
            row["siren"],
            row["siret"],
            row["nom"],
            tuple(dict.fromkeys(signs)),
            f"{row['numero_voie']} {row['type_voie']} {row['libelle_voie']}".strip(),
            row["code_postal"],
            row["ville_nom"],
            row["naf_code"],
            row["naf_libelle"],
            row["categorie_juridique"] == NATURAL_PERSON,
            others.get(row["departement"], ()),
        )


_FIELDS = (
    "siren",
    "nom",
    "nom_commercial",
    "autres_noms",
    "naf_code",
    "naf_libelle",
    "categorie_juridique",
    "siret",
    "numero_voie",
    "type_voie",
    "libelle_voie",
    "code_postal",
    "ville_nom",
    "departement",
    "sign",
    "signs",
)


def _places(rows: Sequence[dict[str, str]]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Some postal codes and towns of each département."""
    found: defaultdict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    for row in rows:
        if len(found[row["departement"]]) < 30:
            found[row["departement"]][row["code_postal"], row["ville_nom"]] = None
    return {departement: tuple(places) for departement, places in found.items() if departement}


@transaction.atomic
def _take_out(sirens: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM enterprise_etablissement WHERE siren = ANY(%s)", [sirens])
        cursor.execute("DELETE FROM enterprise_anciennom WHERE siren = ANY(%s)", [sirens])
        cursor.execute("DELETE FROM enterprise_entreprise WHERE siren = ANY(%s)", [sirens])
