"""How long events stay: until they can be sent again no more. What came of them goes with them."""

from typing import Final

from sqlalchemy import delete, select

from booking.country.core.core import Core
from booking.platform.models import WebhookEvent, WebhookReplay, WebhookSecret

BATCH: Final = 5_000
"""Events of one transaction."""


def remove_old_events(core: Core) -> int:
    """Remove events older than the settings say, with their deliveries; return how many. Those that wait go too.

    Replays as old and secrets that hold no more go with them.
    """
    before, removed = core.clock.now() - core.settings.webhooks_kept, 0
    old = (
        select(WebhookEvent.number)
        .where(WebhookEvent.at < before)
        .order_by(WebhookEvent.number)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    while True:
        with core.sessions.begin() as session:
            done: int = session.execute(delete(WebhookEvent).where(WebhookEvent.number.in_(old))).rowcount  # type: ignore[attr-defined]
        removed += done
        if done < BATCH:
            break
    with core.sessions.begin() as session:
        session.execute(delete(WebhookReplay).where(WebhookReplay.asked_at < before))
        session.execute(delete(WebhookSecret).where(WebhookSecret.until < core.clock.now()))
    return removed
