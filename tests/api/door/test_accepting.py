"""Whoever listens on one socket shares what comes."""

import asyncio
import errno
import socket
import time
from collections import Counter
from contextlib import closing

import pytest

from api.door import accepting
from api.door.accepting import IN_FLOOD, LATE_SECONDS, LEAVE_SECONDS, MOST_AT_ONCE, Sharing, SharingLoop
from tests.support.waiting import PATIENCE

CROWD = 20


@pytest.fixture
def loop():
    loop = SharingLoop()
    yield loop
    loop.close()


@pytest.fixture
def listening():
    with closing(socket.create_server(("127.0.0.1", 0))) as made:
        yield made


class Greeting(asyncio.Protocol):
    """Says who took a connection, and ends it."""

    def __init__(self, name, taken):
        self._name, self._taken = name, taken

    def connection_made(self, transport):
        self._taken[self._name] += 1
        transport.write(self._name.encode())
        transport.close()


async def greeted(address):
    reader, writer = await asyncio.open_connection(*address)
    said = await reader.read()
    writer.close()
    return said.decode()


def test_two_who_listen_on_one_socket_share_a_crowd(loop, listening, monkeypatch):
    monkeypatch.setattr(accepting, "LATE_SECONDS", 60.0)  # both run in this loop
    taken = Counter()

    async def come():
        address = listening.getsockname()
        crowd = [socket.create_connection(address) for _ in range(CROWD)]  # all wait before anyone looks
        both = [
            await loop.create_server(lambda name=name: Greeting(name, taken), sock=listening.dup()) for name in "ab"
        ]
        said = await asyncio.gather(*(loop.run_in_executor(None, one.recv, 1) for one in crowd))
        for one in (*both, *crowd):
            one.close()
        await asyncio.gather(*(one.wait_closed() for one in both))
        return Counter(one.decode() for one in said)

    assert loop.run_until_complete(come()) == taken
    assert abs(taken["a"] - taken["b"]) <= 2  # a loop that takes all that wait leaves the other one nothing


def test_a_flood_is_taken_several_at_once_and_a_crowd_one_by_one():
    sharing, at_once = Sharing(), []
    for _ in range(accepting.CROWD):
        at_once.append(sharing.at_once)
        sharing.note(sharing.at_once, LEAVE_SECONDS, more_wait=True)
    flood = sharing.at_once
    sharing.note(flood, LEAVE_SECONDS, more_wait=False)

    assert set(at_once) == {1}
    assert flood == IN_FLOOD
    assert sharing.at_once == 1


@pytest.mark.parametrize(
    ("seconds", "taken"), [(0.0, IN_FLOOD), (3 * LEAVE_SECONDS, 3 * IN_FLOOD), (5.0, MOST_AT_ONCE)]
)
def test_a_process_takes_as_many_of_a_flood_as_come_until_it_is_back(seconds, taken):
    sharing = Sharing()
    sharing.note(accepting.CROWD, seconds, more_wait=True)

    assert sharing.at_once == taken


def test_a_process_that_comes_back_late_takes_those_whom_nobody_else_does():
    sharing = Sharing()
    sharing.note(1, LATE_SECONDS / 2, more_wait=True)
    before = sharing.at_once
    sharing.note(1, 2 * LATE_SECONDS, more_wait=True)
    late = sharing.at_once
    sharing.note(late, 2 * LATE_SECONDS, more_wait=False)

    assert (before, sharing.at_once) == (1, 1)
    assert late >= IN_FLOOD


def test_all_of_a_flood_are_taken_with_few_pauses(loop, listening, monkeypatch):
    """More come than are taken one by one; whoever comes last is heard too."""
    monkeypatch.setattr(accepting, "CROWD", 4)
    pauses, sleep = [], asyncio.sleep

    async def noted(seconds):
        pauses.append(seconds)
        await sleep(seconds)

    async def come():
        crowd = [socket.create_connection(listening.getsockname()) for _ in range(5 * IN_FLOOD)]
        monkeypatch.setattr(asyncio, "sleep", noted)
        server = await loop.create_server(lambda: Greeting("a", Counter()), sock=listening.dup())
        said = await asyncio.gather(*(loop.run_in_executor(None, one.recv, 1) for one in crowd))
        for one in (server, *crowd):
            one.close()
        await server.wait_closed()
        return said

    assert loop.run_until_complete(come()) == [b"a"] * 5 * IN_FLOOD
    assert len(pauses) < IN_FLOOD


def test_a_connection_that_cannot_be_taken_stops_no_other(loop, listening, monkeypatch):
    monkeypatch.setattr(accepting, "AGAIN_SECONDS", 0)
    failures = [OSError(errno.EMFILE, "Too many open files"), ConnectionAbortedError()]
    take = loop.sock_accept

    class Failing:
        """The loop of a process that has too many open files, and of somebody who has left."""

        def __getattr__(self, name):
            return getattr(loop, name)

        async def sock_accept(self, given):
            if failures:
                raise failures.pop()
            return await take(given)

    async def come():
        server = accepting.Accepting(Failing(), lambda: Greeting("a", Counter()), listening)
        listening.settimeout(0)
        try:
            return await greeted(server.sockets[0].getsockname())
        finally:
            server.close()
            await server.wait_closed()

    assert loop.run_until_complete(come()) == "a"
    assert not failures


def test_a_closed_server_takes_nobody(loop, listening):
    async def come():
        server = await loop.create_server(lambda: Greeting("a", Counter()), sock=listening.dup())
        before = await greeted(listening.getsockname())
        server.close()
        await server.wait_closed()
        waiting = socket.create_connection(listening.getsockname())
        waiting.settimeout(0)
        for _ in range(5):
            await asyncio.sleep(0)
        with closing(waiting), pytest.raises(BlockingIOError):
            waiting.recv(1)
        return before

    assert loop.run_until_complete(come()) == "a"


def test_a_loop_with_much_to_do_takes_a_crowd_in_a_few_times_round(loop, listening):
    """Each connection took four times round: beside pages of ten milliseconds each, callers waited for seconds."""
    rounds, taken = [], Counter()

    def be_busy():
        rounds.append(time.perf_counter())
        while time.perf_counter() < rounds[-1] + 2 * LATE_SECONDS:
            pass
        if taken["a"] < 3 * IN_FLOOD:
            loop.call_soon(be_busy)

    async def come():
        crowd = [socket.create_connection(listening.getsockname(), timeout=PATIENCE) for _ in range(3 * IN_FLOOD)]
        server = await loop.create_server(lambda: Greeting("a", taken), sock=listening.dup())
        be_busy()
        said = await asyncio.gather(*(loop.run_in_executor(None, one.recv, 1) for one in crowd))
        for one in (server, *crowd):
            one.close()
        await server.wait_closed()
        return said

    assert loop.run_until_complete(come()) == [b"a"] * 3 * IN_FLOOD
    assert len(rounds) < 3 * IN_FLOOD
