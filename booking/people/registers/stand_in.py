"""The stand-in register of a demonstration: where the settings name none, a process of its own answers on this machine.

`api.stand_in_register` is that process. Its port is opened here, before it runs, so that its address is known and
nobody has to wait until it is there; a new token in each run keeps other users of the machine out.
"""

import secrets
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from booking.platform.base.settings import Environment, Settings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StandIn:
    """How the process is started, and the variables by which it and those who ask it know each other."""

    command: tuple[str, ...]
    socket: int
    environment: Mapping[str, str]


@contextmanager
def open_stand_in(settings: Settings, prefix: Sequence[str]) -> Iterator[StandIn | None]:
    """Yield how to start the stand-in, by ``prefix``; None where the settings name a register, and in production."""
    if settings.register_url is not None or settings.environment is Environment.PRODUCTION:
        yield None
        return
    with socket.create_server(("127.0.0.1", 0)) as door:
        address = f"http://127.0.0.1:{door.getsockname()[1]}"
        log.warning("register_of_invented_people", address=address, see="mawid register people")
        yield StandIn(
            command=(*prefix, sys.executable, "-m", "api.stand_in_register", "--socket", str(door.fileno())),
            socket=door.fileno(),
            environment={"MAWID_REGISTER_URL": address, "MAWID_REGISTER_TOKEN": secrets.token_urlsafe(32)},
        )
