"""What is said between Mawid and a passkey (WebAuthn Level 3): options for the browser, and the check of its answer.

Imported where it is needed only: py_webauthn takes a fifth of a second to load.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import (
    options_to_json,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from booking.people.accounts.errors import WrongPasskeyError
from booking.platform.base.settings import Settings

LONGEST: Final = 16 * 1024
"""Characters of an answer; one with an attestation that nobody asked for has some thousands."""

_NAME: Final = "Mawid"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_PATIENCE_MS: Final = 120_000


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that was just made: its id, its public key (COSE) and its counter."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What an existing passkey said, not checked yet."""

    credential_id: bytes
    challenge: bytes
    credential: AuthenticationCredential


def rp_id(settings: Settings) -> str:
    """Return the name that passkeys are bound to: the host of ``MAWID_BASE_URL``."""
    return urlsplit(settings.base_url).hostname or ""


def origin(settings: Settings) -> str:
    """Return the site as browsers name it: no default port, lower case."""
    parts = urlsplit(settings.base_url)
    port = "" if parts.port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


def creation_options(
    settings: Settings, *, challenge: bytes, user_id: bytes, username: str, known: Sequence[bytes]
) -> str:
    """Write the options for ``navigator.credentials.create`` as JSON; ``known`` passkeys are not made twice.

    The passkey is asked for after the password, never by itself, so it need not be found without its id: a security key
    then spends none of its few places on it, and a phone may keep it to itself instead of copying it to a cloud.
    """
    options = webauthn.generate_registration_options(
        rp_id=rp_id(settings),
        rp_name=_NAME,
        user_id=user_id,
        user_name=username,
        challenge=challenge,
        timeout=_PATIENCE_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return options_to_json(options)


def request_options(settings: Settings, *, challenge: bytes, known: Sequence[bytes]) -> str:
    """Write the options for ``navigator.credentials.get`` as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=rp_id(settings),
        challenge=challenge,
        timeout=_PATIENCE_MS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def read_new(text: str) -> tuple[RegistrationCredential, bytes]:
    """Read a new passkey as a browser sent it, and the challenge that it answers; raises WrongPasskeyError."""
    try:
        credential = parse_registration_credential_json(text[:LONGEST])
        return credential, parse_client_data_json(credential.response.client_data_json).challenge
    except Exception:  # noqa: BLE001 - hostile bytes: the library's parsers raise whatever these provoke
        raise WrongPasskeyError from None


def check_new(settings: Settings, credential: RegistrationCredential, *, challenge: bytes) -> NewPasskey:
    """Check that a new passkey answers the challenge, for this site, with its owner verified; raises WrongPasskeyError.

    No attestation is asked for: which makes of authenticators exist is not for this site to judge.
    """
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=rp_id(settings),
            expected_origin=origin(settings),
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 - as above
        raise WrongPasskeyError from None
    return NewPasskey(made.credential_id, made.credential_public_key, made.sign_count)


def read_answer(text: str) -> Answer:
    """Read a passkey's answer as a browser sent it; raises WrongPasskeyError."""
    try:
        credential = parse_authentication_credential_json(text[:LONGEST])
        challenge = parse_client_data_json(credential.response.client_data_json).challenge
    except Exception:  # noqa: BLE001 - as above
        raise WrongPasskeyError from None
    return Answer(credential.raw_id, challenge, credential)


def check_answer(settings: Settings, answer: Answer, *, public_key: bytes) -> int:
    """Check an answer's challenge, site, signature and verification of the owner; raises WrongPasskeyError.

    Returns
    -------
    int
        Its counter. Whether that grew, the caller asks of the database, which lets one of two at once have it.
    """
    try:
        right = webauthn.verify_authentication_response(
            credential=answer.credential,
            expected_challenge=answer.challenge,
            expected_rp_id=rp_id(settings),
            expected_origin=origin(settings),
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 - as above
        raise WrongPasskeyError from None
    return right.new_sign_count
