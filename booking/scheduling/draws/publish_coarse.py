"""Once the days of a draw are over, everyone gets its wishes, no more exact than five share them."""

from typing import Final

from sqlalchemy import exists, select

from booking.country.core.core import Core
from booking.country.policy import limits as policy_limits
from booking.country.policy.limits import DrawLimits
from booking.platform.models import Draw, DrawFile
from booking.platform.models.requests.draw import Ring
from booking.platform.models.states import DrawState
from booking.scheduling.draws.announce import add_files, locked, record, stored_files
from booking.scheduling.draws.format2.coarse import write_coarse
from booking.scheduling.draws.format2.kept import read_requests
from booking.scheduling.draws.format2.line import read_line
from booking.scheduling.draws.format2.tables import COARSE, LINE

FORMAT: Final = 2


def publish_coarse(core: Core) -> list[str]:
    """Publish the coarse wishes of every draw whose days are over; return the draws' names.

    Each is a transaction of its own and happens once. Where the policy says ``never``, nothing is published.

    Raises
    ------
    DamagedFileError
        The files of a draw cannot be read.
    """
    with core.sessions() as session:
        if policy_limits.read(session, DrawLimits).publish_lines == "never":
            return []
        has_it = exists().where(DrawFile.draw_id == Draw.id, DrawFile.name == COARSE)
        over = Draw.state == DrawState.PUBLISHED, Draw.format == FORMAT, Draw.horizon_last < core.today(), ~has_it
        due = session.scalars(select(Draw.reference).where(*over).order_by(Draw.horizon_last)).all()
    return [reference for reference in due if _publish(core, reference)]


def _publish(core: Core, reference: str) -> bool:
    with core.sessions.begin() as session:
        draw = locked(session, reference)
        files = {name: file.content for name, file in stored_files(session, draw).items()}
        if COARSE in files:
            return False
        line = read_line(files, most=files[LINE].count(b"\n"))
        content = write_coarse(read_requests(files, line, reference), line)
        add_files(session, draw, {COARSE: content}, ring=Ring.LATER)
        record(session, core, draw, "wishes_published")
    return True
