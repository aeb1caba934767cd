"""Check a night from its files alone: no database, no settings, and other code than the code that decided it."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from allocation.lottery import keeps_commitment
from allocation.swapping.night import Night
from allocation.swapping.rounds import exchange_in_rounds
from booking.scheduling.draws.format2.log_copy import LogCopy
from booking.scheduling.swaps.deciding import FORMAT, markets
from booking.scheduling.swaps.errors import WrongNightError
from booking.scheduling.swaps.files import ENTRIES, NIGHT, OUTCOME
from booking.scheduling.swaps.own_part import check_part, check_wish
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.terms import DrandTerms, check, earliest, is_known, read_terms
from booking.transparency.beacons.values import round_after, value_of
from booking.transparency.log.checkpoints import cosigners
from booking.transparency.log.entries import read_entry
from booking.transparency.log.notes import COSIGNATURE, NoteError, read_vkey
from booking.transparency.log.proofs import LogProof, read_proof

STATEMENT: Final = "statement"


def check_times(announced: Mapping[str, Any], stated: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    """Check that nobody could know the value when wishes were fixed; raises WrongNightError.

    The round is the one that is due after the closing, which was announced before; the night closes then or later, and
    before the round; it is decided after the round.
    """
    begin, closes, closed, done = (
        datetime.fromisoformat(text)
        for text in (announced["at"], stated["closes_at"], stated["closed_at"], result["at"])
    )
    try:
        terms, comes = read_terms(stated["beacon"]), earliest(stated["beacon"])
    except BeaconError as error:
        raise WrongNightError(f"the beacon: {error}") from None
    if isinstance(terms, DrandTerms):
        due = round_after(closes, genesis=terms.genesis, period=terms.period)
        if terms.round != due:
            raise WrongNightError(f"round {terms.round} of the beacon is not the one that is due, {due}")
    if not begin < closes <= closed <= done:
        raise WrongNightError("announcement, closing and result do not follow each other in time")
    if comes is not None and not closed < comes <= done:
        raise WrongNightError("the night was not closed before its value came, or decided before that")


def check_witnesses(announced: Mapping[str, Any], stated: Mapping[str, Any], proofs: Mapping[str, LogProof]) -> str:
    """Check that as many witnesses as announced saw each entry, the statement before the value came.

    Returns the sentence about it.

    Raises
    ------
    NoteError
        A key or a cosignature is none.
    WrongNightError
        There are too few.
    """
    need, keys = announced["need"], [read_vkey(text, kind=COSIGNATURE) for text in announced["witnesses"]]
    begin, comes = datetime.fromisoformat(stated["closes_at"]).timestamp(), earliest(stated["beacon"])
    end = float("inf") if comes is None else comes.timestamp()
    names: list[str] = []
    for name, proof in proofs.items():
        found = cosigners(proof.note, keys)
        if name == STATEMENT:
            found = {key: at for key, at in found.items() if begin <= at < end}
            names = [key.name for key in found]
        if len(found) < need:
            late = " before the value could be known" if name == STATEMENT else ""
            raise WrongNightError(f"{name}: {len(found)} witnesses cosigned it{late}, {need} are needed")
    if not need:
        return "no cosignature is needed: that nothing was exchanged after the closing is the log's own word"
    return f"{len(names)} witnesses saw the statement in time, {need} are needed: {', '.join(names)}"


STAYED = frozenset({"kept"})
GIVEN = frozenset({"moved", "left", "no_place"})
_SAME = ("reference", "closes_at", "seed_commitment", "beacon")


def verify_folder(
    folder: Path, *, key: str | None = None, part: bytes | None = None, log: Path | None = None
) -> list[str]:
    """Check the files of a night in a folder; return what was found, a line each.

    Parameters
    ----------
    key
        The log's key, where somebody trusted told it; else the one that the announcement names.
    part
        A holder's own file, of their wish or of their part: what the night says of them is told too.
    log
        A folder with a copy of the whole log: it tells whether a wish ended, or was replaced, before the night closed.

    Raises
    ------
    WrongNightError
        Something is wrong.
    """
    try:
        files = {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()}
    except OSError as error:
        raise WrongNightError(f"{folder}: {error.strerror}") from None
    lines = verify_files(files, key=key)
    if part is not None:
        lines += _own(files, part, key, None if log is None else LogCopy(log))
    return lines


def _own(files: Mapping[str, bytes], content: bytes, key: str | None, copy: LogCopy | None) -> list[str]:
    """Say what the checked files of a night say of the holder of a file."""
    try:
        own, inputs = json.loads(content), json.loads(files[NIGHT])
        named = {"wish", "kinds"} & own.keys()
        lines = check_part(own, inputs, json.loads(files[OUTCOME])) if "kinds" in named else []
    except (ValueError, AttributeError) as error:
        raise WrongNightError(f"your part: {error}") from None
    _require(bool(named), "your part: this is the file of no wish, and of no part of a night")
    if "wish" in named:
        announced, stated = (read_entry(files[f"{name}.json"]) for name in ("announcement", "statement"))
        statement = files["statement.json"], read_proof(files["statement.proof"])
        trusted = read_vkey(key or announced["log"])
        lines += check_wish(own, inputs, stated["reference"], stated=statement, key=trusted, copy=copy)
    return lines


def verify_files(files: Mapping[str, bytes], *, key: str | None = None) -> list[str]:
    """Check the files of a night by name; as `verify_folder`."""
    try:
        entries = {name: read_entry(_file(files, f"{name}.json")) for name in ENTRIES}
    except NoteError as error:
        raise WrongNightError(str(error)) from None
    for name, kind in ENTRIES.items():
        _require(entries[name]["type"] == kind, f"{name}.json is not what the log calls {kind}")
    announced, stated, result = (entries[name] for name in ENTRIES)
    for word in _SAME:
        _require(announced[word] == stated[word], f"the statement says another {word} than the announcement")
    hashed = sha256(files["statement.json"]).digest()
    _require(result["reference"] == stated["reference"], "the result is of another night")
    _require(result["statement"] == hashed.hex(), "the result is of another statement")
    _require(stated["inputs"] == _digest(_file(files, NIGHT)), f"{NIGHT} is not the file that was closed")
    _require(result["result"] == _digest(_file(files, OUTCOME)), f"{OUTCOME} is not the file of the result")
    check_times(announced, stated, result)
    lines = _chance(stated, result, hashed)
    lines += _proofs(files, announced, stated, key)
    return [*lines, *_outcome(files, stated, result, hashed)]


def _chance(stated: Mapping[str, Any], result: Mapping[str, Any], hashed: bytes) -> list[str]:
    """Check seed and beacon."""
    seed, signature = bytes.fromhex(result["seed"]), bytes.fromhex(result["beacon"]["signature"])
    kept = keeps_commitment(seed, bytes.fromhex(stated["seed_commitment"]))
    _require(kept, "the seed is not the one that was announced")
    try:
        check(stated["beacon"], hashed, signature)
    except BeaconError as error:
        raise WrongNightError(f"the beacon: {error}") from None
    _require(value_of(signature).hex() == result["beacon"]["value"], "the value is not that of the signature")
    lines = ["the seed is the one that was announced, and the beacon's value is right"]
    if not is_known(stated["beacon"]):
        lines.append("note: nobody outside vouches for this beacon")
    return lines


def _proofs(
    files: Mapping[str, bytes], announced: Mapping[str, Any], stated: Mapping[str, Any], key: str | None
) -> list[str]:
    """Check that all entries are in one log, in their order, and that witnesses saw them."""
    proofs = {}
    try:
        trusted = read_vkey(key or announced["log"])
        for name in ENTRIES:
            proof = read_proof(_file(files, f"{name}.proof"))
            proof.check(files[f"{name}.json"], [trusted])
            proofs[name] = proof
        seen = check_witnesses(announced, stated, proofs)
    except NoteError as error:
        raise WrongNightError(f"the log: {error}") from None
    places = [proof.index for proof in proofs.values()]
    _require(places == sorted(places), "the log has announcement, statement and result in another order")
    lines = [f"the log has them in their order: {', '.join(map(str, places))}", seen]
    if key is None:
        lines.append(f"compare the key of the log with the one that it shows itself: {announced['log']}")
    if announced["witnesses"]:
        named = ", ".join(announced["witnesses"])
        lines.append(f"compare the keys of the witnesses with those that they publish themselves: {named}")
    return lines


def _outcome(
    files: Mapping[str, bytes], stated: Mapping[str, Any], result: Mapping[str, Any], hashed: bytes
) -> list[str]:
    """Decide the night again and compare."""
    public = bytes.fromhex(result["beacon"]["value"]) + hashed
    try:
        inputs, outcome = json.loads(files[NIGHT]), json.loads(files[OUTCOME])
        nights = markets(inputs, bytes.fromhex(result["seed"]), public)
        stated_gets = [one["gets"] for one in outcome["markets"]]
        outcomes = [one["outcomes"] for one in outcome["markets"]]
    except (ValueError, KeyError, TypeError) as error:
        raise WrongNightError(f"the files cannot be read: {error}") from None
    _require(outcome.get("format") == FORMAT, f"{OUTCOME} is of another format")
    _require(len(nights) == len(stated_gets), f"{OUTCOME} has not all sizes of places")
    _require(sum(one.holders for one in nights) == stated["holders"], "the statement counts other holders")
    for number, (night, gets, became) in enumerate(zip(nights, stated_gets, outcomes, strict=True)):
        _require(exchange_in_rounds(night) == gets, f"market {number}: the rule gives places to others")
        _require(_told(night, gets, became), f"market {number}: what became of them does not fit what they were given")
    moved = sum(one.count("moved") for one in outcomes)
    _require(moved == result["moved"], "the result counts other moves")
    given = sum(
        int(night.holds[one] != got)
        for night, gets in zip(nights, stated_gets, strict=True)
        for one, got in enumerate(gets)
    )
    return [
        f"{stated['holders']} took part; the rule gives {given} of them a place that they like better",
        f"{moved} moved; {given - moved} could not any more when it was decided",
    ]


def _told(night: Night, gets: list[int], became: list[str]) -> bool:
    if len(became) != night.holders:
        return False
    return all(
        word in (STAYED if got == own else GIVEN)
        for own, got, word in zip(night.holds.tolist(), gets, became, strict=True)
    )


def _file(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise WrongNightError(f"{name} is missing")
    return files[name]


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _require(right: bool, words: str) -> None:  # noqa: FBT001 - an assertion
    if not right:
        raise WrongNightError(words)
