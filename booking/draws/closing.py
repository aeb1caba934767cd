"""Close a draw: who takes part, which places there are, and how they are given, all fixed in one transaction."""

from datetime import UTC
from typing import Any, Final

from sqlalchemy import insert, select, text

from allocation import lottery
from booking.base.drawing_agreed import CLOSING
from booking.base.errors import DrawNotReadyError
from booking.core import messages
from booking.core.core import Core
from booking.draws import files as drawing_files
from booking.draws.compensation import compensation_facts
from booking.draws.freeze import free_bins, lapsed_before, participants, register_unread
from booking.draws.papers import papers_before
from booking.draws.rows import add_entries, add_files, locked, record, wait_for
from booking.draws.software import versions
from booking.draws.turns import bind_to_line, keep_turns
from booking.models import Draw, Message
from booking.models.states import DrawState
from booking.policy import limits as policy_limits
from booking.policy.draw_limits import DrawLimits

SOLVER_SECONDS: Final = 8
PSEUDONYM: Final = "draw pseudonym"


def close(core: Core, reference: str) -> Draw:
    """Close an open draw: fix who takes part and which places there are, and publish the root over the requests.

    Requests whose last day is before the horizon lapse. Those under review keep their turn: the draw counts as lost
    for them. Those about whom no register answered yet take part, and how many is on record. Those who lack what must
    be there on the day do not, and are told. How places are given is what the policy says that is active now. Closing a
    draw again changes nothing.

    Raises
    ------
    DrawNotReadyError
        The draw is not open, its time has not come, or another closed draw still has to be drawn (both would count
        on the same free places).
    NotFoundError
        There is no such draw.
    """
    now = core.clock.now()
    with core.sessions.begin() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CLOSING})
        draw = locked(session, reference)
        if draw.state in {DrawState.CLOSED, DrawState.DRAWN, DrawState.PUBLISHED}:
            return draw
        if draw.state is not DrawState.OPEN:
            raise DrawNotReadyError(f"draw {reference} is {draw.state}, not open")
        wait_for(core, draw.closes_at, f"draw {reference} closes at {draw.closes_at.isoformat()}")
        other = session.scalar(select(Draw.reference).where(Draw.state == DrawState.CLOSED))
        if other is not None:
            raise DrawNotReadyError(f"draw {other} is closed and must be drawn first")
        ended = lapsed_before(session, draw, now)
        kept = keep_turns(session, draw)
        papers = papers_before(session, core, draw)
        entrants = participants(session, draw, core.vault.key(PSEUDONYM), papers)
        draw.root = lottery.merkle_root([each.leaf.record() for each in entrants])
        draw.closed_at = now
        policy = policy_limits.find_active_policy(session)
        draw.policy_version = policy.version if policy else None
        draw.move_to(DrawState.CLOSED)
        add_entries(session, draw, entrants)
        bind_to_line(session, draw)
        leaves, bins = [each.leaf for each in entrants], free_bins(session, draw, now)
        limits = policy_limits.pick(DrawLimits, policy.limits if policy else None)
        frozen = drawing_files.write_frozen(
            _facts(draw, len(leaves), limits) | compensation_facts(limits, leaves, bins), leaves, bins
        )
        add_files(session, draw, frozen)
        if ended:
            notices = [
                messages.row(core, account_id, "request_lapsed", {"reference": request})
                for _, account_id, request in ended
            ]
            session.execute(insert(Message), notices)
        record(
            session,
            core,
            draw,
            "closed",
            root=draw.root.hex(),
            requests=len(entrants),
            lapsed=len(ended),
            kept_turns=len(kept),
            left_out=len(papers.left_out),
            register_unread=register_unread(session, draw),
        )
        return draw


def _facts(draw: Draw, requests: int, limits: DrawLimits) -> dict[str, Any]:
    if draw.root is None or draw.closed_at is None:
        raise DrawNotReadyError(f"draw {draw.reference} is not closed")
    return {
        "reference": draw.reference,
        "opens_at": draw.opens_at.astimezone(UTC).isoformat(),
        "closes_at": draw.closes_at.astimezone(UTC).isoformat(),
        "closed_at": draw.closed_at.astimezone(UTC).isoformat(),
        "horizon_first": draw.horizon_first.isoformat(),
        "horizon_last": draw.horizon_last.isoformat(),
        "confirm_seconds": draw.confirm_seconds,
        "seed_commitment": draw.seed_commitment.hex(),
        "root": draw.root.hex(),
        "requests": requests,
        "policy_version": draw.policy_version,
        "mechanism": limits.draw_mechanism,
        "solver_seconds": SOLVER_SECONDS,
        "versions": versions(),
    }
