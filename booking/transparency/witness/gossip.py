"""A checkpoint from somewhere else (a citizen's receipt, another witness) against what this witness knows."""

import json
from enum import StrEnum
from typing import Final

from booking.transparency.log.notes import NoteError
from booking.transparency.log.proofs import read_proof
from booking.transparency.witness.cosigning import MOST_BYTES, UnreadableError, read_signed
from booking.transparency.witness.watch import Watch

_SAME: Final = """\
The same history: {size} entries, as this witness saw them.
التاريخ نفسه: {size} قيدًا كما رآها هذا الشاهد."""
_UNKNOWN: Final = """\
This witness does not know {size} entries yet: let it watch, and check again.
لا يعرف هذا الشاهد {size} قيدًا بعد: دعه يراقب ثم أعد المقارنة."""
_PROOF: Final = b"c2sp.org/tlog-proof@v1\n"


class Verdict(StrEnum):
    """What a comparison came to."""

    SAME = "same"
    FORK = "fork"
    UNKNOWN = "unknown"


def compare(watch: Watch, content: bytes) -> tuple[Verdict, str]:
    """Compare a checkpoint, a proof or a citizen's receipt with this witness's history; keep a fork as evidence.

    Returns
    -------
    tuple[Verdict, str]
        What it came to, and a sentence in both languages.

    Raises
    ------
    UnreadableError
        There is no checkpoint in it.
    OtherLogError
        It is of another log.
    UnsignedError
        The log did not sign it, so that it proves nothing.
    """
    checkpoint, note = read_signed(_checkpoint_in(content), watch.key)
    if not watch.history.knows(checkpoint.size):
        return Verdict.UNKNOWN, _UNKNOWN.format(size=checkpoint.size)
    if (finding := watch.history.contradiction(checkpoint, note)) is None:
        return Verdict.SAME, _SAME.format(size=checkpoint.size)
    watch.keep(finding)
    found = next(one for one in watch.findings.all() if one.folder.endswith(finding.key))
    return Verdict.FORK, f"{found.line('en')}\n{found.line('ar')}"


def _checkpoint_in(content: bytes) -> bytes:
    if len(content) > MOST_BYTES:
        raise UnreadableError("the file is too large for a checkpoint or a receipt")
    if content.lstrip().startswith(b"{"):
        try:
            content = json.loads(content)["log_proof"].encode()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise UnreadableError("the receipt has no proof of the log in it") from None
    if not content.startswith(_PROOF):
        return content
    try:
        return str(read_proof(content).note).encode()
    except NoteError as error:
        raise UnreadableError(str(error)) from None
