"""The refusals of observers' calls, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.platform.base.errors import MawidError
from booking.transparency.observers import keys

OBSERVER_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    keys.NotAnObserverError: Kind(
        401,
        N_("This is for observers"),
        N_("The call is not signed for this address with the key of an organisation that is an observer now."),
    ),
    keys.ObserversClockError: Kind(
        401,
        N_("Your clock is wrong, or ours is"),
        N_("The call is signed for a time more than five minutes from ours, which the answer's Date names."),
    ),
}
