"""Proof of work: a small computation that a device does instead of typing a code; made and checked, never stored.

It is a price, no test of being human: one request costs a phone a second or two and a machine less, thousands cost a
machine hours. Challenges and solutions are those of altcha 2 (PBKDF2 with SHA-256), so that any of its clients works.

Pure functions. A right solution stays right until it expires: who accepts one must remember its ``mark``.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from secrets import randbelow
from typing import Any, Final

import altcha

ALGORITHM: Final = "PBKDF2/SHA-256"
ITERATIONS: Final = 5_000
"""Of one try. Many enough that calling the browser's function costs little beside it; making a challenge costs as much
as one try, checking a solution two HMACs."""
LIFETIME: Final = timedelta(hours=1)
LONGEST_SOLUTION: Final = 2_000  # characters; one of ours has about 900
MOST_TRIES: Final = 100_000
_FOR, _UNTIL = "for", "until"


class ProofResult(StrEnum):
    """What came of a solution."""

    RIGHT = "right"
    WRONG = "wrong"
    FORGED = "forged"
    FOREIGN = "foreign"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Risk:
    """What makes the computation longer: a score (0 to 1), a verdict during an outage, wrong solutions in an hour."""

    score: float = 0.0
    degraded: bool = False
    failures: int = 0


@dataclass(frozen=True, slots=True)
class CheckedProof:
    """A result, with the ``mark`` of the challenge and its end; without them where the challenge is not ours."""

    result: ProofResult
    mark: str = ""
    expires_at: datetime | None = None


def tries_for(risk: Risk, *, base: int, most: int) -> int:
    """Return how many tries a solution needs at most, which never falls as any part of the risk rises.

    ``base`` without any risk, up to four times as many by score, twice as many after an outage and after each wrong
    solution; never more than ``most``.
    """
    score = min(1.0, max(0.0, risk.score))
    doublings = min(int(risk.degraded) + max(0, risk.failures), MOST_TRIES.bit_length())
    return max(1, min(most, int(base * (1 + score) ** 2 * 2.0**doublings)))


def make_challenge(
    *, key: bytes, subject: str, tries: int, now: datetime, lifetime: timedelta = LIFETIME
) -> dict[str, Any]:
    """Make a challenge whose solution is found after 1 to ``tries`` tries, each as likely as any other.

    Parameters
    ----------
    key
        Secret of the installation.
    subject
        Who may use the solution for what, as in ``"request:<reference>:<account>:<session>"``. It fits nothing else;
        the challenge holds only a keyed hash of it.

    Returns
    -------
    dict
        The challenge as altcha writes it: ``parameters`` and ``signature``, plain JSON.
    """
    if not 1 <= tries <= MOST_TRIES:
        raise ValueError(f"a challenge takes 1 to {MOST_TRIES:,} tries")
    # altcha's own expiry reads the machine's clock; ours is part of the signed data and judged by the caller's.
    until = int((now + lifetime).timestamp())
    challenge = altcha.create_challenge(
        ALGORITHM,
        ITERATIONS,
        counter=randbelow(tries),
        data={_FOR: _hash(key, subject), _UNTIL: until, "tries": tries},
        hmac_secret=_derived(key, "challenge"),
        hmac_key_secret=_derived(key, "solution"),
    )
    return challenge.to_dict()


def check_solution(sent: str, *, key: bytes, subject: str, now: datetime) -> CheckedProof:
    """Judge what was sent: base64 of JSON with a ``challenge`` of ours and its ``solution``. Anything may be sent."""
    payload = _read(sent)
    if payload is None:
        return CheckedProof(ProofResult.FORGED)
    verified = altcha.verify_solution(payload, _derived(key, "challenge"), hmac_key_secret=_derived(key, "solution"))
    if verified.invalid_signature is not False:
        return CheckedProof(ProofResult.FORGED)
    data: Mapping[str, Any] = payload.challenge.parameters.data or {}
    expires_at = datetime.fromtimestamp(data[_UNTIL], tz=now.tzinfo)
    if not hmac.compare_digest(data[_FOR], _hash(key, subject)):
        result = ProofResult.FOREIGN
    elif now >= expires_at:
        result = ProofResult.EXPIRED
    else:
        result = ProofResult.RIGHT if verified.verified else ProofResult.WRONG
    return CheckedProof(result, str(payload.challenge.signature), expires_at)


def _read(sent: str) -> altcha.Payload | None:
    if len(sent) > LONGEST_SOLUTION:
        return None
    try:
        return altcha.Payload.from_base64(sent)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _hash(key: bytes, subject: str) -> str:
    return hmac.digest(_derived(key, "subject"), subject.encode(), "sha256").hex()


def _derived(key: bytes, use: str) -> bytes:
    return hmac.digest(key, f"proof of work/{use}".encode(), "sha256")
