"""Keys, encryption at rest, keyed hashes: how national numbers, phones and draw seeds are kept."""

import hmac
import secrets
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import sha256
from threading import Lock
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from booking.platform.base.keyed_hash import keyed_hash

LOOK_EVERY_SECONDS: Final = 5.0
"""How long, at most, a process seals with a secret that has just been replaced."""

_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
_ID_BYTES: Final = 4
_MARK: Final = b"mw1\0"
"""Before the key's id. A ciphertext from before there were ids may begin so by chance: then its tag decides."""
HEAD_BYTES: Final = len(_MARK) + _ID_BYTES
_ENCRYPTION: Final = "encryption"
_LASTING: Final = b"lasting key"
_LOOKUP: Final = "lookup"


class Secret:
    """One secret and the keys derived from it (HKDF-SHA-256, RFC 5869; one key for each purpose)."""

    def __init__(self, master: bytes) -> None:
        self._master = master
        self._ciphers: dict[str, AESGCM] = {}

    def key(self, purpose: str) -> bytes:
        """Derive the 32-byte key of ``purpose``."""
        derivation = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=f"mawid/{purpose}".encode())
        return derivation.derive(self._master)

    @cached_property
    def key_id(self) -> bytes:
        """Four bytes that name the secret in all that it seals, and lead back to nothing."""
        return self.key("key id")[:_ID_BYTES]

    @cached_property
    def check_value(self) -> bytes:
        """What tells this secret from others (HMAC-SHA-256 under a key of its own) and leads back to none."""
        return hmac.new(self.key("key check"), b"mawid", sha256).digest()

    @cached_property
    def head(self) -> bytes:
        """What everything begins with that this secret sealed."""
        return _MARK + self.key_id

    def seal(self, content: bytes, about: bytes, *, purpose: str = _ENCRYPTION) -> bytes:
        """Encrypt bytes under the key of a purpose; the secret's id stands in front and is bound, as ``about`` is."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self.head + nonce + self._cipher(purpose).encrypt(nonce, content, self.head + about)

    def unseal(self, sealed: bytes, about: bytes, *, purpose: str = _ENCRYPTION) -> bytes:
        """Decrypt what has this secret's id; raises cryptography's InvalidTag."""
        return self._decrypt(sealed[HEAD_BYTES:], self.head + about, purpose)

    def unseal_without_id(self, sealed: bytes, about: bytes, *, purpose: str = _ENCRYPTION) -> bytes:
        """Decrypt what this secret sealed before there were ids; raises cryptography's InvalidTag."""
        return self._decrypt(sealed, about, purpose)

    def seal_lasting(self, keys: Sequence[bytes]) -> bytes:
        """Encrypt the keys that outlive the secret, for the database to keep."""
        return self.seal(b" ".join(key.hex().encode() for key in keys), _LASTING, purpose="lasting key")

    def open_lasting(self, sealed: bytes | None) -> tuple[bytes, ...]:
        """Decrypt those keys; where the database keeps none, from before there were any, it is the secret itself."""
        if sealed is None:
            return (self._master,)
        opened = self.unseal(sealed, _LASTING, purpose="lasting key")
        return tuple(bytes.fromhex(key.decode()) for key in opened.split(b" "))

    def _decrypt(self, sealed: bytes, bound: bytes, purpose: str) -> bytes:
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        if len(nonce) < _NONCE_BYTES:
            raise InvalidTag
        return self._cipher(purpose).decrypt(nonce, rest, bound)

    def _cipher(self, purpose: str) -> AESGCM:
        if purpose not in self._ciphers:
            self._ciphers[purpose] = AESGCM(self.key(purpose))
        return self._ciphers[purpose]


class Verifier:
    """Accepts what any of several keys signed."""

    def __init__(self, keys: Sequence[Ed25519PublicKey]) -> None:
        self._keys = keys

    def verify(self, signature: bytes, data: bytes) -> None:
        """Check a signature; raises cryptography's InvalidSignature."""
        for key in self._keys:
            try:
                return key.verify(signature, data)
            except InvalidSignature:
                continue
        raise InvalidSignature


class Vault:
    """Everything that needs a key: values are sealed by the secret; all else comes from a key that outlives it.

    A secret is replaced while people use Mawid. What is sealed names its secret and can be sealed anew one by one. A
    hash by which somebody is found, a signature on paper, a code that was sent cannot: they come from the lasting key,
    which the database keeps sealed by the secret in use, and stay what they are. Where the lasting key itself must be
    replaced, a hash under the one before is hashed again under the new one, so that no value is needed to change it.

    Parameters
    ----------
    master_secret
        Seals, and opens.
    older
        Secrets that only open what they sealed.
    lasting
        The lasting keys, each after the one that it replaced; none takes the secret itself, as before there was one.
    """

    def __init__(self, master_secret: bytes, older: Sequence[bytes] = (), *, lasting: Sequence[bytes] = ()) -> None:
        self.known = tuple(map(Secret, dict.fromkeys((master_secret, *older))))
        self.lasting = tuple(lasting) or (master_secret,)
        self._lasting = tuple(map(Secret, self.lasting))
        self._present = self.known[0]
        self._lookups = tuple(one.key(_LOOKUP) for one in self._lasting)
        self._look: Callable[[], bytes | None] | None = None
        self._looking, self._next_look = Lock(), 0.0

    def key(self, purpose: str) -> bytes:
        """Derive the 32-byte key of ``purpose`` from the lasting key."""
        return self._lasting[-1].key(purpose)

    def keys(self, purpose: str) -> list[bytes]:
        """Return `key` under each lasting key, the one in use first: for what must fit older keys too."""
        return [one.key(purpose) for one in reversed(self._lasting)]

    @property
    def present(self) -> Secret:
        """The secret that seals."""
        return self._present

    def use(self, check_value: bytes | None) -> None:
        """Seal with the known secret of a check value from now on; with the same as before where none has it."""
        self._present = next((one for one in self.known if one.check_value == check_value), self._present)

    def follow(self, look: Callable[[], bytes | None]) -> None:
        """Ask for the check value of the secret in use before something is sealed, once in some seconds."""
        self._look = look

    def look_again(self) -> None:
        """Ask before the next value is sealed."""
        self._next_look = 0.0

    def encrypt(self, text: str, about: str) -> bytes:
        """Encrypt with AES-256-GCM; ``about`` (what the text is) is bound, so that columns cannot be swapped."""
        return self.seal(text.encode(), about.encode())

    def decrypt(self, ciphertext: bytes, about: str) -> str:
        """Decrypt; raises cryptography's InvalidTag when anything was changed."""
        return self.unseal(ciphertext, about.encode()).decode()

    def seal(self, content: bytes, about: bytes, *, purpose: str = _ENCRYPTION) -> bytes:
        """Encrypt bytes with the secret in use: see `Secret.seal`."""
        self._follow()
        return self._present.seal(content, about, purpose=purpose)

    def unseal(self, sealed: bytes, about: bytes, *, purpose: str = _ENCRYPTION) -> bytes:
        """Decrypt bytes, also those from before there were ids; raises cryptography's InvalidTag.

        What has an id is opened with that secret alone. What has none is tried with each: a tag of 128 bits fits one.
        """
        if named := self._named(sealed):
            try:
                return named.unseal(sealed, about, purpose=purpose)
            except InvalidTag:
                pass  # a nonce of before that begins like a mark and an id
        for secret in self.known:
            try:
                return secret.unseal_without_id(sealed, about, purpose=purpose)
            except InvalidTag:
                continue
        raise InvalidTag

    def is_sealed_anew(self, sealed: bytes) -> bool:
        """Return whether the secret in use, and not an older one, sealed something."""
        return self._named(sealed) is self._present

    def lookup_hash(self, text: str, about: str) -> bytes:
        """Return the keyed hash (HMAC-SHA-256) by which an encrypted value is found."""
        return self.lookup_hashes(text, about)[-1]

    def lookup_hashes(self, text: str, about: str) -> list[bytes]:
        """Return `lookup_hash` as it was under each lasting key, the last one as it is: for what is never rewritten."""
        found, value = [], f"{about}\0{text}".encode()
        for key in self._lookups:
            value = keyed_hash(key, value)
            found.append(value)
        return found

    def signing_key(self, purpose: str = "pass signature") -> Ed25519PrivateKey:
        """Return the key that signs appointment passes, or what else has a purpose of its own."""
        return Ed25519PrivateKey.from_private_bytes(self.key(purpose))

    def signing_keys(self, purpose: str) -> list[Ed25519PrivateKey]:
        """Return `signing_key` under each lasting key, as `keys`."""
        return [Ed25519PrivateKey.from_private_bytes(key) for key in self.keys(purpose)]

    def verifier(self, purpose: str = "pass signature") -> Verifier:
        """Return what accepts signatures of a purpose, also under lasting keys that were replaced.

        Only for where the database is asked too whether what is signed is so.
        """
        return Verifier([key.public_key() for key in self.signing_keys(purpose)])

    def _named(self, sealed: bytes) -> Secret | None:
        return next((one for one in self.known if sealed.startswith(one.head)), None)

    def _follow(self) -> None:
        """Look whether another secret is in use where the last look is some seconds old; one thread looks."""
        if self._look is None or time.monotonic() < self._next_look or not self._looking.acquire(blocking=False):
            return
        try:
            self.use(self._look())
            self._next_look = time.monotonic() + LOOK_EVERY_SECONDS
        finally:
            self._looking.release()


def hash_again(hashed: bytes, lasting: bytes) -> bytes:
    """Return what becomes of a lookup hash when a further lasting key takes the place of those before."""
    return hmac.new(Secret(lasting).key(_LOOKUP), hashed, sha256).digest()


def key_named(sealed: bytes) -> str:
    """Return the id, in hexadecimal, of the secret that sealed something; "" for what has none."""
    return sealed[len(_MARK) : HEAD_BYTES].hex() if sealed.startswith(_MARK) else ""
