"""Original papers of people abroad: bring them to a visit or send them by post, and the sheet that goes with them."""

from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep
from api.pages.online.cases import next_step
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from api.pages.shared.rendering import page
from api.pages.shared.show_again import show_again
from booking.country.catalogue import views as catalogue
from booking.country.core.core import Core
from booking.country.packs.fields import OriginalsSpec
from booking.eservices.online.originals import choose_way, originals_rule
from booking.eservices.online.post_desk import sign_sheet
from booking.eservices.online.views import CaseView, own_view
from booking.platform.base.errors import MawidError, NotFoundError
from booking.platform.models import CaseOriginals, Office
from booking.platform.models.online.case import OnlineState, OriginalsState
from booking.platform.models.states import Door
from booking.scheduling.appointments.passes import qr_svg

router = APIRouter(prefix="/online/cases/{reference}")


@router.get("/originals")
def originals_form(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Ask how the originals reach which consulate."""
    view = own_view(core, account_id=account.account_id, reference=reference)
    kept = view.originals
    typed = {"way": kept.way.value, "consulate": kept.office.code} if kept else {}
    return _originals_page(request, core, view, typed)


@router.post("/originals")
def originals(
    request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep
) -> Response:
    """Keep the choice and go on."""
    view = own_view(core, account_id=account.account_id, reference=reference)
    if view.case.state is not OnlineState.DRAFT:
        return RedirectResponse(f"/online/cases/{reference}", 303)
    with show_again(lambda error: _originals_page(request, core, view, form, error)):
        choose_way(
            core,
            account_id=account.account_id,
            reference=reference,
            way=form.text("way"),
            consulate=form.text("consulate"),
        )
    return RedirectResponse(next_step(own_view(core, account_id=account.account_id, reference=reference)), 303)


@router.get("/cover")
def cover(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Show the sheet that goes into the envelope, to be printed; it names nobody."""
    view = own_view(core, account_id=account.account_id, reference=reference)
    kept = view.originals
    if kept is None or kept.state is not OriginalsState.AWAITED:
        return RedirectResponse(f"/online/cases/{reference}", 303)
    return page(
        request,
        "online/cover.html",
        view=view,
        kept=kept,
        rule=_rule(view),
        qr=_drawn(core, kept),
    )


def _originals_page(
    request: Request, core: Core, view: CaseView, typed: Form | dict[str, Any], error: MawidError | None = None
) -> Response:
    rule = _rule(view)
    if view.case.state is not OnlineState.DRAFT:
        return RedirectResponse(f"/online/cases/{view.case.reference}", 303)
    consulates: list[tuple[Office, tuple[str, ...]]] = [
        (office, rule.ways_at(office.code)) for office in catalogue.list_offices(core, Door.ABROAD)
    ]
    return form_page(
        request,
        "online/originals.html",
        typed,
        error,
        view=view,
        rule=rule,
        consulates=consulates,
        ways=[way for way in ("post", "visit") if any(way in ways for _, ways in consulates)],
    )


def _rule(view: CaseView) -> OriginalsSpec:
    rule = originals_rule(view.case, view.spec)
    if rule is None:
        raise NotFoundError
    return rule


def _drawn(core: Core, kept: CaseOriginals) -> Markup:
    return Markup(qr_svg(sign_sheet(core.vault, kept.case.reference, kept.office_id)))  # noqa: S704 - our own drawing
