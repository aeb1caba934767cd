"""Which rules and model judge, for tests, and a text of rules to propose."""

from sqlalchemy import select

from booking.platform.models import Request, Verdict
from tests.support.country import a_request

TEXT = """
[[rule]]
name = "{name}"
when = "party_size >= 1"
then = "challenge"
say.ar = "نتحقق من الجميع اليوم."
say.en = "Everyone is checked today."
"""


def active(core, model):
    with core.sessions() as session:
        return session.scalars(select(model.version).where(model.active)).one()


def judged_by(core):
    """The versions of the verdict of one more request."""
    _, asked = a_request(core)
    with core.sessions() as session:
        of_it = select(Verdict.versions).join(Request).where(Request.reference == asked.reference)
        return session.scalars(of_it).one()
