"""What an insider could try with the log, tried on a copy of it, and what a witness says about it."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from booking.country.core.core import Core
from booking.platform.models import LogEntry
from booking.transparency.log.checkpoints import BUNDLE, Checkpoint, bundle_path, write_bundle
from booking.transparency.log.entries import read_entry, write_entry
from booking.transparency.log.log import origin, sequence
from booking.transparency.log.notes import sign
from booking.transparency.witness.folder import Folder
from booking.transparency.witness.line import Answer
from booking.transparency.witness.mirror import Tree
from booking.transparency.witness.watch import Watch

_COPY: Final = "caught"


@dataclass(frozen=True, slots=True)
class Caught:
    """What was tried, and the sentences of the witness."""

    tried: str
    said: Sequence[str]


class _Insider:
    """Somebody who has the database and the log's key, and shows a log as they like it."""

    def __init__(self, entries: list[bytes], name: str, keys: Sequence[Ed25519PrivateKey]) -> None:
        self.entries, self._name, self._keys = entries, name, keys

    def get(self, path: str) -> Answer:
        """Return the checkpoint that the insider signs, or the entries that the insider shows."""
        if path == "checkpoint":
            tree = Tree()
            for entry in self.entries:
                tree.add(entry)
            text = Checkpoint(self._name, tree.size, tree.root(tree.size)).text
            return Answer(200, str(sign(text, self._name, *self._keys)).encode())
        for begin in range(0, len(self.entries), BUNDLE):
            part = self.entries[begin : begin + BUNDLE]
            if path == bundle_path(begin // BUNDLE, len(part)):
                return Answer(200, write_bundle(part))
        return Answer(404, b"")

    def post(self, path: str, body: bytes) -> Answer:
        """Take nothing."""
        return Answer(404, path.encode() + body[:0])


def catch(core: Core, folder: Path) -> list[Caught]:
    """Rig copies of the log before a copy of a witness; return what was tried and what the witness said.

    A closing statement is stated a second time with another mechanism, then a request is taken out of the log.
    """
    sequence(core)
    with core.sessions() as session:
        entries = list(session.scalars(select(LogEntry.body).order_by(LogEntry.index)))
    copy = folder.parent / _COPY
    shutil.copytree(folder, copy)
    insider = _Insider(entries, origin(core), core.vault.signing_keys("log"))
    watch = Watch(Folder.open(copy), insider, core.clock)
    watch.look()
    found = []
    for tried, rig in (
        ("states the closing a second time, with places given in another way", _state_again),
        ("takes a request out of the log, signed anew with the log's key", _take_out),
    ):
        insider.entries = rig(insider.entries)
        found.append(Caught(tried, [one.sentence("en") for one in watch.look()]))
    return found


def _state_again(entries: list[bytes]) -> list[bytes]:
    statement = next(body for body in map(read_entry, reversed(entries)) if body["type"] == "statement")
    other = "in-line-order" if statement["mechanism"] == "exchange" else "exchange"
    body = {key: value for key, value in statement.items() if key != "type"} | {"mechanism": other}
    return [*entries, write_entry("statement", body)]


def _take_out(entries: list[bytes]) -> list[bytes]:
    taken = next(index for index, entry in enumerate(entries) if read_entry(entry)["type"] == "receipt")
    return [entry for index, entry in enumerate(entries) if index != taken]
