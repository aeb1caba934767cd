"""The formats by themselves: examples of the standards, and what is put together without the issuer."""

import json
import zlib

import pytest
from joserfc.jwk import ECKey, KeySet

from booking.eservices.credentials.keys import issuer_key, key_set, published_keys
from booking.eservices.credentials.sd_jwt import ForgedCredentialError, digest, read, show_only, sign, write
from booking.eservices.credentials.status import POSITIONS, is_set, pack_bits, unpack_bits
from booking.platform.base.references import decoded, encoded
from booking.platform.base.vault import Vault

KIND = "dc+sd-jwt"
KEY = ECKey.generate_key("P-256")
KEYS = KeySet([KEY])
HIDDEN = {"holder": "نور الخيالية", "number": "7K2M9D4QX", "birth-date": "1990-02-03"}
TEXT = write({"iss": "https://mawid.example"}, HIDDEN, KEY, kind=KIND)


def made_of(body, *disclosures, key=KEY, kind=KIND):
    return "~".join([sign(body, key, kind=kind), *disclosures, ""])


def a_disclosure(*parts):
    return encoded(json.dumps(parts).encode())


def test_the_digest_of_a_disclosure_is_that_of_the_standard():
    # RFC 9901, 4.2.3
    said = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert digest(said) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


def test_the_bits_of_a_list_are_read_as_the_standard_writes_them():
    # IETF Token Status List, 4.1
    content = unpack_bits({"bits": 1, "lst": "eNrbuRgAAhcBXQ"})
    bits = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
    assert [is_set(content, position) for position in range(16)] == list(map(bool, bits))
    for nowhere in (-1, 16):
        with pytest.raises(ValueError, match="no such position"):
            is_set(content, nowhere)


def test_a_list_that_is_written_says_the_same_when_it_is_read():
    ended = {0, 1, 8, 77_777, POSITIONS - 1}
    content = unpack_bits(pack_bits(ended))
    assert {position for position in range(POSITIONS) if is_set(content, position)} == ended


@pytest.mark.parametrize(
    "packed",
    [
        None,
        {"bits": 2, "lst": "eNrbuRgAAhcBXQ"},
        {"bits": 1},
        {"bits": 1, "lst": "eNrbuRgAAhcBX"},
        {"bits": 1, "lst": "eNrbuRgAAhcBXQ=="},
        {"bits": 1, "lst": encoded(b"not compressed")},
        {"bits": 1, "lst": encoded(zlib.compress(bytes(1 << 21)))},
    ],
)
def test_a_list_that_is_damaged_or_fills_the_memory_is_not_read(packed):
    with pytest.raises(ValueError, match=r"."):
        unpack_bits(packed)


def test_who_reads_a_credential_learns_what_its_holder_shows_and_nothing_else():
    assert read(TEXT, KEYS, kind=KIND).chosen == HIDDEN
    shown = show_only(TEXT, {"birth-date"})
    assert read(shown, KEYS, kind=KIND).chosen == {"birth-date": "1990-02-03"}
    signed = decoded(shown.split(".")[1]).decode()
    assert not any(value in signed or name in signed for name, value in HIDDEN.items())
    assert len(json.loads(signed)["_sd"]) == 8, "how many there are is not told"
    assert read(show_only(TEXT, ()), KEYS, kind=KIND).chosen == {}


def test_two_credentials_with_the_same_content_have_nothing_in_common():
    again = write({"iss": "https://mawid.example"}, HIDDEN, KEY, kind=KIND)
    first, second = (set(json.loads(decoded(one.split(".")[1]))["_sd"]) for one in (TEXT, again))
    assert not first & second
    assert not set(TEXT.split("~")[1:-1]) & set(again.split("~")[1:])


@pytest.mark.parametrize("place", [10, TEXT.index(".") + 30, TEXT.index("~") - 5, TEXT.index("~") + 9, len(TEXT) - 9])
def test_a_credential_with_one_character_changed_is_forged(place):
    other = "B" if TEXT[place] == "A" else "A"
    with pytest.raises(ForgedCredentialError):
        read(TEXT[:place] + other + TEXT[place + 1 :], KEYS, kind=KIND)


def is_forged(text):
    try:
        read(text, KEYS, kind=KIND)
    except ForgedCredentialError:
        return True
    return False


def test_nobody_puts_a_credential_together():
    signed, holder, *_ = TEXT.split("~")
    of_another = write({}, {"holder": "ليلى الخيالية"}, KEY, kind=KIND).split("~")[1]
    mine, taken = a_disclosure("salt", "iss", "https://other.example"), a_disclosure("salt", "seen", 1)
    list_part = a_disclosure("salt", "Amal")
    an_object, a_word = encoded(b'{"a": 1, "holder": 2, "b": 3}'), encoded(b'"abc"')
    wrong = {
        "somebody else's name": f"{signed}~{of_another}~",
        "the same twice": f"{signed}~{holder}~{holder}~",
        "nothing at the end": TEXT[:-1],
        "a proof of a key that it does not name": f"{TEXT}{signed}",
        "larger than any": TEXT + "~" * 70_000,
        "a name for what a check needs": made_of({"_sd": [digest(mine)]}, mine),
        "a name that is taken": made_of({"seen": 2, "_sd": [digest(taken)]}, taken),
        "a part of a list": made_of({"_sd": [digest(list_part)]}, list_part),
        "a digest twice": made_of({"_sd": [digest(taken)] * 2}, taken),
        "other digests": made_of({"_sd": [digest(taken)], "_sd_alg": "sha-1"}, taken),
        "of another kind": made_of({}, kind="statuslist+jwt"),
        "signed by another": made_of({}, key=ECKey.generate_key("P-256")),
        "nothing": "",
        "an object for a list": made_of({"_sd": [digest(an_object)]}, an_object),
        "three letters for a list": made_of({"_sd": [digest(a_word)]}, a_word),
        "deep": f"{signed}~{encoded(b'[' * 20_000)}~",
    }
    assert [why for why, text in wrong.items() if not is_forged(text)] == []


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": ["ES256"]},
        {"alg": "ES256", "jwk": KEY.as_dict(private=False)},
        {"alg": "ES256", "kid": {}},
        {"alg": "ES256", "crit": 1},
        {"alg": "ES256", "crit": ["exp"]},
    ],
)
def test_a_header_chooses_neither_algorithm_nor_key(header):
    parts = [encoded(json.dumps({"typ": KIND, "kid": KEY.thumbprint(), **header}).encode()), encoded(b"{}")]
    with pytest.raises(ForgedCredentialError):
        read(f"{'.'.join([*parts, encoded(bytes(64))])}~", KEYS, kind=KIND)


def test_the_key_follows_the_lasting_key_and_is_published_without_its_secret():
    vault, renewed = Vault(b"s" * 32, lasting=[b"a" * 32]), Vault(b"s" * 32, lasting=[b"a" * 32, b"b" * 32])
    assert issuer_key(vault).thumbprint() == issuer_key(vault).thumbprint() != issuer_key(renewed).thumbprint()
    assert "d" not in published_keys(vault)["keys"][0]
    text = made_of({}, key=issuer_key(vault))
    assert read(text, key_set(published_keys(vault)), kind=KIND).claims == {}
    with pytest.raises(ForgedCredentialError):
        read(text, key_set(published_keys(renewed)), kind=KIND)
