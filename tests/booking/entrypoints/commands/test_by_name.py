"""Commands by name: what the list says is what each says of itself, and none is loaded that nobody asked for."""

import inspect
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from booking.cli import app
from booking.entrypoints.commands.by_name import COMMANDS, load
from tests.support.root import ROOT

pytestmark = pytest.mark.slow

OF_OTHERS = {"alembic", "fastapi", "numpy", "pandas", "psycopg", "redis", "sqlalchemy", "uvicorn"}


@pytest.mark.parametrize("name", COMMANDS)
def test_what_the_list_says_of_a_command_is_what_it_says_of_itself(name):
    command, said = load(name), COMMANDS[name].help

    assert command.name == name
    if not hasattr(command, "commands"):
        assert inspect.cleandoc(command.callback.__doc__).split("\n\n")[0].replace("\n", " ") == said
    assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0


def test_the_list_of_commands_names_each_of_them():
    told = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "300"}).output

    assert [name for name in COMMANDS if name not in told] == []
    assert [one.help for one in COMMANDS.values() if one.help not in told] == []


def test_an_unknown_command_is_refused_by_its_name():
    told = CliRunner().invoke(app, ["nosuch"])

    assert (told.exit_code, "nosuch" in told.output) == (2, True)


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["serve", "--help"], ["draw", "--help"]])
def test_a_command_loads_no_more_than_it_needs(words):
    code = (
        "import sys\n"
        "from booking.cli import main\n"
        f"sys.argv = ['mawid', *{words}]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print('loaded', *sorted({OF_OTHERS} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    loaded = set(done.stdout.splitlines()[-1].split()[1:])
    few = {"--help": set(), "--version": set(), "serve": {"psycopg"}}  # it starts a private server
    assert loaded == few[words[0]] if words[0] in few else "sqlalchemy" in loaded
