"""What credentials and lists are called, and where they lie."""

from typing import Final

from booking.eservices.credentials.sd_jwt import NEVER_HIDDEN

KIND: Final = "dc+sd-jwt"
LIST_KIND: Final = "statuslist+jwt"
WELL_KNOWN: Final = "/.well-known/jwt-vc-issuer"
WALLETS_WELL_KNOWN: Final = "/.well-known/openid-credential-issuer"
TOKENS_WELL_KNOWN: Final = "/.well-known/oauth-authorization-server"
TOKEN: Final = "/api/wallets/token"  # noqa: S105 - an address
NONCE: Final = "/api/wallets/nonce"
CREDENTIAL: Final = "/api/wallets/credential"
PASS: Final = "appointment-pass"  # noqa: S105 - a kind
"""The kind of the one credential that is of no service asked for online."""
LISTS: Final = "/credentials/status-lists.json"
OF_EVERY_RESULT: Final = ("holder", "number", "issued-on")
"""What we say of each result ourselves, which no answer to a form may replace."""

_KINDS: Final = "/credentials/types/"
_STATUS: Final = "/credentials/status/"


def claim_of(code: str) -> str:
    """Return what a line of a result is called in its credential: its code, unless the issuer speaks under that name.

    ``form:number`` is what somebody typed; no code has a colon, so no two lines share a name.
    """
    return f"form:{code}" if code in NEVER_HIDDEN or code in OF_EVERY_RESULT else code


def type_address(issuer: str, service_code: str = "") -> str:
    """Return the name of a kind of credentials (``vct``), where its description lies; without one, how all begin."""
    return f"{issuer}{_KINDS}{service_code}"


def list_address(issuer: str, number: int | None = None) -> str:
    """Return where a status list lies; how all begin, without a number."""
    return f"{issuer}{_STATUS}{'' if number is None else number}"
