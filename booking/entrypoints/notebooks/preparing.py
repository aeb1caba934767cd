"""Servers and data for notebooks: the database that is named, or a demonstration, played where there is none."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import text

from booking.entrypoints.notebooks.opening import NoDataError, demonstration, is_there, opened, what_is_there
from booking.platform.base.settings import Settings
from booking.platform.embedded import start_servers

PEOPLE: Final = 2_000
SEED: Final = 1


@contextmanager
def prepared(given: Settings, *, people: int = PEOPLE, seed: int = SEED) -> Iterator[dict[str, str]]:
    """Yield the variables by which kernels find the data; private servers run as long as this context.

    Raises
    ------
    NoDataError
        The database that is named has no published draw.
    booking.entrypoints.demo.stage.DemoRunningError
        A demonstration is being played at this moment.
    """
    settings = given
    if given.database_url is None:
        settings = demonstration(given)
        if not (is_there(settings) and _has_a_draw(settings)):
            from booking.entrypoints.demo.play import play  # noqa: PLC0415 - only where a demonstration has to be played

            play(people=people, seed=seed, serve=False, host="127.0.0.1", port=8000)
    elif not _has_a_draw(settings):
        raise NoDataError("the database that MAWID_DATABASE_URL names has no published draw yet")
    with start_servers(settings) as servers:
        yield {
            "MAWID_STATE_DIR": str(settings.state_dir.resolve()),
            "MAWID_DATABASE_URL": servers.database_url,
            "MAWID_REDIS_URL": servers.redis_url,
        }


def _has_a_draw(settings: Settings) -> bool:
    with opened(settings) as core:
        with core.sessions() as session:
            if session.scalar(text("SELECT to_regclass('draw')")) is None:
                return False
        return bool(what_is_there(core).loc["draws published", "number"])
