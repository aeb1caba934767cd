"""Every operation of GovStack's Registration: what answers it, or why it is not what Mawid is."""

from typing import Final

from fastapi import APIRouter, Depends

from api.govstack.calls import FILES, OFFICERS, Answer, GovStackRoute, refusal, switched_on
from api.govstack.registration import applications, forms
from api.v1.calls.guards import bearer

FOR_EVERYONE: Final[dict[tuple[str, str], Answer | str]] = {
    ("GET", "/services"): forms.services,
    ("GET", "/services/{serviceId}"): forms.service,
    ("GET", "/services/{serviceId}/eForms"): forms.forms,
    ("GET", "/eForms/{eFormId}"): forms.form,
}
FOR_ACCOUNTS: Final[dict[tuple[str, str], Answer | str]] = {
    ("POST", "/services/{serviceId}/applications"): applications.create,
    ("GET", "/applications"): applications.applications,
    ("GET", "/applications/{fileId}"): applications.application,
    ("PUT", "/applications/{fileId}"): OFFICERS,
    ("POST", "/documents"): FILES,
    ("GET", "/tasks"): OFFICERS,
    ("GET", "/tasks/{taskId}"): OFFICERS,
    ("POST", "/tasks/{taskId}/complete"): OFFICERS,
}


def make_router() -> APIRouter:
    """Make the router of all operations; those of accounts ask first who calls."""
    router = APIRouter(prefix="/registration", route_class=GovStackRoute)
    for operations, first in ((FOR_EVERYONE, []), (FOR_ACCOUNTS, [Depends(bearer)])):
        for (method, path), answer in operations.items():
            made = refusal(answer) if isinstance(answer, str) else answer
            router.add_api_route(
                path,
                made,
                methods=[method],
                response_model=None,
                name=f"{method} {path}",
                dependencies=[*first, Depends(switched_on)],
            )
    return router
