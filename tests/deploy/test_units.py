"""The units of systemd: understood, hardened, and with settings that are ours."""

import re
import subprocess

import pytest

from tests.deploy.settings_named import unknown
from tests.deploy.tools import need
from tests.support.root import ROOT

UNITS = ROOT / "deploy/systemd"
SERVICES = sorted(file.name.replace("@.", "@notices.") for file in UNITS.glob("*.service"))
MOST_EXPOSED = 2.0
"""Of 10, by systemd's own reckoning; without hardening it is 9.6."""


def analyse(*words, path):
    command = [need("systemd-analyze"), *words]
    return subprocess.run(
        command, env={"SYSTEMD_UNIT_PATH": f"{path}:", "PATH": "/usr/bin"}, capture_output=True, text=True, check=False
    )


@pytest.fixture
def units(tmp_path):
    """The units, with programs that this machine has."""
    for file in [*UNITS.rglob("*.service"), *UNITS.rglob("*.timer"), *UNITS.rglob("*.conf")]:
        copy = tmp_path / file.relative_to(UNITS)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(file.read_text(encoding="utf-8").replace("/opt/mawid/bin/mawid", "/bin/true"))
    return tmp_path


@pytest.mark.parametrize("name", [*SERVICES, "mawid-backup.timer"])
def test_systemd_understands_each_unit(name, units):
    done = analyse("verify", "--man=no", name, path=units)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_hardened(name, units):
    done = analyse("security", "--offline=true", "--no-pager", name, path=units)
    found = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found, done.stderr
    assert float(found[1]) <= MOST_EXPOSED


def test_units_name_settings_that_are_ours():
    text = "\n".join(file.read_text(encoding="utf-8") for file in UNITS.rglob("*") if file.is_file())
    named = re.findall(r"LoadCredential=(mawid_\w+)", text) + re.findall(r"\b(MAWID_\w+)=", text)
    assert len(named) > 5
    assert unknown(named) == set()


def test_only_what_migrates_and_backs_up_is_the_owner():
    holders = {
        file.stem for file in UNITS.rglob("*.*") if file.is_file() and "owner_url" in file.read_text(encoding="utf-8")
    }
    assert holders == {"mawid-migrate", "mawid-backup"}
