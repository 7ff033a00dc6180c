"""Ways to reach a fictional company, none of which reaches anyone."""

import numpy as np
import polars as pl

from foxreviews.demo.generator.draws import Ints, scattered

# Kept free for fiction by the regulator (ARCEP, décision 2018-0881).
_MOBILE = "06 39 98"
_ZONES = {
    "01 99 00": ("11",),
    "02 61 91": ("24", "28", "52", "53", "04", "06"),
    "03 53 01": ("27", "32", "44"),
    "04 65 71": ("84", "93", "94"),
    "05 36 49": ("75", "76", "01", "02", "03"),
}
_PREFIX_OF = {region: prefix for prefix, regions in _ZONES.items() for region in regions}
_PREFIXES = pl.Series([*_ZONES, _MOBILE])
_MOBILES = 0.35
_WITH_TELEPHONE, _WITH_SITE = 0.4, 0.2
_WITH_EMAIL = 0.7  # of those that have a site
_PAIRS = pl.Series([f"{number:02d}" for number in range(100)])


def zone(region: str) -> int:
    """The number of the telephone zone that a région is in."""
    return list(_ZONES).index(_PREFIX_OF[region])


def columns(names: pl.Series, zones: Ints, rng: np.random.Generator) -> dict[str, pl.Series]:
    """Telephone, e-mail and site of companies that are known by `names`; many have none of them."""
    size = len(names)
    called, online = (np.flatnonzero(rng.random(size) < share) for share in (_WITH_TELEPHONE, _WITH_SITE))
    hosts = _hosts(names.gather(online))
    written = np.flatnonzero(rng.random(len(online)) < _WITH_EMAIL)
    return {
        "telephone": scattered(_telephones(zones[called], rng), called, size),
        "email": scattered("contact@" + hosts.gather(written), online[written], size),
        "site_web": scattered("https://www." + hosts, online, size),
    }


def _telephones(zones: Ints, rng: np.random.Generator) -> pl.Series:
    """A number in each zone, or a mobile one: "01 99 00 12 34"."""
    prefix = np.where(rng.random(len(zones)) < _MOBILES, len(_ZONES), zones)
    first, second = rng.integers(100, size=(2, len(zones)))
    parts = [_PREFIXES.gather(prefix), _PAIRS.gather(first), _PAIRS.gather(second)]
    return pl.select(pl.concat_str(parts, separator=" ")).to_series()


def _hosts(names: pl.Series) -> pl.Series:
    """A host under .example, which is nobody's (RFC 2606), for each name: "l-atelier-d-anna.example"."""
    plain = pl.col("name").str.to_lowercase().str.replace_all("œ", "oe", literal=True).str.normalize("NFKD")
    words = plain.str.replace_all(r"\p{M}", "").str.replace_all("[^a-z0-9]+", "-").str.slice(0, 50)
    label = words.str.strip_chars("-")
    return pl.DataFrame({"name": names}).select(pl.concat_str(label, pl.lit(".example"))).to_series()
