"""The proof of a wallet's key: what of it must be as it is."""

import json
from datetime import UTC, datetime

import pytest
from joserfc.jwk import ECKey, OKPKey

from booking.eservices.credentials.holder import LARGEST
from booking.eservices.credentials.key_proof import PROOF_KIND, read_key_proof
from booking.eservices.credentials.token import Refusal, WalletRefusedError
from booking.platform.base.references import decoded, encoded
from tests.support.a_wallet import Wallet

ISSUER = "https://mawid.example"
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
CLAIMS = {"aud": ISSUER, "iat": SECONDS, "nonce": "n"}
WALLET, OTHER = Wallet(), Wallet()
SECRET = WALLET.key.as_dict(private=True)


def made(claims=CLAIMS, *, key=None, **header):
    return WALLET.sign(claims, key=key, **{"kind": PROOF_KIND, "jwk": WALLET.jwk} | header)


def rewritten(**header):
    """A sound proof whose header says something else."""
    _, body, signature = made().split(".")
    said = {"alg": "ES256", "typ": PROOF_KIND, "jwk": WALLET.jwk} | header
    return ".".join([encoded(json.dumps(said).encode()), body, signature])


def test_a_proof_gives_the_public_key_alone_and_what_was_signed():
    jwk = WALLET.jwk | {"kid": "mine", "alg": "ES256", "use": "sig"}
    for claims in (CLAIMS, CLAIMS | {"aud": [ISSUER], "iss": "a wallet", "exp": SECONDS + 1}):
        proof = read_key_proof(made(claims, jwk=jwk), issuer=ISSUER, now=NOW)
        assert (proof.nonce, set(proof.jwk)) == ("n", {"kty", "crv", "x", "y"})
        assert proof.jwk["x"] == WALLET.jwk["x"]
    more = made(key_attestation="a" * 3_000, **{"what a later version says": {}})
    assert read_key_proof(more, issuer=ISSUER, now=NOW).nonce == "n"


WRONG = {
    "signed by another key than it names": made(key=OTHER.key),
    "names another key than signed it": made(jwk=OTHER.jwk),
    "names no key": made(jwk=None),
    "names a key by its id": made(jwk=None, kid="did:example:1"),
    "names a key twice": made(kid="did:example:1"),
    "has a chain beside its key": made(x5c=["MA=="]),
    "gives its private key away": made(jwk=SECRET),
    "has a key that is a word": made(jwk="P-256"),
    "has a key of another curve": rewritten(jwk=ECKey.generate_key("P-384").as_dict(private=False)),
    "has a key of another kind": rewritten(jwk=OKPKey.generate_key("Ed25519").as_dict(private=False)),
    "has a shared key": rewritten(jwk={"kty": "oct", "k": "AAAA"}),
    "has a key with zeros before it": made(jwk=WALLET.jwk | {"x": encoded(bytes(30) + decoded(WALLET.jwk["x"]))}),
    "has a key that is no point": rewritten(jwk=WALLET.jwk | {"y": WALLET.jwk["x"]}),
    "is not signed": rewritten(alg="none"),
    "is signed with a shared secret": rewritten(alg="HS256"),
    "is of another kind": made(kind="JWT"),
    "asks for what we do not know": made(crit=["b64"], b64=True),
    "is for another issuer": made(CLAIMS | {"aud": "https://other.example"}),
    "is for two issuers": made(CLAIMS | {"aud": [ISSUER, "https://other.example"]}),
    "is for nobody": made({"iat": SECONDS, "nonce": "n"}),
    "is of yesterday": made(CLAIMS | {"iat": SECONDS - 86_400}),
    "is of tomorrow": made(CLAIMS | {"iat": SECONDS + 86_400}),
    "is of no time": made({"aud": ISSUER, "nonce": "n"}),
    "has a truth for a time": made(CLAIMS | {"iat": True}),
    "has a time that no clock has": made(CLAIMS | {"iat": 10**400}),
    "is over": made(CLAIMS | {"exp": SECONDS}),
    "has no nonce": made({"aud": ISSUER, "iat": SECONDS}),
    "has a number for a nonce": made(CLAIMS | {"nonce": 1}),
    "is no object": made([1]),
    "is larger than any": made(CLAIMS | {"more": "a" * LARGEST}),
    "has two parts": made().rpartition(".")[0],
    "is nothing": "",
    "is deep": f"{encoded(b'[' * 5_000)}.e30.e30",
    "was changed": made()[:-9] + ("A" if made()[-9] != "A" else "B") + made()[-8:],
    "says one thing twice": ".".join(
        [encoded(decoded(made().split(".")[0]).replace(b"{", b'{"typ":"x",', 1)), "e30", "e30"]
    ),
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG.keys())
def test_a_proof_that_proves_nothing_is_refused(text):
    with pytest.raises(WalletRefusedError) as refused:
        read_key_proof(text, issuer=ISSUER, now=NOW)
    assert refused.value.refusal is Refusal.INVALID_PROOF
