"""Run notebooks from the first cell to the last, in kernels of their own; a warning is an error."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

import pandas as pd
from sqlalchemy import text

from booking.country.core.core import Core
from booking.country.figures.read_only import reading, rows
from booking.entrypoints.notebooks.article import language_of
from booking.opening import command_core, open_core
from booking.platform.base.settings import Settings, load_settings
from booking.platform.embedded import start_servers
from booking.platform.languages.language import read_language

ROOT: Final = Path(__file__).parents[3]
_COUNTS: Final = """
    SELECT 'draws published', count(*), min(closed_at), max(closed_at) FROM draw WHERE state = 'published'
    UNION ALL SELECT 'requests', count(*), min(created_at), max(created_at) FROM request
    UNION ALL SELECT 'verdicts of the gate', count(*), min(decided_at), max(decided_at) FROM verdict
        WHERE officer_id IS NULL
    UNION ALL SELECT 'requests with a label', count(DISTINCT request_id), min(known_at), max(known_at) FROM label
    UNION ALL SELECT 'appointments', count(*), min(starts_at), max(starts_at) FROM appointment
    UNION ALL SELECT 'appointments that are over', count(*), min(at), max(at) FROM outcome
        WHERE kind IN ('served', 'no_show')
"""
_open: Final = ExitStack()


class NoDataError(Exception):
    """There is nothing to look at: no draw in the database that is named, or no demonstration has been played here."""


@cache
def open_data() -> Core:
    """Return the core of ``MAWID_DATABASE_URL``, or else of the demonstration that was played in the state folder.

    It stays open until the process ends, and calling it again gives the same one. Of a database that is named nothing
    changes: it is read as it is.

    Raises
    ------
    NoDataError
        Neither is there; ``mawid notebook`` plays a demonstration.
    """
    settings = load_settings(ROOT / ".env")
    if settings.database_url is None:
        settings = demonstration(settings.model_copy(update={"state_dir": ROOT / settings.state_dir}))
        if not is_there(settings):
            raise NoDataError("no demonstration was played here yet: mawid notebook plays one")
    return _open.enter_context(opened(settings))


def demonstration(settings: Settings) -> Settings:
    """Return the settings of the demonstration beside an installation."""
    return settings.model_copy(update={"state_dir": (settings.state_dir / "demo").resolve()})


def is_there(settings: Settings) -> bool:
    """Return whether a private database was made in the state folder."""
    return (settings.state_dir / "postgresql" / "data").is_dir()


@contextmanager
def opened(settings: Settings) -> Iterator[Core]:
    """Open a core; the schema is brought up to date where the database is private, and left alone where it is named."""
    if settings.database_url is None:
        with command_core(settings) as core:
            yield core
    else:
        with (
            start_servers(settings) as servers,
            open_core(settings, database_url=servers.database_url, redis_url=servers.redis_url) as core,
        ):
            yield core


def what_is_there(core: Core) -> pd.DataFrame:
    """Count what the database knows: ``number``, and the days of the first and the last; nothing about anyone."""
    with reading(core.sessions) as session:
        found = rows(session, _COUNTS, {})
    table = pd.DataFrame(found, columns=["what", "number", "first", "last"]).set_index("what")
    for column in ("first", "last"):
        table[column] = ["" if pd.isna(one) else one.date().isoformat() for one in table[column]]
    return table


SECONDS_A_CELL: Final = 300
_MIRRORED: Final = 'scale(-1,1)">'
_STRICT: Final = (
    "import warnings; warnings.simplefilter('error'); "  # two are the kernel's own, when it is told to end and begins
    "warnings.simplefilter('ignore', PendingDeprecationWarning); "
    "warnings.filterwarnings('ignore', 'There is no current event loop', DeprecationWarning)"
)


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a notebook; ``english`` and ``arabic`` count its figures, ``failure`` is None where it is sound."""

    name: str
    seconds: float
    english: int = 0
    arabic: int = 0
    failure: str | None = None


def execute_all(
    notebooks: Sequence[Path],
    folder: Path,
    *,
    environment: Mapping[str, str],
    at_once: int,
    tell: Callable[[Ran], None],
) -> list[Ran]:
    """Run notebooks, some at the same time, and keep them with their outputs.

    Parameters
    ----------
    folder
        Where the executed copies go; the notebooks themselves stay as they are.
    environment
        Of the kernels.
    at_once
        How many kernels there are at a time.
    tell
        Is given each notebook's result as soon as it is over.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_all(notebooks, folder, dict(environment), at_once, tell))


async def _all(
    notebooks: Sequence[Path], folder: Path, environment: dict[str, str], at_once: int, tell: Callable[[Ran], None]
) -> list[Ran]:
    free = asyncio.Semaphore(at_once)

    async def one(path: Path) -> Ran:
        async with free:
            ran = await _executed(path, folder, environment)
            tell(ran)
            return ran

    return list(await asyncio.gather(*[one(path) for path in notebooks]))


async def _executed(path: Path, folder: Path, environment: dict[str, str]) -> Ran:
    import nbformat  # noqa: PLC0415 - only where notebooks are run
    from nbclient import NotebookClient  # noqa: PLC0415
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError  # noqa: PLC0415
    from traitlets.config import Config  # noqa: PLC0415

    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    began, failure = perf_counter(), None
    with TemporaryDirectory(prefix="mawid") as sockets:
        # Sockets in a folder of its own: over TCP anyone on the machine could listen.
        private = {"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}}
        client = NotebookClient(
            notebook,
            timeout=SECONDS_A_CELL,
            config=Config(private),
            resources={"metadata": {"path": str(ROOT)}},
            extra_arguments=[f"--IPKernelApp.exec_lines={_STRICT}", "--InteractiveShell.colors=NoColor"],
        )
        try:
            await client.async_execute(env=environment)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            failure = str(error).strip()
    nbformat.write(notebook, folder / path.name)  # type: ignore[no-untyped-call]
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    drawn = [one["data"]["image/svg+xml"] for one in outputs if "image/svg+xml" in one.get("data", {})]
    arabic = sum(_MIRRORED in svg for svg in drawn)
    said = "".join(one["text"] for one in outputs if one["output_type"] == "stream" and one["name"] == "stderr")
    if failure is None and said:
        failure = f"it warned:\n{said.strip()}"
    failure = failure or _misdrawn(len(drawn) - arabic, arabic, language_of(notebook))
    return Ran(path.stem, perf_counter() - began, len(drawn) - arabic, arabic, failure)


def _misdrawn(english: int, arabic: int, language: str | None) -> str | None:
    """Say what is wrong with the numbers of figures; None where nothing is."""
    figures = f"{english} figures in English and {arabic} in Arabic"
    if language is None:
        return None if 0 < arabic == english else f"{figures}: each is drawn once in both"
    mirrored = read_language(language).direction == "rtl"
    own, others = (arabic, english) if mirrored else (english, arabic)
    return None if own and not others else f"{figures}: each is drawn once in {language}, as the copy is"


PEOPLE: Final = 2_000
SEED: Final = 1


@contextmanager
def prepared(given: Settings, *, people: int = PEOPLE, seed: int = SEED) -> Iterator[dict[str, str]]:
    """Yield the variables by which kernels find the data; private servers run as long as this context.

    Raises
    ------
    NoDataError
        The database that is named has no published draw.
    booking.entrypoints.demo.stage.DemoRunningError
        A demonstration is being played at this moment.
    """
    settings = given
    if given.database_url is None:
        settings = demonstration(given)
        if not (is_there(settings) and _has_a_draw(settings)):
            from booking.entrypoints.demo.play import play  # noqa: PLC0415 - only where a demonstration has to be played

            play(people=people, seed=seed, serve=False, host="127.0.0.1", port=8000)
    elif not _has_a_draw(settings):
        raise NoDataError("the database that MAWID_DATABASE_URL names has no published draw yet")
    with start_servers(settings) as servers:
        yield {
            "MAWID_STATE_DIR": str(settings.state_dir.resolve()),
            "MAWID_DATABASE_URL": servers.database_url,
            "MAWID_REDIS_URL": servers.redis_url,
        }


def _has_a_draw(settings: Settings) -> bool:
    with opened(settings) as core:
        with core.sessions() as session:
            if session.scalar(text("SELECT to_regclass('draw')")) is None:
                return False
        return bool(what_is_there(core).loc["draws published", "number"])
