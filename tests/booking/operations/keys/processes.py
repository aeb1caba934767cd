"""Processes of one installation with the secrets that each was started with."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from booking.country.core.core import Core
from booking.opening import open_core
from booking.platform.base.clock import Clock
from booking.platform.embedded import roles
from tests.support.country import cheap_settings
from tests.support.roles import as_role

OLD = "a secret for tests that is long enough"
NEW = "the secret after it, as long as it must be"
LATER = "one more secret, for the year after that"


@contextmanager
def started(url: str, redis_url: str, clock: Clock, secret: str, *older: str, **changes: object) -> Iterator[Core]:
    """Start a process with these secrets, the first of which is to be used."""
    # past any pooler, behind which nobody sees who is connected
    given = {"database_pooled": False, "secret_key": SecretStr(secret), "secret_key_old": tuple(map(SecretStr, older))}
    settings = cheap_settings().model_copy(update=given | changes)
    with open_core(settings, database_url=as_role(url, roles.APP), redis_url=redis_url, clock=clock) as core:
        yield core
