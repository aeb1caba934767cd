"""What a fuzzer calls: one parser, what it documents to raise, and inputs to begin with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

MIB: Final = 1 << 20
WHERE: Final = {
    "rules_and_words": "rules conditions limits packs languages catalogues answers fields sms quotas",
    "codes_and_notes": "passes results signed-results sheets exact-json notes offers beacons age keys manifests",
    "tokens": "webhooks cookies wallet-proofs proofs-of-work passkeys",
    "web": "multipart form-bodies json headers",
    "files": "draws draws-program draws-1 own-receipts zips tables dates pictures documents",
}
"""The targets by the file that they are in: a process imports, and watches, one file's parsers."""


@dataclass(frozen=True)
class Target:
    """One parser.

    Attributes
    ----------
    name
        Of one word, for the table and for the folder of its corpus.
    read
        Gives the parser what a hostile sender can give it, made of any bytes.
    refuses
        What the parser documents that it raises; anything else is a fault.
    seeds
        Inputs to begin with; at least one of them is accepted.
    words
        What the mutator may put in: keywords and signs of the format.
    longest
        Bytes of an input.
    memory
        Bytes that one input may add to the largest memory of the process.
    """

    name: str
    read: Callable[[bytes], Any]
    refuses: tuple[type[BaseException], ...]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()
    longest: int = 1 << 16
    memory: int = 200 * MIB


def typed(data: bytes) -> str:
    """Return text as a form of ours brings it (`api.pages.shared.forms`): what is not UTF-8 replaced, no NUL."""
    return data.decode(errors="replace").replace("\0", "")


def header(data: bytes) -> str:
    """Return text as a header brings it: Latin-1, without what ends a header."""
    return data.decode("latin-1").translate({0: None, 10: None, 13: None})
