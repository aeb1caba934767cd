"""Pages of everyone who has an account: signing in and what it is done with, sessions, how they are reached."""

from fastapi import APIRouter

from api.pages.account import (
    forgotten,
    lost_factor,
    notices,
    passkeys,
    password,
    phone,
    prove_again,
    rights,
    second_factor,
    second_step,
    sessions,
    sign_in,
    staff_sign_in,
    state_sign_in,
)

router = APIRouter()
for pages in (
    *(sign_in, forgotten, second_step, lost_factor, staff_sign_in, state_sign_in),
    *(sessions, password, phone, second_factor, passkeys, prove_again, notices, rights),
):
    router.include_router(pages.router)
