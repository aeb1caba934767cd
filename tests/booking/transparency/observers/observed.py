"""Observers for tests: proposed by one administrator and named by another, with the key in our hands."""

from collections.abc import Callable
from uuid import UUID

from booking.country.core.core import Core
from booking.platform.models.states import Role
from booking.transparency.observers.keys import ObserverKey
from booking.transparency.observers.name import agree, propose
from tests.support.country import a_colleague


def proposed(core: Core, key: ObserverKey, *, by: UUID | None = None, **form: str) -> UUID:
    """Propose an organisation with this key."""
    by = by or a_colleague(core, Role.ADMINISTRATOR)
    form = {"organisation": "The High Court", "last_day": "", "reason": "by its letter of the first"} | form
    return propose(core, by=by, key=key.public_line, **form)


def named(core: Core, key: ObserverKey, **form: str) -> UUID:
    """Make an organisation with this key an observer."""
    observer_id = proposed(core, key, **form)
    agree(core, by=a_colleague(core, Role.ADMINISTRATOR), observer_id=observer_id)
    return observer_id


def signing(core: Core, key: ObserverKey) -> Callable[..., dict[str, str]]:
    """Return what makes the headers of a call below the site's address, at the core's time."""

    def headers(path: str, *, late: float = 0, method: str = "GET") -> dict[str, str]:
        at = int(core.clock.now().timestamp() - late)
        return {"authorization": key.sign(method=method, address=core.settings.base_url + path, at=at)}

    return headers
