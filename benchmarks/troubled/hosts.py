"""Another host, as far as the kernel can make one: a network namespace whose way to the servers can be cut.

Also a small disk of one's own, and a process whose clock is wrong. All of it needs root.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from typing_extensions import override

from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey

NAME: Final = "mawid-far"
HERE: Final = "10.231.77.1"
THERE: Final = "10.231.77.2"
DATABASE_PORT: Final = 5544
VALKEY_PORT: Final = 6644
BEFORE: Final = ("ip", "netns", "exec", NAME)
"""What stands before a command that is to run on the other host."""
_TRUSTED: Final = "host all all 10.231.77.0/24 trust\n"
_WRONG_CLOCK: Final = """
from datetime import timedelta
from booking.platform.base import clock
right = clock.SystemClock.now
clock.SystemClock.now = lambda self: right(self) + timedelta(hours={hours})
from booking.cli import main
main()
"""


class ReachablePostgres(EmbeddedPostgres):
    """The private PostgreSQL, which the other host reaches too."""

    @override
    def _prepare(self) -> None:
        super()._prepare()
        trusting = self.data / "pg_hba.conf"
        if _TRUSTED not in (known := trusting.read_text(encoding="utf-8")):
            trusting.write_text(known + _TRUSTED, encoding="utf-8")

    @override
    def _command(self) -> list[str]:
        return [*super()._command(), f"--listen_addresses={HERE}", f"--port={DATABASE_PORT}"]

    @override
    def _address(self, scheme: str, database: str, role: str = "postgres") -> str:
        return f"{super()._address(scheme, database, role)}&port={DATABASE_PORT}"


class ReachableValkey(EmbeddedValkey):
    """The private Valkey, which the other host reaches too."""

    @override
    def _command(self) -> list[str]:
        return [*super()._command(), "--port", str(VALKEY_PORT), "--bind", HERE, "--protected-mode", "no"]


@contextmanager
def another_host() -> Iterator[None]:
    """Make the other host, and a cable to it."""
    _run("ip", "netns", "add", NAME)
    try:
        _run("ip", "link", "add", "mawid0", "type", "veth", "peer", "name", "mawid1", "netns", NAME)
        _run("ip", "addr", "add", f"{HERE}/24", "dev", "mawid0")
        _run("ip", "link", "set", "mawid0", "up")
        for command in (("addr", "add", f"{THERE}/24", "dev", "mawid1"), ("link", "set", "mawid1", "up"), _LOOPBACK):
            _run(*BEFORE, "ip", *command)
        yield
    finally:
        _run("ip", "netns", "del", NAME)


_LOOPBACK: Final = ("link", "set", "lo", "up")


@contextmanager
def cut(*ports: int) -> Iterator[None]:
    """Have everything between the other host and these ports of ours vanish without a word."""
    rules = [(way, *of) for port in ports for way, of in _both_ways(port)]
    for rule in rules:
        _run(*BEFORE, "iptables", "-w", "-I", *rule)
    try:
        yield
    finally:
        for rule in rules:
            _run(*BEFORE, "iptables", "-w", "-D", *rule)


def _both_ways(port: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "OUTPUT", ("-p", "tcp", "-d", HERE, "--dport", str(port), "-j", "DROP")
    yield "INPUT", ("-p", "tcp", "-s", HERE, "--sport", str(port), "-j", "DROP")


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """Put a disk of that size at a folder."""
    folder.mkdir(parents=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(folder))
    try:
        yield
    finally:
        _run("umount", "--lazy", str(folder))


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Fill the disk of a folder to the last byte."""
    file = folder / "in-the-way"
    with suppress(OSError), file.open("wb", buffering=0) as written:
        while written.write(bytes(1 << 16)):
            pass
    try:
        yield
    finally:
        file.unlink()


def with_wrong_clock(hours: int, *words: str) -> list[str]:
    """Return a command of Mawid that runs so many hours ahead of everybody else."""
    return [sys.executable, "-c", _WRONG_CLOCK.format(hours=hours), *words]


def may() -> bool:
    """Return whether this process may do all of it."""
    return (
        os.geteuid() == 0 and subprocess.run(["ip", "netns", "list"], capture_output=True, check=False).returncode == 0
    )


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
