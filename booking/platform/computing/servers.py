"""The scheduler, and the processes that compute: they need a certificate, and neither database nor secret."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from dask.system import CPU_COUNT
from dask.utils import parse_bytes
from distributed import Nanny, Scheduler
from distributed.system import MEMORY_LIMIT

from booking.platform.base.settings import SettingsError
from booking.platform.base.settings_servers import OPEN, ComputingSettings, is_loopback, split_address
from booking.platform.computing.configure import configure, security_of

NO_PAGE: Final = "127.0.0.1:0"
"""Dask always listens for its pages: at a port of this machine alone, and there are none."""
COMES_WITHIN: Final = 60.0
"""Seconds for a scheduler to be there; then whoever keeps services running tries again."""
ENDS_WITHIN: Final = 10.0
"""Seconds for a worker to end; a piece that is under way is begun again by another one."""


def serve_scheduler(settings: ComputingSettings, tell: Callable[[str], None], *, host: str, port: int) -> None:
    """Hand out pieces until told to stop; ``tell`` is told when that begins.

    Raises
    ------
    booking.platform.base.settings.SettingsError
        There is no certificate, and others could reach it: from outside, or from this machine where nothing says
        that nobody else is on it.
    """
    if settings.dask_ca is None and not is_loopback(host):
        raise SettingsError(
            "a scheduler beyond this machine needs MAWID_DASK_CA, MAWID_DASK_CERTIFICATE and MAWID_DASK_KEY:"
            " whoever reaches it without could run anything"
        )
    if settings.dask_ca is None and not settings.dask_open_on_this_machine:
        raise SettingsError(OPEN)
    _run(lambda: _schedule(settings, tell, host, port))


def serve_workers(
    settings: ComputingSettings, tell: Callable[[str], None], *, processes: int | None, memory: str | None
) -> None:
    """Do pieces until told to stop, or until the scheduler is gone; a process that dies is started again.

    Parameters
    ----------
    tell
        Is told when they are at work.
    processes
        How many pieces are done at a time; as many as there are processors for this process where not given.
    memory
        Of each process, such as ``4GiB``: one that grows beyond is ended, and its piece tried elsewhere. An equal
        share of this machine's, or of its control group's, where not given.

    Raises
    ------
    booking.platform.base.settings.SettingsError
        No scheduler is named, or the memory is no amount.
    TimeoutError
        The scheduler is not there.
    """
    if settings.dask_address is None:
        raise SettingsError("MAWID_DASK_ADDRESS names the scheduler to work for")
    processes = processes or CPU_COUNT
    try:
        limit = parse_bytes(memory) if memory else int(MEMORY_LIMIT) // processes
    except ValueError:
        raise SettingsError(f"{memory} is no amount of memory: such as 4GiB") from None
    _run(lambda: _compute(settings, tell, processes, limit))


def _run(serve: Callable[[], Coroutine[Any, Any, None]]) -> None:
    configure()
    logging.getLogger("distributed").setLevel(logging.WARNING)
    asyncio.run(serve())


async def _schedule(settings: ComputingSettings, tell: Callable[[str], None], host: str, port: int) -> None:
    protocol = "tcp" if settings.dask_ca is None else "tls"
    async with Scheduler(
        host=host,
        port=port,
        protocol=protocol,
        security=security_of(settings),
        dashboard=False,
        dashboard_address=NO_PAGE,
    ) as scheduler:
        tell(f"handing out work at {scheduler.address}")
        await _until_told(scheduler.finished())


async def _compute(settings: ComputingSettings, tell: Callable[[str], None], processes: int, memory: int) -> None:
    security = security_of(settings)
    # Dask by itself listens to every network, also where the scheduler is at this machine's own address.
    alone = split_address(settings.dask_address or "")[1] if settings.dask_ca is None else None
    nannies = [
        Nanny(
            settings.dask_address,
            host=alone,
            nthreads=1,
            memory_limit=memory,
            security=security,
            dashboard=False,
            dashboard_address=NO_PAGE,
            death_timeout=COMES_WITHIN,
            quiet=True,
        )
        for _ in range(processes)
    ]
    await asyncio.gather(*nannies)
    tell(f"{processes} at work for {settings.dask_address}")
    try:
        await _until_told(asyncio.gather(*(one.finished() for one in nannies)))
    finally:
        await asyncio.gather(*(one.close(timeout=ENDS_WITHIN) for one in nannies))


async def _until_told(ended: Awaitable[Any]) -> None:
    """Wait for SIGINT, SIGTERM or the end."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    waits = [asyncio.ensure_future(told.wait()), asyncio.ensure_future(ended)]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)
