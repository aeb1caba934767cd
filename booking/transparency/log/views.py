"""What pages and programs read of the log."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import ARRAY, String, and_, any_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.base.errors import NotFoundError
from booking.platform.base.exact_json import canonical
from booking.platform.models import (
    LogCheckpoint,
    LogEntry,
    LogPending,
    LogWitness,
    ModelVersion,
    QuotaPolicy,
    RuleSetVersion,
)
from booking.platform.models.policies.policy import ApprovedVersion
from booking.transparency.log.checkpoints import Checkpoint
from booking.transparency.log.entries import instant, read_entry
from booking.transparency.log.log import append_in, log_keys, newest_in, origin
from booking.transparency.log.notes import NoteError, read_note, to_base64
from booking.transparency.log.proving import proof_of, signed_note_in
from booking.transparency.log.tiles import TilePath, bundle_in, tile_in
from booking.transparency.log.witnesses import keep_cosignature_in, needed, read_witnesses


@dataclass(frozen=True, slots=True)
class WitnessView:
    """What a witness signed last and when, and what it refused since, in its words."""

    name: str
    seen_size: int | None
    seen_at: datetime | None
    refusal: str | None
    refused_at: datetime | None


@dataclass(frozen=True, slots=True)
class LogView:
    """The log as its page shows it; ``checkpoint`` is the signed text, "" before the first."""

    origin: str
    keys: Sequence[str]
    size: int
    root: str
    at: datetime | None
    checkpoint: str
    witnesses: Sequence[WitnessView]
    needed: int


@dataclass(frozen=True, slots=True)
class ReceiptPlace:
    """What a receipt is shown with: the newest checkpoint's text, and its index once it is in the log."""

    index: int | None
    checkpoint: str


@dataclass(frozen=True, slots=True)
class ReceiptFound:
    """Where the log has a receipt of asking, and since when which other one (64 digits) has its place, if any has."""

    index: int
    replaced_at: datetime | None = None
    by: str = ""


_NEWEST: Final = select(LogCheckpoint.note).order_by(LogCheckpoint.size.desc()).limit(1).subquery()
_PLACES: Final = select(_NEWEST.c.note, LogEntry.key, LogEntry.index.label("place")).outerjoin(
    LogEntry,
    and_(LogEntry.kind == "receipt", LogEntry.key == any_(bindparam("receipts", type_=ARRAY(String)))),
)


def checkpoint_text(core: Core) -> str:
    """Return the newest checkpoint with the signatures of all witnesses; raises NotFoundError before the first."""
    names = [one.key.name for one in read_witnesses(core.settings)]
    with core.sessions() as session:
        newest = newest_in(session)
        if newest is None:
            raise NotFoundError
        return str(signed_note_in(session, newest, names))


def key_text(core: Core) -> str:
    """Return the keys that sign the log, a line each, the newest first."""
    return "".join(f"{key.text}\n" for key in log_keys(core))


def tile(core: Core, level: str, path: str) -> bytes:
    """Return a tile by its address; raises NotFoundError where no signed checkpoint has it."""
    with core.sessions() as session:
        return tile_in(session, TilePath.of(level, path))


def bundle(core: Core, path: str) -> bytes:
    """Return a bundle of entries by its address; raises NotFoundError where no signed checkpoint has it."""
    with core.sessions() as session:
        return bundle_in(session, TilePath.of("0", path))


def proof_text(core: Core, kind: str, key: str) -> str:
    """Return the proof that an entry is in the log, of the newest checkpoint with the signatures that draws need.

    Before one has them, it is that of the newest checkpoint.

    Raises
    ------
    NotFoundError
        The entry is not in a signed log yet, or never was asked for.
    """
    found = proof_of(core, kind, key, need=needed(core.settings)) or proof_of(core, kind, key)
    if found is None:
        raise NotFoundError
    return str(found)


def receipt_places_in(session: Session, receipts: Sequence[str]) -> list[ReceiptPlace | None]:
    """Return what receipts (64 digits) are shown with, by one statement; None for all before the first checkpoint."""
    rows = session.execute(_PLACES, {"receipts": receipts}).all()
    if not rows:
        return [None] * len(receipts)
    places = {row.key: row.place for row in rows}
    return [ReceiptPlace(places.get(receipt), rows[0].note) for receipt in receipts]


def find_receipt(core: Core, receipt: str) -> ReceiptFound | None:
    """Return what the log says of a receipt (64 digits); None where it does not hold it."""
    with core.sessions() as session:
        wanted = LogEntry.key == receipt, LogEntry.kind.in_(["receipt", "replaced"])
        found = {one.kind: one for one in session.scalars(select(LogEntry).where(*wanted))}
    if "receipt" not in found:
        return None
    index = found["receipt"].index
    if "replaced" not in found:
        return ReceiptFound(index)
    told = read_entry(found["replaced"].body)
    return ReceiptFound(index, datetime.fromisoformat(told["at"]), told["by"])


def show_log(core: Core) -> LogView:
    """Return what the page of the log shows."""
    witnesses = read_witnesses(core.settings)
    names = [one.key.name for one in witnesses]
    with core.sessions() as session:
        newest = newest_in(session)
        known = {row.witness: row for row in session.scalars(select(LogWitness).where(LogWitness.witness.in_(names)))}
        return LogView(
            origin=origin(core),
            keys=[key.text for key in log_keys(core)],
            size=0 if newest is None else newest.size,
            root="" if newest is None else to_base64(newest.root),
            at=None if newest is None else newest.at,
            checkpoint="" if newest is None else str(signed_note_in(session, newest, names)),
            witnesses=[_witness(name, known.get(name)) for name in names],
            needed=needed(core.settings),
        )


def take_cosignature(core: Core, content: bytes) -> None:
    """Keep the signature that a witness brings: the text of one of our checkpoints with the witness's line.

    Raises
    ------
    NoteError
        It is no note, no checkpoint of ours, or no witness of the settings signed it.
    """
    note = read_note(content)
    checkpoint = Checkpoint.of(note.text)
    with core.sessions.begin() as session:
        ours = session.get(LogCheckpoint, checkpoint.size)
        if ours is None or checkpoint != Checkpoint(origin(core), ours.size, ours.root):
            raise NoteError(f"the log never signed this checkpoint of {checkpoint.size} entries")
        signed = [one for one in read_witnesses(core.settings) if note.signed_by(one.key) is not None]
        if not signed:
            raise NoteError("no witness of this log signed it")
        for witness in signed:
            keep_cosignature_in(session, core, ours, note, witness)


def _witness(name: str, row: LogWitness | None) -> WitnessView:
    if row is None:
        return WitnessView(name, None, None, None, None)
    later = row.refused_at is not None and (row.seen_at is None or row.refused_at > row.seen_at)
    return WitnessView(
        name, row.seen_size, row.seen_at, row.refusal if later else None, row.refused_at if later else None
    )


VERSION: Final = "version"
"""The type of such an entry."""


def quota_sha256(row: QuotaPolicy) -> str:
    """Return the SHA-256 of a quota policy, 64 digits: of its shares, overrides and limits as exact JSON."""
    return sha256(canonical({"limits": row.limits, "overrides": row.overrides, "shares": row.shares})).hexdigest()


def rules_sha256(row: RuleSetVersion) -> str:
    """Return the SHA-256 of a rule set's text, 64 digits."""
    return sha256(row.source.encode()).hexdigest()


def model_sha256(row: ModelVersion) -> str:
    """Return the SHA-256 of a model's artefact, 64 digits."""
    return row.sha256


_KINDS: Final[Mapping[type[ApprovedVersion], tuple[str, Callable[[Any], str]]]] = {
    QuotaPolicy: ("quota", quota_sha256),
    RuleSetVersion: ("rules", rules_sha256),
    ModelVersion: ("model", model_sha256),
}


def log_active_in(session: Session, core: Core, row: ApprovedVersion) -> None:
    """Append that a version decides from now on; of kinds that decide nobody's request nothing is said."""
    if type(row) not in _KINDS:
        return
    kind, content = _KINDS[type(row)]
    session.flush()
    if isinstance(row, QuotaPolicy):
        session.refresh(row, ["shares", "overrides", "limits"])  # numbers as the database keeps them
    at = instant(core.clock.now())
    body = {"kind": kind, "version": row.version, "sha256": content(row), "at": at}
    append_in(session, VERSION, body, f"{kind}-{row.version}-{at}")


def log_unsaid(core: Core) -> None:
    """Append the versions that decide now and of which the log says nothing, as after an upgrade; else do nothing."""
    with core.sessions.begin() as session:
        log_unsaid_in(session, core)


def log_unsaid_in(session: Session, core: Core) -> None:
    """Append them in the caller's transaction: a closing statement names no version that the log has not."""
    for model, (kind, _) in _KINDS.items():
        row = session.scalar(select(model).where(model.active))
        if row is None:
            continue
        known = f"{kind}-{row.version}-"
        said = or_(
            *(exists().where(table.kind == VERSION, table.key.startswith(known)) for table in (LogPending, LogEntry))
        )
        if not session.scalar(select(said)):
            log_active_in(session, core, row)
