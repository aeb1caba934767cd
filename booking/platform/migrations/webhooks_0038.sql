-- Events for other systems: subscriptions, their secrets, what happened, and how far each telling is.
CREATE TABLE webhook_subscription (
    id uuid NOT NULL CONSTRAINT pk_webhook_subscription PRIMARY KEY,
    name varchar(120) NOT NULL,
    url varchar(500) NOT NULL,
    kinds varchar(40)[] NOT NULL,
    agency_code varchar(40),
    reason varchar(2000) NOT NULL,
    state varchar(24) NOT NULL,
    proposed_by uuid NOT NULL CONSTRAINT fk_webhook_subscription_proposed_by REFERENCES account (id),
    proposed_at timestamptz NOT NULL,
    decided_by uuid CONSTRAINT fk_webhook_subscription_decided_by REFERENCES account (id),
    decided_at timestamptz,
    paused_because varchar(24),
    paused_at timestamptz,
    ended_at timestamptz,
    failing_since timestamptz,
    failures integer DEFAULT 0 NOT NULL,
    rests_until timestamptz,
    held_until timestamptz,
    CONSTRAINT ck_webhook_subscription_state_word
        CHECK (state IN ('proposed', 'active', 'paused', 'refused', 'ended')),
    CONSTRAINT ck_webhook_subscription_paused_because_word CHECK (paused_because IN ('by_hand', 'failing', 'gone')),
    CONSTRAINT ck_webhook_subscription_kinds CHECK (cardinality(kinds) > 0),
    CONSTRAINT ck_webhook_subscription_agency_kinds CHECK (
        agency_code IS NULL OR array_to_string(kinds, ' ') ~ '^((online|draw)[.][a-z_]+( |$))+$'
    ),
    CONSTRAINT ck_webhook_subscription_paused_whole CHECK ((state = 'paused') = (paused_because IS NOT NULL)),
    CONSTRAINT ck_webhook_subscription_ended_whole CHECK ((state = 'ended') = (ended_at IS NOT NULL))
);
CREATE INDEX ix_webhook_subscription_live ON webhook_subscription (state) WHERE state IN ('active', 'paused');

CREATE TABLE webhook_secret (
    id uuid NOT NULL CONSTRAINT pk_webhook_secret PRIMARY KEY,
    subscription_id uuid NOT NULL CONSTRAINT fk_webhook_secret_subscription_id REFERENCES webhook_subscription (id),
    ciphertext bytea NOT NULL,
    made_at timestamptz NOT NULL,
    until timestamptz
);
CREATE INDEX ix_webhook_secret_subscription ON webhook_secret (subscription_id, made_at);

CREATE TABLE webhook_event (
    number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_webhook_event PRIMARY KEY,
    id uuid DEFAULT gen_random_uuid() NOT NULL CONSTRAINT uq_webhook_event_id UNIQUE,
    kind varchar(40) NOT NULL,
    subject varchar(40) NOT NULL,
    agency_code varchar(40) DEFAULT '' NOT NULL,
    at timestamptz DEFAULT clock_timestamp() NOT NULL,
    data jsonb NOT NULL,
    handed_out boolean DEFAULT false NOT NULL
);
CREATE INDEX ix_webhook_event_new ON webhook_event (number) WHERE NOT handed_out;
CREATE INDEX ix_webhook_event_at ON webhook_event (at, number);

CREATE TABLE webhook_delivery (
    subscription_id uuid NOT NULL CONSTRAINT fk_webhook_delivery_subscription_id REFERENCES webhook_subscription (id),
    event_number bigint NOT NULL
        CONSTRAINT fk_webhook_delivery_event_number REFERENCES webhook_event (number) ON DELETE CASCADE,
    subject varchar(40) NOT NULL,
    state varchar(24) NOT NULL,
    tries smallint DEFAULT 0 NOT NULL,
    next_at timestamptz NOT NULL,
    answer varchar(24),
    status smallint,
    milliseconds integer,
    tried_at timestamptz,
    CONSTRAINT pk_webhook_delivery PRIMARY KEY (subscription_id, event_number),
    CONSTRAINT ck_webhook_delivery_state_word CHECK (state IN ('waiting', 'taken', 'given_up')),
    CONSTRAINT ck_webhook_delivery_answer_word CHECK (
        answer IN ('taken', 'refused', 'busy', 'gone', 'unreachable', 'timed_out', 'certificate', 'inside')
    )
);
CREATE INDEX ix_webhook_delivery_waiting ON webhook_delivery (subscription_id, event_number) WHERE state = 'waiting';
CREATE INDEX ix_webhook_delivery_subject ON webhook_delivery (subscription_id, subject, event_number)
    WHERE state = 'waiting';
CREATE INDEX ix_webhook_delivery_event ON webhook_delivery (event_number);
CREATE INDEX ix_webhook_delivery_tried ON webhook_delivery (tried_at);

CREATE TABLE webhook_replay (
    id uuid NOT NULL CONSTRAINT pk_webhook_replay PRIMARY KEY,
    subscription_id uuid NOT NULL CONSTRAINT fk_webhook_replay_subscription_id REFERENCES webhook_subscription (id),
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    asked_by uuid NOT NULL CONSTRAINT fk_webhook_replay_asked_by REFERENCES account (id),
    asked_at timestamptz NOT NULL,
    position bigint DEFAULT 0 NOT NULL,
    events integer DEFAULT 0 NOT NULL,
    ended_at timestamptz,
    CONSTRAINT ck_webhook_replay_period CHECK (since < until)
);
CREATE INDEX ix_webhook_replay_subscription ON webhook_replay (subscription_id, asked_at);
CREATE UNIQUE INDEX uq_webhook_replay_under_way ON webhook_replay (subscription_id) WHERE ended_at IS NULL;
