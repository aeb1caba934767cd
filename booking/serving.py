"""Run the web application and the worker as processes of their own."""

import asyncio
import os
import subprocess
import sys
from contextlib import suppress

from booking.core import Core, open_core
from booking.db import migrate
from booking.embedded import start_servers
from booking.jobs import make_app
from booking.settings import load_settings


def work(core: Core) -> None:
    """Run jobs until told to stop (SIGINT, SIGTERM); jobs under way are finished first."""
    app = make_app(core)

    async def run() -> None:
        async with app.open_async():
            await app.run_worker_async(concurrency=core.settings.jobs_concurrency)

    asyncio.run(run())


def serve(*, host: str, port: int) -> None:
    """Start servers and a worker, then serve pages in the foreground until interrupted."""
    settings = load_settings()
    with start_servers(settings) as servers:
        migrate(servers.database_url)
        with open_core(settings, database_url=servers.database_url, redis_url=servers.redis_url):
            pass  # keys and country pack are sound before anyone is let in
        environment = {
            **os.environ,
            "MAWID_DATABASE_URL": servers.database_url,
            "MAWID_REDIS_URL": servers.redis_url,
        }
        worker = subprocess.Popen([sys.executable, "-m", "booking", "worker"], env=environment)  # noqa: S603
        try:
            web = [
                *(sys.executable, "-m", "uvicorn", "api.main:app_from_settings", "--factory"),
                *("--host", host, "--port", str(port), "--workers", str(settings.workers)),
                *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--no-server-header"),
            ]
            with suppress(KeyboardInterrupt):
                subprocess.run(web, env=environment, check=False)  # noqa: S603
        finally:
            worker.terminate()
            worker.wait()
