"""Clients for one server, for a server that sentinels watch, and for a cluster: one form of address each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import unquote

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.connection import SSLConnection, parse_url
from redis.retry import Retry
from redis.sentinel import Sentinel
from typing_extensions import override

TIMEOUT_SECONDS: Final = 0.05
HASH_TAG: Final = "{mawid}"
"""Begins every key of Mawid: a cluster keeps them all on one node, as a script over several keys requires."""

_PLAIN: Final = ("redis://", "rediss://", "unix://")
_MANY: Final = ("redis+sentinel://", "rediss+sentinel://", "redis+cluster://", "rediss+cluster://")
SCHEMES: Final = _PLAIN + _MANY
_SENTINEL_PORT: Final = 26379
_PORT: Final = 6379


class AddressError(ValueError):
    """An address names no server that can be reached; the message shows no password."""


def connect(url: str, **options: Any) -> redis.Redis:
    """Return a client, safe to share between threads.

    Parameters
    ----------
    url
        One server: ``redis://``, ``rediss://`` (TLS) or ``unix://``. Watched by sentinels:
        ``redis+sentinel://USER:PASSWORD@HOST:PORT,HOST:PORT/NAME/DB``, where the hosts are the sentinels, the user is
        the server's, and ``?sentinel_username=…&sentinel_password=…`` is the sentinels' own. A cluster:
        ``redis+cluster://USER:PASSWORD@HOST:PORT,HOST:PORT``. With ``rediss+…`` by TLS. ``?ssl_ca_certs=FILE`` names
        the authority that signed the servers' certificates, where the system does not know it.
    options
        Of redis-py's connections.

    Raises
    ------
    AddressError
        The address has none of these forms.
    """
    if url.startswith(_PLAIN):
        return redis.Redis.from_url(url, **options)
    many = _many(url)
    given = parse_url(many.one_server) | options  # type: ignore[no-untyped-call] # so in redis-py
    given.pop("host", None)
    if given.pop("connection_class", None) is SSLConnection:
        given["ssl"] = True
    if not many.watched:
        given.pop("db", None)  # a cluster has one database
        nodes = [ClusterNode(*host) for host in many.hosts]  # type: ignore[no-untyped-call] # so in redis-py
        # Whatever the application calls on a client, the cluster's has too; redis-py gives them no common type.
        return cast("redis.Redis", _Cluster(startup_nodes=nodes, **given))
    watchers = {key: value for key, value in given.items() if key.startswith(("ssl", "socket_", "retry"))}
    watchers |= {key: given.pop(f"sentinel_{key}", None) for key in ("username", "password")}
    sentinel = Sentinel(many.hosts, sentinel_kwargs=watchers, **given)  # type: ignore[no-untyped-call] # so in redis-py
    return cast("redis.Redis", sentinel.master_for(many.watched))  # type: ignore[no-untyped-call] # so in redis-py


def check_address(url: str) -> None:
    """Check that `connect` can read an address; nothing is opened.

    Raises
    ------
    AddressError
        It cannot.
    """
    if not url.startswith(_PLAIN):
        _many(url)


def make_client(url: str) -> redis.Redis:
    """Return a client that gives up after 50 ms and never tries twice, as an outage must not slow anyone down.

    ``url`` is an address that `connect` can read.
    """
    return connect(
        url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS, retry=Retry(NoBackoff(), 0)
    )


def greetings(client: Any) -> list[Mapping[str, str]]:
    """Return what the server says of itself, "server" and "version" among it; of a cluster, what each node says.

    ``client`` is what `connect` made, asked by HELLO, which every user may say; INFO is not among what Mawid's may.
    """
    if not isinstance(client, _Cluster):
        return [_greeting(client.execute_command("HELLO"))]
    nodes = client.get_nodes()  # type: ignore[no-untyped-call] # so in redis-py
    told = [client.execute_command("HELLO", target_nodes=node) for node in nodes]  # type: ignore[no-untyped-call]
    return [_greeting(each) for each in told]


def _greeting(told: Any) -> Mapping[str, str]:
    """Read pairs of names and values, in whichever form they come."""
    pairs = told.items() if isinstance(told, dict) else zip(told[::2], told[1::2], strict=True)
    return {_text(name): _text(value) for name, value in pairs}


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


class _Cluster(redis.RedisCluster):
    """A cluster's client whose pipelines are transactions unless it is asked for others, as those of one server are."""

    @override
    def pipeline(self, transaction: bool | None = True, shard_hint: Any = None) -> Any:
        return super().pipeline(transaction, shard_hint)  # type: ignore[no-untyped-call] # so in redis-py


@dataclass(frozen=True, slots=True)
class _Many:
    """An address of several servers: ``watched`` is the name that sentinels know, "" for a cluster.

    ``one_server`` holds all the rest, as an address that redis-py reads.
    """

    hosts: list[tuple[str, int]]
    watched: str
    one_server: str


def _many(url: str) -> _Many:
    scheme, separator, rest = url.partition("://")
    if f"{scheme}{separator}" not in _MANY:
        raise AddressError(f"must start with {', '.join(SCHEMES[:-1])} or {SCHEMES[-1]}")
    tls, _, kind = scheme.partition("+")
    place, question, query = rest.partition("?")
    who, at, servers = place.rpartition("@")
    hosts, _, path = servers.partition("/")
    watched, _, database = path.partition("/")
    if (kind == "sentinel") != bool(watched):
        raise AddressError("the hosts of sentinels, and of nothing else, are followed by /NAME, which they watch")
    port = _SENTINEL_PORT if kind == "sentinel" else _PORT
    return _Many(
        [_host(one, port) for one in hosts.split(",")],
        unquote(watched),
        f"{tls}://{who}{at}any/{database}{question}{query}",
    )


def _host(text: str, port: int) -> tuple[str, int]:
    """Split ``host:port``; an IPv6 address with a port stands in brackets."""
    host, colon, number = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, number = text, str(port)
    if not host or not number.isdecimal():
        raise AddressError("each host must be HOST or HOST:PORT")
    return host.strip("[]"), int(number)
