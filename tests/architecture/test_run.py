"""What ``./run test`` makes of its arguments, with programs that only note how they are called."""

import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.root import ROOT

RUN = ROOT / "run"
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
NOTHING = sha256().hexdigest()
PYTHON = """#!/bin/sh
[ "$1" != - ] || exit 1 # Playwright starts no browser
[ "$1" != -m ] || printf '%s|' "$@"
"""


class Computer:
    """A computer with two processors, on which everything is installed but a browser."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "programs"
        (folder / "tests/booking").mkdir(parents=True)
        (folder / "tests/test_one.py").touch()
        for name in ("pyproject.toml", "requirements.txt", "requirements-dev.txt"):
            (folder / name).touch()
        shutil.copy(RUN, folder)
        self.add(folder / ".venv/bin/python", PYTHON)
        self.add(folder / ".venv/bin/playwright", "#!/bin/sh\nexit 1\n")
        self.add(self.programs / "getconf", "#!/bin/sh\necho 2\n")
        for name in ("pgbouncer", "espeak-ng"):
            self.add(self.programs / name, "#!/bin/sh\n")
        self.forbid("uv", "apt-get", *BROWSERS)
        (folder / ".venv/installed-lock").write_text(f"{NOTHING}  - dev\n")
        (folder / ".venv/installed-project").write_text(f"{NOTHING}  pyproject.toml\n")

    def add(self, program: Path, text: str) -> None:
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(text)
        program.chmod(0o755)

    def forbid(self, *names: str) -> None:
        """Names that are there and do nothing, as Ubuntu's ``chromium-browser``."""
        for name in names:
            self.add(self.programs / name, "#!/bin/sh\nexit 1\n")

    def test(self, *words: str, submitted: bool = False) -> tuple[int, str, str]:
        """Call ``./run test``; give its exit code, how it called pytest, and what it said."""
        environment = {name: value for name, value in os.environ.items() if name != "CI"}
        done = subprocess.run(
            ["sh", "run", "test", *words],
            cwd=self.folder,
            env=environment | {"PATH": f"{self.programs}:{os.environ['PATH']}"} | ({"CI": "true"} if submitted else {}),
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout.partition("-m|pytest|")[2], done.stderr


@pytest.fixture
def computer(tmp_path):
    return Computer(tmp_path)


@pytest.mark.parametrize(
    ("words", "called"),
    [
        ((), "-n|4|-q|"),
        (("tests/booking",), "-n|4|tests/booking|"),
        (("--shuffle", "7", "-q"), "-n|4|-p|randomly|--randomly-seed=7|-q|"),
        (("tests/test_one.py::test_a", "-k", "a or b"), "tests/test_one.py::test_a|-k|a or b|"),
        (("tests/test_one.py", "-j", "2"), "-n|2|tests/test_one.py|"),
        (("-j1", "tests/booking", "-k", "a or b"), "tests/booking|-k|a or b|"),
        (("--quick",), "-n|2|--quick|"),
        (("tests/booking", "--pdb"), "tests/booking|--pdb|"),
        (("tests/booking", "--collect-only"), "tests/booking|--collect-only|"),
    ],
)
def test_arguments_of_run_test_choose_the_number_of_processes(computer, words, called):
    computer.add(computer.programs / "chromium-headless-shell", "#!/bin/sh\necho Chromium\n")
    assert computer.test(*words) == (0, called, "")


@pytest.mark.parametrize("words", [("-j", "16"), ("-j", "0"), ("-j",), ("-j", "many")])
def test_a_wrong_number_of_processes_is_refused(computer, words):
    code, called, said = computer.test(*words)
    assert (code, called) == (1, "")
    assert "processes" in said or "needs a number" in said


def test_a_whole_browser_serves_where_the_lighter_one_cannot_be_installed(computer):
    computer.add(computer.programs / "chromium", "#!/bin/sh\necho Chromium\n")
    called = "-n|4|-q|"
    assert computer.test()[:2] == (0, called)
    assert computer.test() == (0, called, "")  # it is asked for once


@pytest.mark.parametrize(("submitted", "ends"), [(False, (0, "-n|4|-q|")), (True, (1, ""))])
def test_without_a_browser_journeys_are_skipped_but_no_submission_is_tried(computer, submitted, ends):
    code, called, said = computer.test(submitted=submitted)
    assert (code, called) == ends
    assert "apt-get install chromium" in said


def test_a_browser_unpacked_earlier_is_used_and_none_is_installed(computer):
    computer.add(computer.folder / ".venv/browser/node", "#!/bin/sh\n")
    computer.add(computer.folder / ".venv/browser/bin/chromium-headless-shell", "#!/bin/sh\n")
    computer.programs.joinpath("chromium-headless-shell").unlink()
    assert computer.test(submitted=True) == (0, "-n|4|-q|", "")


def test_quick_tests_need_no_browser(computer):
    assert computer.test("--quick") == (0, "-n|2|--quick|", "")


def test_named_tests_run_where_no_browser_can_be_installed(computer):
    code, called, said = computer.test("tests/booking")
    assert (code, called) == (0, "-n|4|tests/booking|")
    assert "tests/journeys needs Chromium" in said
