"""Strangers send bodies of 31 MB, stated in length and in chunks, while somebody else asks whether the site lives.

Run with ``python benchmarks/strangers.py [STRANGERS]``; it starts its own PostgreSQL and Valkey and two web processes.
Printed: when the last stranger had an answer or an end, the longest that the other one waited meanwhile, and how much
memory the web processes took at most, before and after.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread

import httpx

from booking.country.core.schema import migrate
from booking.platform.base.settings import Settings
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey
from booking.serving import web_command

PORT = 8797
PROCESSES = 2
STRANGERS = 4
LENGTH = 31 << 20
PIECE = b"[" + b"1," * 32_000
TARGETS = ("/api/v1/online/cases/7K2M9D4QX/papers/registration", "/api/v1/accounts")
SECRET = "the secret of a benchmark, which protects nobody"  # noqa: S105 - nothing real is kept under it
PATIENCE = 120.0


@contextmanager
def site(database_url: str, redis_url: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the web processes as ``mawid serve`` does."""
    given = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "SECRET_KEY": SECRET, "WORKERS": str(PROCESSES)}
    environment = os.environ | {f"MAWID_{name}": value for name, value in given.items()}
    command = web_command(Settings(workers=PROCESSES), host="127.0.0.1", port=PORT)
    with subprocess.Popen(command, env=environment, cwd=folder, stderr=subprocess.DEVNULL) as process:
        while not lives():
            time.sleep(0.1)
        yield process
        process.terminate()


def lives() -> bool:
    """Return whether the site answers."""
    try:
        return httpx.get(f"http://127.0.0.1:{PORT}/livez", timeout=PATIENCE).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def stranger(number: int) -> str:
    """Send a body as long as one can; return the status of the answer, or how it ended."""
    chunked = number % 2 == 1
    how = "transfer-encoding: chunked" if chunked else f"content-length: {LENGTH}"
    head = f"POST {TARGETS[number // 2 % 2]} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{how}\r\n\r\n"
    piece = f"{len(PIECE):x}\r\n".encode() + PIECE + b"\r\n" if chunked else PIECE
    try:
        with socket.create_connection(("127.0.0.1", PORT), timeout=PATIENCE) as one:
            one.sendall(head.encode())
            try:
                for _ in range(LENGTH // len(PIECE)):
                    one.sendall(piece)
            except OSError:
                pass  # it wants no more
            return one.recv(4096).split(b" ", 2)[1].decode()
    except (OSError, IndexError) as error:
        return type(error).__name__


def peak_megabytes(parent: int) -> float:
    """Return the most memory that any web process has taken so far (VmHWM)."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    peaks = [
        Path(f"/proc/{child}/status").read_text(encoding="ascii").split("VmHWM:")[1].split()[0] for child in children
    ]
    return max(map(int, peaks)) / 1024


def main(strangers: int) -> None:
    """Measure and print."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(EmbeddedPostgres(folder / "p"))
        valkey = stack.enter_context(EmbeddedValkey(folder / "v"))
        migrate(postgres.url)
        process = stack.enter_context(site(postgres.url, valkey.url, folder))
        before, over, waits = peak_megabytes(process.pid), Event(), [0.0]

        def ask() -> None:
            while not over.is_set():
                began = time.perf_counter()
                lives()
                waits.append(time.perf_counter() - began)

        asker = Thread(target=ask)
        asker.start()
        began = time.perf_counter()
        with ThreadPoolExecutor(strangers) as pool:
            answers = Counter(pool.map(stranger, range(strangers)))
        seconds = time.perf_counter() - began
        over.set()
        asker.join()
        print(f"{strangers} strangers, {LENGTH >> 20} MB each: all ended after {seconds:.2f} s: {dict(answers)}")
        print(f"/livez meanwhile: {len(waits) - 1} answers, the slowest after {max(waits) * 1000:.0f} ms")
        print(f"largest web process: {before:.0f} MB before, {peak_megabytes(process.pid):.0f} MB at most")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else STRANGERS)
