"""One private server process: started, watched, restarted when it dies, stopped with its owner."""

import abc
import contextlib
import fcntl
import logging
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Final, Self

from booking.platform.base.server_error import ServerError
from booking.platform.embedded.process import socket_folder

_log = logging.getLogger(__name__)

PATIENCE: Final = 120.0  # seconds; recovery after a crash may replay much
STOP_PATIENCE: Final = 30.0  # seconds; then it is killed, which loses nothing
GLANCE: Final = 0.05  # seconds between two looks at a process or a lock
LONGEST_PAUSE: Final = 1.0  # seconds between restarts of a server that keeps dying
STEADY_AFTER: Final = 5.0  # seconds of life after which a death is not "keeps dying"


class Server(abc.ABC):
    """A private server on one folder, alive as long as this object is started.

    The process that holds the lock in the folder runs the server: the lock is inherited by the server and by all its
    children, and freed by the kernel when the last of them is gone. So there are never two servers on the same data,
    whatever was killed. A second owner attaches to the living server, and takes over when it dies.

    One thread, the keeper, starts the process, waits for its end and restarts it. It must be one thread that lives as
    long as the process, because the kernel's parent-death signal follows the thread that forked.
    """

    name: ClassVar[str]
    socket_name: ClassVar[str]

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self.durable = durable
        self.log = self.folder / f"{self.name}.log"
        self._stopping = threading.Event()
        self._started = threading.Event()
        self._failure: ServerError | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: threading.Thread | None = None

    @abc.abstractmethod
    def _prepare(self) -> None:
        """Make the data, where it is new, and remove what a killed server left; the lock is held."""

    @abc.abstractmethod
    def _command(self) -> list[str]:
        """Return the server's command line; it must stay in the foreground."""

    @abc.abstractmethod
    def _answers(self) -> bool:
        """Return whether a server accepts work now."""

    @abc.abstractmethod
    def _stop_signal(self) -> signal.Signals:
        """Return the signal that ends the server quickly and cleanly."""

    @property
    def _socket_folder(self) -> Path:
        return socket_folder(self.folder, self.socket_name)

    @property
    def process_id(self) -> int | None:
        """The server's process, or None while it is another owner's or is being restarted."""
        process = self._process
        return process.pid if process else None

    def start(self) -> Self:
        """Return once the server accepts work.

        Raises
        ------
        ServerError
            It does not start, or another process holds the folder and does not answer.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._stopping.clear()
        self._started.clear()
        self._failure = None
        self._keeper = threading.Thread(target=self._keep, name=f"{self.name}-keeper", daemon=True)
        self._keeper.start()
        self._started.wait()
        self._raise_failure()
        return self

    def _raise_failure(self) -> None:
        if self._failure is not None:
            self.stop()
            raise self._failure

    def stop(self) -> None:
        """End the server, if it is ours, and return when it is gone."""
        self._stopping.set()
        if self._keeper is not None:
            self._keeper.join()
            self._keeper = None
            if self._socket_folder != self.folder:
                with contextlib.suppress(OSError):  # another owner's server is in it
                    self._socket_folder.rmdir()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _keep(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            born = time.monotonic()
            try:
                self._start_or_attach()
                self._started.set()
                self._watch()
            except (ServerError, OSError) as error:
                if not self._started.is_set():
                    self._failure = error if isinstance(error, ServerError) else ServerError(f"{self.name}: {error}")
                    break
                _log.error("%s cannot be restarted, trying again: %s", self.name, error)
            finally:
                self._end_process()
            steady = time.monotonic() - born > STEADY_AFTER
            pause = 0.0 if steady else min(LONGEST_PAUSE, 2 * pause + 0.1)
        self._started.set()

    def _start_or_attach(self) -> None:
        """Start the server, or find the one that another process runs; return when it accepts work."""
        give_up_at = time.monotonic() + PATIENCE
        while not self._stopping.is_set():
            lock = self._try_lock()
            if lock is not None:
                self._spawn(lock)
                self._await_answer(give_up_at)
                return
            if self._answers():
                return
            if time.monotonic() > give_up_at:
                raise ServerError(f"{self.folder} is locked by a server that does not answer")
            self._stopping.wait(GLANCE)

    def _spawn(self, lock: int) -> None:
        """Start the process and leave the lock to it alone."""
        try:
            self._prepare()
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(  # noqa: S603 - our own command
                    self._command(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    pass_fds=(lock,),
                    process_group=0,  # Ctrl-C in a terminal is for the owner, who then stops the server in order
                )
        finally:
            os.close(lock)

    def _await_answer(self, give_up_at: float) -> None:
        while not self._stopping.is_set() and not self._answers():
            if self._process is not None and self._process.poll() is not None:
                raise ServerError(f"{self.name} ended at its start:\n{self.log_end()}")
            if time.monotonic() > give_up_at:
                raise ServerError(f"{self.name} does not answer:\n{self.log_end()}")
            self._stopping.wait(GLANCE / 5)

    def _watch(self) -> None:
        """Return when the server is gone, no matter whose it was, or when we are asked to stop."""
        while not self._stopping.wait(GLANCE):
            if self._process is None:
                lock = self._try_lock()
                if lock is not None:
                    os.close(lock)
                    _log.warning("the %s that another process ran is gone: starting our own", self.name)
                    return
            elif (status := self._process.poll()) is not None:
                _log.error("%s died (status %s): restarting it", self.name, status)
                return

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(self._stop_signal())
        try:
            process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            _log.exception("%s does not stop: killing it", self.name)
            process.kill()
            process.wait()

    def _try_lock(self) -> int | None:
        lock = os.open(self.folder / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return lock

    def log_end(self) -> str:
        """Return the last lines of the server's log."""
        return self.log.read_text(errors="replace")[-1500:].strip() if self.log.exists() else "(no log)"
