"""What only the web layer refuses; the core's own refusals are in `booking.platform.base.errors`."""

from collections.abc import Mapping, Sequence

from booking.platform.base.errors import BusyError, InvalidInputError, MawidError


class NotSignedInError(MawidError):
    """The page or call needs an account, and nobody is signed in (any more)."""

    code = "not_signed_in"


class StaleFormError(NotSignedInError):
    """The session that a form belongs to is over; ``fields`` is what was typed."""

    code = "stale_form"

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        super().__init__("the session of this form is over")
        self.fields = fields


class ProofTooOldError(MawidError):
    """The account must prove again who it is before this; ``fields`` is what was typed."""

    code = "proof_too_old"

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        super().__init__("the second step was taken too long ago")
        self.fields = fields


class ForeignOriginError(MawidError):
    """A form came from another site, or without the token of the session that it belongs to."""

    code = "foreign_origin"


class InsecureError(MawidError):
    """The call came by http, where everyone on the way reads it; only pages lead on to https."""

    code = "insecure"


class OverloadedError(BusyError):
    """More people come than can be served now, and this call would wait too long."""

    code = "overloaded"


class BodyTooLargeError(MawidError):
    """The body is longer than any form or call needs."""

    code = "body_too_large"


class UnsupportedMediaTypeError(MawidError):
    """The body is not of a type that is read here."""

    code = "unsupported_media_type"


class UnreadableBodyError(MawidError):
    """The body is not what its type says: broken JSON, a broken form."""

    code = "unreadable_body"


class MethodNotAllowedError(MawidError):
    """The address exists, but not for this method."""

    code = "method_not_allowed"


class UploadVersionError(MawidError):
    """The upload speaks another version of the tus protocol than ours, or none."""

    code = "upload_version"


class UnexpectedError(MawidError):
    """A mistake of ours. It is in the log under the request's id; the person learns only that."""

    code = "unexpected"


class UnavailableError(MawidError):
    """The database or the session store does not answer now."""

    code = "unavailable"


class OutsideMawidError(MawidError):
    """An interface that others specified asks for something that Mawid is not; ``why`` names the sentence."""

    code = "outside_mawid"

    def __init__(self, why: str) -> None:
        super().__init__(f"outside Mawid: {why}")
        self.why = why


class UnusableCallError(InvalidInputError):
    """A call of an interface that others specified is unusable; that interface says so with 400."""

    code = "unusable_call"
