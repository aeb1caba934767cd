"""Documents for wallets: the page with an offer, and the end of what was given out.

An offer is a QR code, a way into an app on the same phone, and the code that is typed there.
"""

from collections.abc import Callable
from uuid import UUID

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from api.deps import core_of
from api.pages.shared.banners import told
from api.pages.shared.forms import Form
from api.pages.shared.rendering import page
from booking.country.core.security import Origin
from booking.eservices.credentials.offer import Offer
from booking.scheduling.appointments.passes import qr_svg


def offer_or_end(
    request: Request,
    form: Form,
    origin: Origin,
    *,
    account_id: UUID,
    reference: str,
    back: str,
    offer: Callable[..., Offer],
    end: Callable[..., None],
) -> Response:
    """Do what was pressed on a document's own page ``back``: offer it to a wallet, or end what wallets have of it."""
    core, own = core_of(request), {"account_id": account_id, "reference": reference}
    if form.text("shows") == "end":
        end(core, **own)
        return told(core.settings, back, "credentials-ended")
    return _offer_page(request, offer(core, **own, whole=form.text("shows") == "all", origin=origin), back)


def _offer_page(request: Request, offer: Offer, back: str) -> Response:
    """Show an offer, this once: whoever asks for the page again makes another one."""
    return page(
        request,
        "shared/wallet_offer.html",
        offer=offer,
        back_to=back,
        left=(offer.ends_at - core_of(request).clock.now()).total_seconds(),
        qr=Markup(qr_svg(offer.address, error="l")),  # noqa: S704 - our own drawing, nothing typed is in it
    )
