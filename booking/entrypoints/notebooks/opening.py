"""Open the data that a notebook is about, for as long as its kernel lives."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Final

import pandas as pd

from booking.country.core.core import Core
from booking.country.figures.read_only import reading, rows
from booking.opening import command_core, open_core
from booking.platform.base.settings import Settings, load_settings
from booking.platform.embedded import start_servers

ROOT: Final = Path(__file__).parents[3]
_COUNTS: Final = """
    SELECT 'draws published', count(*), min(closed_at), max(closed_at) FROM draw WHERE state = 'published'
    UNION ALL SELECT 'requests', count(*), min(created_at), max(created_at) FROM request
    UNION ALL SELECT 'verdicts of the gate', count(*), min(decided_at), max(decided_at) FROM verdict
        WHERE officer_id IS NULL
    UNION ALL SELECT 'requests with a label', count(DISTINCT request_id), min(known_at), max(known_at) FROM label
    UNION ALL SELECT 'appointments', count(*), min(starts_at), max(starts_at) FROM appointment
    UNION ALL SELECT 'appointments that are over', count(*), min(at), max(at) FROM outcome
        WHERE kind IN ('served', 'no_show')
"""
_open: Final = ExitStack()


class NoDataError(Exception):
    """There is nothing to look at: no draw in the database that is named, or no demonstration has been played here."""


@cache
def open_data() -> Core:
    """Return the core of ``MAWID_DATABASE_URL``, or else of the demonstration that was played in the state folder.

    It stays open until the process ends, and calling it again gives the same one. Of a database that is named nothing
    changes: it is read as it is.

    Raises
    ------
    NoDataError
        Neither is there; ``mawid notebook`` plays a demonstration.
    """
    settings = load_settings(ROOT / ".env")
    if settings.database_url is None:
        settings = demonstration(settings.model_copy(update={"state_dir": ROOT / settings.state_dir}))
        if not is_there(settings):
            raise NoDataError("no demonstration was played here yet: mawid notebook plays one")
    return _open.enter_context(opened(settings))


def demonstration(settings: Settings) -> Settings:
    """Return the settings of the demonstration beside an installation."""
    return settings.model_copy(update={"state_dir": (settings.state_dir / "demo").resolve()})


def is_there(settings: Settings) -> bool:
    """Return whether a private database was made in the state folder."""
    return (settings.state_dir / "postgresql" / "data").is_dir()


@contextmanager
def opened(settings: Settings) -> Iterator[Core]:
    """Open a core; the schema is brought up to date where the database is private, and left alone where it is named."""
    if settings.database_url is None:
        with command_core(settings) as core:
            yield core
    else:
        with (
            start_servers(settings) as servers,
            open_core(settings, database_url=servers.database_url, redis_url=servers.redis_url) as core,
        ):
            yield core


def what_is_there(core: Core) -> pd.DataFrame:
    """Count what the database knows: ``number``, and the days of the first and the last; nothing about anyone."""
    with reading(core.sessions) as session:
        found = rows(session, _COUNTS, {})
    table = pd.DataFrame(found, columns=["what", "number", "first", "last"]).set_index("what")
    for column in ("first", "last"):
        table[column] = ["" if pd.isna(one) else one.date().isoformat() for one in table[column]]
    return table
