"""What a gate fetches while it has a network: the issuer's keys and status lists, into one folder."""

import json
import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import httpx2

from booking.eservices.credentials.sd_jwt import LISTS, WELL_KNOWN, ForgedCredentialError, list_address
from booking.eservices.credentials.verify import Issuer, read_issuer
from booking.platform.base.bounded_http import CallError, get_over
from booking.platform.base.errors import MawidError
from booking.platform.base.settings_servers import is_loopback

ISSUER_FILE: Final = "issuer.json"
LIST_FILES: Final = "status-*.jwt"
MOST_LISTS: Final = 10_000
_LARGEST: Final = 1 << 20
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,9}")
_PATIENCE: Final = httpx2.Timeout(30.0, connect=10.0)


class CannotFetchError(MawidError):
    """The issuer's site gave no keys or lists; the message says why, and nothing that was fetched before changed."""

    code = "cannot_fetch"


def fetch_issuer(site: str, folder: Path, *, client: httpx2.Client | None = None) -> tuple[str, ...]:
    """Fetch keys and every list, check them, then put them in place of those before; return the files' names.

    Raises
    ------
    CannotFetchError
        The site cannot be reached, refuses, answers what is not its own, or is another computer without TLS, where
        everybody on the way could put in a key of theirs.
    UnknownIssuerError
        Its keys cannot be read.
    ForgedCredentialError
        A list is not signed by the keys.
    OSError
        The folder cannot be written.
    """
    site = _encrypted(site)
    with client or httpx2.Client(timeout=_PATIENCE, follow_redirects=False) as calls:
        document = _get(calls, f"{site}{WELL_KNOWN}")
        issuer = _read(document)
        if issuer.get("issuer") != site:
            raise CannotFetchError(f"{site} says that it is {issuer.get('issuer')!r}")
        addresses = _read(_get(calls, f"{site}{LISTS}")).get("status_lists")
        if not isinstance(addresses, list) or len(addresses) > MOST_LISTS:
            raise CannotFetchError("its list of status lists cannot be read")
        names = {address: _file_of(site, address) for address in addresses}
        lists = [_get(calls, one).decode("ascii", errors="replace") for one in addresses]
    if sorted(read_issuer(document, lists).lists) != sorted(addresses):
        raise CannotFetchError("a status list lies where another one should")
    files = {names[address]: text.encode() for address, text in zip(addresses, lists, strict=True)}
    _put(folder, {ISSUER_FILE: document, **files})
    _forget_others(folder, document, files)
    return (ISSUER_FILE, *files)


def _put(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write all files beside those before, then put them in their place."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        with _beside(folder, name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    for name in files:
        _beside(folder, name).replace(folder / name)


def _forget_others(folder: Path, document: bytes, files: Collection[str]) -> None:
    """Remove lists of other keys or another site; a list that the site left out goes on to count for its time."""
    for left in folder.glob(LIST_FILES):
        if left.name not in files:
            try:
                read_issuer(document, [left.read_text(encoding="ascii", errors="replace")])
            except ForgedCredentialError:
                left.unlink()


def _file_of(site: str, address: object) -> str:
    """Return the name of a list's file, by its number: no list takes another one's place."""
    before, _, number = str(address).rpartition(list_address(""))
    if before != site or not _NUMBER.fullmatch(number):
        raise CannotFetchError("it names status lists of another site")
    return f"status-{number}.jwt"


def _beside(folder: Path, name: str) -> Path:
    return folder / f"{name}.part"


def _encrypted(site: str) -> str:
    try:
        parts = httpx2.URL(site)
    except httpx2.InvalidURL:
        raise CannotFetchError(f"{site!r} is no address") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.host)):
        raise CannotFetchError(f"{site} is not encrypted: use https")
    return site.rstrip("/")


def open_folder(folder: Path) -> Issuer:
    """Read what was fetched; raises OSError, UnknownIssuerError or ForgedCredentialError."""
    lists = [one.read_text(encoding="ascii", errors="replace") for one in sorted(folder.glob(LIST_FILES))]
    return read_issuer((folder / ISSUER_FILE).read_bytes(), lists)


def _get(client: httpx2.Client, address: str) -> bytes:
    try:
        answer = get_over(client, address, most=_LARGEST)
    except CallError as error:
        raise CannotFetchError(f"{address}: {error}") from None
    if answer.status != httpx2.codes.OK:
        raise CannotFetchError(f"{address} answers {answer.status}")
    return answer.body


def _read(content: bytes) -> dict[str, Any]:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise CannotFetchError("the site's answer cannot be read") from error
    if not isinstance(said, dict):
        raise CannotFetchError("the site's answer cannot be read")
    return said
