"""A sign-in provider (OpenID Connect Core 1.0): where to send a browser, and who it says came back.

Authorization code flow with PKCE. Nothing is kept between sign-ins, so that a changed key is seen at once.
Imported where it is needed only: authlib takes a quarter of a second to load.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any, Final
from urllib.parse import quote_plus

import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from booking.country.core.core import Core
from booking.people.accounts.errors import ProviderRefusedError, ProviderUnavailableError
from booking.platform.base.settings import Settings
from booking.platform.models.accounts.person import is_subject

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

CODES: Final = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    }
)
"""What a provider may answer to a code (RFC 6749, 5.2); whatever else it says could quote somebody in our log."""
_talking: Final = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Client:
    """What this site is at a provider, and what a token of that provider must say."""

    issuer: str
    client_id: str
    secret: str
    scope: str = "openid"
    required_claims: tuple[tuple[str, str], ...] = ()
    trusted_acr: tuple[str, ...] = ()
    trusted_amr: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Visitor:
    """A visitor whom the provider sent back: their subject, how they proved themselves there, and all that it said."""

    issuer: str
    subject: str
    acr: str
    amr: tuple[str, ...]
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)


def of_staff(settings: Settings) -> Client:
    """Return this site as a client of the organisation's provider."""
    secret = settings.oidc_client_secret
    return Client(
        issuer=settings.oidc_issuer or "",
        client_id=settings.oidc_client_id or "",
        secret=secret.get_secret_value() if secret else "",
        required_claims=settings.oidc_required_claims,
        trusted_acr=settings.oidc_trusted_acr,
        trusted_amr=settings.oidc_trusted_amr,
    )


def of_citizens(settings: Settings) -> Client:
    """Return this site as a client of the state's provider for citizens."""
    secret = settings.citizen_oidc_client_secret
    return Client(
        issuer=settings.citizen_oidc_issuer or "",
        client_id=settings.citizen_oidc_client_id or "",
        secret=secret.get_secret_value() if secret else "",
        scope=settings.citizen_oidc_scope,
    )


def authorization_address(
    client: Client, *, state: str, nonce: str, code_verifier: str, return_to: str, anew: bool = False
) -> str:
    """Return the provider's address to which a browser is sent; ``anew``: the visitor shall sign in there once more.

    Raises
    ------
    ProviderUnavailableError
        The provider does not answer, or not as one; or too many ask it at once.
    """
    with _conversation(client, return_to) as (session, metadata):
        asked = {"acr_values": " ".join(client.trusted_acr)} if client.trusted_acr else {}
        if anew:
            asked["max_age"] = "0"
        address, _ = session.create_authorization_url(
            metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=code_verifier, **asked
        )
        return str(address)


def identify(
    core: Core, client: Client, *, code: str, issuer: str, nonce: str, code_verifier: str, return_to: str
) -> Visitor:
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
    if issuer and issuer != client.issuer:
        raise _refused("another issuer sent the browser")
    with _conversation(client, return_to) as (session, metadata):
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
            raise _refused(f"the code: {error.error if error.error in CODES else 'a word of its own'}") from None
        if not isinstance(token.get("id_token"), str):
            raise _refused("there is no id_token")
        claims = _checked(core, client, token, _get(session, metadata["jwks_uri"]), nonce)
        told = _told_beside(client, session, metadata, claims["sub"])
    for name, value in client.required_claims:
        held = claims.get(name)
        if value not in (held if isinstance(held, list) else [held]):
            raise _refused(f"the claim {name} is not as required")
    amr = tuple(str(one) for one in claims.get("amr") or ())
    return Visitor(claims["iss"], claims["sub"], str(claims.get("acr") or ""), amr, {**told, **claims})


def is_trusted(client: Client, visitor: Visitor) -> bool:
    """Return whether the provider asked for a second factor, in words that the settings trust."""
    return visitor.acr in client.trusted_acr or any(one in client.trusted_amr for one in visitor.amr)


@contextmanager
def _conversation(client: Client, return_to: str) -> Iterator[tuple[OAuth2Session, Mapping[str, Any]]]:
    """Open a session with the provider, with what it says of itself."""
    if not _talking.acquire(blocking=False):
        raise ProviderUnavailableError
    try:
        with OAuth2Session(
            client.client_id,
            client.secret,
            scope=client.scope,
            redirect_uri=return_to,
            code_challenge_method="S256",
            default_timeout=PATIENCE,
        ) as session:
            session.register_client_auth_method(("client_secret_basic", _by_secret))
            metadata = _get(session, f"{client.issuer.rstrip('/')}/.well-known/openid-configuration")
            if metadata.get("issuer") != client.issuer:
                raise _unavailable("it calls itself by another name than its issuer in the settings")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not isinstance(metadata.get(name), str) or not _is_safe(client, metadata[name]):
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


def _by_secret(
    client: OAuth2Session, _: str, uri: str, headers: dict[str, str], body: str
) -> tuple[str, dict[str, str], str]:
    """Prove who asks for a token; each half is form-encoded first (RFC 6749, 2.3.1), which authlib leaves out."""
    halves = ":".join(map(quote_plus, (client.client_id, client.client_secret)))
    headers["Authorization"] = f"Basic {b64encode(halves.encode()).decode()}"
    return uri, headers, body


def _told_beside(
    client: Client, session: OAuth2Session, metadata: Mapping[str, Any], subject: str
) -> Mapping[str, Any]:
    """Return what the provider tells of a visitor beside the token: most put there what a scope asks for."""
    address = metadata.get("userinfo_endpoint")
    if " " not in client.scope or not isinstance(address, str) or not _is_safe(client, address):
        return {}
    told = _get(session, address, with_token=True)
    if told.get("sub") != subject:
        raise _refused("it tells of another subject than its token's")
    return told


def _get(session: OAuth2Session, address: str, *, with_token: bool = False) -> Mapping[str, Any]:
    answer = session.get(address, withhold_token=not with_token, allow_redirects=False)
    found = answer.json() if answer.status_code == 200 else None  # noqa: PLR2004
    if not isinstance(found, dict):
        raise _unavailable(f"it answered {answer.status_code}")
    return found


def _is_safe(client: Client, address: str) -> bool:
    """Return whether an address is as safe as the issuer's own: plain http only where the issuer has it too."""
    return address.startswith("https://") or client.issuer.startswith("http://")


def _checked(core: Core, client: Client, token: Mapping[str, Any], keys: Mapping[str, Any], nonce: str) -> CodeIDToken:
    try:
        signed = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            options={
                "iss": {"essential": True, "value": client.issuer},
                "sub": {"essential": True},
                "aud": {"essential": True, "value": client.client_id},
                "exp": {"essential": True},
            },
            params={"nonce": nonce, "client_id": client.client_id, "access_token": token.get("access_token")},
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
