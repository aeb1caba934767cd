"""Files that only their owner may have: nobody on the way keeps them."""

from starlette.responses import Response

from booking.scheduling.draws.own_receipt import OwnFile


def own_file(file: OwnFile) -> Response:
    """Answer with a file for its owner, to be kept on their device and nowhere else."""
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type="application/json", headers=headers)


def own_credential(text: str, name: str) -> Response:
    """Answer with a verifiable credential for its owner's wallet."""
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}.sd-jwt"'}
    return Response(text, media_type="application/dc+sd-jwt", headers=headers)


def own_pdf(pdf: bytes, name: str) -> Response:
    """Answer with a document for its owner, shown in the browser."""
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)
