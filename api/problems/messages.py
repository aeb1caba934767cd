"""The refusals of messages that a gateway passes on, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.base.errors import MawidError
from booking.reaching.signature import UnsignedMessageError

REACHING_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    UnsignedMessageError: Kind(
        401,
        N_("This message is not signed"),
        N_("It must be signed with the secret of the settings, within five minutes. docs/reaching-people.md says how."),
    ),
}
