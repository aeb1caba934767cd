"""Rounds of drand quicknet over HTTP, from whichever relay has them: an answer is believed by its signature alone."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

import structlog

from booking.platform.base.bounded_http import CallError, get
from booking.transparency.beacons import bls
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.terms import DrandTerms, check_round
from booking.transparency.beacons.values import QUICKNET_CHAIN, QUICKNET_GENESIS, QUICKNET_KEY, QUICKNET_PERIOD

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

PATHS: Final = ("/{chain}/public/{number}", "/v2/chains/{chain}/rounds/{number}")
"""The two interfaces that relays have; both say ``signature``."""

MOST_BYTES: Final = 4096
_OK: Final = 200


def quicknet(number: int) -> DrandTerms:
    """Return the terms of a round of drand quicknet."""
    return DrandTerms(
        chain=QUICKNET_CHAIN,
        key=bytes.fromhex(QUICKNET_KEY),
        genesis=QUICKNET_GENESIS,
        period=QUICKNET_PERIOD,
        round=number,
    )


def fetch_round(terms: DrandTerms, number: int, relays: Iterable[str]) -> bytes | None:
    """Return the signature of a round from the first relay that has the right one; None where none has."""
    for relay in relays:
        for path in PATHS:
            try:
                answer = get(relay + path.format(chain=terms.chain, number=number), most=MOST_BYTES)
            except CallError as error:
                log.warning("drand_relay_away", relay=relay, reason=str(error))
                break
            if answer.status != _OK:
                log.info("drand_relay_has_no_such_round", relay=relay, status=answer.status, round=number)
                continue
            for signature in _signatures(answer.body):
                try:
                    check_round(terms, number, signature)
                except BeaconError as error:
                    log.warning("drand_relay_wrong", relay=relay, round=number, reason=str(error))
                else:
                    return signature
    return None


def _signatures(body: bytes) -> Iterator[bytes]:
    """Yield the signature that an answer names, if it does."""
    try:
        said: Any = json.loads(body)
        signature = bytes.fromhex(said["signature"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return
    if len(signature) == bls.SIGNATURE_BYTES:
        yield signature
