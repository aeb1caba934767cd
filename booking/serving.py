"""Run the web application and the worker as processes of their own."""

import asyncio
import os
import signal
import subprocess
import sys
from types import FrameType

from booking.core import Core, open_core
from booking.embedded import start_servers
from booking.embedded.process import dies_with_parent
from booking.jobs import make_app
from booking.schema import migrate
from booking.settings import Settings, load_settings


def work(core: Core) -> None:
    """Run jobs until told to stop (SIGINT, SIGTERM); jobs under way are finished first."""
    app = make_app(core)

    async def run() -> None:
        async with app.open_async():
            await app.run_worker_async(concurrency=core.settings.jobs_concurrency)

    asyncio.run(run())


def serve(*, host: str, port: int) -> None:
    """Start servers and a worker, then serve pages in the foreground until interrupted or terminated."""
    settings = load_settings()
    with start_servers(settings) as servers:
        migrate(servers.database_url)
        with open_core(settings, database_url=servers.database_url, redis_url=servers.redis_url):
            pass  # keys and country pack are sound before anyone is let in
        serve_on(
            settings, database_url=servers.database_url, redis_url=servers.redis_url, host=host, port=port, more={}
        )


def serve_on(
    settings: Settings, *, database_url: str, redis_url: str, host: str, port: int, more: dict[str, str]
) -> None:
    """Serve on servers that run already; ``more`` are environment variables for both processes."""
    environment = {**os.environ, **more, "MAWID_DATABASE_URL": database_url, "MAWID_REDIS_URL": redis_url}
    commands = [[sys.executable, "-m", "booking", "worker"], web_command(settings, host=host, port=port)]
    prefix = dies_with_parent("TERM")
    signal.signal(signal.SIGTERM, _interrupt)
    processes = [subprocess.Popen([*prefix, *command], env=environment) for command in commands]  # noqa: S603
    try:
        processes[-1].wait()
    except KeyboardInterrupt:
        pass
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def web_command(settings: Settings, *, host: str, port: int) -> list[str]:
    """Give the command of the web processes.

    The server itself would believe ``X-Forwarded-For`` from this machine; which proxies are trusted is a setting.
    """
    return [
        *(sys.executable, "-m", "uvicorn", "api.main:app_from_settings", "--factory"),
        *("--host", host, "--port", str(port), "--workers", str(settings.workers), "--no-proxy-headers"),
        *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--no-server-header"),
    ]


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
