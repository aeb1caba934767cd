"""The receipt of one's own request, to be kept or printed."""

from fastapi import APIRouter
from starlette.responses import Response

from api.deps import AccountDep, CoreDep
from api.outgoing.own_file import own_pdf
from api.pages.shared.references import ReferenceDep
from booking.scheduling.requests.receipt_paper import own_receipt_paper

router = APIRouter()


@router.get("/requests/{reference}/receipt.pdf")
def receipt_paper(reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Return the receipt of a request as a PDF: what was asked, without names."""
    pdf = own_receipt_paper(core, account_id=account.account_id, reference=reference)
    return own_pdf(pdf, f"receipt-{reference}")
