"""Pages for people: server-rendered, Arabic first, complete without JavaScript."""

from fastapi import APIRouter

from api.pages import static

router = APIRouter(include_in_schema=False)
router.include_router(static.router)
