"""The night's run and the online check on a database of synthetic people: seconds, memory, cases that are right.

Run with ``./run bench linking [PEOPLE]``. People as `fraud.linkage.people` draws them, three in a hundred twice, each
household an account. First a night over all but the last thousand of them, then these as newcomers.
"""

import resource
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import pandas as pd
import psycopg
from pydantic import SecretStr
from sqlalchemy import select

from booking.antifraud.linking import newcomers
from booking.antifraud.linking.newcomers import compare_newcomers
from booking.country.core.core import Core
from booking.country.core.register import seal_national_number, seal_phone
from booking.country.core.schema import migrate
from booking.opening import open_core
from booking.platform.base.settings import Settings
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey
from booking.platform.models import ReviewCase
from fraud.linkage import people

NEWCOMERS = 1000


def main() -> None:
    """Print one line a measurement."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    settings = Settings(_env_file=None, secret_key=SecretStr("a secret of a benchmark, long enough"))
    newcomers.MOST_OPEN = count  # all of them, to tell how many are right
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(EmbeddedPostgres(folder / "p", durable=False))
        valkey = stack.enter_context(EmbeddedValkey(folder / "v", durable=False))
        migrate(postgres.url)
        core = stack.enter_context(open_core(settings, database_url=postgres.url, redis_url=valkey.url))
        known = people(count, seed=100).drop_duplicates("national_number").reset_index(drop=True)
        first = known.iloc[:-NEWCOMERS]
        fill(core, postgres.dsn, first)
        began = time.perf_counter()
        newcomers.open_duplicates(core)
        seconds, mebibytes = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"a night over {len(first):,} records: {seconds:.1f} s, {mebibytes:,.0f} MiB; {told(core, first)}")
        began = time.perf_counter()
        newcomers.open_duplicates(core)
        print(f"the night after, when all keys are kept: {time.perf_counter() - began:.1f} s")
        fill(core, postgres.dsn, known.iloc[-NEWCOMERS:], housed=frozenset(first["household"]))
        began = time.perf_counter()
        compared = compare_newcomers(core)
        each = (time.perf_counter() - began) / compared * 1000
        print(f"{compared:,} newcomers online: {each:.1f} ms each; in all {told(core, known)}")


def fill(core: Core, dsn: str, frame: pd.DataFrame, housed: frozenset[str] = frozenset()) -> None:
    """Write records as people of households, new but for ``housed``; people's ids are their places in the frame."""
    now = core.clock.now()
    homes = frame[~frame["household"].isin(housed)].drop_duplicates("household")
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        with cursor.copy(
            "COPY account (id, username, password_hash, phone_ciphertext, phone_hash, language, door, roles, "
            "registered_helper, created_at) FROM STDIN"
        ) as rows:
            for home, phone in zip(homes["household"], homes["phone"], strict=True):
                sealed = seal_phone(core.vault, phone)
                rows.write_row(
                    (account_of(home), home, "", sealed.ciphertext, sealed.hash, "ar", "home", [], False, now)
                )
        with cursor.copy(
            "COPY person (id, national_number_ciphertext, national_number_hash, birth_date, created_at) FROM STDIN"
        ) as rows:
            for place, number, born in zip(frame.index, frame["national_number"], frame["birth_date"], strict=True):
                sealed = seal_national_number(core.vault, number)
                rows.write_row((UUID(int=place), sealed.ciphertext, sealed.hash, born.date(), now))
        with cursor.copy(
            "COPY household_member (account_id, person_id, name, relation, created_at) FROM STDIN"
        ) as rows:
            for place, home, name in zip(frame.index, frame["household"], frame["name"], strict=True):
                rows.write_row((account_of(home), UUID(int=place), name, "other", now))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("ANALYZE")


def account_of(home: str) -> UUID:
    """Return the id of a household's account."""
    return UUID(int=2**64 + int(home.removeprefix("h")))


def told(core: Core, known: pd.DataFrame) -> str:
    """Return how many pairs were asked about, how many of them are right, and how many of all that would be."""
    truth = known["person"]
    with core.sessions() as session:
        asked = session.scalars(select(ReviewCase.subjects)).all()
    right = sum(truth[one.int] == truth[other.int] for one, other in asked)
    twice = int(truth.duplicated().sum())
    return f"{len(asked):,} cases: precision {right / max(len(asked), 1):.4f}, recall {right / twice:.3f}"


if __name__ == "__main__":
    main()
