"""The ready accounts, kept beside a demonstration's data so that a page can show them, and who may read them.

A page that hands out sessions must never be served where somebody is real. So three things must be true at once: the
settings are a demonstration's, which production refuses; the database bears the mark of a demonstration that made it;
and its state folder holds the file, which only a play writes. Entering takes the password in it all the same: whoever
plants a file gains nothing that they could not type.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import text

from booking.country.core.core import Core
from booking.platform.base.errors import NotFoundError
from booking.platform.base.settings import Environment, SecondFactor, Settings

MADE_BY_DEMO: Final = "made by the demonstration of Mawid, which may empty it"
"""The comment on the schema of a demonstration's database."""
MARK: Final = text("SELECT obj_description('public'::regnamespace)")
_FILE: Final = "ready-accounts.json"


@dataclass(frozen=True, slots=True)
class Ready:
    """An account that can be used at once; ``finds`` says what waits for it."""

    username: str
    password: str
    page: str
    finds: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What a play keeps for its page: its accounts, and when an office is open today for the demonstration alone."""

    accounts: Sequence[Ready]
    open_today: tuple[datetime, datetime] | None = None


def write_ready(folder: Path, kept: Kept) -> None:
    """Keep the accounts in the state folder, for its owner alone."""
    forget_ready(folder)
    content = {
        "accounts": [asdict(one) for one in kept.accounts],
        "open_today": kept.open_today and [one.isoformat() for one in kept.open_today],
    }
    descriptor = os.open(folder / _FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)


def forget_ready(folder: Path) -> None:
    """Remove what an earlier play kept."""
    (folder / _FILE).unlink(missing_ok=True)


def is_kept(settings: Settings) -> bool:
    """Return whether pages may lead to the accounts; `read_ready` asks the database too."""
    return _says_so(settings) and (settings.state_dir / _FILE).is_file()


def read_ready(core: Core) -> Kept:
    """Return what the play kept.

    Raises
    ------
    NotFoundError
        This is not a demonstration, or its play wrote none.
    """
    if not _says_so(core.settings) or not _bears_the_mark(core):
        raise NotFoundError
    try:
        content = json.loads((core.settings.state_dir / _FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFoundError from None
    hours = content["open_today"]
    return Kept(
        [Ready(**one) for one in content["accounts"]],
        (datetime.fromisoformat(hours[0]), datetime.fromisoformat(hours[1])) if hours else None,
    )


def _says_so(settings: Settings) -> bool:
    """Return whether the settings are those that only a demonstration has."""
    return (
        settings.environment is Environment.DEMO
        and settings.show_outbox
        and settings.staff_second_factor is SecondFactor.OFF
    )


def _bears_the_mark(core: Core) -> bool:
    with core.sessions() as session:
        return bool(session.scalar(MARK) == MADE_BY_DEMO)
