"""The answer that the README shows is the one that the program gives."""

import json
import re
import shlex
from collections.abc import Callable
from typing import Any

from django.test import Client

from tests.conftest import CHECKOUT

README = (CHECKOUT / "README.md").read_text()
SAMPLE = re.compile(r"^\$ (curl .*? \| jq .*)\n(\{.*?^\})", re.MULTILINE | re.DOTALL)


def test_the_answer_in_the_readme_is_the_real_one(
    client: Client, company: Callable[..., Any], index: Callable[[], None]
) -> None:
    ((command, printed),) = SAMPLE.findall(README)
    sample = json.loads(printed)
    _, _, url, _, _, program = shlex.split(command)
    path = url.removeprefix("http://127.0.0.1:8000")
    found = {name: sample[name] for name in ("siren", "adresse", "ville_nom", "naf_libelle")}
    company(sample["nom"], naf_code="10.71C", **found)
    company("BOULANGERIE LYONNAISE", ville_nom="Paris", naf_code="10.71C", siren="732829320")
    index()
    first = client.get(path).json()["results"][0]
    fields = re.findall(r"\w+", program.partition("{")[2])
    assert list(sample) == fields
    assert json.dumps({name: first[name] for name in fields}) == json.dumps(sample)
