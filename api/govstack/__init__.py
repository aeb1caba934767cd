"""GovStack's building blocks: thin translations of their interfaces to our use cases, below ``/api/govstack``.

No call has a power that our own API does not give its caller, and none skips the draw or the gate.
"""

from fastapi import APIRouter

from api.govstack.registration import operations as registration
from api.govstack.scheduler import operations as scheduler

router = APIRouter(prefix="/api/govstack")
router.include_router(scheduler.make_router())
router.include_router(registration.make_router())
