"""The address of PostgreSQL as administrators write it, in the spelling that SQLAlchemy reads."""

import re
from typing import Final
from urllib.parse import parse_qs, unquote

SCHEMES: Final = frozenset({"postgres", "postgresql", "postgresql+psycopg"})
DRIVER: Final = "postgresql+psycopg"
DEFAULT_PORT: Final = "5432"

FORM: Final = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"

_PARTS: Final = re.compile(r"(?:(?P<user>[^/?]*)@)?(?P<hosts>[^/?@]*)(?P<database>/[^?]*)?(?:\?(?P<query>.*))?")
_HOST: Final = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*)(?::(?P<port>\d*))?")

PRIVATE: Final = frozenset({"verify-ca", "verify-full"})
"""The modes in which libpq asks the server who it is; `require` would also talk to somebody in between."""


def is_private(address: str) -> bool:
    """Return whether nobody on the way can listen: a socket of this machine, or TLS with the certificate checked."""
    parts = _PARTS.fullmatch(address.partition("://")[2])
    if parts is None:
        return False
    query = parse_qs(parts["query"] or "")
    if query.get("sslmode", [""])[-1] in PRIVATE:
        return True
    hosts = [host for each in [parts["hosts"], *query.get("host", [])] for host in unquote(each).split(",") if host]
    return all(host.startswith("/") for host in hosts)


def for_sqlalchemy(address: str) -> str:
    """Return the address with our driver; several hosts, which libpq separates by commas, go into its parameters.

    Raises
    ------
    ValueError
        It is not an address of PostgreSQL; the message does not show it.
    """
    scheme, separator, rest = address.partition("://")
    if not separator or scheme not in SCHEMES:
        raise ValueError("must start with postgresql://")
    parts = _PARTS.fullmatch(rest)
    found = [_HOST.fullmatch(each) for each in parts["hosts"].split(",")] if parts else []
    if parts is None or not all(found):
        raise ValueError(f"is no address of a database: {FORM}")
    if len(found) == 1:
        return f"{DRIVER}://{rest}"
    hosts = ",".join(each["host"].strip("[]") for each in found if each)
    ports = ",".join(each["port"] or DEFAULT_PORT for each in found if each)
    user = "" if parts["user"] is None else f"{parts['user']}@"
    query = f"&{parts['query']}" if parts["query"] else ""
    return f"{DRIVER}://{user}{parts['database'] or '/'}?host={hosts}&port={ports}{query}"
