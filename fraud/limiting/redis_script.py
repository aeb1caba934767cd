"""One script on the server, called with little ado."""

import hashlib
import os
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

import redis
from redis.connection import Connection, ConnectionPool

from fraud.limiting.redis_client import HASH_TAG

HASH_BYTES: Final = 16
"""The length of the keyed hash with which a key of a script ends."""

STILL_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class PreparedCall:
    """One call of a script, packed as the protocol wants it but for the hash with which each key ends."""

    key_heads: tuple[bytes, ...]
    argument: bytes
    packed: bytes


class Script:
    """A script on the server, called over the client's connections.

    redis-py packs each argument and passes each call through its hooks, which costs more than the script itself. So
    the parts of a call that are always the same are packed once, and sent over a connection of the client's pool.
    """

    def __init__(self, client: redis.Redis, source: str) -> None:
        self._client = client
        self._source = source
        self._sha = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest().encode()
        self._cluster = _as_cluster(client)
        self._moved = False
        self._idle: deque[tuple[Connection, float, int]] = deque()
        """Connections that lie ready, since when, and of which process: after a fork, two must not speak on one."""
        self._doubtful_before = 0.0

    def prepare(self, key_heads: Sequence[bytes], argument: bytes) -> PreparedCall:
        """Pack a call with one key for each head, which must begin with the hash tag."""
        heads = [b"EVALSHA", self._sha, b"%d" % len(key_heads)]
        words = [_word(word).replace(b"%", b"%%") for word in heads]
        words += [b"$%d\r\n%s%%b\r\n" % (len(head) + HASH_BYTES, head.replace(b"%", b"%%")) for head in key_heads]
        words.append(_word(argument).replace(b"%", b"%%"))
        return PreparedCall(tuple(key_heads), argument, b"*%d\r\n%s" % (len(words), b"".join(words)))

    def run_all(self, calls: Sequence[tuple[PreparedCall, tuple[bytes, ...]]]) -> list[bytes]:
        """Run the script once for each call, all of them in one trip; raises what redis-py raises.

        A call that the server did not run is run by itself, as `run` does.
        """
        if self._moved or len(calls) == 1:
            return [self.run(call, ends) for call, ends in calls]
        replies = self._send([call.packed % ends for call, ends in calls])
        return [
            self.run(*call) if isinstance(reply, redis.ResponseError) else reply
            for call, reply in zip(calls, replies, strict=True)
        ]

    def run(self, call: PreparedCall, ends: tuple[bytes, ...]) -> bytes:
        """Run the script and return its reply, which must be bytes; raises what redis-py raises."""
        if not self._moved:
            try:
                return _given(*self._send([call.packed % ends]))
            except redis.exceptions.NoScriptError:
                pass  # the server is new, was restarted, or took over: EVAL runs the script and stores it, in one trip
            except (redis.exceptions.AskError, redis.ConnectionError, redis.TimeoutError) as error:
                # A moved key, or a lost node: the cluster's own client finds the way again, with the next call.
                self._moved = self._cluster is not None
                if not self._moved or not isinstance(error, redis.exceptions.AskError):
                    raise
        keys = [head + end for head, end in zip(call.key_heads, ends, strict=True)]
        reply = cast("bytes", self._client.eval(self._source, len(keys), *keys, call.argument))
        if self._moved:
            self._moved = False
            self._forget_idle()
        return reply

    def _send(self, packed: Sequence[bytes]) -> list[bytes | redis.ResponseError]:
        """Send calls and read an answer to each: what the server refuses is one too, and others follow it."""
        connection = self._taken()
        try:
            connection.send_packed_command(packed)  # type: ignore[no-untyped-call] # so in redis-py
            return [_answer(connection) for _ in packed]
        except (redis.ConnectionError, redis.TimeoutError, OSError):
            self._doubtful_before = time.monotonic()
            raise
        finally:
            self._idle.append((connection, time.monotonic(), os.getpid()))

    def _taken(self) -> Connection:
        """Take a connection that lies ready, or one of the client's pool.

        The pool asks the operating system before each call whether the server has hung up, and counts its connections;
        here that is asked only of those that lay still for a while, or since before the last failure.
        """
        while self._idle:
            try:
                connection, since, process = self._idle.pop()
            except IndexError:
                break  # another thread took the last one
            if process != os.getpid():
                continue
            if since < max(time.monotonic() - STILL_SECONDS, self._doubtful_before) and _hung_up(connection):
                connection.disconnect()  # type: ignore[no-untyped-call] # so in redis-py
            return connection
        return self._pool().get_connection()

    def _forget_idle(self) -> None:
        """Hang up what lies ready: it leads to a node that no longer has the keys."""
        while self._idle:
            self._idle.popleft()[0].disconnect()  # type: ignore[no-untyped-call] # so in redis-py

    def _pool(self) -> ConnectionPool:
        if self._cluster is None:
            return self._client.connection_pool
        node = self._cluster.get_node_from_key(HASH_TAG)  # type: ignore[no-untyped-call] # so in redis-py
        if node is None:
            raise redis.ConnectionError("no node of the cluster has the keys")
        return self._cluster.get_redis_connection(node).connection_pool


def _given(reply: bytes | redis.ResponseError) -> bytes:
    if isinstance(reply, redis.ResponseError):
        raise reply
    return reply


def _answer(connection: Connection) -> bytes | redis.ResponseError:
    try:
        # A connection whose answer never came must not give it to the next caller: sentinels' would be kept.
        return cast("bytes", connection.read_response(disable_decoding=True, disconnect_on_error=True))
    except redis.ResponseError as error:
        return error


def _hung_up(connection: Connection) -> bool:
    """Return whether the other side closed a connection, or left something on it that nobody waits for."""
    try:
        return bool(connection.can_read())
    except (redis.RedisError, OSError):
        return True


def _as_cluster(client: object) -> redis.RedisCluster | None:
    return client if isinstance(client, redis.RedisCluster) else None


def _word(word: bytes) -> bytes:
    return b"$%d\r\n%s\r\n" % (len(word), word)
