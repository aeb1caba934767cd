"""What is refused to a wallet, in the words of the standards (RFC 6749, RFC 6750, OpenID4VCI 1.0)."""

from enum import StrEnum

from booking.platform.base.errors import MawidError


class Refusal(StrEnum):
    """An error code that wallets know."""

    INVALID_REQUEST = "invalid_request"
    INVALID_GRANT = "invalid_grant"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    INVALID_AUTHORIZATION_DETAILS = "invalid_authorization_details"
    INVALID_TOKEN = "invalid_token"  # noqa: S105 - a word of the standard
    INVALID_CREDENTIAL_REQUEST = "invalid_credential_request"
    UNKNOWN_CONFIGURATION = "unknown_credential_configuration"
    UNKNOWN_IDENTIFIER = "unknown_credential_identifier"
    INVALID_PROOF = "invalid_proof"
    INVALID_NONCE = "invalid_nonce"
    DENIED = "credential_request_denied"


class WalletRefusedError(MawidError):
    """A wallet asks for what it cannot have; ``refusal`` is the standard's word, the message is for its makers."""

    code = "wallet_refused"

    def __init__(self, refusal: Refusal, why: str) -> None:
        super().__init__(why)
        self.refusal = refusal
