"""Loading towns as a person would: files on the disk, and the command."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

POST = """\
Code_commune_INSEE;Nom_commune;Code_postal;Libelle_acheminement;Ligne_5;coordonnees_gps
42218;ST ETIENNE;42000;ST ETIENNE;;45.4, 4.4
42218;ST ETIENNE;42100;ST ETIENNE;;45.4, 4.4
42218;ST ETIENNE;42230;ST ETIENNE;ROCHETAILLEE;45.4, 4.4
42207;ST CHAMOND;42400;ST CHAMOND;;45.5, 4.5
69381;LYON 01;69001;LYON;;45.7, 4.8
69383;LYON 03;69003;LYON;;45.7, 4.9
27348;LYONS LA FORET;27480;LYONS LA FORET;;49.4, 1.5
95218;ERAGNY;95610;ERAGNY SUR OISE;;49.0, 2.1
93066;ST DENIS;93200;ST DENIS;;48.9, 2.3
97411;ST DENIS;97400;ST DENIS;;-20.9, 55.4
99138;MONACO;98000;MONACO;;43.7, 7.4
"""
COG = """\
TYPECOM,COM,REG,DEP,CTCD,ARR,TNCC,NCC,NCCENR,LIBELLE,CAN,COMPARENT
COM,95218,11,95,95D,953,1,ERAGNY SUR OISE,Éragny-sur-Oise,Éragny-sur-Oise,9506,
COM,42218,84,42,42D,423,0,SAINT ETIENNE,Saint-Étienne,Saint-Étienne,4299,
COMD,42207,,,,,0,SAINT CHAMOND,Saint-Chamond,Saint-Chamond,,42999
COM,42999,84,42,42D,423,0,GIER,Gier-en-Forez,Gier-en-Forez,,
"""
POPULATION = """\
REG;Région;DEP;CODARR;CODCAN;CODCOM;COM;Commune;PMUN;PCAP;PTOT
84;Auvergne-Rhône-Alpes;42;3;01;218;42218;Saint-Étienne;173136;1;173137
28;Normandie;27;1;01;348;27348;Lyons-la-Forêt;750;1;751
"""

Load = Callable[..., dict[str, Any]]


@pytest.fixture
def post() -> str:
    """Eleven lines of La Poste's file: nine codes, two of them districts of Lyon."""
    return POST


@pytest.fixture
def official() -> dict[str, str]:
    """INSEE's two files: a name and a population that the post does not give, and a commune that it lacks."""
    return {"cog": COG, "population": POPULATION}


@pytest.fixture
def load(db: None, tmp_path: Path, settings: Any) -> Load:
    """load(post, cog=…, population=…, *flags): run import_villes on these texts, give its report."""
    settings.LOG_DIR = tmp_path / "logs"

    def run(post: str = POST, *flags: str, **others: str) -> dict[str, Any]:
        arguments = [written(tmp_path / "post.csv", post)]
        for name, text in others.items():
            arguments += [f"--{name}", written(tmp_path / f"{name}.csv", text)]
        report = tmp_path / "report.json"
        call_command("import_villes", *arguments, "--report", str(report), *flags, stdout=StringIO())
        counts: dict[str, Any] = json.loads(report.read_text())
        assert counts["records"] == counts["used"] + counts["rejected"] + counts["blank"]
        assert counts["towns"] == counts["created"] + counts["updated"] + counts["unchanged"]
        return counts

    return run


def written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)
