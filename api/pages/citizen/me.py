"""A person's own page: what waits for them first, then what is under way, then what is over."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AccountDep, CoreDep
from api.pages.shared.own_cases import own_cases
from api.pages.shared.rendering import page

router = APIRouter()


@router.get("/me")
async def me(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """List requests and appointments, what waits for the person first."""
    own = await own_cases(core, account.account_id)
    return page(request, "citizen/me.html", home=account.session.door.value, **own)
