"""What a wallet learns of the issuer before it asks (OpenID4VCI 1.0, section 12; RFC 8414)."""

from typing import Any

from booking.country.core.core import Core
from booking.eservices.credentials.give import MOST_AT_ONCE
from booking.eservices.credentials.kinds import Kind, list_kinds
from booking.eservices.credentials.names import CREDENTIAL, KIND, NONCE, TOKEN, type_address
from booking.eservices.credentials.offer import PRE_AUTHORIZED
from booking.eservices.credentials.sd_jwt import ALGORITHM


def wallet_document(core: Core) -> dict[str, Any]:
    """Describe what is issued, in which form, and where."""
    base = core.settings.base_url
    return {
        "credential_issuer": base,
        "credential_endpoint": f"{base}{CREDENTIAL}",
        "nonce_endpoint": f"{base}{NONCE}",
        "batch_credential_issuance": {"batch_size": MOST_AT_ONCE},
        "display": [{"name": "موعد", "locale": "ar"}, {"name": "Mawid", "locale": "en"}],
        "credential_configurations_supported": {one.code: _configuration(base, one) for one in list_kinds(core)},
    }


def token_document(core: Core) -> dict[str, Any]:
    """Describe where a wallet gets its token: with an offer's code alone, and as nobody in particular."""
    base = core.settings.base_url
    return {
        "issuer": base,
        "token_endpoint": f"{base}{TOKEN}",
        "token_endpoint_auth_methods_supported": ["none"],
        "grant_types_supported": [PRE_AUTHORIZED],
        "response_types_supported": [],
        "pre-authorized_grant_anonymous_access_supported": True,
    }


def _configuration(base: str, kind: Kind) -> dict[str, Any]:
    return {
        "format": KIND,
        "vct": type_address(base, kind.code),
        "credential_signing_alg_values_supported": [ALGORITHM],
        "cryptographic_binding_methods_supported": ["jwk"],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": [ALGORITHM]}},
        "credential_metadata": {
            "display": [{"name": name, "locale": language} for language, name in sorted(kind.name.items())],
            "claims": [
                {
                    "path": [claim],
                    "display": [{"name": label, "locale": language} for language, label in labels.items()],
                }
                for claim, labels in kind.labels.items()
            ],
        },
    }
