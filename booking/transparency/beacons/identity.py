"""Who a witness is: a name, the Ed25519 key of its signed notes, a key by which others send it secrets, an address."""

import re
from dataclasses import dataclass
from typing import Any, Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from booking.platform.base.exact_json import canonical, one_line
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.reading import hex_bytes, read_file
from booking.transparency.beacons.terms import NAME
from booking.transparency.log.notes import COSIGNATURE, NoteError, VerifierKey, read_vkey

FORMAT: Final = "mawid-witness-identity-1"
KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
_MARK: Final = b"mawid-witness-identity-v1\n"
_URL: Final = re.compile(r"https?://[^\s?#@\x00-\x1f]{1,200}")


@dataclass(frozen=True, slots=True)
class WitnessKeys:
    """The two private keys of a witness; a part of a group's secret comes to them later."""

    signing: Ed25519PrivateKey
    exchange: X25519PrivateKey

    @classmethod
    def new(cls) -> Self:
        """Make new ones."""
        return cls(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())

    @classmethod
    def of(cls, content: bytes) -> Self:
        """Return the keys that `content` wrote.

        Raises
        ------
        BeaconError
            They are none.
        """
        if len(content) != 2 * KEY_BYTES:
            raise BeaconError(f"the keys have {len(content)} bytes instead of {2 * KEY_BYTES}")
        return cls(
            Ed25519PrivateKey.from_private_bytes(content[:KEY_BYTES]),
            X25519PrivateKey.from_private_bytes(content[KEY_BYTES:]),
        )

    @property
    def content(self) -> bytes:
        """Both keys as 64 bytes, to be kept for their owner alone."""
        return self.signing.private_bytes_raw() + self.exchange.private_bytes_raw()


@dataclass(frozen=True, slots=True)
class Identity:
    """What others know of a witness; ``url`` None where it is never called and brings everything itself."""

    vkey: VerifierKey
    exchange: bytes
    url: str | None

    @property
    def name(self) -> str:
        """The name of its key for signed notes."""
        return self.vkey.name

    def shown(self) -> dict[str, Any]:
        """Return the identity as JSON values."""
        return {"vkey": self.vkey.text, "exchange": self.exchange.hex(), "url": self.url}


def write_identity(keys: WitnessKeys, *, name: str, url: str | None = None) -> bytes:
    """Return the file by which a witness tells others who it is, signed with its key.

    Raises
    ------
    BeaconError
        The name has blanks or a plus, or the address is none.
    """
    if not NAME.fullmatch(name):
        raise BeaconError("a witness's name has 1 to 64 characters, and neither blanks nor a plus")
    exchange = keys.exchange.public_key().public_bytes_raw()
    identity = Identity(VerifierKey.of(name, keys.signing, COSIGNATURE), exchange, checked_url(url))
    said = {"format": FORMAT, **identity.shown()}
    return one_line(said | {"signature": keys.signing.sign(_MARK + canonical(said)).hex()})


def read_identity(content: bytes) -> Identity:
    """Read the file by which a witness says who it is.

    Raises
    ------
    BeaconError
        It is no such file, or not signed by the key that it names.
    """
    said = read_file(content, "the identity", FORMAT, "vkey", "exchange", "url", "signature")
    signature = hex_bytes(said.pop("signature"), "the signature", SIGNATURE_BYTES)
    identity = identity_of(said)
    verify(identity.vkey, _MARK + canonical(said), signature, f"the identity of {identity.name}")
    return identity


def identity_of(said: dict[str, Any]) -> Identity:
    """Return an identity from its JSON values; other keys than its own are the caller's to read.

    Raises
    ------
    BeaconError
        A value cannot be.
    """
    try:
        vkey = read_vkey(str(said["vkey"]), kind=COSIGNATURE)
    except NoteError as error:
        raise BeaconError(str(error)) from None
    if not NAME.fullmatch(vkey.name):
        raise BeaconError("a witness's name has 1 to 64 characters, and neither blanks nor a plus")
    exchange = hex_bytes(said["exchange"], f"the exchange key of {vkey.name}", KEY_BYTES)
    return Identity(vkey, exchange, checked_url(said["url"]))


def checked_url(url: Any) -> str | None:
    """Return a witness's address, or None where it has none.

    Raises
    ------
    BeaconError
        It is no address over http or https, or ends with a slash.
    """
    if url is None:
        return None
    if not isinstance(url, str) or not _URL.fullmatch(url) or url.endswith("/"):
        raise BeaconError("a witness's address begins with https:// or http:// and does not end with a slash")
    return url


def verify(vkey: VerifierKey, message: bytes, signature: bytes, what: str) -> None:
    """Check a witness's Ed25519 signature.

    Raises
    ------
    BeaconError
        It is not; ``what`` begins the words.
    """
    try:
        vkey.verify(signature, message)
    except NoteError:
        raise BeaconError(f"{what} is not signed by {vkey.name}, or was changed") from None


def shared_key(private: X25519PrivateKey, public: bytes) -> bytes:
    """Return what two of whom each knows the other's public key have in common.

    Raises
    ------
    BeaconError
        The public key is one of the few that make it the same for everyone.
    """
    try:
        return private.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        raise BeaconError("the exchange key is none with which a secret can be shared") from None
