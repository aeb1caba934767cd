"""Which beacon decides this installation's draws, and its value where it is there yet.

Values come over the network: call `fetch` and `fetch_audit` outside of transactions.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from booking.base.settings import Environment, SettingsError
from booking.base.settings_beacon import BeaconKind
from booking.beacons import bls, own
from booking.beacons.drand import fetch_round, quicknet
from booking.beacons.terms import DrandTerms, WitnessesTerms, read_terms, write_terms
from booking.beacons.values import audit_message, round_after, statement_message
from booking.core.core import Core


def terms(core: Core, closes_at: datetime) -> dict[str, Any]:
    """Return the ``beacon`` of the announcement of a draw that closes then.

    Raises
    ------
    SettingsError
        Production has none of its own.
    """
    if core.settings.beacon is BeaconKind.OWN:
        if core.settings.environment is Environment.PRODUCTION:
            raise SettingsError(core.settings.unfit_beacon() or "chance of one's own has no place in production")
        return own.own_terms(core.vault)
    first = quicknet(1)
    return write_terms(quicknet(round_after(closes_at, genesis=first.genesis, period=first.period)))


def fetch(core: Core, terms: Mapping[str, Any], statement_hash: bytes) -> bytes | None:
    """Return the signature that decides a draw; None where it is not there yet, for whichever reason.

    Parameters
    ----------
    terms
        ``beacon`` of its closing statement.
    statement_hash
        SHA-256 of that statement's entry, which is in the log.

    Raises
    ------
    BeaconError
        The terms are none.
    """
    read = read_terms(terms)
    if isinstance(read, DrandTerms):
        return _round(core, read, read.round)
    return _signed(core, read, statement_message(statement_hash))


def fetch_audit(
    core: Core, terms: Mapping[str, Any], audit: Mapping[str, int] | None, result_hash: bytes
) -> bytes | None:
    """Return the signature that picks the audit sample of a result; None where it is not there yet.

    Parameters
    ----------
    terms
        ``beacon`` of the draw's closing statement.
    audit
        ``audit`` of its result.
    result_hash
        SHA-256 of the result's entry, which is in the log.

    Raises
    ------
    BeaconError
        The terms are none.
    """
    read = read_terms(terms)
    if isinstance(read, DrandTerms):
        return _round(core, read, audit["round"]) if audit else None
    return _signed(core, read, audit_message(result_hash))


def _round(core: Core, terms: DrandTerms, number: int) -> bytes | None:
    if core.clock.now() < terms.time_of(number):
        return None
    return fetch_round(terms, number, core.settings.drand_urls)


def _signed(core: Core, terms: WitnessesTerms, message: bytes) -> bytes | None:
    if terms.key == bls.public_key(own.secret_of(core.vault)):
        return None if core.settings.environment is Environment.PRODUCTION else own.sign(core.vault, message)
    return None
