"""What a gate fetches while it has a network: the issuer's keys and status lists, into one folder."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx2

from booking.base.errors import MawidError
from booking.credentials.names import LISTS, WELL_KNOWN, list_address
from booking.credentials.verify import Issuer, read_issuer

ISSUER_FILE: Final = "issuer.json"
LIST_FILES: Final = "status-*.jwt"
MOST_LISTS: Final = 10_000
_LARGEST: Final = 1 << 20
_PATIENCE: Final = httpx2.Timeout(30.0, connect=10.0)


class CannotFetchError(MawidError):
    """The issuer's site gave no keys or lists; the message says why, and nothing that was fetched before changed."""

    code = "cannot_fetch"


def fetch_issuer(site: str, folder: Path, *, client: httpx2.Client | None = None) -> Iterator[str]:
    """Fetch keys and every list, check them, then put them in place of those before; yield each file's name.

    Raises
    ------
    CannotFetchError
        The site cannot be reached, refuses, or answers what is not its own.
    ForgedCredentialError
        A list is not signed by the keys.
    """
    site = site.rstrip("/")
    with client or httpx2.Client(timeout=_PATIENCE, follow_redirects=False) as calls:
        document = _get(calls, f"{site}{WELL_KNOWN}")
        issuer = _read(document)
        if issuer.get("issuer") != site:
            raise CannotFetchError(f"{site} says that it is {issuer.get('issuer')!r}")
        addresses = _read(_get(calls, f"{site}{LISTS}")).get("status_lists")
        if not isinstance(addresses, list) or len(addresses) > MOST_LISTS:
            raise CannotFetchError("its list of status lists cannot be read")
        if any(not str(one).startswith(list_address(site)) for one in addresses):
            raise CannotFetchError("it names status lists of another site")
        lists = [_get(calls, one).decode("ascii", errors="replace") for one in addresses]
    read_issuer(document, lists)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (
        (ISSUER_FILE, document),
        *((f"status-{number}.jwt", text.encode()) for number, text in enumerate(lists)),
    ):
        beside = folder / f"{name}.part"
        beside.write_bytes(content)
        beside.replace(folder / name)
        yield name


def open_folder(folder: Path) -> Issuer:
    """Read what was fetched; raises OSError, UnknownIssuerError or ForgedCredentialError."""
    lists = [one.read_text(encoding="ascii", errors="replace") for one in sorted(folder.glob(LIST_FILES))]
    return read_issuer((folder / ISSUER_FILE).read_bytes(), lists)


def _get(client: httpx2.Client, address: str) -> bytes:
    try:
        with client.stream("GET", address) as answer:
            content = b""
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > _LARGEST:
                    raise CannotFetchError(f"{address} is larger than it can be")
    except httpx2.HTTPError as error:
        raise CannotFetchError(f"{address}: {type(error).__name__}") from error
    if answer.status_code != httpx2.codes.OK:
        raise CannotFetchError(f"{address} answers {answer.status_code}")
    return content


def _read(content: bytes) -> dict[str, Any]:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise CannotFetchError("the site's answer cannot be read") from error
    if not isinstance(said, dict):
        raise CannotFetchError("the site's answer cannot be read")
    return said
