"""The files of a night for everyone: what it counted on, what came out, what the log says of it, with proofs."""

from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy import select

from booking.base.errors import NotFoundError
from booking.core.core import Core
from booking.draws.proofs import proof, statement_proof
from booking.models import LogEntry, SwapState
from booking.swaps.nights import found

NIGHT: Final = "night.json"
OUTCOME: Final = "outcome.json"
ENTRIES: Final = {
    "announcement": "exchange_announcement",
    "statement": "exchange_statement",
    "result": "exchange_result",
}
"""What the log says of a night: the beginnings of the files' names, and the types of the entries."""
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)


def night_files(core: Core, reference: str) -> dict[str, bytes]:
    """Return the files of a night that is done, by name.

    Raises
    ------
    NotFoundError
        There is no such night, or it is not done.
    """
    with core.sessions() as session:
        night = found(session, reference)
        if night.state is not SwapState.DONE or night.inputs is None or night.result is None:
            raise NotFoundError
        files = {NIGHT: night.inputs, OUTCOME: night.result}
        kinds = {kind: name for name, kind in ENTRIES.items()}
        for kind, body in session.execute(
            select(LogEntry.kind, LogEntry.body).where(LogEntry.kind.in_(kinds), LogEntry.key == reference)
        ):
            files[f"{kinds[kind]}.json"] = body
    announced, stated, _ = ENTRIES.values()
    for name, kind in ENTRIES.items():
        found_proof = (
            statement_proof(core, reference, announced=announced, stated=stated)
            if kind == stated
            else proof(core, kind, reference, announced=announced)
        )
        if found_proof is not None:  # else too few witnesses signed it so far
            files[f"{name}.proof"] = str(found_proof).encode()
    return files


def night_zip(core: Core, reference: str) -> bytes:
    """Return the files of a night as one archive; raises NotFoundError as `night_files`."""
    sink = BytesIO()
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        for name, content in sorted(night_files(core, reference).items()):
            archive.writestr(ZipInfo(name, _LONG_AGO), content)
    return sink.getvalue()
