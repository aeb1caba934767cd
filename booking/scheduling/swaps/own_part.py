"""A holder's own files: their wish with its receipt; their line in a night, and what stands behind its numbers."""

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import undefer

from allocation import lottery
from booking.country.core.core import Core
from booking.platform.base.errors import NotFoundError
from booking.platform.base.exact_json import canonical
from booking.platform.models import Appointment, Request, SwapEntry, SwapNight, SwapState, SwapWish
from booking.scheduling.draws.archive import WrongError
from booking.scheduling.draws.format2.log_copy import LogCopy, Replaced, receipt_entry
from booking.scheduling.draws.own_receipt import OwnFile
from booking.scheduling.swaps.deciding import salted_name
from booking.scheduling.swaps.errors import WrongNightError
from booking.scheduling.swaps.wish import Choice, Wished
from booking.transparency.log.checkpoints import Checkpoint
from booking.transparency.log.notes import NoteError, VerifierKey
from booking.transparency.log.proofs import LogProof, read_proof
from booking.transparency.log.proving import proof_of


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


WISH_FORMAT: Final = "mawid-wish-1"


def own_part(core: Core, *, account_id: UUID, reference: str) -> bytes:
    """Return the file of an appointment's part in the last night that is done and had it.

    Raises
    ------
    NotFoundError
        The account has no such appointment, or no night had it.
    """
    with core.sessions() as session:
        found = session.execute(
            select(SwapEntry, SwapNight)
            .join(SwapNight, SwapNight.id == SwapEntry.night_id)
            .join(Appointment, Appointment.id == SwapEntry.appointment_id)
            .join(Request, Request.id == Appointment.request_id)
            .where(
                Appointment.reference == reference,
                Request.account_id == account_id,
                SwapNight.state == SwapState.DONE,
            )
            .order_by(SwapNight.closes_at.desc())
            .limit(1)
            .options(undefer(SwapNight.inputs), undefer(SwapNight.result), undefer(SwapNight.places))
        ).one_or_none()
        if found is None:
            raise NotFoundError
        entry, night = found
        inputs, result = json.loads(night.inputs or b""), json.loads(night.result or b"")
        market = next(row for row, one in enumerate(inputs["markets"]) if one["units"] == entry.units)
        holder = inputs["markets"][market]["holders"][entry.number]
        names = night.places["markets"][market]["kinds"]
        kinds = {holder["holds"], *holder["wishes"], result["markets"][market]["gets"][entry.number]}
        part = {
            "night": night.reference,
            "market": market,
            "holder": entry.number,
            "id": holder["id"],
            "kinds": {str(kind): {"name": names[kind]["name"], "salt": names[kind]["salt"]} for kind in sorted(kinds)},
        }
    return canonical(part | (_proven(core, Wished.of(entry.wish)) if entry.wish else {}))


def own_wish(core: Core, *, account_id: UUID, reference: str) -> OwnFile:
    """Return the file of the wish of an appointment, which proves it before and after a night.

    Raises
    ------
    NotFoundError
        The account has no such appointment, or no wish for another one.
    """
    with core.sessions() as session:
        row = session.scalar(
            select(SwapWish)
            .join(Appointment, Appointment.id == SwapWish.appointment_id)
            .join(Request, Request.id == Appointment.request_id)
            .where(Appointment.reference == reference, Request.account_id == account_id)
        )
    if row is None:
        raise NotFoundError
    content = canonical({"format": WISH_FORMAT} | _proven(core, Wished(row.choices, row.nonce)))
    return OwnFile(f"mawid-wish-{reference}.json", content)


def _proven(core: Core, wished: Wished) -> dict[str, Any]:
    proof = proof_of(core, "receipt", wished.receipt().hex())
    return {"wish": wished.columns(), "log_proof": str(proof) if proof else None}


def check_part(part: Mapping[str, Any], inputs: Mapping[str, Any], outcome: Mapping[str, Any]) -> list[str]:
    """Say in words what a night's files say of the holder of a part.

    Raises
    ------
    ValueError
        The line is somebody else's, or a number stands for another place than the part says.
    """
    try:
        market, number = inputs["markets"][part["market"]], part["holder"]
        holder, became = market["holders"][number], outcome["markets"][part["market"]]
        names = {int(kind): said["name"] for kind, said in part["kinds"].items()}
        for kind, said in part["kinds"].items():
            if salted_name(said["salt"], said["name"]) != market["kinds"][int(kind)]["name"]:
                raise ValueError(f"kind {kind} is not {said['name']}")
        if holder["id"] != part["id"]:
            raise ValueError("this line is somebody else's")
        if "wish" in part:
            check_kinds(part, holder)
        return [
            f"you had: {names[holder['holds']]}",
            *(f"you wished: {names[kind]}" for kind in holder["wishes"]),
            f"the rule gives you: {names[became['gets'][number]]} ({became['outcomes'][number]})",
        ]
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(f"the part does not fit the night: {error!r}") from None
