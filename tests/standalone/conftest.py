"""The stand-alone check as a module, for the checks that are too many for a process each."""

import pytest

from tests.standalone.program import Folder, part


@pytest.fixture(scope="session")
def program():
    return part("verify_draw")


@pytest.fixture
def verdict(program, capsys):
    """What the program says of some files, in its last line; empty where it finds nothing wrong."""

    def judge(files):
        status = program.main(Folder(files))
        last = capsys.readouterr().out.splitlines()[-1]
        assert last.startswith("FAILED: ") == (status == 1)
        return last.removeprefix("FAILED: ") if status else ""

    return judge
