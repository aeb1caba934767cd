"""Check that an entry stands in an append-only log, and who saw that: C2SP tlog-proof, signed notes, cosignatures.

`second_draw.py`, which stands beside this file, uses it. Needs Python 3.11 and `cryptography`. The tree is that of
RFC 6962, the notes are c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature (v1, Ed25519) and tlog-proof.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from strict_reading import COUNT, NUMBER, decoded, need

LOG_KEY, WITNESS_KEY = b"\x01", b"\x04"
FIRST_LINE = "c2sp.org/tlog-proof@v1"
MOST_HASHES, MOST_SIGNATURES = 63, 64
NAME = re.compile(r"[^\s+]+")
VKEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})")


@dataclass(frozen=True)
class Key:
    """A key that signs notes; its identifier belongs to its name, its kind and the key itself."""

    name: str
    identifier: bytes
    public: bytes

    def signed(self, signature, message):
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Proof:
    """An entry's index, the hashes beside its way up the tree, the checkpoint's text, and who signed it."""

    index: int
    siblings: list
    size: int
    root: bytes
    origin: str
    text: bytes
    signatures: dict  # of name and key identifier


def tree_root(records):
    """Hash records up to their root as RFC 6962 does; an odd one at the end of a row goes up as it is."""
    row = [sha256(b"\x00" + record).digest() for record in records]
    while len(row) > 1:
        pairs = [row[i : i + 2] for i in range(0, len(row), 2)]
        row = [sha256(b"\x01" + b"".join(pair)).digest() if pair[1:] else pair[0] for pair in pairs]
    return row[0] if row else sha256(b"").digest()


def leads_to(root, record, index, size, siblings):
    """Whether a record stands at this index among so many under a root (RFC 9162, section 2.1.3.2)."""
    node, last = sha256(b"\x00" + record).digest(), size - 1
    for sibling in siblings:
        if last == 0:
            return False
        if index % 2 or index == last:
            node = sha256(b"\x01" + sibling + node).digest()
            while index and index % 2 == 0:
                index, last = index // 2, last // 2
        else:
            node = sha256(b"\x01" + node + sibling).digest()
        index, last = index // 2, last // 2
    return last == 0 and node == root


def read_key(text, kind, where):
    found = VKEY.fullmatch(text)
    need(found, f"{where}: {ascii(text)[:60]} is not a key of a note")
    content = from_base64(found[3], where)
    need(len(content) == 33 and content[:1] == kind, f"{where}: the key {ascii(found[1])[:60]} is of another kind")
    identifier = sha256(found[1].encode() + b"\n" + content).digest()[:4]
    need(identifier.hex() == found[2], f"{where}: the key {ascii(found[1])[:60]} has another identifier than its own")
    return Key(found[1], identifier, content[1:])


def read_proof(content, where):
    text = decoded(content, where)
    need(not re.search(r"[\x00-\x09\x0b-\x1f]", text), f"{where} holds a control character")
    need(text.endswith("\n"), f"{where} does not end in a line feed")
    parts = text[:-1].split("\n\n")
    need(len(parts) == 3, f"{where} is not a proof, a checkpoint and signatures")
    (first, index, *hashes), checkpoint, signatures = (part.split("\n") for part in [parts[0] + "\n", *parts[1:]])
    need(first == FIRST_LINE, f"{where} does not begin with {FIRST_LINE}")
    need(index.startswith("index "), f"{where} does not give an index")
    need(hashes.pop() == "" and len(hashes) <= MOST_HASHES, f"{where} holds more hashes than a tree is high")
    need(len(checkpoint) == 3, f"{where}: its checkpoint has not three lines")
    origin, size, root = checkpoint
    need(NAME.fullmatch(origin), f"{where}: the name of the log is none")
    size = count(size, f"{where}, size")
    need(size > 0, f"{where}: the log is empty")
    return Proof(
        count(index[6:], f"{where}, index"),
        [hash_of(line, where) for line in hashes],
        size,
        hash_of(root, where),
        origin,
        parts[1].encode() + b"\n",
        read_signatures(signatures, where),
    )


def read_signatures(lines, where):
    need(len(lines) <= MOST_SIGNATURES, f"{where} holds more than {MOST_SIGNATURES} signatures")
    signatures = {}
    for line in lines:
        dash, name, content = [*line.split(" "), "", ""][:3]
        need(line == f"\u2014 {name} {content}" and dash == "\u2014", f"{where}: a line is not a signature")
        need(NAME.fullmatch(name), f"{where}: a signature is of nobody")
        signature = from_base64(content, where)
        need(len(signature) > 4, f"{where}: a signature of {ascii(name)[:60]} is too short")
        signer = name, signature[:4]
        need(signer not in signatures, f"{where}: {ascii(name)[:60]} signed twice with one key")
        signatures[signer] = signature[4:]
    return signatures


def count(text, where):
    need(NUMBER.fullmatch(text) and int(text) in COUNT, f"{where}: {ascii(text)[:60]} is not a number")
    return int(text)


def hash_of(text, where):
    content = from_base64(text, where)
    need(len(content) == 32, f"{where}: a hash has not 32 bytes")
    return content


def from_base64(text, where):
    try:
        content = base64.b64decode(text.encode(), validate=True)
    except binascii.Error:
        content = b""
    need(text and base64.b64encode(content).decode() == text, f"{where}: {ascii(text)[:60]} is not base64")
    return content


def check_proof(proof, entry, log, where):
    """See that the log signed the checkpoint and that the entry stands under it."""
    need(proof.origin == log.name, f"{where} is about the log {ascii(proof.origin)[:60]}, announced was {log.name!a}")
    signature = proof.signatures.get((log.name, log.identifier))
    need(signature is not None, f"{where}: the log {log.name!a} did not sign it")
    need(log.signed(signature, proof.text), f"{where}: the signature of the log {log.name!a} is wrong")
    inside = proof.index < proof.size and leads_to(proof.root, entry, proof.index, proof.size, proof.siblings)
    need(inside, f"{where}: the entry does not stand in the log at index {proof.index}")


def times_seen(proof, witnesses, where):
    """When each witness that signed the checkpoint saw it, by name, in seconds since 1970."""
    seen = {}
    for witness in witnesses:
        content = proof.signatures.get((witness.name, witness.identifier))
        if content is None:
            continue
        need(len(content) == 72, f"{where}: the cosignature of {witness.name!a} has another length")
        time = int.from_bytes(content[:8], "big")
        message = b"cosignature/v1\ntime %d\n" % time + proof.text
        right = time in COUNT and witness.signed(content[8:], message)
        need(right, f"{where}: the cosignature of {witness.name!a} is wrong")
        seen[witness.name] = time
    return seen
