"""Review cases at the desk: two people side by side, a ring as a drawing and a table."""

from math import floor

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, DeciderDep, SignedIn, WordsDep
from api.i18n import Words
from api.pages.desk.decided import decided
from api.pages.desk.funnel_drawing import SIZE, draw_ring
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from api.pages.shared.show_again import show_again
from booking.antifraud.linking.decide import decide_case, look_at_case
from booking.antifraud.linking.views import SamePersonView
from booking.country.core.core import Core
from booking.platform.base.errors import MawidError

router = APIRouter(prefix="/desk/cases")

OF_PAIRS = 1000


@router.get("/{reference}")
def case(request: Request, reference: ReferenceDep, officer: DeciderDep, core: CoreDep, words: WordsDep) -> Response:
    """Show a case, open or not; a look at people is in the audit log."""
    return _page(request, core, words, officer, reference)


@router.post("/{reference}")
def decide(
    request: Request, reference: ReferenceDep, form: PostedDep, officer: DeciderDep, core: CoreDep, words: WordsDep
) -> Response:
    """Keep an officer's answer."""
    with show_again(lambda error: _page(request, core, words, officer, reference, form, error)):
        decide_case(core, officer_id=officer.account_id, reference=reference, **decided(form))
    return told(core.settings, "/desk", "case-answered")


def _page(
    request: Request,
    core: Core,
    words: Words,
    officer: SignedIn,
    reference: str,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    seen = look_at_case(core, officer_id=officer.account_id, reference=reference)
    shared = {"seen": seen, "case": seen.case, "zone": core.pack.country.time_zone}
    if isinstance(seen, SamePersonView):
        # Never all of them: the probability is an estimate.
        same = min(OF_PAIRS - 1, floor(seen.case.evidence["probability"] * OF_PAIRS))
        return form_page(request, "desk/same_person.html", form, error, same=same, of_pairs=OF_PAIRS, **shared)
    drawing = draw_ring(seen.case.evidence["shown"], words)
    return form_page(request, "desk/ring.html", form, error, drawing=drawing, size=SIZE, **shared)
