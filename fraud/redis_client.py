"""Clients for one server, for a server that sentinels watch, and for a cluster: one form of address each."""

from typing import Any, Final, cast
from urllib.parse import unquote

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.connection import SSLConnection, parse_url
from redis.retry import Retry
from redis.sentinel import Sentinel

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
        The address is none of these.
    """
    if url.startswith(_PLAIN):
        return redis.Redis.from_url(url, **options)
    if not url.startswith(_MANY):
        raise AddressError(f"must start with {', '.join(SCHEMES[:-1])} or {SCHEMES[-1]}")
    scheme, _, rest = url.partition("://")
    tls, _, kind = scheme.partition("+")
    place, question, query = rest.partition("?")
    who, at, servers = place.rpartition("@")
    hosts, _, path = servers.partition("/")
    name, _, database = path.partition("/")
    if kind == "sentinel" and not name:
        raise AddressError("the address of sentinels ends with /NAME, the name of the server that they watch")
    given = parse_url(f"{tls}://{who}{at}any/{database}{question}{query}") | options  # type: ignore[no-untyped-call] # so in redis-py
    given.pop("host", None)
    if given.pop("connection_class", None) is SSLConnection:
        given["ssl"] = True
    if kind == "cluster":
        given.pop("db", None)
        nodes = [ClusterNode(*_host(one, _PORT)) for one in hosts.split(",")]  # type: ignore[no-untyped-call] # so in redis-py
        # Whatever the application calls on a client, the cluster's has too; redis-py gives them no common type.
        return cast("redis.Redis", redis.RedisCluster(startup_nodes=nodes, **given))
    watchers = {key: value for key, value in given.items() if key.startswith(("ssl", "socket_", "retry"))}
    watchers |= {key: given.pop(f"sentinel_{key}", None) for key in ("username", "password")}
    sentinels = [_host(one, _SENTINEL_PORT) for one in hosts.split(",")]
    sentinel = Sentinel(sentinels, sentinel_kwargs=watchers, **given)  # type: ignore[no-untyped-call] # so in redis-py
    return cast("redis.Redis", sentinel.master_for(unquote(name)))  # type: ignore[no-untyped-call] # so in redis-py


def make_client(url: str) -> redis.Redis:
    """Return a client that gives up after 50 ms and never tries twice, as an outage must not slow anyone down.

    ``url`` is as for `connect`.
    """
    return connect(
        url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS, retry=Retry(NoBackoff(), 0)
    )


def _host(text: str, port: int) -> tuple[str, int]:
    """Split ``host:port``; an IPv6 address with a port stands in brackets."""
    host, colon, number = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, number = text, str(port)
    if not host or not number.isdecimal():
        raise AddressError("each host must be HOST or HOST:PORT")
    return host.strip("[]"), int(number)
