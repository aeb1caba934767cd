"""The life of a draw: announce, open, close, run, publish. Each step is one transaction and safe to repeat."""

import re
import secrets
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import Any, Final

from sqlalchemy import insert, select, text

from allocation import lottery
from booking.base.drawing_agreed import CLOSING
from booking.base.errors import DrawNotReadyError, FieldError, InvalidInputError
from booking.core import messages
from booking.core.core import Core
from booking.draws import files as drawing_files
from booking.draws import formats
from booking.draws.apply import apply
from booking.draws.compensation import compensation_facts
from booking.draws.decision import decide
from booking.draws.explanations import Place, explanations
from booking.draws.files import DRAW, PLAN, SEED
from booking.draws.freeze import free_bins, keep_turn_under_review, lapsed_before, participants, register_unread
from booking.draws.papers import papers_before
from booking.draws.rows import add_entries, add_files, found, locked, record, stored_files
from booking.draws.software import versions
from booking.models import Draw, DrawFile, Message, Office
from booking.models.states import DrawState
from booking.policy import limits as policy_limits
from booking.policy.draw_limits import DrawLimits

SEED_BYTES: Final = 32
SOLVER_SECONDS: Final = 8
LONGEST_HORIZON: Final = timedelta(days=366)
ABOUT_SEED: Final = "draw seed"
PSEUDONYM: Final = "draw pseudonym"
_REFERENCE: Final = re.compile(r"[A-Za-z0-9-]{1,24}")


def announce(
    core: Core, *, reference: str, opens_at: datetime, closes_at: datetime, horizon_first: date, horizon_last: date
) -> Draw:
    """Announce a draw over the days of a horizon, and commit to its seed.

    Parameters
    ----------
    reference
        Public name: letters, digits and dashes, at most 24.

    Raises
    ------
    InvalidInputError
        The reference is used or unusable, the draw would close before it opens or in the past, or the horizon
        begins before the closing, ends before it begins, or is longer than a year.
    """
    now = core.clock.now()
    errors = []
    if not _REFERENCE.fullmatch(reference):
        errors.append(FieldError("reference", "reference_misread"))
    if closes_at <= max(opens_at, now):
        errors.append(FieldError("closes_at", "closes_too_early"))
    if not closes_at.date() <= horizon_first <= horizon_last <= horizon_first + LONGEST_HORIZON:
        errors.append(FieldError("horizon_last", "horizon_in_wrong_order"))
    if errors:
        raise InvalidInputError(errors)
    seed = secrets.token_bytes(SEED_BYTES)
    with core.sessions.begin() as session:
        if session.scalar(select(Draw.id).where(Draw.reference == reference)) is not None:
            raise InvalidInputError([FieldError("reference", "draw_exists")])
        draw = Draw(
            reference=reference,
            state=DrawState.ANNOUNCED,
            opens_at=opens_at,
            closes_at=closes_at,
            horizon_first=horizon_first,
            horizon_last=horizon_last,
            confirm_seconds=int(core.settings.confirm_within.total_seconds()),
            seed_commitment=lottery.commitment(seed),
            seed_ciphertext=core.vault.encrypt(seed.hex(), ABOUT_SEED),
            figures={},
            announced_at=now,
        )
        session.add(draw)
        record(session, core, draw, "announced", seed_commitment=draw.seed_commitment.hex())
        return draw


def open_draw(core: Core, reference: str) -> Draw:
    """Open an announced draw; raises DrawNotReadyError before its time."""
    with core.sessions.begin() as session:
        draw = locked(session, reference)
        if draw.state is DrawState.ANNOUNCED:
            _wait_for(core, draw.opens_at, f"draw {reference} opens at {draw.opens_at.isoformat()}")
            draw.move_to(DrawState.OPEN)
            record(session, core, draw, "opened")
        return draw


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
        _wait_for(core, draw.closes_at, f"draw {reference} closes at {draw.closes_at.isoformat()}")
        other = session.scalar(select(Draw.reference).where(Draw.state == DrawState.CLOSED))
        if other is not None:
            raise DrawNotReadyError(f"draw {other} is closed and must be drawn first")
        ended = lapsed_before(session, draw, now)
        kept = keep_turn_under_review(session, draw)
        papers = papers_before(session, core, draw)
        entrants = participants(session, draw, core.vault.key(PSEUDONYM), papers)
        draw.root = lottery.merkle_root([each.leaf.record() for each in entrants])
        draw.closed_at = now
        policy = policy_limits.find_active_policy(session)
        draw.policy_version = policy.version if policy else None
        draw.move_to(DrawState.CLOSED)
        add_entries(session, draw, entrants)
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
            under_review=kept,
            left_out=len(papers.left_out),
            register_unread=register_unread(session, draw),
        )
        return draw


def run(core: Core, reference: str, *, workers: int = 1) -> Draw:
    """Draw a closed draw from its frozen files and its seed, and apply the result in one transaction.

    Stopped at any moment and run again it gives the same files; run after it is drawn it changes nothing.

    Parameters
    ----------
    workers
        Threads of the solver; they do not change the result.

    Raises
    ------
    DrawNotReadyError
        The draw is not closed yet.
    CapacityChangedError
        Places that it counted on are gone; nothing has changed.
    booking.draws.formats.DamagedFileError
        The frozen files are not those of the closing.
    NotFoundError
        There is no such draw.
    """
    with core.sessions() as session:
        draw = found(session, reference)
        if draw.state in {DrawState.DRAWN, DrawState.PUBLISHED}:
            return draw
        if draw.state is not DrawState.CLOSED:
            raise DrawNotReadyError(f"draw {reference} is {draw.state}, not closed")
        contents = {name: file.content for name, file in stored_files(session, draw).items()}
        places = {
            office.code: Place(office.latitude, office.longitude, office.door.value)
            for office in session.scalars(select(Office).order_by(Office.code))
        }
    frozen = drawing_files.read_frozen(contents)
    if frozen.root != draw.root or frozen.commitment != draw.seed_commitment:
        raise formats.DamagedFileError(f"{DRAW}: it is not the file of draw {reference}")
    started = perf_counter()
    decision = decide(frozen, _seed(core, draw), workers=workers)
    seconds = perf_counter() - started
    explained = explanations(decision, places)
    results = decision.result_files(contents)
    with core.sessions.begin() as session:
        draw = locked(session, reference)
        if draw.state is not DrawState.CLOSED:
            return draw
        left = apply(session, core, draw, decision, explained)
        add_files(session, draw, results)
        draw.figures = decision.figures() | {"seconds": round(seconds, 1)}
        draw.drawn_at = core.clock.now()
        draw.move_to(DrawState.DRAWN)
        record(
            session,
            core,
            draw,
            "drawn",
            plan=formats.digest(results[PLAN]),
            served=decision.plan.served_requests,
            left_meanwhile=left,
        )
        return draw


def publish(core: Core, reference: str) -> Draw:
    """Publish a drawn draw: its seed and files are public from now on. Publishing again changes nothing.

    Raises
    ------
    DrawNotReadyError
        It is not drawn yet.
    NotFoundError
        There is no such draw.
    """
    with core.sessions.begin() as session:
        draw = locked(session, reference)
        if draw.state is DrawState.PUBLISHED:
            return draw
        if draw.state is not DrawState.DRAWN:
            raise DrawNotReadyError(f"draw {reference} is {draw.state}, not drawn")
        draw.seed = _seed(core, draw)
        draw.published_at = core.clock.now()
        draw.move_to(DrawState.PUBLISHED)
        add_files(session, draw, {SEED: draw.seed.hex().encode() + b"\n"})
        record(session, core, draw, "published", seed=draw.seed.hex())
        return draw


def files(core: Core, reference: str) -> dict[str, DrawFile]:
    """Return the files of a published draw by name, with their content.

    Raises
    ------
    DrawNotReadyError
        It is not published yet.
    NotFoundError
        There is no such draw.
    """
    with core.sessions() as session:
        draw = found(session, reference)
        if draw.state is not DrawState.PUBLISHED:
            raise DrawNotReadyError(f"draw {reference} is {draw.state}, not published")
        return stored_files(session, draw)


def _wait_for(core: Core, at: datetime, words: str) -> None:
    if core.clock.now() < at:
        raise DrawNotReadyError(words)


def _seed(core: Core, draw: Draw) -> bytes:
    seed = bytes.fromhex(core.vault.decrypt(draw.seed_ciphertext, ABOUT_SEED))
    if not lottery.keeps_commitment(seed, draw.seed_commitment):
        raise formats.DamagedFileError(f"the seed of draw {draw.reference} is not the committed one")
    return seed


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
