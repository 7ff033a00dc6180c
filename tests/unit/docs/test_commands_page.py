"""docs/reference/commands.md is what scripts/commands_page.py prints, and has every command of the project."""

import subprocess
import sys

from tests.conftest import CHECKOUT


def test_the_page_is_what_the_commands_say_of_themselves() -> None:
    script = CHECKOUT / "scripts" / "commands_page.py"
    printed = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert printed.returncode == 0, printed.stderr
    page = (CHECKOUT / "docs" / "reference" / "commands.md").read_text()
    assert page == printed.stdout, "type: make docs"
