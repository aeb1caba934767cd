"""The web processes behind one port: each that died or hangs is replaced, and nobody waits for one to say it lives.

The server's own supervisor asks one process after the other and waits for each answer. One that was killed while it was
asked, or that stood still, kept it for as long as it is patient: a minute in which no other death was seen.

Where processes end without having served, as many in a row as there are, the next one begins after a pause that grows:
what keeps them from it, a secret that is missing or a full disk, is said once in a while and not twice a second.
"""

import logging
import pickle
import sys
from contextlib import suppress
from math import inf
from socket import socket
from time import monotonic
from typing import Final

import uvicorn
from typing_extensions import override
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

LONGEST_PAUSE: Final = 30.0
"""Seconds after which a process is begun again at the latest."""

_log = logging.getLogger("mawid.process")


def serve(config: uvicorn.Config) -> None:
    """Serve until told to end, in this process or in as many as the configuration says.

    Raises
    ------
    SystemExit
        The only process could not begin.
    """
    with suppress(KeyboardInterrupt):
        if config.workers > 1:
            WebProcesses(config, [config.bind_socket()]).run()
            return
        server = uvicorn.Server(config)
        server.run()
        if not server.started:
            sys.exit(STARTUP_FAILURE)


class WebProcesses(Multiprocess):
    """Looks twice a second whether each process lives and has answered lately."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        self._asked: dict[Process, float] = {}
        self._served = set[Process]()
        self._again: dict[Process, float] = {}
        self._in_vain = 0

    @override
    def keep_subprocess_alive(self) -> None:
        """Replace whoever died, or has not answered for as long as the configuration says.

        A process that could not begin for a reason that stays ends all of it.
        """
        for number, process in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if self._lives(process):
                continue
            if process not in self._again:
                self._note_end(process)
            if monotonic() >= self._again[process]:
                self.processes[number] = Process(self.config, self.sockets)
                self.processes[number].start()
        self._asked = {process: at for process, at in self._asked.items() if process in self.processes}
        self._again = {process: at for process, at in self._again.items() if process in self.processes}
        self._served.intersection_update(self.processes)

    def _note_end(self, process: Process) -> None:
        """Say how a process ended, end all of it where that stays so, and tell when another one begins."""
        process.kill()
        process.join()
        if process.exitcode == STARTUP_FAILURE:
            _log.error("web process %s could not begin", process.pid)
            self.should_exit.set()
            self._again[process] = inf
            return
        pause = 0.0
        if process not in self._served:
            self._in_vain += 1
            if self._in_vain >= self.processes_num:
                pause = min(LONGEST_PAUSE, 2.0 ** (self._in_vain - self.processes_num))
        _log.warning("web process %s ended with %s, another begins in %.0f s", process.pid, process.exitcode, pause)
        self._again[process] = monotonic() + pause

    def _lives(self, process: Process) -> bool:
        """Ask a process whether it lives unless it was asked, and take the answer if it is there."""
        if process in self._again or not process.process.is_alive():
            return False
        try:
            if process not in self._asked:
                process.parent_conn.send(b"ping")
                self._asked[process] = monotonic()
            if process.parent_conn.poll():
                serves = process.parent_conn.recv()
                del self._asked[process]
                if serves and process not in self._served:
                    self._served.add(process)
                    self._in_vain = 0
        except (OSError, EOFError, pickle.UnpicklingError):
            return False
        return monotonic() - self._asked.get(process, monotonic()) < self.config.timeout_worker_healthcheck
