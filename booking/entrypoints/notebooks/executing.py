"""Run notebooks from the first cell to the last, in kernels of their own; a warning is an error."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from booking.entrypoints.notebooks.article import language_of
from booking.entrypoints.notebooks.opening import ROOT
from booking.platform.languages.language import read_language

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
