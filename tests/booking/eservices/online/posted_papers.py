"""Cases of people abroad whose original papers go by post, for tests."""

from booking.eservices.online.originals import choose_way
from booking.platform.models import CaseOriginals
from booking.platform.models.online.case import OnlineState
from booking.platform.models.online.payment import Outcome
from booking.platform.models.states import Door
from tests.support.online_cases import a_filled_draft, pay, sent, stored

SERVICE = "document-legalisation"
TRACKING = "RR 123/456-789 DE"


def chosen(core, *, way="post", consulate="berlin"):
    """A draft of somebody abroad that could be sent."""
    asked = a_filled_draft(core, SERVICE, door=Door.ABROAD)
    choose_way(core, account_id=asked.account, reference=asked.reference, way=way, consulate=consulate)
    return asked


def posted(core, **choice):
    """A case whose papers are awaited, or which is with the agency where they are brought."""
    asked = chosen(core, **choice)
    assert sent(core, asked) is OnlineState.AWAITING_PAYMENT
    assert pay(core, asked) is Outcome.APPLIED
    return asked


def originals_of(core, reference):
    with core.sessions() as session:
        return session.get_one(CaseOriginals, stored(core, reference).id)
