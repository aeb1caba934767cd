"""The files of a night for everyone: what it counted on, what came out, what the log says of it, with proofs."""

from functools import partial
from hashlib import sha256
from typing import Final

from sqlalchemy import func, select

from booking.country.core.core import Core
from booking.country.core.published import PublishedFile, read_pieces, zipped
from booking.platform.base.errors import NotFoundError
from booking.platform.models import LogEntry, SwapNight, SwapState
from booking.scheduling.draws.proofs import proof, statement_proof
from booking.transparency.log.entries import read_entry

NIGHT: Final = "night.json"
OUTCOME: Final = "outcome.json"
ENTRIES: Final = {
    "announcement": "exchange_announcement",
    "statement": "exchange_statement",
    "result": "exchange_result",
}
"""What the log says of a night: the beginnings of the files' names, and the types of the entries."""
_JSON: Final = "application/json"


def night_files(core: Core, reference: str) -> dict[str, bytes]:
    """Return the files of a night that is done, by name; raises NotFoundError as `find_night_zip`."""
    return {file.name: b"".join(file.pieces()) for file in _published(core, reference)}


def find_night_zip(core: Core, reference: str) -> PublishedFile:
    """Return the files of a night as one archive, known by their hashes: its large files are not read for that.

    Raises
    ------
    NotFoundError
        There is no such night, or it is not done.
    """
    return zipped(f"mawid-exchange-{reference}.zip", _published(core, reference))


def _published(core: Core, reference: str) -> list[PublishedFile]:
    which = SwapNight.reference == reference
    done = select(func.length(SwapNight.inputs), func.length(SwapNight.result)).where(
        which, SwapNight.state == SwapState.DONE
    )
    kinds = {kind: name for name, kind in ENTRIES.items()}
    with core.sessions() as session:
        sizes = session.execute(done).one_or_none()
        if sizes is None or None in sizes:
            raise NotFoundError
        entries = {
            kinds[kind]: body
            for kind, body in session.execute(
                select(LogEntry.kind, LogEntry.body).where(LogEntry.kind.in_(kinds), LogEntry.key == reference)
            )
        }
    stated, result = (read_entry(entries[name]) for name in ("statement", "result"))
    small = {f"{name}.json": body for name, body in entries.items()} | _proofs(core, reference)
    large = [
        PublishedFile(name, _JSON, size, digest, partial(read_pieces, core, column, which))
        for name, size, digest, column in (
            (NIGHT, sizes[0], stated["inputs"], SwapNight.inputs),
            (OUTCOME, sizes[1], result["result"], SwapNight.result),
        )
    ]
    return sorted([*large, *(_small(name, content) for name, content in small.items())], key=lambda one: one.name)


def _small(name: str, content: bytes) -> PublishedFile:
    return PublishedFile(name, _JSON, len(content), sha256(content).hexdigest(), lambda: iter([content]))


def _proofs(core: Core, reference: str) -> dict[str, bytes]:
    """Return the proofs that enough witnesses signed so far."""
    announced, stated, _ = ENTRIES.values()
    found = {}
    for name, kind in ENTRIES.items():
        one = (
            statement_proof(core, reference, announced=announced, stated=stated)
            if kind == stated
            else proof(core, kind, reference, announced=announced)
        )
        if one is not None:
            found[f"{name}.proof"] = str(one).encode()
    return found
