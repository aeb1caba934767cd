"""The refusals of what a gateway passes on, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.desk.telephone.memory import CallBusyError
from booking.platform.base.errors import MawidError
from booking.platform.base.webhooks import UnsignedWebhookError, WrongSignatureError

REACHING_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    UnsignedWebhookError: Kind(
        401,
        N_("This message is not signed"),
        N_("It needs webhook-id, webhook-timestamp and webhook-signature as Standard Webhooks says."),
    ),
    WrongSignatureError: Kind(
        401,
        N_("The signature is wrong"),
        N_("It must be made with the secret of the settings, over the exact body, within five minutes."),
    ),
    CallBusyError: Kind(
        409,
        N_("This call is being answered"),
        N_("Another message of the same call came at the same moment. Send this one again."),
    ),
}
