"""What it would cost to spread the limits of one attempt over a cluster's nodes: a real one, of three.

Six limits are judged by one script on one node, as they are; by a script on each of two and three nodes, one after the
other and all sent before any answer is read; and so where the last node refuses and the others have to give back. Run
it as ``./run bench limits_on_nodes``.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Final

import redis
from redis.connection import Connection

sys.path.insert(0, str(Path(__file__).parents[1]))  # tests and benchmarks are installed nowhere

from tests.support.redis_cluster import SLOTS, a_cluster
from tests.support.redis_servers import patient

ATTEMPTS: Final = 10_000
LIMITS: Final = 6
SCRIPT: Final = Path(__file__).parents[1] / "fraud" / "limiting" / "gcra.lua"
GIVES_BACK: Final = """
for i = 1, #KEYS do
  local arrival = redis.call('GET', KEYS[i])
  if arrival then redis.call('SET', KEYS[i], arrival - ARGV[1], 'KEEPTTL') end
end
return ''
"""
INTERVAL: Final = 36_000
COUNT: Final = 100_000


def tags(client: redis.Redis) -> list[str]:
    """Return a hash tag for each of the three nodes."""
    found: dict[int, str] = {}
    for number in count():
        slot = int(client.execute_command("CLUSTER", "KEYSLOT", f"{{{number}}}"))
        node = next(node for node, (first, last) in enumerate(SLOTS) if first <= slot <= last)
        found.setdefault(node, f"{{{number}}}")
        if len(found) == len(SLOTS):
            return [found[node] for node in range(len(SLOTS))]
    raise AssertionError


class Node:
    """One node: a connection, and calls that are packed in advance, as the limiter packs them."""

    def __init__(self, port: int, tag: str, limits: int) -> None:
        client = patient(port)
        self.connection: Connection = client.connection_pool.get_connection()
        keys = [f"{tag}:limit:{number}" for number in range(limits)]
        judged = (INTERVAL.to_bytes(8) + COUNT.to_bytes(8)) * limits
        self.judge = self._packed(client.script_load(SCRIPT.read_text(encoding="utf-8")), keys, judged)
        self.give_back = self._packed(client.script_load(GIVES_BACK), keys, b"%d" % INTERVAL)

    def _packed(self, sha: str, keys: Sequence[str], argument: bytes) -> bytes:
        return b"".join(self.connection.pack_command("EVALSHA", sha, len(keys), *keys, argument))

    def send(self, packed: bytes) -> None:
        """Send a call without waiting for its answer."""
        self.connection.send_packed_command([packed])

    def read(self) -> object:
        """Read the answer."""
        return self.connection.read_response(disable_decoding=True)


def in_turn(nodes: Sequence[Node]) -> None:
    """Judge on one node after the other."""
    for node in nodes:
        node.send(node.judge)
        node.read()


def at_once(nodes: Sequence[Node]) -> None:
    """Judge on all nodes at the same time."""
    for node in nodes:
        node.send(node.judge)
    for node in nodes:
        node.read()


def refused(nodes: Sequence[Node]) -> None:
    """Judge on all, and give back on all but the last, which refused."""
    at_once(nodes)
    for node in nodes[:-1]:
        node.send(node.give_back)
    for node in nodes[:-1]:
        node.read()


def main() -> None:
    """Measure each way in turn and print a table; the ways alternate, so that all meet the same machine."""
    with tempfile.TemporaryDirectory() as folder, a_cluster(Path(folder)) as cluster:
        named = tags(patient(cluster.ports[0]))
        split = {
            parts: [Node(cluster.ports[part], named[part], LIMITS // parts) for part in range(parts)]
            for parts in (1, 2, 3)
        }
        ways: dict[str, tuple[Callable[[Sequence[Node]], None], int]] = {
            "one script on one node": (at_once, 1),
            "two nodes, in turn": (in_turn, 2),
            "two nodes, at once": (at_once, 2),
            "three nodes, in turn": (in_turn, 3),
            "three nodes, at once": (at_once, 3),
            "three nodes, at once, refused and given back": (refused, 3),
        }
        took: dict[str, list[float]] = {way: [] for way in ways}
        processor = dict.fromkeys(ways, 0.0)
        for _ in range(ATTEMPTS // 1000):
            for way, (act, parts) in ways.items():
                nodes = split[parts]
                began = time.process_time()
                for _ in range(1000):
                    at = time.perf_counter()
                    act(nodes)
                    took[way].append(time.perf_counter() - at)
                processor[way] += time.process_time() - began
        print("| | p50 | processor time of who asks |\n|---|---:|---:|")
        for way, seconds in took.items():
            spent = processor[way] / len(seconds) * 1e6
            print(f"| {way} | {statistics.median(seconds) * 1e6:.0f} µs | {spent:.0f} µs |")


if __name__ == "__main__":
    main()
