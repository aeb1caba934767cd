"""The web processes behind one port: each that died or hangs is replaced, and nobody waits for one to say it lives.

The server's own supervisor asks one process after the other and waits for each answer. One that was killed while it was
asked, or that stood still, kept it for as long as it is patient: a minute in which no other death was seen.
"""

import logging
import pickle
import sys
from contextlib import suppress
from socket import socket
from time import monotonic

import uvicorn
from typing_extensions import override
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

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
            process.kill()
            process.join()
            if process.exitcode == STARTUP_FAILURE:
                _log.error("web process %s could not begin", process.pid)
                self.should_exit.set()
                return
            _log.warning("web process %s ended with %s", process.pid, process.exitcode)
            self.processes[number] = Process(self.config, self.sockets)
            self.processes[number].start()
        self._asked = {process: at for process, at in self._asked.items() if process in self.processes}

    def _lives(self, process: Process) -> bool:
        """Ask a process whether it lives unless it was asked, and take the answer if it is there."""
        if not process.process.is_alive():
            return False
        try:
            if process not in self._asked:
                process.parent_conn.send(b"ping")
                self._asked[process] = monotonic()
            if process.parent_conn.poll():
                process.parent_conn.recv()
                del self._asked[process]
        except (OSError, EOFError, pickle.UnpicklingError):
            return False
        return monotonic() - self._asked.get(process, monotonic()) < self.config.timeout_worker_healthcheck
