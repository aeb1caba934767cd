"""Pages of everyone who has an account: signing in, its second step, sessions, passkeys, how they are reached."""

from fastapi import APIRouter

from api.pages.account import notices, passkeys, second_step, sessions, sign_in, staff_sign_in

router = APIRouter()
for pages in (sign_in, second_step, staff_sign_in, sessions, passkeys, notices):
    router.include_router(pages.router)
