"""Events that other systems are told of, subscriptions to them, and each delivery."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Json, Key, Word
from booking.platform.models.states import checked_move


class SubscriptionState(StrEnum):
    """Where a subscription stands."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    PAUSED = "paused"
    REFUSED = "refused"
    ENDED = "ended"


_S = SubscriptionState
SUBSCRIPTION_MOVES: Final[Mapping[SubscriptionState, frozenset[SubscriptionState]]] = {
    _S.PROPOSED: frozenset({_S.ACTIVE, _S.REFUSED}),
    _S.ACTIVE: frozenset({_S.PAUSED, _S.ENDED}),
    _S.PAUSED: frozenset({_S.ACTIVE, _S.ENDED}),
}
"""While ``PAUSED`` events are kept for it, as long as events are kept at all; nothing is sent."""

LISTENING: Final = frozenset({_S.ACTIVE, _S.PAUSED})
"""Events are recorded for it."""


class PauseReason(StrEnum):
    """Why nothing is sent to a receiver."""

    BY_HAND = "by_hand"
    FAILING = "failing"
    GONE = "gone"
    """It answered 410: it wants no more."""


class DeliveryState(StrEnum):
    """Where an event stands on its way to one receiver."""

    WAITING = "waiting"
    TAKEN = "taken"
    GIVEN_UP = "given_up"


class Answer(StrEnum):
    """What came of one try."""

    TAKEN = "taken"
    REFUSED = "refused"
    """It answered, and not with 2xx; a redirect too, for nobody is followed."""
    BUSY = "busy"
    """It answered 429, 502, 503 or 504: not now, whatever is sent."""
    GONE = "gone"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    CERTIFICATE = "certificate"
    """Its certificate is not one for its name that we trust."""
    INSIDE = "inside"
    """Its name leads to an address that is not of the public network, nor of one that the settings allow."""


_WAITING: Final = text("state = 'waiting'")


class WebhookSubscription(Base):
    """Another system that is told of events. Life cycle: `SUBSCRIPTION_MOVES`.

    ``kinds`` are the events that it wants. With an ``agency_code`` it hears of that agency's cases and of what is
    public, and of nothing else. Who proposed it is its owner. Address, kinds and agency never change: a trigger keeps
    them, and demands another person's agreement where there is no agency. ``failing_since`` is when it first failed
    after it last took something, ``failures`` how often in a row it answered nothing or was busy; until ``rests_until``
    it is left alone. Whoever sends to it holds it until ``held_until``, so that one subject's events keep their order;
    afterwards that is when its last turn was.
    """

    __tablename__ = "webhook_subscription"
    __table_args__ = (
        Index("ix_webhook_subscription_live", "state", postgresql_where=text("state IN ('active', 'paused')")),
        CheckConstraint("cardinality(kinds) > 0", name="kinds"),
        CheckConstraint(
            "agency_code IS NULL OR array_to_string(kinds, ' ') ~ '^((online|draw)[.][a-z_]+( |$))+$'",
            name="agency_kinds",
        ),
        CheckConstraint("(state = 'paused') = (paused_because IS NOT NULL)", name="paused_whole"),
        CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended_whole"),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(120))
    url: Mapped[str] = mapped_column(String(500))
    kinds: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    agency_code: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(2000))
    state: Mapped[SubscriptionState] = mapped_column(Word(SubscriptionState), default=SubscriptionState.PROPOSED)
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    paused_because: Mapped[PauseReason | None] = mapped_column(Word(PauseReason))
    paused_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    rests_until: Mapped[datetime | None]
    held_until: Mapped[datetime | None]

    def move_to(self, state: SubscriptionState) -> None:
        """Make one move of the life cycle; raises IllegalMoveError."""
        self.state = checked_move(SUBSCRIPTION_MOVES, self.state, state)

    def pause(self, because: PauseReason, *, at: datetime) -> None:
        """Send nothing more until somebody resumes it; raises IllegalMoveError."""
        self.move_to(SubscriptionState.PAUSED)
        self.paused_because, self.paused_at = because, at

    def resume(self) -> None:
        """Send again, as to a receiver that never failed; raises IllegalMoveError."""
        self.move_to(SubscriptionState.ACTIVE)
        self.paused_because = self.paused_at = None
        self.took()

    def end(self, *, at: datetime) -> None:
        """Send nothing ever again; raises IllegalMoveError."""
        self.move_to(SubscriptionState.ENDED)
        self.paused_because, self.ended_at = None, at

    def took(self) -> None:
        """Forget its failures."""
        self.failing_since, self.failures, self.rests_until = None, 0, None


class WebhookSecret(Base):
    """A secret with which events to a receiver are signed, sealed and bound to its row; shown once, when it is made.

    While another one replaces it both sign, until ``until``.
    """

    __tablename__ = "webhook_secret"
    __table_args__ = (Index("ix_webhook_secret_subscription", "subscription_id", "made_at"),)

    id: Mapped[Key]
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_subscription.id"))
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    until: Mapped[datetime | None]


class WebhookEvent(Base):
    """Something that happened to one ``subject``, written by a trigger in the transaction in which it happened.

    ``number`` orders the events of a subject: whoever changes it has its row locked. ``data`` are references, codes and
    a state. ``agency_code`` is empty where no agency has the case. ``handed_out``: a delivery is written for each
    subscription that wants it.
    """

    __tablename__ = "webhook_event"
    __table_args__ = (
        Index("ix_webhook_event_new", "number", postgresql_where=text("NOT handed_out")),
        Index("ix_webhook_event_at", "at", "number"),
    )

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    id: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    agency_code: Mapped[str] = mapped_column(String(40), default="", server_default=text("''"))
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    data: Mapped[Json]
    handed_out: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class WebhookDelivery(Base):
    """An event on its way to one receiver. ``tries`` are those that the receiver answered, and refused.

    Of one subject, the next event is sent once the one before is taken or given up.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_waiting", "subscription_id", "event_number", postgresql_where=_WAITING),
        Index("ix_webhook_delivery_subject", "subscription_id", "subject", "event_number", postgresql_where=_WAITING),
        Index("ix_webhook_delivery_event", "event_number"),
        Index("ix_webhook_delivery_tried", "tried_at"),
    )

    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_subscription.id"), primary_key=True)
    event_number: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("webhook_event.number", ondelete="CASCADE"), primary_key=True
    )
    subject: Mapped[str] = mapped_column(String(40))
    state: Mapped[DeliveryState] = mapped_column(Word(DeliveryState), default=DeliveryState.WAITING)
    tries: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    next_at: Mapped[datetime]
    answer: Mapped[Answer | None] = mapped_column(Word(Answer))
    status: Mapped[int | None] = mapped_column(SmallInteger)
    milliseconds: Mapped[int | None] = mapped_column(Integer)
    tried_at: Mapped[datetime | None]


class WebhookReplay(Base):
    """Events of a past period that a receiver is to get again; ``position`` is the number up to which that is done."""

    __tablename__ = "webhook_replay"
    __table_args__ = (
        Index("ix_webhook_replay_subscription", "subscription_id", "asked_at"),
        Index("uq_webhook_replay_under_way", "subscription_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        CheckConstraint("since < until", name="period"),
    )

    id: Mapped[Key]
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_subscription.id"))
    since: Mapped[datetime]
    until: Mapped[datetime]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    position: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    events: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    ended_at: Mapped[datetime | None]
