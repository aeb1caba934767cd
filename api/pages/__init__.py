"""Pages for people, in a folder for each audience: server-rendered, Arabic first, complete without JavaScript."""

from fastapi import APIRouter, Depends

from api.deps import printable_address
from api.pages import account, admin, citizen, counter, demo, desk, helpers, online, public, staff, workbench
from api.pages.shared import static

router = APIRouter(include_in_schema=False, dependencies=[Depends(printable_address)])
for pages in (public, account, demo, citizen, online, helpers, staff, desk, counter, workbench, admin, static):
    router.include_router(pages.router)
