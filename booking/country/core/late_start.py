"""A process of an earlier version that starts while an upgrade goes by ends, instead of missing what that takes away.

Its schema was looked at when it began to start. An upgrade looks who lives after it has changed the schema and before
it takes anything away: who has said by then that they live keeps that, and who says so later finds the newer schema.
"""

from booking.country.core.core import Core
from booking.country.core.schema import read_schema


def require_no_upgrade_meanwhile(core: Core) -> None:
    """Refuse to go on over a schema that a newer version made; called once the process has said that it lives.

    Raises
    ------
    SchemaError
        The schema is newer than this version.
    """
    read_schema(core.sessions.kw["bind"].url.render_as_string(hide_password=False))
