"""Which beacon decides this installation's draws, and its value where it is there yet.

Values come over the network: call `fetch` and `fetch_audit` outside of transactions.

An installation's own group of one: no beacon for anybody who does not trust it, and quick to try things with.

Whoever has the installation's secret knows the value of every statement at once. So it is for development, tests and
demonstrations only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha512
from typing import Any

import structlog

from booking.country.core.core import Core
from booking.platform.base.settings import Environment, SettingsError
from booking.platform.base.settings_servers import BeaconKind
from booking.platform.base.vault import Vault
from booking.transparency.beacons import bls, bring
from booking.transparency.beacons.bring import AUDIT, STATEMENT, ask_witnesses, message_of
from booking.transparency.beacons.drand import fetch_round, quicknet
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.group import Group
from booking.transparency.beacons.groups import group_of, present_group
from booking.transparency.beacons.parts import check_part, combine
from booking.transparency.beacons.terms import ALONE, DrandTerms, WitnessesTerms, check_round, read_terms, write_terms
from booking.transparency.beacons.values import WITNESSES_DST, round_after, round_message


def secret_of(vault: Vault) -> int:
    """Return the secret of the group of one, an integer below the order of the curve."""
    return int.from_bytes(sha512(vault.key("beacon")).digest(), "big") % (bls.ORDER - 1) + 1


def own_terms(vault: Vault) -> dict[str, Any]:
    """Return the ``beacon`` of an announcement whose value this installation makes itself."""
    return {"kind": "witnesses", "key": bls.public_key(secret_of(vault)).hex(), "need": 1, "of": [ALONE]}


def sign(vault: Vault, message: bytes) -> bytes:
    """Return the signature of the group of one for a message of `booking.transparency.beacons.values`."""
    return bls.sign(secret_of(vault), message, dst=WITNESSES_DST)


log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a value is not there.

    Attributes
    ----------
    until
        When its round comes out; None where witnesses make it.
    out
        The round is out, and nobody has brought it yet.
    need, gave, silent
        Of witnesses: how many must sign, who did, and who did not yet.
    """

    until: datetime | None
    out: bool
    need: int
    gave: tuple[str, ...]
    silent: tuple[str, ...]


def terms(core: Core, closes_at: datetime) -> dict[str, Any]:
    """Return the ``beacon`` of the announcement of a draw that closes then.

    Raises
    ------
    SettingsError
        Production has none of its own; or the group's file cannot be read.
    """
    match core.settings.beacon:
        case BeaconKind.OWN:
            if core.settings.environment is Environment.PRODUCTION:
                raise SettingsError(core.settings.unfit_beacon() or "chance of one's own has no place in production")
            return own_terms(core.vault)
        case BeaconKind.DRAND:
            first = quicknet(1)
            return write_terms(quicknet(round_after(closes_at, genesis=first.genesis, period=first.period)))
        case BeaconKind.WITNESSES:
            return write_terms(present_group(core.settings).terms)


def fetch(
    core: Core, terms: Mapping[str, Any], statement_hash: bytes, *, reference: str, of_log: str = "statement"
) -> bytes | None:
    """Return the signature that decides a draw, or a night of the exchange; None where it is not there yet.

    Parameters
    ----------
    terms
        ``beacon`` of its closing statement.
    statement_hash
        SHA-256 of that statement's entry, which is in the log.
    reference, of_log
        The draw's or night's, and the type of its statement, by which the log has the entry.

    Raises
    ------
    BeaconError
        The terms are none.
    SettingsError
        A group's file cannot be read.
    """
    read = read_terms(terms)
    if isinstance(read, DrandTerms):
        return _round(core, read, read.round)
    return _signed(core, read, STATEMENT, statement_hash, (of_log, reference))


def fetch_audit(
    core: Core, terms: Mapping[str, Any], audit: Mapping[str, int] | None, result_hash: bytes, *, reference: str
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
    reference
        The draw's, by which the log has the entry.

    Raises
    ------
    BeaconError
        The terms are none.
    SettingsError
        A group's file cannot be read.
    """
    read = read_terms(terms)
    if isinstance(read, DrandTerms):
        return _round(core, read, audit["round"]) if audit else None
    return _signed(core, read, AUDIT, result_hash, ("result", reference))


def waiting(core: Core, terms: Mapping[str, Any], sha256: bytes, *, kind: str = STATEMENT) -> Waiting:
    """Return why the value of a draw (or with ``AUDIT``, of its sample by witnesses) is not there, asking nobody.

    Raises
    ------
    BeaconError
        The terms are none.
    """
    read = read_terms(terms)
    if isinstance(read, DrandTerms):
        comes_at = read.time_of(read.round)
        return Waiting(until=comes_at, out=core.clock.now() >= comes_at, need=0, gave=(), silent=())
    with core.sessions() as session:
        parts = bring.parts_in(session, key=read.key, message=message_of(kind, sha256))
    gave = tuple(name for index, name in enumerate(read.of, 1) if index in parts)
    silent = tuple(name for name in read.of if name not in gave)
    return Waiting(until=None, out=False, need=read.need, gave=gave, silent=silent)


def _round(core: Core, terms: DrandTerms, number: int) -> bytes | None:
    """Return a round that somebody carried in, or that a relay has."""
    if core.clock.now() < terms.time_of(number):
        return None
    with core.sessions() as session:
        brought = bring.parts_in(session, key=terms.key, message=round_message(number)).get(bring.WHOLE)
    if brought is not None:
        try:
            check_round(terms, number, brought)
        except BeaconError:
            pass  # somebody wrote into the database what was never checked
        else:
            return brought
    return fetch_round(terms, number, core.settings.drand_urls)


def _signed(core: Core, terms: WitnessesTerms, kind: str, sha256: bytes, named: tuple[str, str]) -> bytes | None:
    """Return what a group signed for an entry, ``named`` by its type and reference."""
    of_log, reference = named
    message = message_of(kind, sha256)
    if terms.key == bls.public_key(secret_of(core.vault)):
        return None if core.settings.environment is Environment.PRODUCTION else sign(core.vault, message)
    group = group_of(core.settings, terms.key)
    if group is None:
        log.error("group_of_draw_unknown", reference=reference)
        return None
    with core.sessions.begin() as session:
        bring.await_in(session, key=group.key, message=message, kind=kind, sha256=sha256, now=core.clock.now())
    parts = _right_parts(core, group, message)
    if len(parts) < group.ceremony.need:
        ask_witnesses(core, group, kind, sha256, of_log=of_log, reference=reference, have=parts)
        parts = _right_parts(core, group, message)
    return combine(group, message, parts) if len(parts) >= group.ceremony.need else None


def _right_parts(core: Core, group: Group, message: bytes) -> dict[int, bytes]:
    """Return the parts that are there by index; what is stored is checked again."""
    with core.sessions() as session:
        parts = bring.parts_in(session, key=group.key, message=message)
    right = {}
    for index, signature in parts.items():
        try:
            check_part(group, index, message, signature)
        except BeaconError as error:
            log.warning("stored_part_is_wrong", reason=str(error))
        else:
            right[index] = signature
    return right
