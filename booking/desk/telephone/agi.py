"""FastAGI: Asterisk asks over TCP what to say in a call, and is told file by file (docs.asterisk.org, AGI).

AGI is a protocol of lines: Asterisk sends what it knows of the call, then answers each command with "200 result=…".
Whoever can connect could pretend to be any caller's telephone exchange, so the address that Asterisk calls holds a
secret, and the server listens where only Asterisk reaches it.
"""

import hmac
import shutil
import socketserver
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from threading import BoundedSemaphore
from time import monotonic
from typing import Final

import structlog
from typing_extensions import override

from booking.country.core.core import Core
from booking.country.core.security import By
from booking.desk.telephone.memory import Call, Screen
from booking.desk.telephone.speech import SpeechError, speak
from booking.desk.telephone.talk import take_next
from booking.platform.base.errors import MawidError

_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger("mawid.telephone")

MOST_CALLS: Final = 60
"""At once: more than a primary rate line carries."""
MOST_GREETINGS: Final = 500
"""Connections at once that have not shown the secret yet: none of them takes a call's place."""
GREETING_SECONDS: Final = 5
"""In which a connection says who it is, all of it: Asterisk does at once."""
_SILENCE_SECONDS: Final = 120
"""Of Asterisk, which answers each command within the length of what it plays and the wait for keys."""
_WAIT: Final = 10_000
"""Milliseconds for the first key, and between two."""
_LONGEST_HEAD, _LONGEST_LINE = 20_000, 2000
_AT_ONCE: Final = 0.001
_OK: Final = "200 result="
_HUNG_UP: Final = "-1"
_CALLS: Final = "call-"
_FOR_ITS_GROUP: Final = 0o640


class HungUpError(Exception):
    """The caller, or Asterisk, is gone."""


class AgiServer(socketserver.ThreadingTCPServer):
    """Answers each call in a thread of its own; ``folder`` is read by Asterisk under the same path."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(self, address: tuple[str, int], core: Core, *, secret: str, command: str, folder: Path) -> None:
        self.core, self.secret, self.command, self.folder = core, secret, command, folder
        self.free, self.greeting = BoundedSemaphore(MOST_CALLS), BoundedSemaphore(MOST_GREETINGS)
        super().__init__(address, _OneCall)

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Note that a call broke, without what was said in it."""
        _log.exception("a call broke")


class _OneCall(socketserver.StreamRequestHandler):
    @override
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, AgiServer)  # noqa: S101 - tells the type checker whose handler it is
        with suppress(HungUpError, OSError):
            with _one_of(server.greeting):
                about = self._about()
            shown = about.get("agi_network_script", "")
            if not hmac.compare_digest(shown.encode(), server.secret.encode()):
                _log.warning("a call without the secret was refused")
                return
            self.connection.settimeout(_SILENCE_SECONDS)
            with _one_of(server.free), _a_folder(server.folder) as folder:
                self._talk(server, folder, about)

    def _talk(self, server: AgiServer, folder: Path, about: Mapping[str, str]) -> None:
        call = Call(By.VOICE, f"agi {about.get('agi_uniqueid', '')[:100]}", about.get("agi_callerid", "")[:60])
        self._ask("ANSWER")
        typed: str | None = None
        try:
            for message in count():
                screen = take_next(server.core, call, typed, message=str(message))
                typed = self._said(server, folder / str(message), screen)
                if screen.ends:
                    break
        except (MawidError, SpeechError) as error:
            _log.warning("a call ended early", error=type(error).__name__)
        self._ask("HANGUP")

    def _said(self, server: AgiServer, file: Path, screen: Screen) -> str:
        """Say a screen and return the keys that were pressed; "" where nobody pressed any."""
        sound = file.with_suffix(".wav")
        speak(server.command, screen.text, language=screen.language, file=sound)
        sound.chmod(_FOR_ITS_GROUP)  # whatever the umask is: Asterisk is another user
        if screen.ends:
            self._ask(f'STREAM FILE {file} ""')
            return ""
        return self._ask(f"GET DATA {file} {_WAIT} {screen.digits}").partition(" ")[0]

    def _about(self) -> dict[str, str]:
        lines = dict(line.split(": ", 1) for line in self._head() if ": " in line)
        if "agi_request" not in lines:
            raise HungUpError
        return lines

    def _head(self) -> list[str]:
        """Read all that comes before the first command, however slowly its bytes drip in."""
        ends, head = monotonic() + GREETING_SECONDS, b""
        while not head.endswith(b"\n\n"):
            self.connection.settimeout(max(ends - monotonic(), _AT_ONCE))
            more = self.connection.recv(_LONGEST_HEAD)
            head += more
            if not more or len(head) > _LONGEST_HEAD or monotonic() > ends:
                raise HungUpError
        return head.decode(errors="replace").splitlines()

    def _ask(self, command: str) -> str:
        """Send a command and return its result; raises HungUpError where there is no call any more."""
        self.wfile.write(f"{command}\n".encode())
        line = self._line()
        result = line.removeprefix(_OK)
        if line == result or result.startswith(_HUNG_UP):  # "HANGUP", 510, 511, 520, or the end
            raise HungUpError
        return result

    def _line(self) -> str:
        line = self.rfile.readline(_LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise HungUpError
        return line.decode(errors="replace").strip()


@contextmanager
def _one_of(places: BoundedSemaphore) -> Iterator[None]:
    """Hold one of these places; raises HungUpError where none is free."""
    if not places.acquire(blocking=False):
        raise HungUpError
    try:
        yield
    finally:
        places.release()


def forget_speech(folder: Path) -> None:
    """Remove what calls left there whose process was killed."""
    for left in folder.glob(f"{_CALLS}*"):
        shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _a_folder(parent: Path) -> Iterator[Path]:
    """Make a folder of one call, which Asterisk may read and which is gone with the call."""
    with tempfile.TemporaryDirectory(prefix=_CALLS, dir=parent) as name:
        folder = Path(name)
        folder.chmod(0o750 | parent.stat().st_mode & stat.S_ISGID)  # its files are of the group that the parent's are
        yield folder
