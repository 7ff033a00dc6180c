"""Commands that check, run in this process, and what they found."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

Check = Callable[..., dict[str, dict[str, Any]]]


@pytest.fixture
def check(db: None) -> Check:
    """check("verify"): what it found, by subject."""

    def run(command: str, *arguments: str, **options: Any) -> dict[str, dict[str, Any]]:
        out = StringIO()
        code = 0
        try:
            call_command(command, *arguments, json=True, stdout=out, **options)
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = json.loads(out.getvalue())
        assert code == (0 if said["holds"] else 1)
        found = {finding["subject"]: finding for finding in said["findings"]}
        assert len(found) == len(said["findings"]), "two findings have one subject"
        return found

    return run


@pytest.fixture
def towns(db: None) -> None:
    """One town, so that companies can be in it."""
    from foxreviews.location.models import Ville

    Ville.objects.create(code_insee="69123", nom="Lyon", slug="lyon", departement="69")
