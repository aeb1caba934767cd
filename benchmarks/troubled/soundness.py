"""What needs no client's memory: chains, logs, keys between rows, and draws that are as they were published."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import chain
from typing import Final

from sqlalchemy import select, text

from benchmarks.troubled.history import Entry
from booking.country.core.core import Core
from booking.operations.doctor.findings import Patient
from booking.operations.doctor.kept import look_at_audit, look_at_log
from booking.operations.doctor.rows import look_at_lives, look_at_orphans
from booking.platform.embedded import Servers
from booking.platform.models import Draw
from booking.platform.models.states import DrawState
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.format2.tables import LINE
from booking.scheduling.draws.verification import verify_files

OVER: Final = frozenset({DrawState.PUBLISHED, DrawState.ABANDONED})
_STANDING: Final = text("SELECT leaf_index, position, served FROM draw_entry WHERE draw_id = :draw ORDER BY leaf_index")
_GIVEN: Final = text(
    """
    SELECT r.reference, e.served, count(a.id) FROM draw_entry e JOIN request r ON r.id = e.request_id
    LEFT JOIN appointment a ON a.request_id = e.request_id AND a.draw_id = e.draw_id
    WHERE e.draw_id = :draw AND NOT (a.id IS NULL AND (r.state = 'withdrawn' OR EXISTS (
        SELECT FROM appointment u WHERE u.request_id = r.id AND u.urgent_request_id IS NOT NULL)))
    GROUP BY r.reference, e.served HAVING count(a.id) <> CAST(e.served AS int)
    """
)
"""Who left the line while it was drawn, by taking the request back or past the draw, was served and got nothing."""


def unsound(core: Core, servers: Servers, entries: Iterable[Entry]) -> list[str]:
    """Return what is wrong with the logs, the rows and the draws of a database at rest; nothing where all is well."""
    patient = Patient(core.settings, servers, core=core)
    looks = (look_at_audit, look_at_log, look_at_lives, look_at_orphans)
    found = [one.words for one in chain.from_iterable(look(patient) for look in looks)]
    return [*found, *_draws(core, entries)]


def unfinished(core: Core) -> list[str]:
    """Return the draws whose time to ask is over, and that are neither published nor given up."""
    with core.sessions() as session:
        late = select(Draw.reference).where(Draw.closes_at < core.clock.now(), Draw.state.not_in(OVER))
        return sorted(session.scalars(late))


def _draws(core: Core, entries: Iterable[Entry]) -> Iterator[str]:
    with core.sessions() as session:
        over = session.scalars(select(Draw).where(Draw.state == DrawState.PUBLISHED)).all()
        for draw in over:
            files = {name: file.content for name, file in draws.files(core, draw.reference).items()}
            yield from (f"draw {draw.reference}: {words}" for right, words in verify_files(files).checks if not right)
            told = [tuple(map(int, row.split(b",")[-2:])) for row in files[LINE].split()[1:]]
            kept = [(row.position, int(row.served)) for row in session.execute(_STANDING, {"draw": draw.id})]
            if told != kept:
                yield f"draw {draw.reference}: who was served is not what was published"
            for reference, served, count in session.execute(_GIVEN, {"draw": draw.id}):
                yield f"draw {draw.reference}: request {reference}, served: {served}, has {count} appointments"
            yield from _changed(draw.reference, files, entries)


def _changed(reference: str, files: dict[str, bytes], entries: Iterable[Entry]) -> Iterator[str]:
    """Find files that are not those which somebody fetched while it all happened."""
    for one in entries:
        if one.kind == "published" and one.subject == reference:
            for name, digest in one.facts["files"].items():
                if sha256(files.get(name, b"")).hexdigest() != digest:
                    yield f"draw {reference}: {name} is not what it was when it was published"
