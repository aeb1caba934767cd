"""What gateways pass on: signed with the secret of the settings, over the exact bytes of the body."""

from collections.abc import Sequence

from starlette.requests import Request

from api.deps import core_of
from booking.platform.base.errors import NotFoundError
from booking.platform.base.webhooks import Secret, check


async def signed_body(request: Request, secrets: Sequence[Secret]) -> bytes:
    """Return the body of what the holder of one of these secrets sent.

    Raises
    ------
    NotFoundError
        The settings name no secret: nothing is taken here.
    UnsignedWebhookError
        It is not signed.
    WrongSignatureError
        It is not the gateway's, or too old.
    """
    if not secrets:
        raise NotFoundError
    body = await request.body()
    check(secrets, body=body, headers=request.headers, now=core_of(request).clock.now())
    return body
