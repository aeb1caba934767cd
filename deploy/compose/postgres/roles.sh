#!/bin/sh
# The database and its three roles, made when PostgreSQL's volume is new. SECRETS is the folder with their passwords.
set -eu
secrets=${SECRETS:-/run/secrets}
{
    for role in owner app reader; do
        printf "\\set %s '%s'\n" "$role" "$(cat "$secrets/${role}_password")"
    done
    cat <<'END'
CREATE ROLE mawid_owner LOGIN PASSWORD :'owner';
CREATE ROLE mawid_app LOGIN PASSWORD :'app';
CREATE ROLE mawid_reader LOGIN PASSWORD :'reader';
CREATE DATABASE mawid OWNER mawid_owner ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;
REVOKE ALL ON DATABASE mawid FROM public;
GRANT CONNECT ON DATABASE mawid TO mawid_app, mawid_reader;
ALTER ROLE mawid_owner SET log_error_verbosity = terse;
ALTER ROLE mawid_app SET log_error_verbosity = terse;
ALTER ROLE mawid_reader SET log_error_verbosity = terse;
-- What Mawid would send itself, and a pooler does not pass on.
ALTER ROLE mawid_app SET lock_timeout = '5s';
ALTER ROLE mawid_app SET statement_timeout = '60s';
ALTER ROLE mawid_app SET idle_in_transaction_session_timeout = '300s';
END
} | psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres
