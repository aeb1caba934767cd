"""What one process measures, told to whoever asks on this machine: each process has a socket in one folder.

Nothing of it is reachable from elsewhere; `booking.operations.health.all_measures` gathers what all processes tell.
"""

import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, generate_latest

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

OWN: Final = "own"
"""What a process measured itself."""
SHARED: Final = "shared"
"""What any web process reads from the database: the same whoever tells it."""
FOLDER: Final = "measures"
ENDING: Final = ".sock"
PATIENCE: Final = 5.0
"""Seconds that who asks, and who answers, wait for each other."""
_LONGEST: Final = 32


@contextmanager
def told_on_machine(state_dir: Path, kind: str, registries: Mapping[str, CollectorRegistry]) -> Iterator[None]:
    """Tell what is measured for as long as the block runs; where the folder cannot be written to, the log says so.

    Parameters
    ----------
    kind
        What the process is: it begins the socket's name.
    registries
        What is told for each of `OWN` and `SHARED` that is asked.
    """
    folder, name = state_dir / FOLDER, f"{kind}-{os.getpid()}{ENDING}"
    with socket.socket(socket.AF_UNIX) as listening:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (folder / name).unlink(missing_ok=True)
            _at(folder, name, listening.bind)
            listening.listen()
        except OSError as error:
            log.warning("measures_not_told", folder=str(folder), error=error.strerror)
            yield
            return
        telling = threading.Thread(target=_tell, args=(listening, registries), name="measures", daemon=True)
        telling.start()
        try:
            yield
        finally:
            (folder / name).unlink(missing_ok=True)
            listening.shutdown(socket.SHUT_RDWR)
            telling.join(2 * PATIENCE)


def ask(socket_file: Path, what: str) -> bytes:
    """Return what a process tells in Prometheus' text form; empty where it tells nothing of the kind.

    Raises
    ------
    OSError
        It does not answer.
    """
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(PATIENCE)
        _at(socket_file.parent, socket_file.name, asking.connect)
        asking.sendall(what.encode())
        asking.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: asking.recv(1 << 16), b""))


def _tell(listening: socket.socket, registries: Mapping[str, CollectorRegistry]) -> None:
    while True:
        try:
            asking, _ = listening.accept()
        except OSError:
            return  # it was shut down
        with asking, suppress(OSError):
            asking.settimeout(PATIENCE)
            registry = registries.get(_word(asking))
            if registry is not None:
                asking.sendall(generate_latest(registry))


def _word(asking: socket.socket) -> str:
    word = b""
    while len(word) < _LONGEST and (part := asking.recv(_LONGEST)):
        word += part
    return word.decode(errors="replace")


def _at(folder: Path, name: str, act: Callable[[str], object]) -> None:
    """Bind or connect by a short path: those of sockets have a hundred bytes, and folders may lie deep."""
    descriptor = os.open(folder, os.O_PATH)
    try:
        act(f"/proc/self/fd/{descriptor}/{name}")
    finally:
        os.close(descriptor)
