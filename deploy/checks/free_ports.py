"""A port for a server that opens it itself, a moment later: for checks, tests and benchmarks."""

import secrets
import socket

LOWEST, HIGHEST = 20_000, 32_000
"""Below those that the system gives to whoever asks for any: no other test gets one of these meanwhile."""


def free_port() -> int:
    """Return a port of this machine that nobody has."""
    for _ in range(HIGHEST - LOWEST):
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)  # processes that were forked have one state of `random`
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("no port is free")
