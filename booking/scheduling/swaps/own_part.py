"""A holder's own files: their wish with its receipt; their line in a night, and what stands behind its numbers."""

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import undefer

from booking.country.core.core import Core
from booking.platform.base.errors import NotFoundError
from booking.platform.base.exact_json import canonical
from booking.platform.models import Appointment, Request, SwapEntry, SwapNight, SwapState, SwapWish
from booking.scheduling.draws.own_receipt import OwnFile
from booking.scheduling.swaps.deciding import salted_name
from booking.scheduling.swaps.own_check import check_kinds
from booking.scheduling.swaps.receipt import Wished
from booking.transparency.log.proving import proof_of

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
