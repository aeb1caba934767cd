"""Check a holder's own wish against the files of a night, and against a copy of the whole log."""

from collections.abc import Mapping
from typing import Any

from allocation import lottery
from booking.scheduling.draws.checks import WrongError
from booking.scheduling.draws.format2.log_copy import LogCopy, Replaced, receipt_entry
from booking.scheduling.swaps.choices import Choice
from booking.scheduling.swaps.errors import WrongNightError
from booking.scheduling.swaps.receipt import Wished
from booking.transparency.log.checkpoints import Checkpoint
from booking.transparency.log.notes import NoteError, VerifierKey
from booking.transparency.log.proofs import LogProof, read_proof


def check_wish(
    own: Mapping[str, Any],
    inputs: Mapping[str, Any],
    night: str,
    *,
    stated: tuple[bytes, LogProof],
    key: VerifierKey,
    copy: LogCopy | None,
) -> list[str]:
    """Say what a night made of a wish whose file its owner has.

    Parameters
    ----------
    own
        The wish and its proof, from either of the holder's files.
    inputs, night
        The file of the night, and its reference.
    stated, key
        The closing statement with its proof, checked, and the log's key.
    copy
        The whole log, which alone tells that a wish ended, or that another one took its place.

    Raises
    ------
    WrongNightError
        The wish was left out, is not the one that counted, or cannot be proven.
    """
    try:
        wished = Wished.of(own["wish"])
    except (KeyError, TypeError, ValueError) as error:
        raise WrongNightError(f"your wish: {error}") from None
    if _repeats(inputs):
        raise WrongNightError("two lines of the night have one wish")
    statement, proof = stated
    logged = _logged(own, wished, key)
    if copy is not None:
        _require_same_log(copy, proof.check(statement, [key]))
    told = None if copy is None else _replaced(copy, wished)
    early = told is not None and told.index < proof.index
    line = _line(inputs, wished.in_night(night).hex())
    if logged > proof.index:
        return [f"your wish came into the log after this night was closed: entry {logged}"]
    if early and told is not None:
        if line is not None:
            raise WrongNightError("your wish: the night counted on it though it had ended, or was replaced, before")
        return [_in_words(told, wished, "before this night was closed: it rightly takes no part")]
    if line is None:
        raise WrongNightError(_left_out(inputs, wished, copy))
    lines = [f"your wish took part as you made it: size {line[0]}, line {line[1]}; it was in the log before, {logged}"]
    if told is not None:
        lines.append(_in_words(told, wished, "after this night was closed"))
    return lines + ([] if copy is not None else [_ask_the_log(wished)])


def check_kinds(own: Mapping[str, Any], holder: Mapping[str, Any]) -> None:
    """Check that a line has the wish, and wishes for nothing but what that names, the best first; raises ValueError.

    Which kinds of a choice there were that night is not seen here: of a name without its salt nothing is known.
    """
    wished = Wished.of(own["wish"])
    choices = [Choice.of(one) for one in wished.choices]
    best = -1, ""
    for kind in holder["wishes"]:
        office, day, band, _ = own["kinds"][str(kind)]["name"].split(" ")
        fits = (
            (number, day)
            for number, one in enumerate(choices)
            if one.office == office and one.first.isoformat() <= day <= one.last.isoformat()
            if not one.bands or band in one.bands
        )
        found = next(fits, None)
        if found is None or found < best:
            raise ValueError(f"the line wishes for {office} {day} {band}, which you did not, or liked better")
        best = found
    if holder.get("wish") != wished.in_night(own["night"]).hex():
        raise ValueError("your line has the receipt of another wish")


def _logged(own: Mapping[str, Any], wished: Wished, key: VerifierKey) -> int:
    """Return where the log has the receipt, as the proof in the file says."""
    if own.get("log_proof") is None:
        raise WrongNightError("your wish: the file is from before the log had it; fetch it again")
    try:
        proof = read_proof(own["log_proof"].encode())
        proof.check(receipt_entry(wished.receipt().hex()), [key])
    except (NoteError, AttributeError) as error:
        raise WrongNightError(f"your wish: {error}") from None
    return proof.index


def _require_same_log(copy: LogCopy, stated: Checkpoint) -> None:
    """Refuse a copy of another log: what it has up to the statement is what the proof of that says."""
    try:
        entries = copy.entries[: stated.size]
    except WrongError as error:
        raise WrongNightError(str(error)) from None
    if len(entries) < stated.size or lottery.merkle_root(entries) != stated.root:
        raise WrongNightError(f"the copy of the log is another one, or has not all {stated.size} entries")


def _replaced(copy: LogCopy, wished: Wished) -> Replaced | None:
    try:
        return copy.replaced.get(wished.receipt())
    except WrongError as error:
        raise WrongNightError(str(error)) from None


def _repeats(inputs: Mapping[str, Any]) -> bool:
    wishes = [str(one["wish"]) for market in inputs["markets"] for one in market["holders"] if "wish" in one]
    return len(set(wishes)) < len(wishes)


def _line(inputs: Mapping[str, Any], receipt: str) -> tuple[int, int] | None:
    """Return the size and the number of the line that has a receipt."""
    for market in inputs["markets"]:
        for number, holder in enumerate(market["holders"]):
            if holder.get("wish") == receipt:
                return market["units"], number
    return None


def _left_out(inputs: Mapping[str, Any], wished: Wished, copy: LogCopy | None) -> str:
    holders = [holder for market in inputs["markets"] for holder in market["holders"]]
    if holders and not any("wish" in holder for holder in holders):
        return "your wish: no line has a receipt; a version before receipts closed this night, or they were taken out"
    if copy is None:
        return f"your wish: no line has it. Either it ended before, or it was left out: {_ask_the_log(wished)}"
    return "your wish: the log had it before the closing, nothing took its place, and no line has it: keep these files"


def _in_words(told: Replaced, wished: Wished, when: str) -> str:
    if told.by == wished.ended().hex():
        return f"your wish ended on {told.at}, {when}"
    return f"your wish was replaced on {told.at} by {told.by}, {when}; keep both if that was not you"


def _ask_the_log(wished: Wished) -> str:
    return (
        f"whether it ended, or was replaced, a copy of the log tells (--log), or /log?receipt={wished.receipt().hex()}"
    )
