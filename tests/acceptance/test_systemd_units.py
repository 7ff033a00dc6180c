"""deploy/systemd, read by systemd itself: every directive is known, every program is there."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
UNITS = CHECKOUT / "deploy" / "systemd"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_has_nothing_to_say_against_the_units(tmp_path: Path) -> None:
    for release in ("current", "i"):  # systemd verifies a template as its instance «i»
        programs = tmp_path / release / ".venv" / "bin"
        programs.mkdir(parents=True)
        for name in ("python", "gunicorn", "celery"):
            (programs / name).symlink_to(sys.executable)
    units = tmp_path / "units"
    units.mkdir()
    for unit in UNITS.iterdir():
        (units / unit.name).write_text(unit.read_text().replace("/srv/foxreviews", str(tmp_path)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(map(str, units.iterdir()))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("service", sorted(UNITS.glob("*.service")), ids=lambda path: path.name)
def test_every_service_may_do_little(service: Path) -> None:
    lines = service.read_text().splitlines()
    for least in ("User=foxreviews", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="):
        assert least in lines
