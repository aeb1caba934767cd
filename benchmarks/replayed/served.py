"""What benchmarks of the web share: durable servers of their own, web processes, and many clients who call them."""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from booking.antifraud.gate.versions import publish_default_rules
from booking.country.catalogue.load import load_catalogue
from booking.country.core.core import Core
from booking.country.core.schema import migrate
from booking.opening import open_core
from booking.platform.base.settings import Settings
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey

PORT = 8799
PROCESSES = 2
CLIENTS = 32
SECRET = "the secret of a benchmark, which protects nobody"  # noqa: S105 - nothing real is kept under it


class Opened(NamedTuple):
    """Durable servers that a benchmark started in a folder of its own, and a core on them."""

    folder: Path
    postgres: EmbeddedPostgres
    valkey: EmbeddedValkey
    core: Core


@contextmanager
def opened(secret: str = SECRET) -> Iterator[Opened]:
    """Start servers with the pack's catalogue and the default rules."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(EmbeddedPostgres(folder / "p"))
        valkey = stack.enter_context(EmbeddedValkey(folder / "v"))
        migrate(postgres.url)
        settings = Settings(_env_file=None, secret_key=secret, state_dir=folder / "state")
        core = stack.enter_context(open_core(settings, database_url=postgres.url, redis_url=valkey.url))
        load_catalogue(core, pack=core.pack)
        publish_default_rules(core)
        yield Opened(folder, postgres, valkey, core)


@contextmanager
def site(
    database_url: str,
    redis_url: str,
    folder: Path,
    settings: Mapping[str, str],
    *,
    port: int = PORT,
    options: Sequence[str] = (),
) -> Iterator[Counter[str]]:
    """Run the web processes with further settings and options of uvicorn; yield what breaks in them, counted."""
    environment = os.environ | {
        "MAWID_DATABASE_URL": database_url,
        "MAWID_REDIS_URL": redis_url,
        "MAWID_SECRET_KEY": SECRET,
        "MAWID_WORKERS": str(PROCESSES),
        **settings,
    }
    command = [sys.executable, "-m", "uvicorn", "api.main:app_from_settings", "--factory", "--port", str(port)]
    command += [
        "--workers",
        str(PROCESSES),
        "--loop",
        "api.door.accepting:SharingLoop",
        "--no-access-log",
        "--no-proxy-headers",
        *options,
    ]
    command += ["--http", "api.door.wire:BoundedHttp"]
    with subprocess.Popen(
        command, env=environment, cwd=folder, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as running:
        assert running.stderr is not None
        started = 0
        for line in running.stderr:
            started += "startup complete" in line
            if started == PROCESSES:
                break
        broken = Counter[str]()
        reading = Thread(target=_note, args=(running.stderr, broken), daemon=True)
        reading.start()
        try:
            yield broken
        finally:
            running.terminate()
            reading.join()


def _note(lines: Iterable[str], broken: Counter[str]) -> None:
    """Read the log to its end, and count the tracebacks of what nobody expected."""
    for line in lines:
        if '"broken"' in line:
            broken[json.loads(line).get("exception", "")] += 1


def status_of(head: bytes) -> bytes:
    """Return the status of an answer."""
    return head.split(b" ", 2)[1]


async def over_http(
    payloads: Sequence[bytes],
    *,
    clients: int = CLIENTS,
    port: int = PORT,
    told: Callable[[bytes], bytes] = status_of,
    good: bytes = b"201",
) -> tuple[float, list[float], Counter[bytes]]:
    """Send all calls over open connections; return good answers a second, latencies (s), and what each head told."""
    waiting, latencies, answers = iter(payloads), [], Counter[bytes]()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for payload in waiting:
            began = time.perf_counter()
            writer.write(payload)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(re.search(rb"content-length: (\d+)", head)[1]))
            latencies.append(time.perf_counter() - began)
            answers[told(head)] += 1
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return answers[good] / (time.perf_counter() - began), latencies, answers
