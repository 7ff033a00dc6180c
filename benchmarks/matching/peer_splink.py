"""splink on DuckDB: a probabilistic model that it fits on the lines and companies themselves, without the answers.

It runs in an environment of its own: peer_splink.py LINES COMPANIES OUT, all CSV.
"""

import csv
import logging
import sys
import time

import duckdb  # type: ignore[import-not-found,unused-ignore]
import splink.comparison_library as cl  # type: ignore[import-not-found,unused-ignore]
from splink import Linker, SettingsCreator, block_on  # type: ignore[import-not-found,unused-ignore]
from splink.backends.duckdb import DuckDBAPI  # type: ignore[import-not-found,unused-ignore]

PLAIN = "trim(regexp_replace(upper(strip_accents({})), '[^A-Z0-9]+', ' ', 'g'))"
FORMS = r"\b(SARL|SAS|SASU|EURL|SA|SNC|SCI|SOCIETE|STE|ETS|ETABLISSEMENTS)\b"


def main(lines: str, companies: str, out: str) -> None:
    """Write the best company of each line, and its probability."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    started = time.perf_counter()
    database = duckdb.connect()
    for name, file in (("asked", lines), ("directory", companies)):
        database.execute(
            f"""CREATE TABLE {name} AS SELECT
            row_number() OVER () AS unique_id, '{name}' AS source_dataset, siren,
            nullif(trim(regexp_replace({PLAIN.format("nom")}, '{FORMS}', '', 'g')), '') AS nom,
            nullif({PLAIN.format("adresse")}, '') AS adresse,
            nullif(code_postal, '') AS code_postal, nullif(left(code_postal, 2), '') AS departement,
            nullif({PLAIN.format("ville_nom")}, '') AS ville_nom
            FROM read_csv('{file}', all_varchar = true, header = true)"""
        )
    count = database.execute("SELECT count(*) FROM asked").fetchall()[0][0]
    api = DuckDBAPI(database)
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("nom", [0.97, 0.92, 0.85, 0.75]),
            cl.JaroWinklerAtThresholds("adresse", [0.95, 0.85]),
            cl.ExactMatch("code_postal"),
            cl.JaroWinklerAtThresholds("ville_nom", [0.92]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("nom"), block_on("code_postal"), block_on("departement", "substr(nom, 1, 4)"),
            block_on("ville_nom", "substr(nom, 1, 3)"),
        ],
    )  # fmt: skip
    tables = [api.register(name, dataset_display_name=name) for name in ("asked", "directory")]
    linker = Linker(tables, settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("nom", "code_postal")], recall=0.5
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("code_postal"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("nom"))
    pairs = linker.inference.predict(threshold_match_probability=0.01)
    found = database.execute(
        f"""SELECT asked.unique_id, arg_max(directory.siren, match_probability), max(match_probability)
        FROM {pairs.physical_name} AS pair
        JOIN asked ON asked.unique_id = pair.unique_id_l AND pair.source_dataset_l = 'asked'
            OR asked.unique_id = pair.unique_id_r AND pair.source_dataset_r = 'asked'
        JOIN directory ON directory.unique_id = pair.unique_id_r AND pair.source_dataset_r = 'directory'
            OR directory.unique_id = pair.unique_id_l AND pair.source_dataset_l = 'directory'
        GROUP BY 1"""
    ).fetchall()
    seconds = time.perf_counter() - started
    best = {number: (siren, score) for number, siren, score in found}
    with open(out, "w", encoding="utf-8", newline="") as written:  # noqa: PTH123
        csv.writer(written).writerows(
            [(f"{seconds:.3f}", ""), *(best.get(n + 1, ("", 0.0)) for n in range(count))]
        )


if __name__ == "__main__":
    main(*sys.argv[1:4])
