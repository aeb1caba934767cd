"""That a night's entries stand in the log in their order, seen by witnesses in time, and that its times fit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from booking.scheduling.swaps.errors import WrongNightError
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.terms import DrandTerms, earliest, read_terms
from booking.transparency.beacons.values import round_after
from booking.transparency.log.cosignatures import cosigners
from booking.transparency.log.notes import COSIGNATURE, read_vkey
from booking.transparency.log.proofs import LogProof

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
