"""Whoever has an account's phone stops what waits there, without signing in."""

from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.people.accounts import lost_at_counter, phone_waits
from booking.people.accounts.errors import NothingWaitsError


def stop_by_code(core: Core, *, code: str, origin: Origin) -> None:
    """Stop the change of phone, or the end of the second factor, whose code this is.

    Raises
    ------
    NothingWaitsError
        Nothing that waits has the code.
    TooManyAttemptsError
        Too many codes were tried from this network or device.
    """
    charge(core, "reset", origin.subjects(visitor=origin.visitor("stopping a change of phone")))
    with core.sessions.begin() as session:
        stopped = phone_waits.stop_by_code_in(session, core, code) or lost_at_counter.stop_in(session, core, code)
    if not stopped:
        raise NothingWaitsError
