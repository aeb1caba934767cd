"""Commands for the place where encrypted files are: try it, and move files from the folder to a bucket."""

import secrets
import time
from typing import Annotated

import typer

from booking.platform.base.settings import SettingsError, load_settings
from booking.platform.files.folder import FolderFiles
from booking.platform.files.move import Moved, move
from booking.platform.files.place import TRIALS, FilesAwayError, new_trial
from booking.platform.files.watched import open_bucket, open_files

TOLD_EACH = 1000
app = typer.Typer(no_args_is_help=True)


@app.command("try")
def try_files(
    size: Annotated[int, typer.Option(min=1, max=10_000_000, help="Bytes of the file that is tried.")] = 300_000,
) -> None:
    """Keep a file, read it back, list and remove it; ends with status 1 where the place does not do its part."""
    files = open_files(load_settings())
    key, content = new_trial(), secrets.token_bytes(size)
    steps = (
        ("keep", lambda: files.put(key, content)),
        ("read", lambda: files.get(key) == content),
        ("list", lambda: any(one.key == key for one in files.list(TRIALS))),
        ("remove", lambda: files.remove([key])),
    )
    typer.echo(files.where)
    for step, act in steps:
        began = time.perf_counter()
        try:
            well = act() is not False
            words = "well" if well else "NOT WELL: it is not what was kept"
        except FilesAwayError as error:
            well, words = False, f"NOT WELL: {error.cause}"
        typer.echo(f"{step:7} {1000 * (time.perf_counter() - began):7.1f} ms  {words}")
        if not well:
            raise typer.Exit(1)


@app.command("move")
def move_files() -> None:
    """Move files from the folder to the bucket while Mawid runs; may be broken off and begun again.

    MAWID_S3_BESIDE_FOLDER=true has every process read what is still in the folder.
    """
    settings = load_settings()
    if settings.s3_bucket is None:
        raise SettingsError("MAWID_S3_BUCKET names no bucket")
    folder = FolderFiles(settings.evidence_folder)

    def tell(moved: Moved) -> None:
        if moved.files % TOLD_EACH == 0:
            typer.echo(_words(moved))

    done = move(folder, open_bucket(settings), tell)
    typer.echo(f"{_words(done)} from {folder.where} to {settings.s3_bucket}")
    if settings.s3_beside_folder:
        typer.echo(
            "Once every process has the bucket in its settings, run this again; then MAWID_S3_BESIDE_FOLDER=false."
        )


def _words(moved: Moved) -> str:
    return f"moved {moved.files} files, {moved.bytes / 2**20:.1f} MiB"
