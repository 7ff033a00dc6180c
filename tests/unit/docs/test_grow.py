"""docs/howto/grow.md has every switch that scaling knows, and leads to pages that there are."""

import re

from foxreviews.ops.scaling import SWITCHES
from tests.conftest import CHECKOUT

FOLDER = CHECKOUT / "docs" / "howto"
PAGE = (FOLDER / "grow.md").read_text()
SETTINGS = (
    "CACHE_URL",
    "DATABASE_REPLICA_URLS",
    "SEARCH_ENGINE=opensearch",
    "CELERY_BROKER_URL",
    "partition_entreprises",
)


def test_every_switch_is_in_it_with_the_page_that_scaling_names() -> None:
    for switch in SETTINGS:
        assert switch in PAGE
    for why, page in SWITCHES.values():
        for named in re.findall(r"docs/howto/(\S+?\.md)", f"{why} {page}"):
            assert named == "grow.md" or f"({named})" in PAGE


def test_its_links_and_those_of_the_balancer_lead_somewhere() -> None:
    for page in (PAGE, (FOLDER / "balancer.md").read_text()):
        for link in re.findall(r"\]\(([^)#]+)", page):
            assert (FOLDER / link).exists(), link
