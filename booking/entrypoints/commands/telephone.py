"""The commands ``mawid telephone``: answer Asterisk, and hear what a dialogue says before anybody calls."""

from pathlib import Path
from typing import Annotated

import typer

from booking.desk.telephone.agi import AgiServer, forget_speech
from booking.desk.telephone.speech import SpeechError, speak
from booking.opening import command_core
from booking.platform.base.settings import load_settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def telephone() -> None:
    """Phones with keys."""


@app.command("agi")
def agi(host: str = "127.0.0.1", port: int = 4573) -> None:
    """Answer calls that Asterisk asks about by FastAGI, until told to end."""
    with command_core() as core:
        settings = core.settings
        if settings.agi_secret is None or settings.speech_command is None or settings.speech_dir is None:
            typer.echo("set MAWID_AGI_SECRET, MAWID_SPEECH_COMMAND and MAWID_SPEECH_DIR")
            raise typer.Exit(1)
        if core.pack.dialogue is None:
            typer.echo("the country pack has no dialogue.toml")
            raise typer.Exit(1)
        secret, folder = settings.agi_secret.get_secret_value(), settings.speech_dir
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        forget_speech(folder)
        with AgiServer((host, port), core, secret=secret, command=settings.speech_command, folder=folder) as server:
            typer.echo(f"Asterisk is answered at agi://{host}:{server.server_address[1]}/…")
            server.serve_forever()


@app.command("say")
def say(text: str, file: Path, language: Annotated[str, typer.Option(help="ISO 639, such as ar.")] = "ar") -> None:
    """Write a text as speech to a WAV file, by the program of MAWID_SPEECH_COMMAND."""
    command = load_settings().speech_command
    if command is None:
        typer.echo("set MAWID_SPEECH_COMMAND")
        raise typer.Exit(1)
    try:
        speak(command, text, language=language, file=file)
    except SpeechError as error:
        typer.echo(f"no speech: {error}")
        raise typer.Exit(1) from None
