"""A real cluster of three nodes, with a copy of the one that has Mawid's keys."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from deploy.checks.free_ports import free_port
from fraud.limiting.redis_client import HASH_TAG
from tests.support.redis_servers import PATIENCE, a_server, patient
from tests.support.waiting import eventually

SLOTS = ((0, 5460), (5461, 10922), (10923, 16383))


@dataclass(frozen=True, slots=True)
class RunningCluster:
    """The nodes' ports; ``holder`` has the keys that carry the hash tag, the last one is its copy."""

    ports: list[int]
    holder: int
    _ends: list[ExitStack]

    @property
    def url(self) -> str:
        """Return the address of all nodes."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in self.ports)

    def empty(self) -> None:
        """Remove every key, wherever it is."""
        for port in self.ports[: len(SLOTS)]:
            patient(port).flushall()

    def strays(self) -> list[bytes]:
        """Return the keys that are not where all are: no script could use them together with those."""
        kept = [patient(port).keys("*") for port in self.ports[: len(SLOTS)]]
        begins = f"{HASH_TAG}:".encode()
        return [key for at, keys in enumerate(kept) for key in keys if at != self.holder or not key.startswith(begins)]

    def lose_holder(self) -> None:
        """Kill the node that has the keys, and have its copy take over."""
        self._ends[self.holder].close()
        patient(self.ports[-1]).execute_command("CLUSTER", "FAILOVER", "TAKEOVER")


@contextmanager
def a_cluster(folder: Path) -> Iterator[RunningCluster]:
    """Run it until the block ends; all nodes know each other, and the copy has everything."""
    with ExitStack() as running:
        ends = [running.enter_context(ExitStack()) for _ in range(len(SLOTS) + 1)]
        buses = [free_port() for _ in ends]
        options = [("--cluster-enabled", "yes", "--cluster-port", str(bus)) for bus in buses]
        ports = [
            end.enter_context(a_server(folder / str(bus), "--repl-diskless-sync-delay", "0", *more))
            for end, bus, more in zip(ends, buses, options, strict=True)
        ]
        nodes = [patient(port) for port in ports]
        for node, (first, last) in zip(nodes, SLOTS, strict=False):
            node.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
        for port, bus in zip(ports[1:], buses[1:], strict=True):
            nodes[0].execute_command("CLUSTER", "MEET", "127.0.0.1", port, bus)
        for node in nodes:
            _until_known(node, len(nodes))
        slot = int(nodes[0].execute_command("CLUSTER", "KEYSLOT", HASH_TAG))
        holder = next(number for number, (first, last) in enumerate(SLOTS) if first <= slot <= last)
        name = nodes[holder].execute_command("CLUSTER", "MYID")
        nodes[-1].execute_command("CLUSTER", "REPLICATE", name)
        eventually(
            lambda: nodes[-1].info("replication").get("master_link_status") == "up", what="the copy does not follow"
        )
        yield RunningCluster(ports, holder, ends)


def until_copied(cluster: RunningCluster) -> None:
    """Wait until the copy has what the holder has."""
    assert patient(cluster.ports[cluster.holder]).wait(1, int(PATIENCE * 1000)) == 1


def _until_known(node: redis.Redis, nodes: int) -> None:
    def is_known() -> bool:
        told = node.execute_command("CLUSTER", "INFO")
        found = told if isinstance(told, dict) else dict(line.split(":") for line in told.decode().split())
        return bool(found["cluster_state"] == "ok" and int(found["cluster_known_nodes"]) == nodes)

    eventually(is_known, what="the nodes of the cluster do not find each other")
