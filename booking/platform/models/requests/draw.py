"""Draws, who took part in them, and the files that are published."""

from datetime import date, datetime
from enum import IntEnum, StrEnum
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    and_,
    exists,
    or_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Json, Key, Word, held_by_triggers, real_times
from booking.platform.models.requests.request import Linked
from booking.platform.models.states import DRAW_MOVES, DrawState, checked_move


class DrawPhase(StrEnum):
    """What is being done to a draw: the first four close it, the others draw it."""

    READING = "reading"
    CHECKING = "checking"
    KEEPING = "keeping"
    BINDING = "binding"
    OPENING = "opening"
    DRAWING = "drawing"
    WRITING = "writing"
    APPLYING = "applying"


class Draw(Base):
    """One allocation round over the offices and the days ``horizon_first`` to ``horizon_last``.

    Life cycle: announced (seed committed) → open → closed (root published, problem frozen) → drawn → published.
    Before there is a result it may be abandoned. ``seed`` stays encrypted in ``seed_ciphertext`` until publication.
    ``drawn_at``: when its result was stated; it stays closed until that is given out to everyone in it.
    ``format`` is that of its files. ``again_of`` names an abandoned draw that this one replaces, ``reason`` says why
    one was abandoned. ``beacon`` are the announced terms of the beacon whose value decides with the seed.
    """

    __tablename__ = "draw"
    __table_args__ = (
        Index("ix_draw_closes", "closes_at"),
        CheckConstraint("opens_at < closes_at AND horizon_first <= horizon_last", name="times"),
        CheckConstraint("(state = 'published') = (seed IS NOT NULL)", name="seed_secret_until_published"),
        CheckConstraint("(state = 'abandoned') = (reason IS NOT NULL)", name="reason"),
        real_times(
            *("announced_at", "opens_at", "closes_at", "closed_at", "drawn_at", "published_at", "abandoned_at"),
            *("horizon_first", "horizon_last"),
        ),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(24), unique=True)
    state: Mapped[DrawState] = mapped_column(Word(DrawState), default=DrawState.ANNOUNCED)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    horizon_first: Mapped[date]
    horizon_last: Mapped[date]
    confirm_seconds: Mapped[int] = mapped_column(Integer)
    format: Mapped[int] = mapped_column(SmallInteger, default=1, server_default=text("1"))
    again_of: Mapped[str | None] = mapped_column(String(24))
    again_reason: Mapped[str | None] = mapped_column(String(200))
    beacon: Mapped[Json | None]
    beacon_signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    waits_for: Mapped[str | None] = mapped_column(String(24))
    seed_commitment: Mapped[bytes] = mapped_column(LargeBinary)
    seed_ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    seed: Mapped[bytes | None] = mapped_column(LargeBinary)
    root: Mapped[bytes | None] = mapped_column(LargeBinary)
    policy_version: Mapped[int | None]
    figures: Mapped[Json] = mapped_column(default=dict)
    announced_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    drawn_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    abandoned_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))

    def move_to(self, state: DrawState) -> None:
        """Make one move of the life cycle; raises IllegalMoveError."""
        self.state = checked_move(DRAW_MOVES, self.state, state)


def counts_on_places(draw: type[Draw] = Draw) -> ColumnElement[bool]:
    """Return the condition that a draw counts on places as they are: it is closed, or being closed."""
    return or_(draw.state == DrawState.CLOSED, is_being_closed(draw))


def is_being_closed(draw: type[Draw] = Draw) -> ColumnElement[bool]:
    """Return the condition that a draw is being closed, or was when its process ended."""
    return and_(draw.state == DrawState.OPEN, exists().where(DrawProgress.draw_id == draw.id))


class DrawEntry(Linked, Base):
    """A request's part in a draw: its leaf in the Merkle tree, its pseudonym, its place in line, the outcome.

    The link is the row from which its ``priority`` follows.
    """

    __tablename__ = "draw_entry"
    __table_args__ = (
        held_by_triggers("draw_id", "draw.id"),
        held_by_triggers("request_id", "request.id"),
        UniqueConstraint("draw_id", "leaf_index", name="uq_draw_entry_leaf"),
    )

    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    draw_id: Mapped[UUID] = mapped_column(primary_key=True)
    leaf_index: Mapped[int]
    person_draw_id: Mapped[bytes] = mapped_column(LargeBinary)
    priority: Mapped[int] = mapped_column(SmallInteger)
    position: Mapped[int | None]
    served: Mapped[bool | None]
    rank: Mapped[int | None] = mapped_column(SmallInteger)
    explanation: Mapped[Json] = mapped_column(default=dict)


class DrawTurn(Linked, Base):
    """A turn that a draw put on record beside its line: why, and which priority the request has from now on.

    The link is the row that it had before. ``gained``: by how much ``lost_draws`` rose; ``lasting``: by how much
    ``lasting_draws`` did; ``credited``: how many owed turns are on record now. All are taken back where the draw is
    abandoned.
    """

    __tablename__ = "draw_turn"
    __table_args__ = (
        held_by_triggers("draw_id", "draw.id"),
        held_by_triggers("request_id", "request.id"),
        UniqueConstraint("request_id", "draw_id", name="uq_draw_turn_request"),
    )

    draw_id: Mapped[UUID] = mapped_column(primary_key=True)
    row: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    request_id: Mapped[UUID]
    receipt: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[str] = mapped_column(String(24))
    priority: Mapped[int] = mapped_column(SmallInteger)
    gained: Mapped[int] = mapped_column(SmallInteger)
    credited: Mapped[int] = mapped_column(SmallInteger)
    lasting: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))


class DrawProgress(Base):
    """How far a process is that closes a draw or draws it; the row is gone once that is done.

    A draw that is open and has a row is being closed, or was when its process ended: nobody changes what it counts on.
    ``done`` of ``of`` are requests, in the ``phase`` since ``phase_at``. ``left_meanwhile``: those that waited no more
    when the result of the draw was given out to them.
    """

    __tablename__ = "draw_progress"

    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    phase: Mapped[DrawPhase] = mapped_column(Word(DrawPhase))
    done: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    of: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    began_at: Mapped[datetime]
    phase_at: Mapped[datetime]
    left_meanwhile: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))


class DrawOutcome(Base):
    """What a draw decided about a leaf, until that is given out: its row goes with the transaction that does it.

    ``row`` counts the leaves that have a place first. ``base``: the nonce of the wish. ``reference``: of the
    appointment, in the ``slots`` with so many ``units`` of the ``pool``. Nothing checks that the draw is there: a
    million rows are copied in by who holds it.
    """

    __tablename__ = "draw_outcome"

    draw_id: Mapped[UUID] = mapped_column(primary_key=True)
    row: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    leaf_index: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)
    rank: Mapped[int | None] = mapped_column(SmallInteger)
    base: Mapped[bytes] = mapped_column(LargeBinary)
    reference: Mapped[str | None] = mapped_column(String(16))
    pool: Mapped[str | None] = mapped_column(String(24))
    slots: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    units: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    explanation: Mapped[Json]


class DrawLeftOut(Base):
    """A request that waited and could not take part in a draw: somebody lacked what must be there on the day.

    ``lacks`` names for each the place of the person in the party and the service that issues it. The request keeps its
    turn: the draw does not count as lost.
    """

    __tablename__ = "draw_left_out"

    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"), primary_key=True, index=True)
    lacks: Mapped[list[Json]]


class Ring(IntEnum):
    """Who may read a file of a published draw, and from when on."""

    NOBODY = 0
    EVERYONE = 1
    """At once."""
    OBSERVERS = 2
    """At once too."""
    LATER = 3
    """Everyone, once the draw's days are over."""


class DrawFile(Base):
    """A file of a draw. Frozen inputs are stored at closing, results at the draw; both are public once published.

    ``ring`` is a `Ring`; ``content`` begins a file of ``size`` bytes, which goes on in its parts (`DrawFilePart`).
    """

    __tablename__ = "draw_file"
    __table_args__ = (CheckConstraint("ring BETWEEN 0 AND 3", name="ring"),)

    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    ring: Mapped[int] = mapped_column(SmallInteger, default=1, server_default=text("1"))
    media_type: Mapped[str] = mapped_column(String(60))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))


class DrawFilePart(Base):
    """What follows in a large file from its byte ``start`` on, up to the next part or its end."""

    __tablename__ = "draw_file_part"
    __table_args__ = (
        ForeignKeyConstraint(["draw_id", "name"], ["draw_file.draw_id", "draw_file.name"]),
        CheckConstraint("start > 0", name="start"),
    )

    draw_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    start: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
