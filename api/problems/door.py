"""What is refused before a use case begins, or because too much is under way, as statuses and words."""

from collections.abc import Mapping
from typing import Final

from api import errors as web
from api.i18n import N_
from api.problems.kind import Kind
from booking.people.evidence.errors import UploadRunningError
from booking.platform.base.errors import BusyError, MawidError

DOOR_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    web.NotSignedInError: Kind(
        401, N_("Please sign in"), N_("Your session is over or has not begun. What you typed is kept for you.")
    ),
    web.StaleFormError: Kind(
        401, N_("The page was open for too long"), N_("Open it again. What you typed is kept for you.")
    ),
    web.ForeignOriginError: Kind(
        403,
        N_("We could not accept this form"),
        N_("It is too old or did not come from this site. Open the page again; nothing was changed."),
    ),
    web.InsecureError: Kind(
        403,
        N_("This came without encryption"),
        N_("Use the address that begins with https. Others could read what was sent: change a token or password."),
    ),
    web.BodyTooLargeError: Kind(
        413, N_("This is too long"), N_("Please shorten what you typed and send it again. Nothing was changed.")
    ),
    web.UnsupportedMediaTypeError: Kind(
        415, N_("This kind of content is not read here"), N_("Send the type that the documentation names.")
    ),
    web.UnreadableBodyError: Kind(
        400, N_("We could not read what was sent"), N_("It is not well formed. Nothing was changed.")
    ),
    web.MethodNotAllowedError: Kind(
        405, N_("This page works in another way"), N_("Go back to the page before and use its buttons.")
    ),
    BusyError: Kind(
        503, N_("Too many people are doing this right now"), N_("Nothing was changed. Please try again in a moment.")
    ),
    web.OverloadedError: Kind(
        503,
        N_("More people are here than can be served at once"),
        N_(
            "Please come back in a few minutes. There is no need to hurry: asking is not a race, and whoever asks "
            "before a draw closes has the same chance, early or late. Nothing was changed."
        ),
    ),
    UploadRunningError: Kind(
        429,
        N_("Another file of yours is being read"),
        N_("Send one file after the other: wait until the first has arrived, then send this one again."),
    ),
}
