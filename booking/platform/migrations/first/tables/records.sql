-- What the whole installation records: the audit log, published data, its key.

-- One action. Its hash covers the entry and the hash of the entry before; triggers refuse changes.
CREATE TABLE audit_entry (
    sequence bigint CONSTRAINT pk_audit_entry PRIMARY KEY,
    at timestamptz NOT NULL,
    actor varchar(60) NOT NULL,
    account_id uuid,
    action varchar(60) NOT NULL,
    subject varchar(80) NOT NULL,
    details jsonb NOT NULL,
    previous bytea NOT NULL,
    hash bytea NOT NULL CONSTRAINT uq_audit_entry_hash UNIQUE
);
CREATE INDEX ix_audit_entry_actor ON audit_entry (actor, sequence);
CREATE INDEX ix_audit_entry_subject ON audit_entry (subject, sequence);
CREATE INDEX ix_audit_entry_action ON audit_entry (action varchar_pattern_ops);

-- A file about one day, as it was published; a trigger refuses changes. schema_version is that of its columns.
CREATE TABLE open_data_file (
    day date NOT NULL,
    name varchar(60) NOT NULL,
    schema_version varchar(12) NOT NULL,
    media_type varchar(60) NOT NULL,
    content bytea NOT NULL,
    sha256 varchar(64) NOT NULL,
    size integer NOT NULL,
    published_at timestamptz NOT NULL,
    CONSTRAINT pk_open_data_file PRIMARY KEY (day, name)
);

-- The waits of one kind, as a job measured them, in seconds.
CREATE TABLE waiting_time (
    what varchar(24) CONSTRAINT pk_waiting_time PRIMARY KEY,
    counted integer NOT NULL,
    median double precision NOT NULL,
    worst double precision NOT NULL,
    since timestamptz NOT NULL,
    measured_at timestamptz NOT NULL,
    CONSTRAINT ck_waiting_time_what_word CHECK (what IN ('draw', 'urgent', 'review', 'appeal'))
);

-- A key that a client chose, written in the transaction that it protects; the result names what was made.
CREATE TABLE idempotency_key (
    account_id uuid NOT NULL CONSTRAINT fk_idempotency_key_account_id REFERENCES account,
    key varchar(80) NOT NULL,
    fingerprint bytea NOT NULL,
    result varchar(60) NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_idempotency_key PRIMARY KEY (account_id, key)
);

-- A keyed value of one secret, which tells nothing about it to anybody who does not have the secret.
CREATE TABLE key_check (
    secret varchar(40) CONSTRAINT pk_key_check PRIMARY KEY,
    value bytea NOT NULL,
    created_at timestamptz NOT NULL
);
