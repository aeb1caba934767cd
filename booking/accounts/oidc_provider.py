"""The organisation's sign-in provider (OpenID Connect Core 1.0): where to send a browser, and who it says came back.

Authorization code flow with PKCE. Nothing is kept between sign-ins: staff are few, and a changed key is seen at once.
Imported where it is needed only: authlib takes a quarter of a second to load.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Any, Final

import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from booking.accounts.errors import ProviderRefusedError, ProviderUnavailableError
from booking.base.settings import Settings
from booking.core.core import Core
from booking.models.accounts.provider_subject import is_subject

_log = structlog.get_logger("mawid.oidc")

PATIENCE: Final = (2.0, 5.0)
"""Seconds to connect, and to wait for each piece of an answer."""

AT_ONCE: Final = 4
"""Conversations of one process at the same time: a provider that hangs must not take all threads from citizens."""

CLOCKS_DIFFER: Final = 60
"""Seconds by which the provider's clock may be ahead or behind."""

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
)
"""Signatures by a key that only the provider has; ``none`` and HMAC by a shared secret are not among them."""

_SCOPE: Final = "openid"
_talking: Final = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A visitor whom the provider sent back: their subject, and how they proved themselves there."""

    issuer: str
    subject: str
    acr: str
    amr: tuple[str, ...]


def authorization_address(settings: Settings, *, state: str, nonce: str, code_verifier: str, return_to: str) -> str:
    """Return the provider's address to which a browser is sent.

    Raises
    ------
    ProviderUnavailableError
        The provider does not answer, or not as one; or too many ask it at once.
    """
    with _conversation(settings, return_to) as (session, metadata):
        asked = {"acr_values": " ".join(settings.oidc_trusted_acr)} if settings.oidc_trusted_acr else {}
        address, _ = session.create_authorization_url(
            metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=code_verifier, **asked
        )
        return str(address)


def identify(core: Core, *, code: str, issuer: str, nonce: str, code_verifier: str, return_to: str) -> Visitor:
    """Exchange the code that a browser brought for a token, check it, and return who came.

    Parameters
    ----------
    issuer
        What the browser brought as the provider's name (RFC 9207); "" where it brought none.

    Raises
    ------
    ProviderRefusedError
        The provider refuses the code, or its token is not signed by it, not for us, this sign-in and this moment, or
        lacks a claim that the settings require. Why is in the server's log, without anything personal.
    ProviderUnavailableError
        The provider does not answer, or not as one; or too many ask it at once.
    """
    settings = core.settings
    if issuer and issuer != settings.oidc_issuer:
        raise _refused("another issuer sent the browser")
    with _conversation(settings, return_to) as (session, metadata):
        try:
            token = session.fetch_token(
                metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=code_verifier,
                redirect_uri=return_to,
                allow_redirects=False,
            )
        except OAuthError as error:
            raise _refused(f"the code: {error.error}") from None
        if not isinstance(token.get("id_token"), str):
            raise _refused("there is no id_token")
        keys = _get(session, metadata["jwks_uri"])
    claims = _checked(core, token, keys, nonce)
    for name, value in settings.oidc_required_claims:
        held = claims.get(name)
        if value not in (held if isinstance(held, list) else [held]):
            raise _refused(f"the claim {name} is not as required")
    amr = tuple(str(one) for one in claims.get("amr") or ())
    return Visitor(claims["iss"], claims["sub"], str(claims.get("acr") or ""), amr)


def is_trusted(settings: Settings, visitor: Visitor) -> bool:
    """Return whether the provider asked for a second factor, in words that the settings trust."""
    return visitor.acr in settings.oidc_trusted_acr or any(one in settings.oidc_trusted_amr for one in visitor.amr)


@contextmanager
def _conversation(settings: Settings, return_to: str) -> Iterator[tuple[OAuth2Session, Mapping[str, Any]]]:
    """Open a session with the provider, with what it says of itself."""
    if not _talking.acquire(blocking=False):
        raise ProviderUnavailableError
    try:
        secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else None
        with OAuth2Session(
            settings.oidc_client_id,
            secret,
            scope=_SCOPE,
            redirect_uri=return_to,
            code_challenge_method="S256",
            default_timeout=PATIENCE,
        ) as session:
            metadata = _get(session, f"{(settings.oidc_issuer or '').rstrip('/')}/.well-known/openid-configuration")
            if metadata.get("issuer") != settings.oidc_issuer:
                raise _unavailable("it calls itself by another name than MAWID_OIDC_ISSUER")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not isinstance(metadata.get(name), str) or not _is_safe(settings, metadata[name]):
                    raise _unavailable(f"its {name} is missing or not https")
            methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
            if "client_secret_basic" not in methods and "client_secret_post" in methods:
                session.token_endpoint_auth_method = "client_secret_post"  # noqa: S105 - the name of a method
            yield session, metadata
    except OSError as error:  # what requests raises: no connection, no answer in time, a certificate
        raise _unavailable(type(error).__name__) from None
    except ValueError as error:  # no JSON where there should be some
        raise _unavailable(type(error).__name__) from None
    finally:
        _talking.release()


def _get(session: OAuth2Session, address: str) -> Mapping[str, Any]:
    answer = session.get(address, withhold_token=True, allow_redirects=False)
    found = answer.json() if answer.status_code == 200 else None  # noqa: PLR2004
    if not isinstance(found, dict):
        raise _unavailable(f"it answered {answer.status_code}")
    return found


def _is_safe(settings: Settings, address: str) -> bool:
    """Return whether an address is as safe as the issuer's own: plain http only where the issuer has it too."""
    return address.startswith("https://") or (settings.oidc_issuer or "").startswith("http://")


def _checked(core: Core, token: Mapping[str, Any], keys: Mapping[str, Any], nonce: str) -> CodeIDToken:
    settings = core.settings
    try:
        signed = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            options={
                "iss": {"essential": True, "value": settings.oidc_issuer},
                "sub": {"essential": True},
                "aud": {"essential": True, "value": settings.oidc_client_id},
                "exp": {"essential": True},
            },
            params={"nonce": nonce, "client_id": settings.oidc_client_id, "access_token": token.get("access_token")},
        )
        claims.validate(now=int(core.clock.now().timestamp()), leeway=CLOCKS_DIFFER)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _refused(f"its token: {type(error).__name__}") from None
    if not is_subject(claims["sub"]):
        raise _refused("its token has no usable subject")
    return claims


def _refused(why: str) -> ProviderRefusedError:
    _log.warning("provider_refused", why=why)
    return ProviderRefusedError()


def _unavailable(why: str) -> ProviderUnavailableError:
    _log.error("provider_unavailable", why=why)
    return ProviderUnavailableError()
