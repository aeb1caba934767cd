from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from booking.entrypoints.commands import fraud as commands
from booking.entrypoints.commands import fraud_labels as label_commands
from booking.entrypoints.commands import fraud_models as model_commands
from booking.entrypoints.commands import fraud_versions as version_commands
from booking.entrypoints.commands import no_show as no_show_commands
from booking.entrypoints.commands import staff as staff_commands

MODULES = (no_show_commands, staff_commands, label_commands, model_commands, version_commands)


@pytest.fixture
def mawid(country, monkeypatch):
    """Run a command as at a terminal, on the test's own country; give its output, and its exit code if not 0."""

    @contextmanager
    def command_core():
        yield country

    for module in MODULES:
        monkeypatch.setattr(module, "command_core", command_core)

    def run(*words, typed=None):
        app = staff_commands.app if words[0] == "staff" else commands.app
        result = CliRunner().invoke(app, [str(word) for word in words[1:]], catch_exceptions=False, input=typed)
        return result.output if result.exit_code == 0 else (result.exit_code, result.output)

    return run
