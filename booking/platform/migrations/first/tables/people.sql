-- People, their accounts and households, and how they sign in.

-- A login. Its phone is encrypted, and found by a keyed hash; the username is casefolded.
CREATE TABLE account (
    id uuid CONSTRAINT pk_account PRIMARY KEY,
    username varchar(60) NOT NULL CONSTRAINT uq_account_username UNIQUE,
    password_hash varchar(200) NOT NULL,
    phone_ciphertext bytea NOT NULL,
    phone_hash bytea NOT NULL,
    phone_confirmed_at timestamptz,
    language varchar(2) NOT NULL,
    door varchar(24) NOT NULL,
    roles varchar(24)[] NOT NULL,
    office_id integer CONSTRAINT fk_account_office_id REFERENCES office,
    agency_code varchar(40),
    registered_helper boolean NOT NULL,
    unclaimed boolean NOT NULL DEFAULT false,
    closed_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT ck_account_door_word CHECK (door IN ('home', 'abroad')),
    CONSTRAINT ck_account_language_word CHECK (language IN ('ar', 'en'))
);
CREATE INDEX ix_account_phone_hash ON account (phone_hash);
CREATE INDEX ix_account_staff ON account (username) WHERE roles <> '{citizen}';

-- Someone with a national number, the subject of every limit. The number is encrypted, and found by a keyed hash.
CREATE TABLE person (
    id uuid CONSTRAINT pk_person PRIMARY KEY,
    national_number_ciphertext bytea NOT NULL,
    national_number_hash bytea NOT NULL CONSTRAINT uq_person_national_number_hash UNIQUE,
    birth_date date NOT NULL,
    created_at timestamptz NOT NULL
);

-- A person whom an account acts for, under the name that this account typed.
CREATE TABLE household_member (
    id serial CONSTRAINT pk_household_member PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT fk_household_member_account_id REFERENCES account,
    person_id uuid NOT NULL CONSTRAINT fk_household_member_person_id REFERENCES person,
    name varchar(120) NOT NULL,
    relation varchar(16) NOT NULL,
    created_at timestamptz NOT NULL,
    compared_at timestamptz,
    CONSTRAINT uq_household_member_account_id UNIQUE (account_id, person_id)
);
CREATE INDEX ix_household_member_person_id ON household_member (person_id);
CREATE INDEX ix_household_member_not_compared ON household_member (id) WHERE compared_at IS NULL;

-- A keyed hash of something that two records of one person would share; records with equal ones are compared.
CREATE TABLE person_key (
    key bigint NOT NULL,
    member_id integer NOT NULL CONSTRAINT fk_person_key_member_id REFERENCES household_member ON DELETE CASCADE,
    CONSTRAINT pk_person_key PRIMARY KEY (key, member_id)
);
CREATE INDEX ix_person_key_member ON person_key (member_id);

-- A one-time code sent to an account's phone; only its keyed hash is kept.
CREATE TABLE phone_code (
    id uuid CONSTRAINT pk_phone_code PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT fk_phone_code_account_id REFERENCES account,
    purpose varchar(24) NOT NULL,
    subject varchar(60) NOT NULL,
    code_hash bytea NOT NULL,
    attempts smallint NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX ix_phone_code_account_id ON phone_code (account_id);

-- An account's authenticator (TOTP). The secret is encrypted; last_step is the newest time step that was accepted.
CREATE TABLE second_factor (
    account_id uuid CONSTRAINT pk_second_factor PRIMARY KEY CONSTRAINT fk_second_factor_account_id REFERENCES account,
    secret_ciphertext bytea NOT NULL,
    last_step bigint NOT NULL,
    created_at timestamptz NOT NULL
);

-- A code that signs in once without the authenticator; only its keyed hash is kept.
CREATE TABLE recovery_code (
    id uuid CONSTRAINT pk_recovery_code PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT fk_recovery_code_account_id REFERENCES account,
    code_hash bytea NOT NULL,
    used_at timestamptz
);
CREATE INDEX ix_recovery_code_account_id ON recovery_code (account_id);

-- A key pair that an authenticator keeps for an account (WebAuthn); the public half is here.
CREATE TABLE passkey (
    id uuid CONSTRAINT pk_passkey PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT fk_passkey_account_id REFERENCES account,
    credential_id bytea NOT NULL CONSTRAINT uq_passkey_credential_id UNIQUE,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    name varchar(40) NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    copied_at timestamptz
);
CREATE INDEX ix_passkey_account_id ON passkey (account_id);

-- How the identity provider names a colleague, as an administrator entered it.
CREATE TABLE provider_subject (
    account_id uuid
        CONSTRAINT pk_provider_subject PRIMARY KEY CONSTRAINT fk_provider_subject_account_id REFERENCES account,
    issuer varchar(255) NOT NULL,
    subject varchar(255) NOT NULL,
    linked_at timestamptz NOT NULL,
    CONSTRAINT uq_provider_subject_issuer UNIQUE (issuer, subject)
);
