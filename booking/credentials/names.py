"""What credentials and lists are called, and where they lie."""

from typing import Final

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

_KINDS: Final = "/credentials/types/"
_STATUS: Final = "/credentials/status/"


def type_address(issuer: str, service_code: str = "") -> str:
    """Return the name of a kind of credentials (``vct``), where its description lies; without one, how all begin."""
    return f"{issuer}{_KINDS}{service_code}"


def list_address(issuer: str, number: int | None = None) -> str:
    """Return where a status list lies; how all begin, without a number."""
    return f"{issuer}{_STATUS}{'' if number is None else number}"
