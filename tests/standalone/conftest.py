"""The stand-alone check as a module, for the checks that are too many for a process each."""

from importlib import import_module
from pathlib import Path

import pytest

from tests.standalone.forging import written


@pytest.fixture(scope="session")
def program():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)  # as where its folder is the first place to look
        return import_module("verify_draw")


@pytest.fixture
def verdict(program, tmp_path, capsys):
    """What the program says of some files, in its last line; empty where it finds nothing wrong."""

    def judge(files):
        status = program.main(written(files, tmp_path))
        last = capsys.readouterr().out.splitlines()[-1]
        assert last.startswith("FAILED: ") == (status == 1)
        return last.removeprefix("FAILED: ") if status else ""

    return judge
