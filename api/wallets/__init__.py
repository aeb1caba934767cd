"""OpenID4VCI 1.0: how a wallet learns of the issuer and fetches what a page offered it.

Nobody signs in here: an offer's code, its transaction code and the token that comes of them are all that counts.
"""

from fastapi import APIRouter

from api.wallets import calls, metadata

router = APIRouter(include_in_schema=False)
for part in (metadata, calls):
    router.include_router(part.router)
