"""Four witnesses watch the demonstration: they sign its log, and any three make the random value of its draws."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from booking.country.core.core import Core
from booking.entrypoints.demo.processes import Helper, open_helpers
from booking.platform.base.clock import SettableClock
from booking.platform.base.errors import NotFoundError
from booking.platform.base.settings_servers import BeaconKind
from booking.platform.embedded.process import dies_with_parent
from booking.transparency.beacons.bring import Part, take_part
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.log.log import log_keys
from booking.transparency.log.notes import NoteError
from booking.transparency.log.views import bundle, checkpoint_text, take_cosignature
from booking.transparency.witness.findings import Findings
from booking.transparency.witness.folder import Folder, Log
from booking.transparency.witness.group import accept_deals, assemble_group, deal
from booking.transparency.witness.line import Answer
from booking.transparency.witness.watch import Watch


class PipeLine:
    """The line to the log, where the log is at the other end of a pipe."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, path: str) -> Answer:
        """Return what the log shows at a path."""
        return self._ask(("get", path, b""))

    def post(self, path: str, body: bytes) -> Answer:
        """Bring something to the log."""
        return self._ask(("post", path, body))

    def _ask(self, question: tuple[str, str, bytes]) -> Answer:
        self._connection.send(question)
        answer: Answer = self._connection.recv()
        return answer


def work(connection: Connection, folder: Path) -> None:
    """Look at the log each time that the director says what time it is, until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the director, who then closes the pipe
    clock = SettableClock(datetime.min.replace(tzinfo=UTC))
    watch: Watch | None = None
    while True:
        try:
            clock.set(connection.recv())
            if watch is None:
                watch = Watch(Folder.open(folder), PipeLine(connection), clock)
            connection.send(("done", "\n".join(one.line("en") for one in watch.look()), b""))
        except (EOFError, BrokenPipeError):
            return


NAMES: Final = ("bar.example", "gazette.example", "medics.example", "university.example")
NEED: Final = 3
"""So that one may be away, and one may be bought."""
FOLDER: Final = "witnesses"
_LOOKS: Final = 6
_KEYS: Final = "witnesses.txt"
_BUNDLES: Final = "tile/entries/"


class WitnessGoneError(Exception):
    """A witness's process ended, or does not sign what a draw waits for."""


def found_group(state: Path) -> dict[str, object]:
    """Make four new witnesses and their group, as people would by files; return the settings that name them."""
    home = state / FOLDER
    shutil.rmtree(home, ignore_errors=True)
    folders = [Folder.new(home / name, name) for name in NAMES]
    identities = [(one.path / "identity.json").read_bytes() for one in folders]
    deals = [deal(one, identities, NEED).read_bytes() for one in folders]
    acceptances = [accept_deals(one, deals).read_bytes() for one in folders]
    groups = [assemble_group(one, acceptances) for one in folders]
    (home / _KEYS).write_text("".join(f"{one.vkey.text}\n" for one in folders))
    return {"beacon": BeaconKind.WITNESSES, "beacon_group": (groups[0],), "witnesses": home / _KEYS}


class Witnesses:
    """The processes, as the director sees them."""

    def __init__(self, core: Core, folders: Sequence[Path], members: Sequence[Helper]) -> None:
        self.folders = folders
        self._core, self._members = core, members

    def look(self) -> None:
        """Let each look at the log now, and take what they bring.

        Raises
        ------
        WitnessGoneError
            A process ended.
        """
        waiting = [one.connection for one in self._members]
        for connection in waiting:
            connection.send(self._core.clock.now())
        while waiting:
            for connection in [one for one in waiting if one in wait(waiting)]:
                try:
                    what, path, body = connection.recv()
                except EOFError:
                    raise WitnessGoneError("a witness of the demonstration is gone") from None
                if what == "done":
                    waiting.remove(connection)
                else:
                    connection.send(shown(self._core, path) if what == "get" else taken(self._core, path, body))

    def look_until(self, done: Callable[[], bool]) -> None:
        """Let them look until something is done, such as a draw that waits for what they sign.

        Raises
        ------
        WitnessGoneError
            It is never done, or a process ended.
        """
        for _ in range(_LOOKS):
            if done():
                return
            self.look()
        raise WitnessGoneError("the witnesses of the demonstration do not sign")

    def contradictions(self) -> int:
        """Return how many contradictions they found together."""
        return sum(not one.notice for folder in self.folders for one in Findings(folder).all())


@contextmanager
def open_witnesses(core: Core) -> Iterator[Witnesses]:
    """Start the processes, and end them on the way out, whatever happened."""
    address = f"http://localhost:{urlsplit(core.settings.base_url).port or 80}/log"
    log = Log(address, log_keys(core)[0])
    folders = [core.settings.state_dir / FOLDER / name for name in NAMES]
    for folder in folders:
        Folder.open(folder).pin(log)
    with open_helpers(work, folders) as members:
        yield Witnesses(core, folders, members)


@contextmanager
def watching(state: Path) -> Iterator[None]:
    """Let them go on as `mawid witness watch`, while the pages are served; what they print is in their folders."""
    with ExitStack() as stack:
        for name in NAMES:
            folder = state / FOLDER / name
            log = stack.enter_context((folder / "watch.log").open("wb"))
            command = [*dies_with_parent("TERM"), sys.executable, "-m", "booking", "witness", "watch", str(folder)]
            process = subprocess.Popen(command, stdout=log, stderr=log, env={"PATH": os.environ.get("PATH", "")})  # noqa: S603 - ours
            stack.callback(process.wait)
            stack.callback(process.terminate)
        yield


def shown(core: Core, path: str) -> Answer:
    """Return what the log serves at a path."""
    try:
        if path == "checkpoint":
            return Answer(200, checkpoint_text(core).encode())
        return Answer(200, bundle(core, path.removeprefix(_BUNDLES)))
    except NotFoundError:
        return Answer(404, b"")


def taken(core: Core, path: str, body: bytes) -> Answer:
    """Take a cosignature or a part as the log's pages do."""
    try:
        if path == "cosignatures":
            take_cosignature(core, body)
        else:
            take_part(core, Part.of(body))
    except NotFoundError:
        return Answer(404, b"")
    except (NoteError, BeaconError) as error:
        return Answer(422, str(error).encode())
    return Answer(204, b"")
