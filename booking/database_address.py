"""The address of PostgreSQL as administrators write it, in the spelling that SQLAlchemy reads."""

import re
from typing import Final

SCHEMES: Final = frozenset({"postgres", "postgresql", "postgresql+psycopg"})
DRIVER: Final = "postgresql+psycopg"
DEFAULT_PORT: Final = "5432"

_PARTS: Final = re.compile(r"(?:(?P<user>[^/?]*)@)?(?P<hosts>[^/?@]*)(?P<database>/[^?]*)?(?:\?(?P<query>.*))?")
_HOST: Final = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*)(?::(?P<port>\d*))?")


def for_sqlalchemy(address: str) -> str:
    """Return the address with our driver; several hosts, which libpq separates by commas, go into its parameters.

    Raises
    ------
    ValueError
        It is no address of PostgreSQL.
    """
    scheme, separator, rest = address.partition("://")
    if not separator or scheme not in SCHEMES:
        raise ValueError("must start with postgresql://")
    parts = _PARTS.fullmatch(rest)
    if parts is None or "," not in parts["hosts"]:
        return f"{DRIVER}://{rest}"
    found = [_HOST.fullmatch(each) for each in parts["hosts"].split(",")]
    hosts = ",".join(each["host"].strip("[]") for each in found if each)
    ports = ",".join(each["port"] or DEFAULT_PORT for each in found if each)
    if not all(found):
        raise ValueError("must name its hosts as one.example:5432,two.example:5432")
    user = "" if parts["user"] is None else f"{parts['user']}@"
    query = f"&{parts['query']}" if parts["query"] else ""
    return f"{DRIVER}://{user}{parts['database'] or '/'}?host={hosts}&port={ports}{query}"
