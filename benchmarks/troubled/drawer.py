"""Draws one after the other, as fast as they may be, for as long as it lives: ``python -m benchmarks.troubled.drawer``.

Whoever kills it, the next one goes on with the draw that is there.
"""

import time
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from booking.country.core.core import Core
from booking.opening import command_core
from booking.platform.base.errors import DrawNotReadyError, MawidError
from booking.platform.base.outages import OUTAGES
from booking.platform.models import Draw
from booking.platform.models.states import DrawState
from booking.scheduling.draws import draw as draws

OPEN_FOR: Final = timedelta(seconds=10)
LEAD: Final = timedelta(days=3)
DAYS: Final = 7
PAUSE: Final = 0.5
PREFIX: Final = "chaos-"


def step(core: Core) -> None:
    """Make the next step of the draw that is under way, or announce one."""
    ours = select(Draw).where(Draw.reference.startswith(PREFIX)).order_by(Draw.announced_at.desc()).limit(1)
    with core.sessions() as session:
        last = session.scalar(ours)
    if last is None or last.state in {DrawState.PUBLISHED, DrawState.ABANDONED}:
        now = core.clock.now()
        first = core.today() + LEAD
        draws.announce(
            core,
            reference=f"{PREFIX}{now:%m%d%H%M%S}",
            opens_at=now,
            closes_at=now + OPEN_FOR,
            horizon_first=first,
            horizon_last=first + timedelta(days=DAYS - 1),
        )
        return
    act = {
        DrawState.ANNOUNCED: draws.open_draw,
        DrawState.OPEN: draws.close,
        DrawState.CLOSED: draws.run,
        DrawState.DRAWN: draws.publish,
    }[last.state]
    act(core, last.reference)


def main() -> None:
    """Go on until killed."""
    with command_core() as core:
        while True:
            try:
                step(core)
            except (DrawNotReadyError, MawidError, *OUTAGES) as error:
                print(f"{type(error).__name__}: {error}", flush=True)
            time.sleep(PAUSE)


if __name__ == "__main__":
    main()
