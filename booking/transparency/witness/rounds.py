"""A witness's part of a random value: for one closing statement, and one result, of each draw; of a night, the first.

What it signs a part for is on its disk before the part leaves: neither a crash nor a second log makes it sign another.
"""

import json
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal, TypeAlias

from booking.platform.base.clock import Clock
from booking.platform.base.exact_json import one_line
from booking.transparency.beacons.parts import sign_part
from booking.transparency.beacons.terms import write_terms
from booking.transparency.beacons.values import audit_message, statement_message
from booking.transparency.witness.draw_record import Entry, Record
from booking.transparency.witness.errors import NotYetError, RefusedError, WitnessError
from booking.transparency.witness.folder import Folder
from booking.transparency.witness.group import Member
from booking.transparency.witness.hearing import ForkedError
from booking.transparency.witness.storage import write_durably

FILE: Final = "rounds.json"
SIGNED: Final = frozenset({"statement", "result", "exchange_statement"})
"""The types of entries for which parts are given."""
_NEVER: Final = "two histories"
"""Stands in place of a hash where the log showed another history to one of the group."""
Kind: TypeAlias = Literal["statement", "audit"]


class OtherStatementError(RefusedError):
    """A part of the same draw was signed for another entry."""

    code = "witness_other_statement"


class Rounds:
    """Signs parts; what it signed for is kept in the folder.

    Raises
    ------
    WitnessError
        What it signed for before cannot be read: then it signs nothing.
    """

    def __init__(self, folder: Folder, clock: Clock) -> None:
        self._path, self._clock = folder.path / FILE, clock
        self._lock = threading.Lock()
        self.member = Member.of(folder)
        try:
            self._signed: dict[str, str] = json.loads(self._path.read_bytes()) if self._path.exists() else {}
        except ValueError:
            raise WitnessError(f"{self._path} is damaged") from None

    def part(self, entry: Entry, record: Record, agree: Callable[[Entry], None]) -> bytes:
        """Return this witness's part for a statement or a result that stands in the log.

        Parameters
        ----------
        entry
            From this witness's own copy of the log.
        record
            Its draw, or its night of the exchange.
        agree
            Returns where enough of the group stand by the entry; asked before the first part for it is given.

        Raises
        ------
        NotYetError
            The window is not over by this witness's clock, or ``agree`` raised it.
        RefusedError
            This witness is not in the draw's group, the entry is not the draw's first and only one, or another history
            was shown to one of the group.
        OtherStatementError
            It signed for another one.
        """
        kind: Kind = "audit" if entry.body["type"] == "result" else "statement"
        if entry.body["type"] not in SIGNED:
            raise RefusedError(f"{entry.body['type']} {record.reference}: nothing is decided by a value for this entry")
        if record.wrong:
            raise RefusedError(f"draw {record.reference}: this witness found a contradiction, and signs nothing for it")
        member = self._member_for(record)
        if record.of(entry.body["type"].removeprefix("exchange_")) is not entry:
            raise RefusedError(f"draw {record.reference}: this is not the first {entry.body['type']} in the log")
        closed = record.statement
        if record.abandoned is not None or closed is None or record.announcement is None:
            raise RefusedError(f"draw {record.reference} is not announced and closed, or was given up")
        if closed.body["beacon"] != record.announcement.body["beacon"]:
            raise RefusedError(f"draw {record.reference}: the statement names another group than the announcement")
        if self._clock.now() < datetime.fromisoformat(record.announcement.body["closes_at"]):
            raise NotYetError(f"draw {record.reference} has not closed yet")
        named = kind if kind == "audit" else entry.body["type"]
        self._agree(what := f"{named} {record.reference}", entry, agree)
        self._keep(what, entry.sha256)
        digest = bytes.fromhex(entry.sha256)
        message = statement_message(digest) if kind == "statement" else audit_message(digest)
        signature = sign_part(member.share, message).hex()
        return one_line({"index": member.index, "kind": kind, "sha256": entry.sha256, "signature": signature})

    def _member_for(self, record: Record) -> Member:
        told = record.announcement
        if self.member is None or told is None or told.body["beacon"] != write_terms(self.member.group.terms):
            raise RefusedError(f"draw {record.reference} is not decided by a group of this witness")
        return self.member

    def _agree(self, what: str, entry: Entry, agree: Callable[[Entry], None]) -> None:
        """Have the group agree, where nothing was said of an entry yet; a fork is kept, so that silence undoes none."""
        if self._signed.get(what) == _NEVER:
            raise RefusedError(f"two histories of the log were shown: this witness signs no {what}")
        if what not in self._signed:
            try:
                agree(entry)
            except ForkedError:
                self._keep(what, _NEVER)
                raise

    def _keep(self, what: str, digest: str) -> None:
        with self._lock:
            if self._signed.get(what, digest) != digest:
                raise OtherStatementError(f"this witness signed another {what}")
            if what not in self._signed:
                signed = self._signed | {what: digest}
                write_durably(self._path, (json.dumps(signed, sort_keys=True, indent=1) + "\n").encode())
                self._signed = signed
