"""Channels, choices, tries to deliver, and what phones send."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CHANNELS = "('sms', 'email', 'telegram', 'whatsapp')"


def upgrade() -> None:
    _states_of_messages()
    _tries()
    _channels_and_choices()
    _from_phones()


def _states_of_messages() -> None:
    op.add_column("message", sa.Column("channel", sa.String(length=24), nullable=True))
    op.add_column("message", sa.Column("state", sa.String(length=24), nullable=False, server_default="waiting"))
    op.add_column("message", sa.Column("tries", sa.SmallInteger(), nullable=False, server_default="0"))
    op.add_column("message", sa.Column("next_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE message SET state = 'sent' WHERE sent_at IS NOT NULL")
    op.create_check_constraint(
        "state_word", "message", "state IN ('waiting', 'sent', 'silenced', 'too_late', 'dead')"
    )
    op.create_check_constraint("sent_has_its_time", "message", "(state = 'sent') = (sent_at IS NOT NULL)")
    op.create_check_constraint("channel_word", "message", f"channel IN {CHANNELS}")
    op.drop_index("ix_message_unsent", table_name="message")
    op.create_index("ix_message_waiting", "message", ["created_at"], postgresql_where=sa.text("state = 'waiting'"))


def _tries() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"channel IN {CHANNELS}", name="channel_word"),
        sa.CheckConstraint(
            "outcome IN ('sent', 'refused', 'unavailable', 'unreachable', 'timed_out')", name="outcome_word"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name="fk_delivery_message_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
    )
    op.create_index("ix_delivery_message_id", "delivery", ["message_id"])
    op.create_index("ix_delivery_at", "delivery", ["at"])


def _channels_and_choices() -> None:
    op.create_table(
        "contact_channel",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("address_ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('email', 'telegram', 'whatsapp')", name="kind_word"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_contact_channel_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_contact_channel"),
        sa.UniqueConstraint("account_id", "kind", name="uq_contact_channel_account_id"),
    )
    op.create_table(
        "notice_choice",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("first", sa.String(length=24), nullable=False),
        sa.Column("silenced", sa.ARRAY(sa.String(length=24)), nullable=False),
        sa.Column("quiet_from", sa.SmallInteger(), nullable=False),
        sa.Column("quiet_until", sa.SmallInteger(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"first IN {CHANNELS}", name="first_word"),
        sa.CheckConstraint("quiet_from BETWEEN 0 AND 23 AND quiet_until BETWEEN 0 AND 23", name="hours"),
        sa.CheckConstraint(
            "silenced <@ ARRAY['reminders', 'tips']::varchar[]", name="silenced_are_dispensable"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_notice_choice_account_id"),
        sa.PrimaryKeyConstraint("account_id", name="pk_notice_choice"),
    )


def _from_phones() -> None:
    op.create_table(
        "incoming_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.String(length=120), nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("command", sa.String(length=24), nullable=False),
        sa.Column("reference", sa.String(length=9), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_incoming_message_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_incoming_message"),
        sa.UniqueConstraint("provider_id", name="uq_incoming_message_provider_id"),
    )
    op.create_index("ix_incoming_message_account_id", "incoming_message", ["account_id"])
    op.create_index("ix_incoming_message_phone", "incoming_message", ["phone_hash", "received_at"])


def downgrade() -> None:
    op.drop_table("incoming_message")
    op.drop_table("notice_choice")
    op.drop_table("contact_channel")
    op.drop_table("delivery")
    op.drop_index("ix_message_waiting", table_name="message")
    op.create_index("ix_message_unsent", "message", ["created_at"], postgresql_where=sa.text("sent_at IS NULL"))
    for name in ("state_word", "sent_has_its_time", "channel_word"):
        op.drop_constraint(name, "message")
    for name in ("next_at", "tries", "state", "channel"):
        op.drop_column("message", name)
