"""A witness's part of a random value: for one closing statement, and one result, of each draw; of a night, the first.

What it signs a part for is on its disk before the part leaves: neither a crash nor a second log makes it sign another.

What the other witnesses of a group stand by: no part leaves before enough of them stand by the same history.

A witness that cosigned a checkpoint stands by all that it covers for good. So whoever is seen to have cosigned one that
covers an entry, with the history that this witness knows, signs for no other entry in its place. The signature may come
from anywhere: from the log, which shows those of all witnesses, or from the other one, which is asked.
"""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from booking.platform.base.clock import Clock
from booking.platform.base.exact_json import one_line
from booking.transparency.beacons.identity import Identity
from booking.transparency.beacons.parts import sign_part
from booking.transparency.beacons.terms import write_terms
from booking.transparency.beacons.values import audit_message, statement_message
from booking.transparency.log.checkpoints import Checkpoint, cosigned_at
from booking.transparency.log.notes import Note, NoteError, Signature, VerifierKey
from booking.transparency.witness.cosigning import read_signed
from booking.transparency.witness.draw_record import Entry, Record
from booking.transparency.witness.errors import NotYetError, RefusedError, WitnessError
from booking.transparency.witness.findings import Finding
from booking.transparency.witness.folder import Folder, write_durably
from booking.transparency.witness.group import Member
from booking.transparency.witness.history import History
from booking.transparency.witness.line import HttpLine, Line

Dial: TypeAlias = Callable[[str], AbstractContextManager[Line]]

WITHIN: Final = 3.0
"""Seconds for one answer of another witness: the office, which may wait meanwhile, waits six."""
AT_ONCE: Final = 8


class UnheardError(NotYetError):
    """Too few of the group are seen to stand by the entry; ``missing`` names the others."""

    code = "witness_unheard"

    def __init__(self, heard: int, needed: int, missing: tuple[str, ...]) -> None:
        names = ", ".join(missing)
        super().__init__(f"{heard} of {needed} witnesses are seen to stand by this log; nothing yet of {names}")
        self.missing = missing


class ForkedError(RefusedError):
    """Somebody of the group was shown another history; ``findings`` have the proof."""

    code = "witness_forked"

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("the log showed another history to a witness of the group: nothing is signed for this draw")
        self.findings = findings


@dataclass(frozen=True, slots=True)
class _Heard:
    """The largest checkpoint of this history that a witness cosigned."""

    checkpoint: Checkpoint
    note: Note


def dial(address: str) -> AbstractContextManager[Line]:
    """Open a line to another witness; raises WitnessError where the address is none."""
    return HttpLine(address, silence=WITHIN, whole=WITHIN)


class Hearing:
    """What one witness heard of the others of its group; any number of threads may ask."""

    def __init__(self, member: Member | None, history: History, own: VerifierKey, line_to: Dial) -> None:
        ceremony = member.group.ceremony if member else None
        self._needed = ceremony.agreeing if ceremony else 0
        self._others = [one for one in ceremony.witnesses if one.vkey != own] if ceremony else []
        self._history, self._dial = history, line_to
        self._heard: dict[str, _Heard] = {}
        self._asking = threading.Lock()
        self._asked: set[int] = set()
        self._shown: tuple[int, bytes] = (0, b"")

    @property
    def shown(self) -> bytes:
        """The newest checkpoint of the copy with the signatures of the group, for others; b"" before the first."""
        return self._shown[1]

    def stand_by(self, checkpoint: Checkpoint, note: Note, signature: Signature) -> None:
        """Show others what this witness cosigned, and keep which of them cosigned it; called at each look."""
        self.saw(checkpoint, note)
        known = [self._history.key, *(one.vkey for one in self._others)]
        told = [one for one in note.signatures if any(one.is_by(key) for key in known)]
        self._shown = checkpoint.size, str(Note(note.text, (*told, signature))).encode()
        self._asked.clear()

    def saw(self, checkpoint: Checkpoint, note: Note) -> None:
        """Keep which others cosigned a checkpoint of this history."""
        for one in self._others:
            known = self._heard.get(one.name)
            if (known is None or known.checkpoint.size < checkpoint.size) and _cosigned(note, one.vkey):
                self._heard[one.name] = _Heard(checkpoint, note)

    def agree(self, entry: Entry) -> None:
        """Return where enough of the group are seen to stand by an entry of this witness's own copy.

        Others are asked once between two looks. What this witness stands by is shown before they are: of two that ask
        each other, one at least sees the other's.

        Raises
        ------
        UnheardError
            Too few are, until now.
        NotYetError
            This witness does not show the entry yet, or asks already.
        ForkedError
            The log showed another history to one of them.
        """
        if self._shown[0] <= entry.index:
            raise NotYetError("this witness has not shown yet that it stands by the entry")
        if not self._asking.acquire(blocking=False):
            raise NotYetError("this witness asks the others now")
        try:
            silent = self._silent(entry)
            if entry.index not in self._asked:
                self._asked.add(entry.index)
                self._ask([one for one in silent if one.url])
                silent = self._silent(entry)
        finally:
            self._asking.release()
        if (heard := 1 + len(self._others) - len(silent)) < self._needed:
            raise UnheardError(heard, self._needed, tuple(one.name for one in silent))

    def _silent(self, entry: Entry) -> list[Identity]:
        """Return the others that are not seen to stand by an entry."""
        heard = [(one, self._heard.get(one.name)) for one in self._others]
        return [one for one, known in heard if known is None or known.checkpoint.size <= entry.index]

    def _ask(self, others: list[Identity]) -> None:
        """Ask others, several at once; raises ForkedError."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            found = [finding for some in threads.map(self._found_at, others) for finding in some]
        if found:
            raise ForkedError(found)

    def _found_at(self, other: Identity) -> list[Finding]:
        """Return what the newest checkpoint of another witness proves, and keep it where it agrees.

        Who is away, slow, or shows what its log did not sign, is not heard.
        """
        try:
            with self._dial(other.url or "") as line:
                answer = line.get("checkpoint")
                checkpoint, note = read_signed(answer.body, self._history.key)
                forked = self._history.compared(checkpoint, note, line)
        except WitnessError:
            return []
        if forked is not None:
            return [forked, *self._two_faced(checkpoint, note)]
        self.saw(checkpoint, note)
        return []

    def _two_faced(self, checkpoint: Checkpoint, note: Note) -> Iterator[Finding]:
        """Yield the witnesses that cosigned another history as well as this one."""
        for one in self._others:
            heard = self._heard.get(one.name)
            if heard is not None and _cosigned(note, one.vkey):
                found = self._history.two_faced(one.name, (heard.checkpoint, heard.note), (checkpoint, note))
                yield from [found] if found else []


def _cosigned(note: Note, key: VerifierKey) -> bool:
    signature = note.signed_by(key)
    try:
        return signature is not None and cosigned_at(note.text, signature, key) >= 0
    except NoteError:
        return False


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
