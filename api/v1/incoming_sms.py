"""Text messages that people send, passed on by the gateway and signed with the secret of the settings."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, core_of
from api.errors import UnreadableBodyError
from api.incoming.bodies import SIGNED, reads
from api.v1.calls.gateways import signed_body
from booking.desk.telephone.talk import take_sms

router = APIRouter(prefix="/incoming-sms", include_in_schema=False)


class SmsIn(BaseModel):
    """A text message: its id at the provider, the phone that sent it, and what it says."""

    id: str = Field(min_length=1, max_length=120, pattern=r"^[\x21-\x7e]+$")
    sender: str = Field(alias="from", min_length=1, max_length=60)
    text: str = Field(max_length=2000)


@reads(SIGNED)
async def signed(request: Request) -> SmsIn:
    """Read a message that the gateway signed.

    Raises
    ------
    NotFoundError
        The settings name no secret: nothing is taken here.
    UnsignedWebhookError
        It is not signed.
    WrongSignatureError
        It is not the gateway's, or too old.
    UnreadableBodyError
        It is signed, but no message.
    """
    body = await signed_body(request, core_of(request).settings.incoming_sms_secrets())
    try:
        return SmsIn.model_validate_json(body)
    except ValidationError:
        raise UnreadableBodyError from None


@router.post("", status_code=204, response_class=Response)
def take(message: Annotated[SmsIn, Depends(signed)], core: CoreDep) -> None:
    """Do what the message asks for. The person is answered by text message, the gateway learns nothing."""
    take_sms(core, provider_id=message.id, sender=message.sender, content=message.text.replace("\0", ""))
