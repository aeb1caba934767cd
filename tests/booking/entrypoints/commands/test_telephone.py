"""At a terminal: speech can be heard before anybody calls, and what is missing is named."""

import shlex
import sys
import wave
from contextlib import contextmanager

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from booking.desk.telephone.agi import AgiServer, forget_speech
from booking.entrypoints.commands import telephone
from tests.support.country import cheap_settings

BEEP = (
    f"{shlex.quote(sys.executable)} -Sc \"import sys, wave; w = wave.open(sys.argv[1], 'wb'); "
    "w.setparams((1, 2, 8000, 0, 'NONE', '')); w.writeframes(bytes(800))\" {file}"
)


@pytest.fixture
def run(monkeypatch):
    """Run a command with these settings; give its exit code and its words."""

    def make(*words, **settings):
        monkeypatch.setattr(telephone, "load_settings", lambda: cheap_settings(**settings))
        result = CliRunner().invoke(telephone.app, [str(word) for word in words], catch_exceptions=False)
        return result.exit_code, result.output

    return make


def test_a_text_is_written_as_speech(run, tmp_path):
    file = tmp_path / "try.wav"
    assert run("say", "أهلًا بك", file) == (1, "set MAWID_SPEECH_COMMAND\n")
    assert run("say", "أهلًا بك", file, speech_command="false {file}") == (1, "no speech: false: CalledProcessError\n")
    assert not file.exists()
    assert run("say", "أهلًا بك", file, speech_command=BEEP) == (0, "")
    with wave.open(str(file)) as sound:
        assert sound.getnframes() == 400


def test_asterisk_is_answered_only_where_all_is_set(run, core, monkeypatch, tmp_path):
    @contextmanager
    def opened():
        yield core

    monkeypatch.setattr(telephone, "command_core", opened)
    assert run("agi") == (1, "set MAWID_AGI_SECRET, MAWID_SPEECH_COMMAND and MAWID_SPEECH_DIR\n")
    whole = {"agi_secret": SecretStr("s" * 32), "speech_command": BEEP, "speech_dir": tmp_path / "speech"}
    object.__setattr__(core, "settings", core.settings.model_copy(update=whole))
    left = tmp_path / "speech" / "call-killed"
    left.mkdir(parents=True)
    served = []
    monkeypatch.setattr(AgiServer, "serve_forever", lambda server: served.append(server.server_address))
    code, said = run("agi", "--port", "0")
    assert (code, said) == (0, f"Asterisk is answered at agi://127.0.0.1:{served[0][1]}/…\n")
    assert not left.exists()
    forget_speech(tmp_path / "never made")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("agi_secret", SecretStr("short")),
        ("agi_secret", SecretStr("s" * 31 + "/")),
        ("telephone_secret", SecretStr("s" * 40)),
        ("speech_command", "espeak-ng"),
        ("ussd_number", "*1515#"),
        ("voice_number", "call us"),
        ("ussd_octets", 200),
    ],
)
def test_settings_of_the_telephone_that_cannot_work_are_refused(setting, value):
    with pytest.raises(ValueError, match=setting.upper() if setting == "ussd_number" else setting):
        cheap_settings(**{setting: value})
