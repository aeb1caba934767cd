"""What witnesses sign together, and the parts that they brought."""

from alembic import op

revision = "0017_beacons"
down_revision = "0016_log"

old_code_can_run = True
"""New tables, which the version before does not know."""


def upgrade() -> None:
    """Make tables to which rows are only added: what was signed once is never another signature."""
    op.execute(
        """
        CREATE TABLE beacon_round (
            key bytea,
            message bytea,
            kind character varying(12) NOT NULL,
            sha256 bytea,
            asked_at timestamp with time zone NOT NULL,
            CONSTRAINT pk_beacon_round PRIMARY KEY (key, message)
        );

        CREATE TABLE beacon_part (
            key bytea,
            message bytea,
            index smallint,
            signature bytea NOT NULL,
            at timestamp with time zone NOT NULL,
            CONSTRAINT pk_beacon_part PRIMARY KEY (key, message, index),
            CONSTRAINT fk_beacon_part_key FOREIGN KEY (key, message) REFERENCES beacon_round (key, message)
        );

        CREATE FUNCTION refuse_beacon_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'what a beacon said never changes';
        END $$;
        CREATE TRIGGER beacon_round_stays BEFORE UPDATE OR DELETE ON beacon_round
            FOR EACH ROW EXECUTE FUNCTION refuse_beacon_change();
        CREATE TRIGGER beacon_part_stays BEFORE UPDATE OR DELETE ON beacon_part
            FOR EACH ROW EXECUTE FUNCTION refuse_beacon_change();
        """
    )
