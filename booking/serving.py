"""Run the web application, the worker and in a demonstration a register as processes of their own; watch over them."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

import structlog

from booking.base import logs
from booking.base.server_error import ServerError
from booking.base.settings import Settings, load_settings
from booking.core.roles import migrate_and_grant
from booking.embedded import start_servers
from booking.embedded.process import dies_with_parent
from booking.evidence.apart import tell_missing_guards
from booking.opening import open_core
from booking.registers.stand_in import StandIn, open_stand_in

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
"""Seconds before a process that ended is started again; each pause is twice the one before."""
STEADY_AFTER: Final = 60.0
"""Seconds of life after which an end is not the same fault again."""
OF_A_SIGNAL: Final = 128
"""A shell adds it to the signal that ended a process."""


def serve(*, host: str, port: int, worker: bool = True) -> int:
    """Start servers and a worker, then serve pages in the foreground until interrupted or terminated; see `serve_on`.

    Parameters
    ----------
    worker
        Run a worker beside the web processes; else workers run elsewhere.

    Raises
    ------
    booking.base.server_error.ServerError
        The address cannot be served on, or a private server does not start.
    booking.base.settings.SettingsError
        A setting is unusable.
    """
    settings = load_settings()
    check_address(host, port)
    with start_servers(settings) as servers:
        migrate_and_grant(servers)
        with open_core(settings, database_url=servers.database_url, redis_url=servers.redis_url):
            pass  # keys and country pack are sound before anyone is let in
        return serve_on(
            settings,
            database_url=servers.database_url,
            redis_url=servers.redis_url,
            host=host,
            port=port,
            more={},
            worker=worker,
        )


def serve_on(
    settings: Settings,
    *,
    database_url: str,
    redis_url: str,
    host: str,
    port: int,
    more: Mapping[str, str],
    worker: bool = True,
) -> int:
    """Serve on servers that run already; ``more`` are environment variables for both processes.

    Without ``worker`` there are web processes alone, and nothing is compiled for draws.

    Return 0 when told to stop (SIGINT, SIGTERM), and the web process's own code when it ends by itself.

    Raises
    ------
    booking.base.server_error.ServerError
        The address cannot be served on.
    """
    check_address(host, port)
    logs.configure()
    tell_missing_guards()
    environment = {**os.environ, **more, "MAWID_DATABASE_URL": database_url, "MAWID_REDIS_URL": redis_url}
    environment.pop("MAWID_DATABASE_OWNER_URL", None)  # they never change the schema
    prefix = dies_with_parent("TERM")
    web = [*prefix, *web_command(settings, host=host, port=port)]
    jobs = [*prefix, sys.executable, "-m", "booking", "worker"] if worker else None
    compiler = [*prefix, "nice", "-n", "19", sys.executable, "-m", "allocation"] if worker else None
    measures = [*prefix, sys.executable, "-m", "booking.health"] if settings.metrics_address is not None else None
    with open_stand_in(settings, prefix) as register:
        if register is not None:
            environment |= register.environment
        return asyncio.run(run_both(web, jobs, environment, compiler=compiler, register=register, measures=measures))


def check_address(host: str, port: int) -> None:
    """Look whether the address is free; the web process would say it late, and at length.

    Raises
    ------
    booking.base.server_error.ServerError
        It is in use, is not an address of this machine, or needs more rights.
    """
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise ServerError(f"cannot serve on {host}, port {port}: {reason}") from None


async def run_both(
    web: Sequence[str],
    worker: Sequence[str] | None,
    environment: Mapping[str, str],
    *,
    compiler: Sequence[str] | None,
    register: StandIn | None = None,
    measures: Sequence[str] | None = None,
) -> int:
    """Run both until told to stop or until the web process ends; a worker that ends is started again.

    The compiler runs once beside them, so that the first draw on a machine does not stand still; so does a stand-in
    register, and who answers for the ``measures`` of all of them, for as long as they do. What is None does not run.
    """
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    process = await asyncio.create_subprocess_exec(*web, env=environment)
    kept = [] if worker is None else [asyncio.create_task(_keep(worker, environment, ended="worker_ended"))]
    if measures is not None:
        kept.append(asyncio.create_task(_keep(measures, environment, ended="measures_ended")))
    if register is not None:
        beside_it = _keep(register.command, environment, ended="register_ended", open_files=(register.socket,))
        kept.append(asyncio.create_task(beside_it))
    asked_for, ended = asyncio.create_task(asked.wait()), asyncio.create_task(process.wait())
    beside = [] if compiler is None else [asyncio.create_task(_compile_ahead(compiler, environment))]
    try:
        await asyncio.wait((asked_for, ended, *kept), return_when=asyncio.FIRST_COMPLETED)
        if asked_for.done():
            return 0
        for keeper in kept:
            if keeper.done():
                keeper.result()
        code = ended.result()
        log.error("web_ended", status=code)
        return code if code > 0 else OF_A_SIGNAL - code if code < 0 else 1
    finally:
        await _end(process)
        for task in (asked_for, *kept, *beside):
            task.cancel()
        await asyncio.gather(*kept, *beside, return_exceptions=True)


async def _keep(
    command: Sequence[str], environment: Mapping[str, str], *, ended: str, open_files: Sequence[int] = ()
) -> None:
    """Start a process, and start it again whenever it ends, with longer pauses where it ends soon; log ``ended``."""
    pause = FIRST_PAUSE
    while True:
        born = time.monotonic()
        process = await asyncio.create_subprocess_exec(*command, env=environment, pass_fds=open_files)
        try:
            code = await process.wait()
        finally:
            await _end(process)
        if time.monotonic() - born > STEADY_AFTER:
            pause = FIRST_PAUSE
        log.error(ended, status=code, starts_again_in_seconds=pause)
        await asyncio.sleep(pause)
        pause = min(LONGEST_PAUSE, 2 * pause)


async def _compile_ahead(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Compile what a draw runs; takes two seconds where it is on disk already, and half a minute where it is not."""
    began = time.monotonic()
    log.info("compiling_draws")
    process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=subprocess.DEVNULL)
    try:
        code = await process.wait()
    finally:
        await _end(process)
    seconds = round(time.monotonic() - began, 1)
    if code:
        log.warning("draws_not_compiled", status=code, seconds=seconds)  # the first draw compiles them
    else:
        log.info("draws_compiled", seconds=seconds)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Tell a process to end, unless it has, and wait until it has."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def web_command(settings: Settings, *, host: str, port: int) -> list[str]:
    """Return the command of the web processes; see `api.__main__`."""
    return [sys.executable, "-m", "api", "--host", host, "--port", str(port), "--workers", str(settings.workers)]
