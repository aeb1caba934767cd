"""How many calls an event loop reads beside threads that are busy with Python, by how long each may run in a row.

Run with ``./run bench busy_loop [--threads 8 3] [--seconds 2]``. The loop is that of the web processes, 40 clients in a
process apart send it eight bytes and wait for them to come back, and what the threads get done meanwhile is counted.
uvloop takes the interpreter's lock once for each connection and each call that comes, and each time waits for as many
turns of threads as there are before it.
"""

import argparse
import asyncio
import multiprocessing
import os
import select
import socket
import statistics
import sys
import threading
import time

from api.door.accepting import SharingLoop
from api.incoming.width import SWITCH_SECONDS

CLIENTS = 40
CALL = b"12345678"
INTERVALS = (0.005, SWITCH_SECONDS, 0.0005, 0.0002, 0.0001)


class Echo(asyncio.Protocol):
    """Sends back what comes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to send."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Send it back."""
        self._transport.write(data)  # type: ignore[attr-defined]


def call(port: int, seconds: float, told: "multiprocessing.Queue[list[float]]") -> None:
    """Be the clients; tell how long each call took."""
    began, took = {}, []
    for _ in range(CLIENTS):
        one = socket.create_connection(("127.0.0.1", port))
        one.send(CALL)
        one.recv(len(CALL))  # it was taken
        began[one] = time.perf_counter()
        one.send(CALL)
    over = time.perf_counter() + seconds
    while time.perf_counter() < over:
        for one in select.select(list(began), [], [], 0.1)[0]:
            one.recv(len(CALL))
            now = time.perf_counter()
            took.append(now - began[one])
            began[one] = now
            one.send(CALL)
    told.put(took)


def measure(interval: float, threads: int, seconds: float) -> tuple[list[float], int]:
    """Return how long each call took, and how much the threads did."""
    sys.setswitchinterval(interval)
    over, done, loop = threading.Event(), [0] * threads, SharingLoop()
    told: multiprocessing.Queue[list[float]] = multiprocessing.Queue()

    def be_busy(number: int) -> None:
        while not over.is_set():
            sum(one * one for one in range(2_000))
            done[number] += 1

    async def serve() -> list[float]:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            await loop.create_server(Echo, sock=listening)
            clients = multiprocessing.Process(target=call, args=(listening.getsockname()[1], seconds, told))
            clients.start()
            busy = [threading.Thread(target=be_busy, args=(number,)) for number in range(threads)]
            for one in busy:
                one.start()
            took = await loop.run_in_executor(None, told.get)
            over.set()
            for one in (*busy, clients):
                one.join()
            return took

    return loop.run_until_complete(serve()), sum(done)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, nargs="*", default=[8, 3])
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    print(f"load of the machine before: {os.getloadavg()[0]:.1f}")
    print("| busy threads | each runs for | calls a second | p50 | work of the threads |\n|---:|---:|---:|---:|---:|")
    for threads in options.threads:
        for interval in INTERVALS:
            took, done = measure(interval, threads, options.seconds)
            row = f"{threads} | {1e3 * interval:g} ms | {len(took) / options.seconds:,.0f}"
            print(f"| {row} | {1e3 * statistics.median(took):.1f} ms | {done / options.seconds:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
