"""The files of a draw in format 2, and who may see which from when on."""

from collections.abc import Mapping
from typing import Final

from booking.scheduling.draws.files import BINS, CERTIFICATE, PLAN, REPORT, REQUESTS, SEED

FORMAT: Final = "mawid-draw-5"
"""What is written; draws in the three formats before it are read too."""
NAMING_SERVICES: Final = (FORMAT,)
"""Formats in which a wish may name more services of the same visit."""
PRICED_BY_SIZE: Final = (FORMAT,)
"""Formats whose certificate may hold prices by size."""
SAYING_WHAT_LASTS: Final = ("mawid-draw-3", "mawid-draw-4", FORMAT)
"""Formats whose rows say which lost draws last; before, every one did."""
ANNOUNCEMENT: Final = "announcement.json"
STATEMENT: Final = "statement.json"
RESULT: Final = "result.json"
BEACON: Final = "beacon.json"
LINE: Final = "line.csv"
TURNS: Final = "turns.csv"
KEPT_TURNS: Final = "turns.jsonl.gz"
COARSE: Final = "coarse.jsonl.gz"
AUDIT: Final = "audit.json"
"""The value that picks the lines which observers open; for everyone, once it is there. No hash covers it: a result has
one right value, which a verifier knows by its signature."""
LEAVES: Final = "leaves.csv"
"""line.csv before anybody knows who stands where; kept from the closing to the result, and never published."""
PROOFS: Final[Mapping[str, str]] = {
    ANNOUNCEMENT: "announcement.tlog-proof",
    STATEMENT: "statement.tlog-proof",
    RESULT: "result.tlog-proof",
}
"""The proof that an entry stands in the log, by the file of the entry."""

FOR_EVERYONE: Final = (
    *(ANNOUNCEMENT, STATEMENT, PROOFS[ANNOUNCEMENT], PROOFS[STATEMENT], RESULT, PROOFS[RESULT]),
    *(BEACON, SEED, LINE, TURNS, BINS, REPORT, CERTIFICATE),
)
"""Ring 1: published at once, for everyone."""
FOR_OBSERVERS: Final = (REQUESTS, KEPT_TURNS, PLAN)
"""Ring 2: at once too, for observers with a key."""
LATER: Final = (COARSE,)
"""Ring 3: once the days of a draw are over, for everyone."""
IN_RESULT: Final = (LINE, TURNS, BINS, REPORT, CERTIFICATE, BEACON, REQUESTS, KEPT_TURNS, PLAN)
"""What result.json states the SHA-256 of."""
IN_CERTIFICATE: Final = (STATEMENT, LINE, TURNS, BINS, PLAN, REQUESTS, KEPT_TURNS, REPORT)
"""What certificate.json states the SHA-256 of."""
MEDIA_TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys((ANNOUNCEMENT, STATEMENT, RESULT, BEACON, AUDIT, REPORT, CERTIFICATE), "application/json"),
    **dict.fromkeys(PROOFS.values(), "text/plain"),
    **dict.fromkeys((LINE, TURNS, BINS, PLAN, LEAVES), "text/csv"),
    **dict.fromkeys((REQUESTS, KEPT_TURNS, COARSE), "application/gzip"),
    SEED: "text/plain",
}
