"""A witness at work: it fetches what a log shows, copies, reads and signs it, and says what contradicts itself."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from booking.platform.base.clock import Clock
from booking.transparency.log.checkpoints import Checkpoint, read_checkpoint
from booking.transparency.log.notes import Note, NoteError, Signature, read_note
from booking.transparency.witness.cosigning import Cosigner, Offer, StaleError
from booking.transparency.witness.errors import NotYetError, RefusedError
from booking.transparency.witness.findings import Finding, Findings, Found, Values
from booking.transparency.witness.folder import Folder
from booking.transparency.witness.history import History, is_tree_of
from booking.transparency.witness.ledger import Ledger, what_is
from booking.transparency.witness.line import Line, LineError
from booking.transparency.witness.looks import Looks
from booking.transparency.witness.mirror import Mirror, Tree, fetch
from booking.transparency.witness.rounds import Dial, ForkedError, Hearing, Rounds, UnheardError, dial

PATIENCE: Final = timedelta(minutes=15)
"""For so long a log may be away before that is a finding."""


class Watch:
    """One witness of one log, over a line. One process holds the folder at a time: `witness.storage.alone`.

    Parameters
    ----------
    line_to
        Opens a line to another witness of the group.

    Raises
    ------
    booking.transparency.witness.errors.WitnessError
        The folder is damaged, or watches no log.
    """

    def __init__(self, folder: Folder, line: Line, clock: Clock, line_to: Dial = dial) -> None:
        self.folder, self._line, self._clock = folder, line, clock
        self.key = folder.log().key
        self.cosigner = Cosigner(folder, self.key, clock)
        self.findings = Findings(folder.path)
        self.mirror = Mirror(folder.path, [self.key])
        self._looks = Looks(folder.path)
        self.ledger = Ledger(self.key.name, self._looks, self.mirror.tree.root)
        self.rounds = Rounds(folder, clock)
        self.history = History(self.key, self.mirror, self.cosigner)
        self.hearing = Hearing(self.rounds.member, self.history, folder.vkey, line_to)
        self._lock = threading.Lock()
        self._answered = clock.now()
        self._smaller = self._withheld = self._looked_behind = False
        self._brought: bytes | None = None
        self._parts_brought: set[str] = set()
        self._read = 0
        self.findings.keep(self._newly_read(), at=clock.now())

    def look(self) -> list[Found]:
        """Look at the log once; return what was found for the first time.

        Cosigns what only grew and brings the cosignature to the log. That the log is away is no error.
        """
        with self._lock:
            now = self._clock.now()
            findings = [*self._until_silent(now), *self.ledger.overdue(now)]
            if now - self._answered >= PATIENCE:
                since = self._answered.isoformat(timespec="seconds")
                findings.append(Finding("silent", {"origin": self.key.name, "since": since}))
            return self.findings.keep(findings, at=now)

    def cosign(self, offer: Offer) -> Signature:
        """Cosign a checkpoint that somebody brought with a proof.

        Raises
        ------
        booking.transparency.witness.errors.RefusedError
            It is not a continuation of what was signed before; see `Cosigner.cosign`.
        """
        return self.cosigner.cosign(offer.checkpoint, offer.note, old=offer.old, proof=offer.proof)

    def part(self, index: int, content: bytes) -> bytes:
        """Return this witness's part of the random value for an entry of its own copy.

        Raises
        ------
        booking.transparency.witness.errors.NotYetError
            The window is not over, or too few of the group are seen to stand by the entry.
        booking.transparency.witness.errors.RefusedError
            The entry is not there, the draw is not this witness's to decide, or it is wrong; see `Rounds.part`.
        """
        record = self.ledger.record_at(index)
        entry = next((one for one in record.entries if one.index == index), None) if record else None
        if record is None or entry is None or entry.content != content:
            raise RefusedError("this is not the first closing statement or result of a draw in the log")
        try:
            return self.rounds.part(entry, record, self.hearing.agree)
        except ForkedError as forked:
            self.findings.keep(forked.findings, at=self._clock.now())
            raise

    @property
    def looked_at(self) -> datetime | None:
        """When the log answered last."""
        return self._looks.last

    def keep(self, finding: Finding) -> list[Found]:
        """Keep something that was found elsewhere; return it where it is new."""
        return self.findings.keep([finding], at=self._clock.now())

    def _until_silent(self, now: datetime) -> Iterator[Finding]:
        """Follow the log as far as it answers; what was found until then stays found."""
        with suppress(LineError, StaleError):  # stale: somebody brought a newer checkpoint meanwhile
            yield from self._follow(now)

    def _follow(self, now: datetime) -> Iterator[Finding]:
        answer = self._line.get("checkpoint")
        if not answer.there:
            return
        try:
            checkpoint, note = read_checkpoint(answer.body, [self.key])
        except NoteError as error:
            evidence = {"checkpoint.txt": answer.body, "why.txt": f"{error}\n".encode()}
            yield Finding(_which(answer.body, self.key.name), {"origin": self.key.name}, evidence)
            return
        self._answered = now
        known = self.cosigner.accepted
        if (forked := self.history.contradiction(checkpoint, note)) is not None:
            yield forked
            if not self._looked_behind:
                yield from self._changed(self._whole(checkpoint) or [])
            return
        if checkpoint.size < known.size:
            if self._smaller:
                evidence = {"before.txt": str(self.cosigner.note).encode(), "now.txt": answer.body}
                values: Values = {"origin": self.key.name, "before": known.size, "now": checkpoint.size}
                yield Finding("back", values, evidence)
            self._smaller = True
            return
        self._smaller = False
        yield from self._grow(checkpoint, note, now)

    def _grow(self, checkpoint: Checkpoint, note: Note, now: datetime) -> Iterator[Finding]:
        known, tree, before = self.cosigner.accepted, self.mirror.tree, self.mirror.size
        tree.cut(before)  # of a look that failed halfway
        entries = fetch(self._line, before, checkpoint.size)
        for entry in entries or []:
            tree.add(entry)
        if entries is None or not is_tree_of(tree, checkpoint) or tree.root(known.size) != known.root:
            tree.cut(before)
            yield from self._explain(checkpoint, note)
            return
        self._withheld = False
        self._looks.note(now, checkpoint.size)
        if entries:
            self.mirror.keep(entries, str(note).encode())
        signature = self.cosigner.cosign_seen(checkpoint, note, root_at=tree.root)
        self.hearing.stand_by(checkpoint, note, signature)
        yield from self._newly_read()
        self._bring(checkpoint, note, signature)
        yield from self._bring_parts(now)

    def _newly_read(self) -> Iterator[Finding]:
        """Read the entries of the copy that were not read yet."""
        for index, entry in self.mirror.entries(self._read):
            self._read = index + 1
            yield from self.ledger.read(index, entry)

    def _explain(self, checkpoint: Checkpoint, note: Note) -> Iterator[Finding]:
        """Yield what it means that the new checkpoint does not continue what is known; once said it is enough."""
        if self._looked_behind:
            return
        known, now = self.cosigner.accepted, str(note).encode()
        whole = self._whole(checkpoint)
        if whole is not None:
            values: Values = {"origin": self.key.name, "before": known.size, "now": checkpoint.size}
            yield Finding("rewritten", values, {"before.txt": str(self.cosigner.note).encode(), "now.txt": now})
            yield from self._changed(whole)
        elif self._withheld:
            yield Finding("withheld", {"origin": self.key.name, "size": checkpoint.size}, {"checkpoint.txt": now})
        self._withheld = whole is None

    def _whole(self, checkpoint: Checkpoint) -> list[bytes] | None:
        """Return all entries that the log shows now; None where they do not give its checkpoint's root."""
        whole, tree = fetch(self._line, 0, checkpoint.size), Tree()
        for entry in whole or []:
            tree.add(entry)
        if whole is None or not is_tree_of(tree, checkpoint):
            return None
        self._looked_behind = True
        return whole

    def _changed(self, whole: list[bytes]) -> Iterator[Finding]:
        """Yield the first entry that is another one than in the copy, with both."""
        for (index, ours), theirs in zip(self.mirror.entries(), whole, strict=False):
            if ours != theirs:
                told: Values = {"index": index, "before": what_is(ours), "now": what_is(theirs)}
                files = {"before.json": ours, "now.json": theirs}
                yield Finding("changed_entry", told | {"origin": self.key.name}, files)
                return

    def _bring(self, checkpoint: Checkpoint, note: Note, signature: Signature) -> None:
        """Bring a cosignature to the log; where it is away, the next look signs and brings again."""
        if self._brought != checkpoint.root:
            answer = self._line.post("cosignatures", str(Note(note.text, (signature,))).encode())
            self._brought = checkpoint.root if answer.there else None

    def _bring_parts(self, now: datetime) -> Iterator[Finding]:
        """Bring the parts that draws wait for; what the log does not take, or may not have yet, is brought again."""
        for record, entry in self.ledger.waiting(now) if self.rounds.member else ():
            try:
                if entry.sha256 not in self._parts_brought:
                    part = self.rounds.part(entry, record, self.hearing.agree)
                    if self._line.post("parts", part).there:
                        self._parts_brought.add(entry.sha256)
            except ForkedError as forked:
                yield from forked.findings
            except UnheardError as unheard:
                seen = self._looks.of(entry.index)
                if seen is not None and now - seen.seen >= PATIENCE:
                    yield Finding("unheard", {"draw": record.reference}, {}, {"names": ", ".join(unheard.missing)})
            except (NotYetError, RefusedError):
                continue


def _which(content: bytes, origin: str) -> str:
    """Return which finding a checkpoint is that the log's key did not sign."""
    try:
        return "signature" if read_note(content).text.startswith(f"{origin}\n") else "origin"
    except NoteError:
        return "signature"
