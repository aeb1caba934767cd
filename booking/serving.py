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

from booking.people.evidence.apart import tell_missing_guards
from booking.people.registers.stand_in import StandIn, open_stand_in
from booking.platform.base import logs
from booking.platform.base.server_error import ServerError
from booking.platform.base.settings import Settings, load_settings
from booking.platform.embedded import Servers, start_servers
from booking.platform.embedded.process import dies_with_parent

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
"""Seconds before a process that ended is started again; each pause is twice the one before."""
STEADY_AFTER: Final = 60.0
"""Seconds of life after which an end is not the same fault again."""
PREPARES: Final = (sys.executable, "-m", "booking.entrypoints.commands.prepare")
"""Migrates, and looks whether keys and country pack are sound."""
WAITS: Final = "--when-told"
"""Has the web processes load, and serve once a line comes on their input (`api.__main__`)."""
OF_A_SIGNAL: Final = 128
"""A shell adds it to the signal that ended a process."""


def serve(*, host: str, port: int, worker: bool = True) -> int:
    """Start servers and a worker, then serve pages in the foreground until interrupted or terminated; see `serve_on`.

    This process watches over others, and loads nothing of what they need. While one of them prepares the database, the
    web processes load already; nobody is let in before it is done.

    Parameters
    ----------
    worker
        Run a worker beside the web processes; else workers run elsewhere.

    Raises
    ------
    booking.platform.base.server_error.ServerError
        The address cannot be served on, or a private server does not start.
    booking.platform.base.settings.SettingsError
        A setting is unusable.
    """
    settings = load_settings()
    check_address(host, port)
    with start_servers(settings) as servers:
        return serve_on(
            settings,
            database_url=servers.database_url,
            redis_url=servers.redis_url,
            host=host,
            port=port,
            more={},
            worker=worker,
            prepare=_owners(servers),
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
    prepare: Mapping[str, str] | None = None,
) -> int:
    """Serve on servers that run already; ``more`` are environment variables for both processes.

    Without ``worker`` there are web processes alone, and nothing is compiled for draws. With ``prepare``, which are
    variables for it alone, the database is prepared first (`booking.entrypoints.commands.prepare`).

    Return 0 when told to stop (SIGINT, SIGTERM), and the code of the web process or of the preparation when it ends by
    itself.

    Raises
    ------
    booking.platform.base.server_error.ServerError
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
    measures = (
        [*prefix, sys.executable, "-m", "booking.operations.health"] if settings.metrics_address is not None else None
    )
    with open_stand_in(settings, prefix) as register:
        if register is not None:
            environment |= register.environment
        first = None if prepare is None else ([*prefix, *PREPARES], {**environment, **prepare})
        return asyncio.run(
            run_both(web, jobs, environment, compiler=compiler, register=register, measures=measures, first=first)
        )


def _owners(servers: Servers) -> Mapping[str, str]:
    """Return who changes the schema and who reads, where others do, for the process that prepares the database."""
    others = {"MAWID_DATABASE_OWNER_URL": servers.owner_url, "MAWID_DATABASE_READER_URL": servers.reader_url}
    return {name: url for name, url in others.items() if url != servers.database_url}


def check_address(host: str, port: int) -> None:
    """Look whether the address is free; the web process would say it late, and at length.

    Raises
    ------
    booking.platform.base.server_error.ServerError
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
    first: tuple[Sequence[str], Mapping[str, str]] | None = None,
) -> int:
    """Run both until told to stop or until the web process ends; a worker that ends is started again.

    What has to be done ``first`` is a command with its environment: the web process begins beside it and waits for a
    line on its input before it serves; if it fails, its code is returned.

    The compiler runs once beside them, so that the first draw on a machine does not stand still; so does a stand-in
    register, and who answers for the ``measures`` of all of them, for as long as they do. What is None does not run.
    """
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    process = await _begin(web, environment, first, asked)
    if isinstance(process, int):
        return process
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


async def _begin(
    web: Sequence[str],
    environment: Mapping[str, str],
    first: tuple[Sequence[str], Mapping[str, str]] | None,
    asked: asyncio.Event,
) -> asyncio.subprocess.Process | int:
    """Return the web process once it may serve; or the code to end with, as ``asked`` or where the first has failed."""
    if first is None:
        return await asyncio.create_subprocess_exec(*web, env=environment)
    process = await asyncio.create_subprocess_exec(*web, WAITS, env=environment, stdin=subprocess.PIPE)
    preparing = await asyncio.create_subprocess_exec(*first[0], env=first[1])
    waits = [asyncio.create_task(preparing.wait()), asyncio.create_task(asked.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        code = preparing.returncode
        if code == 0 and process.stdin is not None:
            process.stdin.write(b"\n")
            process.stdin.close()
            return process
    finally:
        for one in waits:
            one.cancel()
    await _end(preparing)
    await _end(process)
    return 0 if code is None else code if code > 0 else OF_A_SIGNAL - code


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
