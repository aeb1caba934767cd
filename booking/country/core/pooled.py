"""Behind a pooler that lends a connection for one transaction (PgBouncer): what a start asks of it.

Nothing may be asked of a connection beyond the transaction; `tests/architecture/test_session_state.py` reads the code
for what would.
"""

from sqlalchemy import Engine, text

from booking.country.core.schema import SchemaError
from booking.platform.base.db import TIME_LIMITS


class UnlimitedError(SchemaError):
    """Statements behind a pooler would wait and run without an end; the message says what to do."""


def require_time_limits(engine: Engine) -> None:
    """Refuse to work where the role's connections have no time limits: a pooler passes none on that we would ask for.

    Raises
    ------
    UnlimitedError
        A limit differs from `booking.platform.base.db.TIME_LIMITS`.
    """
    with engine.connect() as connection:
        role = connection.scalar(text("SELECT quote_ident(current_user)"))
        shown = {name: connection.scalar(text("SELECT current_setting(:name)"), {"name": name}) for name in TIME_LIMITS}
    if missing := [name for name, limit in TIME_LIMITS.items() if shown[name] != limit]:
        statements = " ".join(f"ALTER ROLE {role} SET {name} = '{TIME_LIMITS[name]}';" for name in missing)
        raise UnlimitedError(
            "behind a pooler the role itself needs the time limits, as Mawid cannot send them with each connection: at"
            f" the server's own address run {statements} Then RECONNECT in the pooler's console, and start again"
        )
