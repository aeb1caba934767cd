"""Those who watch the log from outside: who they are, and what they signed or refused."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.base.settings import Settings, SettingsError
from booking.platform.models import LogCheckpoint, LogCosignature, LogWitness
from booking.transparency.log.checkpoints import cosigned_at
from booking.transparency.log.entries import instant
from booking.transparency.log.log import log_keys
from booking.transparency.log.notes import COSIGNATURE, Note, NoteError, VerifierKey, read_vkey

MOST_WITNESSES: Final = 64
LONGEST_REFUSAL: Final = 300
CLOCKS_APART: Final = timedelta(hours=1)
"""A signature from further away is refused: its witness's clock, or ours, is wrong."""
_ADDRESS: Final = re.compile(r"https?://[^\s?#@]+")


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness's key, and where it is asked to sign; None where it comes by itself."""

    key: VerifierKey
    url: str | None


def read_witnesses(settings: Settings) -> tuple[Witness, ...]:
    """Return the witnesses that the file in the settings names, none without a file.

    Raises
    ------
    SettingsError
        It cannot be read, a line is not ``key [address]``, or a name stands twice.
    """
    if settings.witnesses is None:
        return ()
    try:
        return _read_file(settings.witnesses)
    except (OSError, ValueError) as error:
        raise SettingsError(f"MAWID_WITNESSES: {settings.witnesses}: {error}") from None


def needed(settings: Settings) -> int:
    """Return how many witnesses must sign a draw's closing: as set, or more than half of them; 0 without witnesses."""
    there = len(read_witnesses(settings))
    if settings.witnesses_needed is None:
        return there // 2 + 1 if there else 0
    return min(settings.witnesses_needed, there)


def promised(core: Core, at: datetime) -> dict[str, Any]:
    """Return what each announcement says besides: when it was made, the key of the log, and who is to sign."""
    return {
        "at": instant(at),
        "log": log_keys(core)[0].text,
        "witnesses": sorted(one.key.text for one in read_witnesses(core.settings)),
        "need": needed(core.settings),
    }


def keep_cosignature_in(session: Session, core: Core, checkpoint: LogCheckpoint, note: Note, witness: Witness) -> None:
    """Keep a witness's signature of one of our checkpoints; the first one of each stays, and the newest look is noted.

    Raises
    ------
    NoteError
        It is not there or does not fit, or its time is far from ours.
    """
    signature = note.signed_by(witness.key)
    if signature is None:
        raise NoteError(f"{witness.key.name} did not sign")
    text, now = checkpoint.note.partition("\n\n")[0] + "\n", core.clock.now()
    seconds = cosigned_at(text, signature, witness.key)
    if abs(seconds - now.timestamp()) > CLOCKS_APART.total_seconds():
        raise NoteError(f"the time at which {witness.key.name} signed is far from the time here")
    at, name, size = datetime.fromtimestamp(seconds, UTC), witness.key.name, checkpoint.size
    row = insert(LogCosignature).values(size=size, witness=name, line=signature.line, at=at)
    session.execute(row.on_conflict_do_nothing())
    seen = insert(LogWitness).values(witness=name, seen_size=size, seen_at=at)
    session.execute(
        seen.on_conflict_do_update(
            index_elements=["witness"],
            set_={
                "seen_size": func.greatest(LogWitness.seen_size, seen.excluded.seen_size),
                "seen_at": func.greatest(LogWitness.seen_at, seen.excluded.seen_at),
            },
        )
    )


def keep_refusal_in(session: Session, core: Core, name: str, size: int, words: str) -> None:
    """Keep why a witness did not sign a checkpoint."""
    shown = "".join(letter if letter.isprintable() else " " for letter in words)[:LONGEST_REFUSAL]
    refused = {"refused_size": size, "refused_at": core.clock.now(), "refusal": shown}
    row = insert(LogWitness).values(witness=name, **refused)
    session.execute(row.on_conflict_do_update(index_elements=["witness"], set_=refused))


def _read_file(path: Path) -> tuple[Witness, ...]:
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    found = tuple(_read_line(words) for words in lines if words and not words[0].startswith("#"))
    if len({one.key.name for one in found}) < len(found):
        raise NoteError("a name stands twice")
    if len(found) > MOST_WITNESSES:
        raise NoteError(f"there are more than {MOST_WITNESSES} witnesses")
    return found


def _read_line(words: list[str]) -> Witness:
    key, *rest = words
    if len(rest) > 1 or any(_ADDRESS.fullmatch(one) is None for one in rest):
        raise NoteError(f"the line of {key.partition('+')[0]} is not a key and an address")
    return Witness(read_vkey(key, kind=COSIGNATURE), rest[0].rstrip("/") if rest else None)
