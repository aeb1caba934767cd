"""What the other witnesses of a group stand by: no part leaves before enough of them stand by the same history.

A witness that cosigned a checkpoint stands by all that it covers for good. So whoever is seen to have cosigned one that
covers an entry, with the history that this witness knows, signs for no other entry in its place. The signature may come
from anywhere: from the log, which shows those of all witnesses, or from the other one, which is asked.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, TypeAlias

from booking.transparency.beacons.identity import Identity
from booking.transparency.log.checkpoints import Checkpoint
from booking.transparency.log.cosignatures import cosigned_at
from booking.transparency.log.notes import Note, NoteError, Signature, VerifierKey
from booking.transparency.witness.draw_record import Entry
from booking.transparency.witness.errors import NotYetError, RefusedError, WitnessError
from booking.transparency.witness.findings import Finding
from booking.transparency.witness.group import Member
from booking.transparency.witness.history import History
from booking.transparency.witness.line import HttpLine, Line
from booking.transparency.witness.offer import read_signed

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
